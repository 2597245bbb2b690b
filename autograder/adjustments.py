"""Adjustments: late days, manual points and excused students, in one CSV file that wins over computed grades.

The file is ``adjustments.csv`` in the course folder, or named by ``--adjustments``. Its columns, in any order; only
``student`` has to be there:

=============  ====================================================================================================
``student``    as in grades.csv, or the platform's number for the student
``topic``      empty: every topic; a row that names a topic comes before one that does not
``late_days``  days late; what a day costs is said in pyproject.toml, see :class:`LatePolicy`
``points``     points to add (or, negative, to take)
``score``      points instead of the computed ones, whatever those are and however late
``excused``    yes or no: no grade at all
``reason``     what the student is told
=============  ====================================================================================================

``apply`` puts an :class:`~autograder.results.Adjustment` into each result that it is about. The computed ``total``
stays as it is; ``result.final`` is what counts.
"""

from __future__ import annotations

import csv
import io
import math
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.results import Adjustment, Result, spreadsheet_cell

__all__ = [
    "AdjustmentsError",
    "Entry",
    "LatePolicy",
    "apply",
    "late_policy",
    "load_and_apply",
    "read_adjustments",
    "write_adjustments",
]

FILE_NAME = "adjustments.csv"
_COLUMNS = ("student", "topic", "late_days", "points", "score", "excused", "reason")
_YES, _NO = ("yes", "true", "1", "x"), ("", "no", "false", "0")
_MAX_BYTES = 16 << 20


class AdjustmentsError(Exception):
    """A file of adjustments that cannot be used; the message names the file, the line and the mend."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row: what a person decided about a student's grade in a topic, or in all of them."""

    student: str
    topic: str = ""
    late_days: float = 0
    points: float = 0
    score: float | None = None
    excused: bool = False
    reason: str = ""
    place: str = ""
    """File and line."""


@dataclass(frozen=True)
class LatePolicy:
    """What late days cost: ``[tool.autograder.late]`` in the course's pyproject.toml.

    Attributes:
        percent_a_day: of the topic's possible points; None when the course does not say.
        free_days: of each topic, that cost nothing.
    """

    percent_a_day: float | None = None
    free_days: float = 0

    def penalty(self, days: float, possible: float) -> float:
        """Points that so many late days cost; never more than there are."""
        return min(max(days - self.free_days, 0) * (self.percent_a_day or 0) / 100, 1) * possible


def late_policy(course: Path | None) -> LatePolicy:
    """The policy of a course; one that says nothing if there is no course, or it has none.

    Raises:
        AdjustmentsError: pyproject.toml says something else than numbers of 0 or more.
    """
    project = course / "pyproject.toml" if course else None
    if project is None or not project.is_file():
        return LatePolicy()
    try:
        settings = tomllib.loads(project.read_text(encoding="utf-8"))
        late = settings.get("tool", {}).get("autograder", {}).get("late", {})
        policy = LatePolicy(**late)
        numbers = [value for value in (policy.percent_a_day, policy.free_days) if value is not None]
        if any(isinstance(value, bool) or not 0 <= value < math.inf for value in numbers):
            raise ValueError("a number is below 0")
    except (TypeError, ValueError, AttributeError):
        raise AdjustmentsError(
            f"{project}: [tool.autograder.late] takes percent_a_day and free_days, numbers of 0 or more"
        ) from None
    return policy


def _number(text: str, place: str, column: str) -> float:
    try:
        number = float(text.strip().removesuffix("%")) if not text.strip().endswith("%") else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        mend = " (write 0.5, with a point)" if "," in text else ""
        raise AdjustmentsError(f"{place}: {column} is {text.strip()!r}, which is not a number{mend}")
    return number


def _entry(row: Mapping[str, str], place: str, topics: Sequence[str]) -> Entry:
    def number(column: str) -> float:
        return _number(row[column], place, column) if row.get(column, "").strip() else 0

    # What a spreadsheet was kept from taking for a formula, by us or by the instructor.
    student = row["student"].strip()
    if student[:1] == "'" and student[1:2] in ("=", "+", "-", "@"):
        student = student[1:]
    if not student:
        raise AdjustmentsError(f"{place}: it names no student")
    topic = row.get("topic", "").strip()
    if topic and topics and topic not in topics:
        raise AdjustmentsError(
            f"{place}: there is no topic {topic!r}; there is {', '.join(topics)}; leave it empty to mean all"
        )
    excused = row.get("excused", "").strip().lower()
    if excused not in (*_YES, *_NO):
        raise AdjustmentsError(f"{place}: excused is {excused!r}; write yes, or leave it empty")
    entry = Entry(
        student=unicodedata.normalize("NFC", student),
        topic=topic,
        late_days=number("late_days"),
        points=number("points"),
        score=number("score") if row.get("score", "").strip() else None,
        excused=excused in _YES,
        reason=" ".join(row.get("reason", "").split()),
        place=place,
    )
    if entry.late_days < 0:
        raise AdjustmentsError(f"{place}: late_days is {entry.late_days:g}; write 0 or more")
    if entry.score is not None and entry.score < 0:
        raise AdjustmentsError(f"{place}: score is {entry.score:g}; write 0 or more")
    return entry


def read_adjustments(path: Path, topics: Sequence[str] = ()) -> list[Entry]:
    """Read a file of adjustments.

    Args:
        path: a CSV file, UTF-8, separated by commas or semicolons.
        topics: the course's topics; any topic is taken when there are none.

    Raises:
        AdjustmentsError: the first thing that is wrong with it.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise AdjustmentsError(f"{path}: it has more than {_MAX_BYTES >> 20} MB; is it a CSV file?")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise AdjustmentsError(f"{path}: it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise AdjustmentsError(f"{path}: it is not UTF-8; save it as CSV UTF-8") from None
    first, _, _ = text.partition("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    entries: list[Entry] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if "student" not in header:
            raise AdjustmentsError(
                f"{path}, line 1: no column `student`; the columns are {','.join(_COLUMNS)}"
            )
        if unknown := [name for name in header if name not in _COLUMNS]:
            raise AdjustmentsError(
                f"{path}, line 1: there is no column {unknown[0]!r}; the columns are {','.join(_COLUMNS)}"
            )
        if twice := [name for name in header if header.count(name) > 1]:
            raise AdjustmentsError(f"{path}, line 1: the column {twice[0]!r} is there twice")
        for cells in reader:
            place = f"{path}, line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                raise AdjustmentsError(
                    f"{place}: it has {len(cells)} cells, the first line {len(header)}; quote a text that has "
                    "the separator in it"
                )
            row = dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))
            entries.append(_entry(row, place, topics))
    except csv.Error as error:
        raise AdjustmentsError(f"{path}, line {reader.line_num}: {error}; is a quote left open?") from None
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        before = seen.setdefault((entry.student, entry.topic), entry)
        if before is not entry:
            of = (
                f"{entry.student!r} and {entry.topic!r}"
                if entry.topic
                else f"{entry.student!r} and all topics"
            )
            raise AdjustmentsError(f"{entry.place}: {of} stand in {before.place}, too; keep one of the two")
    return entries


def write_adjustments(entries: Iterable[Entry]) -> bytes:
    """A file of adjustments as ``read_adjustments`` takes it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        numbers = [f"{value:g}" if value else "" for value in (entry.late_days, entry.points)]
        score = "" if entry.score is None else f"{entry.score:g}"
        excused = "yes" if entry.excused else ""
        student, reason = spreadsheet_cell(entry.student), spreadsheet_cell(entry.reason)
        writer.writerow([student, entry.topic, *numbers, score, excused, reason])
    return out.getvalue().encode()


def _adjustment(entry: Entry, possible: float, policy: LatePolicy) -> Adjustment:
    if entry.late_days and policy.percent_a_day is None:
        raise AdjustmentsError(
            f"{entry.place}: late days, but the course does not say what one costs; write percent_a_day = 10 (or "
            "another number) under [tool.autograder.late] in its pyproject.toml"
        )
    return Adjustment(
        excused=entry.excused,
        late_days=entry.late_days,
        penalty=policy.penalty(entry.late_days, possible),
        points=entry.points,
        score=entry.score,
        reason=entry.reason,
    )


def _missing(entry: Entry, topic: str, possible: float) -> Result:
    """The result of a student who handed nothing in, but of whose grade somebody decided something."""
    return Result(
        submission=f"{entry.student}/{topic}",
        student=entry.student,
        topic=topic,
        status="missing",
        total=0,
        possible=possible,
        seconds=0,
        exercises=[],
        protections={},
        error="nothing was handed in",
    )


def apply(
    results: Iterable[Result],
    entries: Sequence[Entry],
    possible: Mapping[str, float] | None = None,
    policy: LatePolicy | None = None,
) -> tuple[list[Result], list[str]]:
    """Results with their adjustments; what results had before is replaced.

    Args:
        results: computed ones, or ones that were adjusted before.
        entries: from ``read_adjustments``.
        possible: points of each topic for which a student who handed nothing in gets a result; by default, of each
            topic that there are results of.
        policy: what late days cost.

    Returns:
        The results by submission, and notices. A student who handed nothing in and is adjusted gets a result with
        the status ``missing``.

    Raises:
        AdjustmentsError: late days without a policy.
    """
    policy = policy or LatePolicy()
    kept = [result for result in results if result.status != "missing"]
    if possible is None:
        possible = {result.topic: result.possible for result in kept if result.topic}
    chosen = {(entry.student, entry.topic): entry for entry in entries}
    used: set[tuple[str, str]] = set()
    adjusted: list[Result] = []
    for result in kept:
        names = [unicodedata.normalize("NFC", name) for name in (result.student, result.account) if name]
        entry = next(
            (
                chosen[name, topic]
                for topic in (result.topic, "")
                for name in names
                if (name, topic) in chosen
            ),
            None,
        )
        used |= {(name, result.topic) for name in names}
        adjustment = _adjustment(entry, result.possible, policy) if entry else None
        adjusted.append(msgspec.structs.replace(result, adjustment=adjustment))
    notices: list[str] = []
    for entry in entries:
        for topic in [entry.topic] if entry.topic else list(possible):
            specific = not entry.topic and (entry.student, topic) in chosen
            if topic in possible and not specific and (entry.student, topic) not in used:
                missing = _missing(entry, topic, possible[topic])
                adjustment = _adjustment(entry, missing.possible, policy)
                adjusted.append(msgspec.structs.replace(missing, adjustment=adjustment))
                notices.append(f"{entry.place}: {entry.student} handed nothing in for {topic}")
    return sorted(adjusted, key=lambda result: result.submission), notices


def load_and_apply(
    results: Sequence[Result],
    course: Path | None,
    file: Path | None,
    possible: Mapping[str, float] | None = None,
) -> tuple[Sequence[Result], list[str]]:
    """Results with the adjustments of a course.

    Args:
        results: computed ones, or ones that were adjusted before, ordered by submission.
        course: the course folder, for its ``adjustments.csv`` and what late days cost.
        file: the file of adjustments, where it is another one.
        possible: as in ``apply``.

    Returns:
        As ``apply``. Where there is no file, results keep the adjustments that they have.

    Raises:
        AdjustmentsError: as ``read_adjustments``, ``late_policy`` and ``apply``.
    """
    path = file or (course / FILE_NAME if course is not None and (course / FILE_NAME).is_file() else None)
    if path is None:
        return results, []
    return apply(results, read_adjustments(path), possible, late_policy(course))
