"""Finds submissions on disk, reads each file once, and turns it into cells."""

from __future__ import annotations

import io
import os
import re
import stat
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.results import clean_text
from autograder.sandbox.protocol import Cell

__all__ = [
    "MAX_FILE_BYTES",
    "Submission",
    "UnreadableError",
    "find_submissions",
    "read_cells",
    "script_cells",
]

MAX_FILE_BYTES = 64 << 20
"""Largest file that is read: a notebook with its outputs."""

_SUFFIXES = (".ipynb", ".py")
_SKIPPED_FOLDERS = ("__pycache__", "__MACOSX", ".ipynb_checkpoints", ".git", ".venv", "node_modules")
_CELL_MARKER = re.compile(r"^# %%.*$", re.MULTILINE)


class UnreadableError(Exception):
    """A submission that cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Submission:
    """One student's file for one topic.

    ``topic`` is empty when the file's name tells none, and ``problem`` then says so.
    """

    name: str
    student: str
    topic: str
    path: Path
    problem: str = ""


def _student_and_topic(
    relative: Path, root: Path, topics: Iterable[str], topic: str | None
) -> tuple[str, str]:
    """Whose file it is and for which topic, from its place and name; an empty topic when none fits."""
    stem = relative.stem
    known = sorted(topics, key=len, reverse=True)
    found = ""
    rest = stem
    for name in [topic] if topic else known:
        if stem == name:
            found, rest = name, ""
        elif re.search(rf"[_-]{re.escape(name)}$", stem):
            found, rest = name, stem[: -len(name) - 1]
        if found:
            break
    if topic:
        found = topic
    student = relative.parts[0] if len(relative.parts) > 1 else rest or root.name or root.resolve().name
    return clean_text(student).replace("\n", " "), found


def find_submissions(
    path: Path, topics: Iterable[str], topic: str | None = None
) -> tuple[list[Submission], list[str]]:
    """Find the submissions below ``path``, or the one that it is.

    A submission is ``<student>/<topic>.ipynb`` (or ``.py``), at any depth below the student's folder, or
    ``<student>_<topic>.ipynb`` right in ``path``. With ``topic``, every notebook and ``.py`` file is one.

    Returns:
        The submissions by name, and notices about files that were left out.
    """
    topics = list(topics)
    if not path.is_dir():
        student, found = _student_and_topic(Path(path.name), path.resolve().parent, topics, topic)
        problem = "" if found else _no_topic(topics)
        return [Submission(clean_text(path.name), student, found, path, problem)], []
    files: list[Path] = []
    for folder, folders, names in os.walk(path):
        inside = Path(folder)
        for name in list(folders):
            if name in _SKIPPED_FOLDERS:
                folders.remove(name)
            elif name.endswith(_SUFFIXES):
                folders.remove(name)
                files.append(inside / name)
        files += [inside / name for name in names if name.endswith(_SUFFIXES) and not name.startswith(".")]
    chosen: dict[tuple[str, str], Submission] = {}
    unnamed: list[Submission] = []
    notices: list[str] = []
    # Notebooks before .py files, then by name: which of two files counts does not depend on the disk.
    for file in sorted(files, key=lambda file: (file.suffix == ".py", file.as_posix())):
        relative = file.relative_to(path)
        student, found = _student_and_topic(relative, path, topics, topic)
        name = clean_text(relative.as_posix()).replace("\n", " ")
        submission = Submission(name, student, found, file, "" if found else _no_topic(topics))
        if not found:
            unnamed.append(submission)
        elif (student, found) in chosen:
            notices.append(f"{submission.name}: left out, {chosen[student, found].name} is graded instead")
        else:
            chosen[student, found] = submission
    students = {student for student, _ in chosen}
    for submission in unnamed:
        if submission.student in students:
            notices.append(f"{submission.name}: left out, its name is no topic's")
    submissions = [*chosen.values(), *(item for item in unnamed if item.student not in students)]
    return sorted(submissions, key=lambda item: item.name), notices


def _no_topic(topics: Iterable[str]) -> str:
    return f"its name tells no topic; name it after one of {', '.join(sorted(topics))}, or use --topic"


def read_bytes(path: Path) -> bytes:
    """Read a regular file once, whole.

    Raises:
        UnreadableError: it is no regular file, too large, or the system refuses.
    """
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if path.is_symlink():
            raise UnreadableError("it is a symbolic link; hand in the file itself") from None
        if path.is_dir():
            raise UnreadableError("it is a folder, not a file") from None
        raise UnreadableError(f"it cannot be opened: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise UnreadableError(f"it is {kind}; hand in a notebook or a .py file")
        if status.st_size > MAX_FILE_BYTES:
            raise UnreadableError(
                f"it has {status.st_size >> 20} MB, the limit is {MAX_FILE_BYTES >> 20}; clear the notebook's outputs"
            )
        try:
            data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise UnreadableError(f"it cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableError("it grew while it was read")
    return data


class _NotebookCell(msgspec.Struct):
    cell_type: str = ""
    source: str | list[str] = ""


class _Notebook(msgspec.Struct):
    nbformat: int
    cells: list[_NotebookCell] = []


_notebook_decoder = msgspec.json.Decoder(_Notebook)


def _notebook_cells(data: bytes) -> list[Cell]:
    """Only the source of code cells counts; outputs, metadata and kernel names are not looked at."""
    try:
        notebook = _notebook_decoder.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(
            f"it is not a notebook: {error}; open it in Jupyter and save it again"
        ) from None
    if notebook.nbformat < 4:
        raise UnreadableError(
            f"its notebook format is {notebook.nbformat}; open it in Jupyter and save it again"
        )
    cells: list[Cell] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
            cells.append(Cell(f"cell {len(cells) + 1}", source))
    return cells


def script_cells(data: bytes, name: str) -> list[Cell]:
    """A script is one cell, or a cell from each ``# %%`` line to the next; lines keep their numbers."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        source = data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UnreadableError(f"it is not text in a known encoding: {error}; save it as UTF-8") from None
    starts = [found.start() for found in _CELL_MARKER.finditer(source)]
    ends = [*starts, len(source)]
    cells = []
    for start, end in zip([0, *starts], ends, strict=True):
        if source[start:end].strip():
            cells.append(Cell(name, "\n" * source.count("\n", 0, start) + source[start:end]))
    return cells


def read_cells(submission: Submission) -> list[Cell]:
    """Read a submission's file, once, and split it into cells.

    Raises:
        UnreadableError: what the message says.
    """
    if submission.problem:
        raise UnreadableError(submission.problem)
    data = read_bytes(submission.path)
    if not data.strip():
        raise UnreadableError("it is empty")
    if submission.path.suffix == ".ipynb":
        cells = _notebook_cells(data)
    else:
        cells = script_cells(data, submission.path.name)
    if not cells:
        raise UnreadableError("it holds no code")
    return cells
