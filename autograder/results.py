"""The result of grading one submission, and the files that results are written to."""

from __future__ import annotations

import csv
import io
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

__all__ = [
    "ExerciseResult",
    "Mistake",
    "Result",
    "Status",
    "TestResult",
    "check_writable",
    "clean_text",
    "write_atomically",
    "write_results",
]

Status = Literal["graded", "timeout", "crashed", "unreadable"]


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """One test case. ``points`` is what it is worth; a hidden case's message is the author's, never the test's."""

    __test__ = False

    name: str
    hidden: bool
    passed: bool
    points: float
    message: str


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


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One submission. ``error`` says what kept it from being graded whole, and is empty otherwise."""

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

    @property
    def was_run(self) -> bool:
        """Whether its code was run: not when it could not be read, or the grader itself failed on it."""
        return bool(self.protections)

    @property
    def percent(self) -> float:
        return round(100 * self.total / self.possible, 2) if self.possible else 0.0


def clean_text(text: str, limit: int = 2000) -> str:
    """Text of unknown origin as plain printable text: no control, escape or bidirectional characters."""
    cut = text if len(text) <= limit else text[:limit] + " …"
    return "".join(
        char if char == "\n" or unicodedata.category(char)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
        for char in cut.replace("\r\n", "\n").replace("\t", "    ")
    )


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def check_writable(folder: Path) -> None:
    """Make ``folder`` and see that files can be written to it; OSError when not."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def _number(value: float) -> str:
    return f"{value:.10g}"


def _cell(text: str) -> str:
    """A spreadsheet would run a cell that starts like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


_COLUMNS = ("submission", "student", "topic", "status", "total", "possible", "percent")


def _is_table(path: Path) -> bool:
    """Whether a file is a grade table that an earlier run wrote, and not something of the instructor's."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.readline(200).startswith(",".join(_COLUMNS).encode())


def _table(results: Sequence[Result], exercises: Sequence[str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, *exercises])
    for result in results:
        scores = {exercise.name: exercise.score for exercise in result.exercises}
        texts = [_cell(clean_text(text)) for text in (result.submission, result.student, result.topic)]
        numbers = [_number(value) for value in (result.total, result.possible, result.percent)]
        columns = [_number(scores[name]) if name in scores else "" for name in exercises]
        writer.writerow([*texts, result.status, *numbers, *columns])
    return out.getvalue().encode()


def write_results(folder: Path, results: Iterable[Result]) -> list[Path]:
    """Write ``results.jsonl`` and the grade tables, ordered by submission; returns what was written.

    One topic: ``grades.csv`` with a column for each exercise. Several: totals in ``grades.csv``, and
    ``grades-<topic>.csv`` for each topic.
    """
    ordered = sorted(results, key=lambda result: result.submission)
    folder.mkdir(parents=True, exist_ok=True)
    encoder = msgspec.json.Encoder()
    files = {"results.jsonl": b"".join(encoder.encode(result) + b"\n" for result in ordered)}
    by_topic: dict[str, list[Result]] = {}
    for result in ordered:
        by_topic.setdefault(result.topic, []).append(result)
    columns = {
        topic: list(dict.fromkeys(exercise.name for result in group for exercise in result.exercises))
        for topic, group in by_topic.items()
        if topic
    }
    if len(columns) == 1:
        files["grades.csv"] = _table(ordered, next(iter(columns.values())))
    else:
        files["grades.csv"] = _table(ordered, [])
        for topic, names in columns.items():
            files[f"grades-{topic}.csv"] = _table(by_topic[topic], names)
    for old in folder.glob("grades-*.csv"):
        if old.name not in files and _is_table(old):
            old.unlink()
    for name, data in files.items():
        write_atomically(folder / name, data)
    return [folder / name for name in files]
