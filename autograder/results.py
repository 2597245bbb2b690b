"""The result of grading one submission, and the files that results are written to."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import sys
import tempfile
import unicodedata
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal, overload

import msgspec

__all__ = [
    "Adjustment",
    "Argument",
    "ExerciseResult",
    "Mistake",
    "NotebookCell",
    "NotebookPicture",
    "Part",
    "Result",
    "Shown",
    "Status",
    "TestResult",
    "Value",
    "check_writable",
    "clean_text",
    "open_atomically",
    "cents",
    "read_results",
    "remove_partial_files",
    "spreadsheet_cell",
    "write_atomically",
    "write_results",
]

Status = Literal["graded", "timeout", "crashed", "unreadable", "missing"]
"""``missing``: nothing was handed in, but a person decided about the grade."""


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value as text, and what a picture of it needs.

    ``numbers`` belong to an array of the shape ``grid``, row by row; None stands for nan and the infinities. ``tokens``
    are the items of a list of texts or of whole numbers.
    """

    type: str
    text: str
    grid: list[int] = []
    numbers: list[float | None] = []
    tokens: list[str] = []


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a result beside what it should be.

    ``difference`` has the shape of the values' grids; ``largest`` says where the arrays differ most.
    """

    name: str
    got: Value
    expected: Value | None = None
    same: bool = False
    difference: list[float | None] = []
    largest: str = ""


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """One argument of a call."""

    name: str
    value: Value


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call, and what came of it.

    ``ended`` and ``raised`` say why there is no value, ``expects`` which exception there should have been.
    """

    function: str
    arguments: list[Argument]
    parts: list[Part] = []
    raised: str = ""
    expects: str = ""
    ended: bool = False


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """One test case. ``points`` is what it is worth; a hidden case's message is the author's, never the test's.

    ``shown`` is of a public case that failed, and of no other.
    """

    __test__ = False

    name: str
    hidden: bool
    passed: bool
    points: float
    message: str
    shown: Shown | None = None


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """The known mistake that gives the student's answers."""

    id: str
    hint: str


class ExerciseResult(msgspec.Struct, frozen=True, kw_only=True):
    """One function."""

    name: str
    score: float
    possible: float
    tests: list[TestResult]
    mistake: Mistake | None


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decided about a grade; see :mod:`autograder.adjustments`.

    ``penalty`` is what the late days cost, in points; ``score``, where there is one, stands instead of everything
    that was computed.
    """

    excused: bool = False
    late_days: float = 0
    penalty: float = 0
    points: float = 0
    score: float | None = None
    reason: str = ""

    @property
    def text(self) -> str:
        """The decision in one line, the same wherever it is shown."""
        parts = []
        if self.excused:
            parts.append("excused")
        elif self.score is not None:
            parts.append(f"set to {_number(self.score)}")
        else:
            if self.late_days:
                days = "1 day late" if self.late_days == 1 else f"{_number(self.late_days)} days late"
                parts.append(f"{days}: -{_number(float(cents(self.penalty)))}")
            if self.points:
                parts.append(f"by hand: {self.points:+.10g}")
        return "; ".join([*parts, self.reason] if self.reason else parts)


class NotebookPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that a cell has drawn, as a PNG file, with a text for who cannot see it."""

    png: bytes
    width: int
    height: int
    alt: str = ""


class NotebookCell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cell of code as it was handed in, what it printed and drew, and how it failed; within bounds.

    ``ran`` is False for a cell that only draws or asks the notebook's own grader: grading for points leaves it out.
    """

    source: str
    output: str = ""
    pictures: list[NotebookPicture] = []
    error: str = ""
    ran: bool = True


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One submission. ``error`` says what kept it from being graded whole, and is empty otherwise.

    ``hidden_endings`` says how else calls of hidden cases ended than with an answer, and whether they printed more than
    is kept. It is for the instructor: the
    submission knew the question by then, and how it ended could tell it.

    ``total`` is what was computed; ``final`` is what counts, after ``adjustment``. ``account`` is the student's number
    on the platform that the submission was downloaded from, where its name told one.
    """

    submission: str
    student: str
    topic: str
    status: Status
    total: float
    possible: float
    seconds: float
    exercises: list[ExerciseResult]
    protections: dict[str, Any]
    error: str
    cells: list[NotebookCell] = []
    account: str = ""
    adjustment: Adjustment | None = None
    hidden_endings: str = ""

    @property
    def error_in_full(self) -> str:
        """What kept it from being graded whole, for the instructor."""
        hidden = f"(hidden tests: {self.hidden_endings})" if self.hidden_endings else ""
        return " ".join(part for part in (self.error, hidden) if part)

    @property
    def final(self) -> float | None:
        """The grade that counts, in points with two decimals; None when the student is excused."""
        change = self.adjustment
        if change is None:
            return float(cents(self.total))
        if change.excused:
            return None
        if change.score is not None:
            return float(cents(change.score))
        return float(cents(max(self.total - change.penalty + change.points, 0)))

    @property
    def was_run(self) -> bool:
        """Whether its code was run: not when it could not be read, or the grader itself failed on it."""
        return bool(self.protections)

    @property
    def is_certain(self) -> bool:
        """Whether it says something of the submission: not so where the grader itself failed."""
        return self.was_run or self.status == "unreadable"

    @property
    def percent(self) -> float:
        return round(100 * self.total / self.possible, 2) if self.possible else 0.0


def cents(points: float) -> Decimal:
    """Points with two decimals, a half rounded up: how every export writes them."""
    return Decimal(f"{points:.6f}").quantize(Decimal("0.01"), ROUND_HALF_UP)


def clean_text(text: str, limit: int = 2000) -> str:
    """Text of unknown origin as plain printable text: no control, escape or bidirectional characters."""
    cut = text if len(text) <= limit else text[:limit] + " …"
    return _UNUSUAL.sub(_printable, cut.replace("\r\n", "\n").replace("\t", "    "))


_UNUSUAL = re.compile(r"[^\n -~]")


def _printable(found: re.Match[str]) -> str:
    return found[0] if unicodedata.category(found[0])[0] != "C" else "\N{REPLACEMENT CHARACTER}"


@contextmanager
def open_atomically(paths: Sequence[Path]) -> Iterator[list[BinaryIO]]:
    """Open files to be written: at the end all of them are put in place whole, and after an error none."""
    for path in paths:
        if path.is_dir():  # where no file can be put
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    temporary = [path.with_name(f".{path.name}.{os.getpid()}.partial") for path in paths]
    try:
        with ExitStack() as stack:
            files: list[BinaryIO] = [stack.enter_context(open(path, "wb")) for path in temporary]
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for partial, path in zip(temporary, paths, strict=True):
            os.replace(partial, path)
    except BaseException:
        for partial in temporary:
            partial.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    with open_atomically([path]) as (file,):
        file.write(data)


_PARTIAL = re.compile(r"\..+\.(\d+)\.partial", re.DOTALL)


def remove_partial_files(folder: Path) -> None:
    """Remove what processes that were killed have left in a folder of files that they were writing."""
    if sys.platform == "win32":
        return
    for path in folder.glob(".*.partial"):
        found = _PARTIAL.fullmatch(path.name)
        try:
            if found:
                os.kill(int(found[1]), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except (OSError, OverflowError):  # somebody else's
            pass


def check_writable(folder: Path) -> None:
    """Make ``folder`` and see that files can be written to it; OSError when not."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def _number(value: float) -> str:
    return f"{value:.10g}"


def spreadsheet_cell(text: str) -> str:
    """Text for a CSV file: a spreadsheet would run a cell that starts like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


_COLUMNS = ("submission", "student", "topic", "status", "total", "possible", "percent", "final", "adjustment")


def _is_table(path: Path) -> bool:
    """Whether a file is a grade table that an earlier run wrote, and not something of the instructor's."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.readline(200).startswith(",".join(_COLUMNS[:7]).encode())  # earlier ones had seven


def _row(result: Result, exercises: Iterable[str]) -> list[str]:
    scores = {exercise.name: exercise.score for exercise in result.exercises}
    texts = [spreadsheet_cell(clean_text(text)) for text in (result.submission, result.student, result.topic)]
    numbers = [_number(value) for value in (result.total, result.possible, result.percent)]
    final = "excused" if result.final is None else _number(result.final)
    change = spreadsheet_cell(clean_text(result.adjustment.text)) if result.adjustment else ""
    columns = [_number(scores[name]) if name in scores else "" for name in exercises]
    return [*texts, result.status, *numbers, final, change, *columns]


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


def write_results(folder: Path, results: Sequence[Result]) -> list[Path]:
    """Write ``results.jsonl`` and the grade tables, all of them or none; returns what was written.

    One topic: ``grades.csv`` with a column for each exercise. Several: totals in ``grades.csv``, and
    ``grades-<topic>.csv`` for each topic.

    Args:
        folder: is made where there is none.
        results: ordered by submission. They are gone through twice and never held all at once.
    """
    exercises: dict[str, dict[str, None]] = {}
    for result in results:
        if result.topic:
            names = exercises.setdefault(result.topic, {})
            names.update(dict.fromkeys(exercise.name for exercise in result.exercises))
    single: Iterable[str] = next(iter(exercises.values())) if len(exercises) == 1 else ()
    tables = {topic: f"grades-{topic}.csv" for topic in exercises} if len(exercises) > 1 else {}
    folder.mkdir(parents=True, exist_ok=True)
    remove_partial_files(folder)
    for old in folder.glob("grades-*.csv"):
        if old.name not in tables.values() and _is_table(old):
            old.unlink()
    paths = [folder / name for name in ("results.jsonl", "grades.csv", *tables.values())]
    encoder = msgspec.json.Encoder()
    with open_atomically(paths) as (lines, grades, *rest):
        grades.write(_line([*_COLUMNS, *single]))
        by_topic = dict(zip(tables, rest, strict=True))
        for topic, file in by_topic.items():
            file.write(_line([*_COLUMNS, *exercises[topic]]))
        for result in results:
            lines.write(encoder.encode(result) + b"\n")
            grades.write(_line(_row(result, single)))
            if result.topic in by_topic:
                by_topic[result.topic].write(_line(_row(result, exercises[result.topic])))
    return paths


def read_results(folder: Path) -> Sequence[Result]:
    """The results that an earlier ``grade`` wrote to ``folder``, by submission.

    They stay in the file until each is looked at: a class of any size takes little memory.

    Raises:
        ValueError: there are none, or a line is no result; the message names the file, the line and the mend.
    """
    path = folder / "results.jsonl" if folder.is_dir() else folder
    try:
        return _ResultsFile(path)
    except OSError as error:
        raise ValueError(
            f"{path}: {error.strerror}; run `autograder grade` first, or name its folder"
        ) from None


class _ResultsFile(Sequence[Result]):
    """The lines of a ``results.jsonl``; it stays open, so that a run that writes it anew does not change them."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 - as long as anything looks at the results
        weakref.finalize(self, self._file.close)
        self._decoder = msgspec.json.Decoder(Result)
        names: list[str] = []
        starts = array("Q")
        start = 0
        for number, line in enumerate(self._file, 1):
            try:
                if line.strip():
                    names.append(self._decoder.decode(line).submission)
                    starts.append(start)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise ValueError(f"{path}, line {number}: it is no result: {error}; grade again") from None
            start += len(line)
        self._starts = array(
            "Q", (starts[index] for index in sorted(range(len(names)), key=names.__getitem__))
        )

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> list[Result]: ...

    def __getitem__(self, index: int | slice) -> Result | list[Result]:
        if isinstance(index, slice):
            return [self._at(start) for start in self._starts[index]]
        return self._at(self._starts[index])

    def __iter__(self) -> Iterator[Result]:
        return map(self._at, self._starts)

    def _at(self, start: int) -> Result:
        self._file.seek(start)
        return self._decoder.decode(self._file.readline())
