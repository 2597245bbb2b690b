"""Tells whose a file is from the names that learning platforms give to what they let instructors download.

=========== ==========================================================================================================
Canvas      ``adamsada_LATE_4711_90001_attention.ipynb``: sortable name in lower case, late or not, the student's ID,
            the file's ID, the file's own name. Anonymous: ``anon_x7Kq2_90001_attention.ipynb``.
Moodle      ``Ada Adams_4711_assignsubmission_file_/attention.ipynb``, without the last underscore in newer ones, or
            all in one name where folders are switched off. Of teams, the team's name and number; of participants in
            a group, the group's name and a hyphen before the participant's; anonymous ones are ``Participant``.
Gradescope  ``submission_123/attention.ipynb``, and ``submission_metadata.yml`` beside, which names the one or more
            students who handed it in.
=========== ==========================================================================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

__all__ = ["METADATA", "MetadataError", "Owner", "canvas_owner", "moodle_owner", "owners", "submitters"]

METADATA = "submission_metadata.yml"
"""What Gradescope puts beside the submissions of an export."""

# The first two numbers between underscores: Canvas itself reads its names like that. But 2026_11_23_ is a date.
_CANVAS = re.compile(
    r"(?!20\d\d_\d\d?_\d\d?_)(?:(?P<name>(?!LATE_).*?)_)?(?P<late>LATE_)?(?P<account>\d+)_\d+_(?P<file>.+)",
    re.DOTALL,
)
_CANVAS_ANONYMOUS = re.compile(r"(?P<late>LATE_)?anon_(?P<account>[A-Za-z0-9]+)_\d+_(?P<file>.+)", re.DOTALL)
_MOODLE = re.compile(
    r"(?P<name>.*?)(?:_(?P<account>\d+))?_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL
)


_MAX_DEPTH = 16
"""How far down a path a platform's name is looked for; a student's archive may hold a path of thousands of folders."""


class MetadataError(Exception):
    """A ``submission_metadata.yml`` that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Owner:
    """Whose a file is.

    Attributes:
        student: name and number, so that two students of one name stay two.
        account: the student's number on the platform; empty where the name tells none.
        file: the student's own file, without what the platform added.
        late: whether the platform calls it late.
        depth: where in the path that name stands. Below the top, the student may have written it.
    """

    student: str
    account: str
    file: PurePosixPath
    late: bool = False
    depth: int = field(default=0, compare=False)


def _named(name: str, account: str) -> str:
    """Name and number. Accents are composed: a Mac unpacks them as letters of their own."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    return f"{name}_{account}" if name and account else name or account


def canvas_owner(name: str) -> Owner | None:
    """Whose file this is, if Canvas named it."""
    if found := _CANVAS_ANONYMOUS.fullmatch(name):
        student = f"anon_{found['account']}"
        return Owner(student, "", PurePosixPath(found["file"]), bool(found["late"]))
    found = _CANVAS.fullmatch(name)
    if found is None or (found["name"] is None and not found["late"]):
        return None
    student = _named(found["name"] or "", found["account"])
    return Owner(student, found["account"], PurePosixPath(found["file"]), bool(found["late"]))


def moodle_owner(path: PurePosixPath) -> Owner | None:
    """Whose file this is, if its name or a folder's is Moodle's."""
    for index, part in enumerate(path.parts[:_MAX_DEPTH]):
        if found := _MOODLE.fullmatch(part):
            rest = [found["file"], *path.parts[index + 1 :]]
            inside = PurePosixPath(*(piece for piece in rest if piece))
            student = _named(found["name"], found["account"] or "")
            return Owner(student, found["account"] or "", inside, False, index) if student else None
    return None


def _canvas_owners(paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, Owner]:
    """Canvas puts all files of a class in one folder.

    A student's own folder can hold a file that looks like one of Canvas's. So below the top, a folder counts as
    Canvas's when all files in it do, and are of several students.
    """
    folders: defaultdict[PurePosixPath, dict[PurePosixPath, Owner | None]] = defaultdict(dict)
    for path in paths:
        for index, part in enumerate(path.parts[:_MAX_DEPTH]):
            folder = PurePosixPath(*path.parts[:index])
            own = canvas_owner(part)
            inside = own.file.joinpath(*path.parts[index + 1 :]) if own else path
            folders[folder][path] = replace(own, file=inside, depth=index) if own is not None else None
    found: dict[PurePosixPath, Owner] = {}
    for folder in sorted(
        folders, key=lambda folder: len(folder.parts), reverse=True
    ):  # the top has the last word
        named = {path: own for path, own in folders[folder].items() if own is not None}
        several = len({own.student for own in named.values()}) > 1
        if not folder.parts or (several and len(named) == len(folders[folder])):
            found |= named
    return found


def owners(
    paths: Sequence[PurePosixPath], exported: Mapping[str, Sequence[tuple[str, str]]] | None = None
) -> dict[PurePosixPath, list[Owner]]:
    """Whose each file is, for those that a platform named.

    What stands first in a path was written by the platform, what comes after it by the student: the first name counts.

    Args:
        paths: files below the folder (or in the archive) that is graded.
        exported: who handed in which folder, by its path, where there is a Gradescope export.
    """
    canvas = _canvas_owners(paths)
    found: dict[PurePosixPath, list[Owner]] = {}
    for path in paths:
        folder = next(
            (parts for depth in (1, 2) if "/".join(parts := path.parts[:-1][:depth]) in (exported or {})),
            None,
        )
        if folder is not None and exported is not None:
            inside = PurePosixPath(*path.parts[len(folder) :])
            people = exported["/".join(folder)]
            found[path] = [Owner(_named(name, account), account, inside) for name, account in people]
            continue
        named = [own for own in (moodle_owner(path), canvas.get(path)) if own is not None]
        if named:
            found[path] = [min(named, key=lambda own: own.depth)]
    return found


def submitters(data: bytes) -> dict[str, list[tuple[str, str]]]:
    """Read Gradescope's ``submission_metadata.yml``: name and number of those who handed in each folder.

    The number is the student's SID, or the e-mail address where the course has no SIDs.

    Raises:
        MetadataError: it is no such file.
    """
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads Ruby's own types as what they are made of."""

    def plain(loader: Any, tag: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!ruby/", plain)
    try:
        content = yaml.load(data, Loader)  # a safe one, see above
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = str(getattr(error, "problem", None) or error).strip().partition("\n")[0]
        raise MetadataError(f"{METADATA}{line}: {problem}; download the export again") from None
    if not isinstance(content, dict):
        raise MetadataError(f"{METADATA}: it names no submission; download the export again")
    found: dict[str, list[tuple[str, str]]] = {}
    for folder, entry in content.items():
        given = entry.get(":submitters") if isinstance(entry, dict) else None
        people = [person for person in given or () if isinstance(person, dict)]
        named = [
            (str(person.get(":name") or ""), str(person.get(":sid") or person.get(":email") or ""))
            for person in people
        ]
        found[str(folder)] = [(name, number) for name, number in named if name or number]
        if not found[str(folder)]:
            raise MetadataError(
                f"{METADATA}: {folder} has no :submitters with a name; download the export again"
            )
    return found
