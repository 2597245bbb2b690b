"""Formats: what other tools write and read, one small module each behind one interface.

A format is a :class:`Format`: a name, a title, and a function for each direction that it has. ``export`` takes results
and writes what a platform reads; ``read`` takes what a platform wrote and gives submissions or grades. The modules
here are found by their names. A course adds its own as an entry point of the group ``autograder.formats``::

    [project.entry-points."autograder.formats"]
    ilias = "our_course.ilias:FORMAT"

Grades are always ``result.final`` (two decimals, adjustments applied, None when excused), never ``result.total``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from autograder.adjustments import Entry
from autograder.results import Result
from autograder.submissions import Submission

__all__ = [
    "GROUP",
    "ExportRequest",
    "Exported",
    "Format",
    "FormatError",
    "ImportRequest",
    "Imported",
    "find_format",
    "format_names",
]

GROUP = "autograder.formats"
"""The entry point group."""

_BUILT_IN = ("canvas", "gradescope", "moodle", "nbgrader", "otter")


class FormatError(Exception):
    """Input that cannot be read or filled in; the message names the file, the place in it and the mend."""


def _no_progress(done: int, total: int) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """What an export gets.

    Attributes:
        results: one a student and topic, adjustments applied, ordered by submission.
        out: the file or folder to write, as the format says in its help.
        template: the platform's own file that is to be filled in, where the format takes one.
        columns: what the platform calls a topic, by topic, where the instructor said so (``--column``).
        course: the course folder, if there is one; ``load_course`` reads it.
        options: whatever ``--option NAME=VALUE`` said; a format refuses names that it does not know.
        progress: to be called with (done, total) on long work.
    """

    results: Sequence[Result]
    out: Path
    template: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    course: Path | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    progress: Callable[[int, int], None] = _no_progress


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export wrote. ``notes`` are for the instructor: who was not found on either side, for instance."""

    files: Sequence[Path]
    notes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What an import gets: the platform's file or folder, the course's topics, and what a person said of it."""

    path: Path
    topics: Sequence[str]
    topic: str | None = None
    results: Sequence[Result] = ()
    """Results that we have already, so that grades which differ can be told."""
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What was read: submissions, or grades that people entered there (as entries of an adjustments file)."""

    submissions: Sequence[Submission] = ()
    adjustments: Sequence[Entry] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format. Both functions raise FormatError (or OSError) and leave no half-written file."""

    name: str
    title: str
    file: str = ""
    """What an export is called in the results' folder unless ``--out`` says otherwise."""
    export: Callable[[ExportRequest], Exported] | None = None
    read: Callable[[ImportRequest], Imported] | None = None


def format_names() -> list[str]:
    """The names of all formats that are there."""
    return sorted({*_BUILT_IN, *(entry.name for entry in entry_points(group=GROUP))})


def find_format(name: str) -> Format:
    """The format of this name; a course's own comes before one of ours.

    Raises:
        FormatError: there is none, or it cannot be loaded.
    """
    try:
        for entry in entry_points(group=GROUP):
            if entry.name == name:
                found = entry.load()
                break
        else:
            if name not in _BUILT_IN:
                raise FormatError(f"there is no format {name!r}; there is {', '.join(format_names())}")
            found = importlib.import_module(f"autograder.formats.{name}").FORMAT
    except (ImportError, AttributeError) as error:
        raise FormatError(f"the format {name!r} cannot be loaded: {error}") from None
    if not isinstance(found, Format):
        raise FormatError(f"the format {name!r} is no autograder.formats.Format but a {type(found).__name__}")
    return found
