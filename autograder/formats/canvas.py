"""Canvas: the course's own gradebook CSV, filled in; grades that people entered there; downloaded submissions.

``--template`` is the file that Canvas gives under Grades, Export. Its columns, its rows and whatever is not a grade of
these topics stay as they are, byte for byte, so that Canvas takes it back under Import. A student is found by ID, then
by SIS User ID, then by SIS Login ID. Excused students get ``EX``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.adjustments import Entry
from autograder.formats import Exported, ExportRequest, Format, FormatError, Imported, ImportRequest
from autograder.formats.sheets import (
    Sheet,
    check_options,
    grade_text,
    is_yes,
    match_columns,
    plain_name,
    scaled,
    some,
)
from autograder.results import Result, write_atomically
from autograder.submissions import find_submissions

__all__ = ["FORMAT"]

_IDS = ("ID", "SIS User ID", "SIS Login ID")
_FIXED = (
    "student",
    "lastname",
    "firstname",
    *map(str.casefold, _IDS),
    "integration id",
    "root account",
    "section",
)
_COMPUTED = re.compile(r"\b(?:Current|Final|Override) (?:Score|Points|Grade|Status)\b")
_TITLE = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
_TEST_STUDENT = "studenttest"


class _Gradebook:
    """Where things stand in a gradebook export."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        header = [name.strip().casefold() for name in sheet.header]
        if not header or header[0] not in ("student", "lastname") or "id" not in header:
            raise FormatError(
                f"{sheet.path}, line 1: it is no gradebook of Canvas (its columns begin with Student, ID); take the "
                "file that Canvas gives under Grades, Export"
            )
        self.assignments: dict[int, Sequence[str]] = {}
        for column, name in enumerate(sheet.header):
            if name.strip().casefold() not in _FIXED and name.strip() and not _COMPUTED.search(name):
                found = _TITLE.fullmatch(name.strip())
                self.assignments[column] = [name.strip(), found["id"], found["title"]] if found else [name]
        self.points: int | None = None
        self.students: list[int] = []
        for row in range(1, len(sheet)):
            first = sheet.value(row, 0)
            filled = [sheet.value(row, column).strip() for column in range(len(header))]
            if "Points Possible" in first:
                self.points = row
            elif any(filled) and not all(
                re.match(r"(?:Muted|Manual Posting|$)", text, re.IGNORECASE) for text in filled
            ):
                self.students.append(row)
        if self.points is None:
            raise FormatError(
                f"{sheet.path}: it has no row `Points Possible`; take the file as Canvas gave it"
            )
        self._rows = [
            {sheet.value(row, sheet.column(name)).strip().casefold(): row for row in reversed(self.students)}
            for name in _IDS
        ]

    def name(self, row: int) -> str:
        sheet = self.sheet
        if sheet.column("LastName") is not None:
            return (
                f"{sheet.value(row, sheet.column('LastName'))}, {sheet.value(row, sheet.column('FirstName'))}"
            )
        return sheet.value(row, 0).strip()

    def find(self, result: Result) -> int | None:
        """A student's row."""
        for key in (result.account, result.student):
            for rows in self._rows:
                if key and (row := rows.get(key.strip().casefold())) is not None:
                    return row
        # A folder that was named as the platform names its files: the number counts when the name agrees.
        name, _, number = result.student.rpartition("_")
        row = self._rows[0].get(number)
        return row if row is not None and plain_name(self.name(row)) == plain_name(name) else None

    def possible(self, column: int) -> float | None:
        """Points Possible of an assignment, if it says so in numbers."""
        text = self.sheet.value(self.points or 0, column).strip()
        if re.search("read only", text):
            raise FormatError(
                f"{self.sheet.place(self.points or 0)}: {self.sheet.header[column]!r} is read only; name another column"
            )
        try:
            return float(text.replace(",", ".")) if text else None
        except ValueError:
            raise FormatError(
                f"{self.sheet.place(self.points or 0)}: the points of {self.sheet.header[column]!r} are {text!r}, "
                "which is no number; take the file as Canvas gave it"
            ) from None


def _matched(book: _Gradebook, results: Sequence[Result]) -> tuple[dict[int, Result], list[str]]:
    """The results of one topic by row, and students without one."""
    by_row: dict[int, Result] = {}
    lost: list[str] = []
    for result in results:
        row = book.find(result)
        if row is None:
            lost.append(result.student)
        elif row in by_row:
            raise FormatError(
                f"{book.sheet.place(row)}: {by_row[row].submission} and {result.submission} are both of "
                f"{book.name(row)}; leave one of them out"
            )
        else:
            by_row[row] = result
    return by_row, lost


def _export(request: ExportRequest) -> Exported:
    check_options(request.options, ["scale"])
    scale = is_yes(request.options, "scale")
    if request.template is None:
        raise FormatError("canvas: --template names the gradebook that Canvas gave (Grades, Export)")
    book = _Gradebook(Sheet(request.template))
    topics = sorted({result.topic for result in request.results if result.topic})
    columns, notes = match_columns(book.sheet, book.assignments, topics, request.columns)
    for topic, column in columns.items():
        of_topic = [result for result in request.results if result.topic == topic]
        title = book.sheet.header[column].strip()
        most, possible = book.possible(column), max(result.possible for result in of_topic)
        if most is not None and abs(most - possible) > 0.005 and not scale:
            notes.append(
                f"{title}: {most:g} points possible in Canvas, {possible:g} here; the points are written as they are "
                "(--option scale=yes converts them)"
            )
        by_row, lost = _matched(book, of_topic)
        unassigned: list[str] = []
        for row, result in by_row.items():
            points = scaled(result, most, scale)
            if book.sheet.value(row, column).strip() == "N/A":
                unassigned.append(result.student)
            else:
                book.sheet.set(row, column, "EX" if points is None else grade_text(points))
        without = [
            book.name(row)
            for row in book.students
            if row not in by_row and plain_name(book.name(row)) != _TEST_STUDENT
        ]
        if lost:
            notes.append(f"{topic}: not in {request.template}: {some(lost)}")
        if unassigned:
            notes.append(f"{topic}: the assignment is not for (N/A in Canvas): {some(unassigned)}")
        if without:
            notes.append(f"{topic}: in {request.template}, without a result: {some(without)}")
        if unread := [
            result.student for result in by_row.values() if not (result.was_run or result.adjustment)
        ]:
            notes.append(f"{topic}: not graded, written as 0: {some(unread)}")
    write_atomically(request.out, book.sheet.data())
    return Exported(files=[request.out], notes=notes)


def _entered(text: str, place: str) -> tuple[float | None, bool]:
    """A grade as it stands in a cell, and whether the student is excused."""
    if text.casefold() == "ex":
        return None, True
    try:
        return (float(text.replace(",", ".")) if text and text not in ("-", "N/A") else None), False
    except ValueError:
        raise FormatError(
            f"{place}: the grade {text!r} is no number; show grades as points in Canvas"
        ) from None


def _read(request: ImportRequest) -> Imported:
    check_options(request.options, [])
    if request.path.is_dir() or request.path.suffix.lower() == ".zip":
        submissions, notes = find_submissions(request.path, request.topics, request.topic)
        return Imported(submissions=submissions, notes=notes)
    book = _Gradebook(Sheet(request.path))
    topics = [request.topic] if request.topic else list(request.topics)
    columns, _ = match_columns(book.sheet, book.assignments, topics, request.columns)
    entries: list[Entry] = []
    for topic, column in columns.items():
        by_row, _ = _matched(book, [result for result in request.results if result.topic == topic])
        for row in book.students:
            place = book.sheet.place(row)
            score, excused = _entered(book.sheet.value(row, column).strip(), place)
            known = by_row.get(row)
            same = known is not None and known.final == score and (score is not None or excused)
            if (score is not None or excused) and not same:
                number = book.sheet.value(row, book.sheet.column("ID")).strip()
                entries.append(
                    Entry(
                        student=known.student if known else number,
                        topic=topic,
                        score=score,
                        excused=excused,
                        reason=f"entered in Canvas for {book.name(row)}",
                        place=place,
                    )
                )
    return Imported(adjustments=entries)


FORMAT = Format(
    name="canvas", file="canvas.csv", title="Canvas: gradebook CSV, submissions", export=_export, read=_read
)
