"""Where a submission's page lies: names of files that are safe on every system, and never the same for two students."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from autograder.results import Result

__all__ = ["PathFinder", "page_paths", "safe_name"]

_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,58}[a-z0-9_-])?")
_MARKED = re.compile(r"-[0-9a-f]{12}$")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
"""Names that Windows gives to devices."""


def safe_name(text: str) -> str:
    """A name for a file or folder: the text itself if it is plain, else what is plain of it and a digest of it all.

    Two texts never get the same name, also not where capitals do not count: plain texts have no capitals, and none
    that looks as if it ended in a digest counts as plain.
    """
    if _PLAIN.fullmatch(text) and not _MARKED.search(text) and not _RESERVED.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    return f"{plain or 'name'}-{digest}"


class PathFinder:
    """Finds the page of each submission, relative to the report."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def path_of(self, result: Result) -> str:
        """The page of a submission, which depends on those before it."""
        folder = f"feedback/{safe_name(result.student)}"
        path = f"{folder}/{safe_name(result.topic or result.submission)}.html"
        if path in self._taken:  # two files of one student without a topic, or of one topic
            path = f"{folder}/{safe_name('=' + result.submission)}.html"
        self._taken.add(path)
        return path


def page_paths(results: Iterable[Result]) -> list[str]:
    """The pages of submissions, in the results' order."""
    return list(map(PathFinder().path_of, results))
