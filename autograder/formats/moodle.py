"""Moodle: the offline grading worksheet, filled in; grades that people entered there; downloaded submissions.

``--template`` is the file that Moodle gives as "Download grading worksheet" (the assignment's settings: Feedback types,
Offline grading worksheet). Grades and feedback comments are written into it, and everything else stays as it is, byte
for byte, so that "Upload grading worksheet" takes it back. A participant is found by number and name, a team by name.
An excused student's grade is left empty; Moodle has no word for it.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Sequence

from autograder.adjustments import Entry
from autograder.formats import Exported, ExportRequest, Format, FormatError, Imported, ImportRequest
from autograder.formats.sheets import (
    Sheet,
    check_options,
    feedback,
    grade_text,
    is_yes,
    plain_name,
    scaled,
    some,
)
from autograder.results import Result, write_atomically
from autograder.submissions import find_submissions

__all__ = ["FORMAT"]

_OPTIONS = ("scale", "feedback", "identifier", "name", "grade", "maximum", "comments", "team")
_NUMBER = re.compile(r"\d+$")


class _Worksheet:
    """Where things stand in a worksheet. Its first line is in the language of the one who downloaded it."""

    def __init__(self, sheet: Sheet, options: dict[str, str]) -> None:
        self.sheet = sheet

        def place(option: str, *names: str) -> int | None:
            if option not in options:
                return sheet.column(*names)
            column = sheet.column(options[option])
            if column is None:
                raise FormatError(
                    f"{sheet.path}, line 1: there is no column {options[option]!r} (--option {option})"
                )
            return column

        identifier = place("identifier", "Identifier")
        grade = place("grade", "Grade")
        if identifier is None or grade is None:
            raise FormatError(
                f"{sheet.path}, line 1: no column {'Identifier' if identifier is None else 'Grade'!r}; take Moodle's "
                "offline grading worksheet as it gave it; if it is in another language than English, name its columns "
                "(--option identifier='…' --option grade='…', and likewise name, maximum, comments, team)"
            )
        self.identifier, self.grade = identifier, grade
        self.full_name = place("name", "Full name")
        self.maximum = place("maximum", "Maximum Grade")
        self.comments = place("comments", "Feedback comments")
        self.team = place("team", "Group")
        self.changeable = sheet.column("Grade can be changed")
        if sheet.column("Scale") is not None:
            raise FormatError(f"{sheet.path}: the assignment is graded with a scale; choose points in Moodle")
        self.rows = [row for row in range(1, len(sheet)) if sheet.value(row, identifier).strip()]
        self._by_number: dict[str, int] = {}
        for row in self.rows:
            found = _NUMBER.search(sheet.value(row, identifier).strip())
            if found is None:
                raise FormatError(
                    f"{sheet.place(row)}: the identifier {sheet.value(row, identifier)!r} has no number; take the "
                    "worksheet as Moodle gave it"
                )
            self._by_number[found[0]] = row
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._by_team: defaultdict[str, list[int]] = defaultdict(list)
        for row in self.rows:
            self._by_name[plain_name(self.name(row))].append(row)
            self._by_team[plain_name(sheet.value(row, self.team))].append(row)

    def name(self, row: int) -> str:
        return self.sheet.value(row, self.full_name) or self.sheet.value(row, self.identifier)

    def find(self, result: Result) -> list[int]:
        """A participant's row, or those of a team."""
        name, _, number = result.student.rpartition("_")
        account = result.account or (number if _NUMBER.fullmatch(number) else "")
        given = plain_name(name if name and number == account else result.student)
        row = self._by_number.get(account)
        if row is not None:
            known = plain_name(self.sheet.value(row, self.full_name))
            anonymous = not known or given == "participant" or given == account
            # In a group, Moodle writes the group's name before the participant's.
            if anonymous or given.endswith(known):
                return [row]
        if given and given in self._by_team:
            return self._by_team[given]
        same = self._by_name.get(given, [])
        return same if len(same) == 1 and given and not account else []

    def most(self, row: int) -> float | None:
        text = self.sheet.value(row, self.maximum).strip()
        try:
            return float(text.replace(",", ".")) if text else None
        except ValueError:
            raise FormatError(
                f"{self.sheet.place(row)}: the maximum grade {text!r} is no number; take the worksheet as it was"
            ) from None


def _one_topic(topics: Sequence[str]) -> str:
    if len(topics) != 1:
        raise FormatError(
            f"moodle: a worksheet is of one assignment; say of which topic with --topic ({some(topics, 50)})"
        )
    return topics[0]


def _matched(work: _Worksheet, results: Sequence[Result]) -> tuple[dict[int, Result], list[str]]:
    by_row: dict[int, Result] = {}
    lost: list[str] = []
    for result in results:
        rows = work.find(result)
        if not rows:
            lost.append(result.student)
        for row in rows:
            if row in by_row:
                raise FormatError(
                    f"{work.sheet.place(row)}: {by_row[row].submission} and {result.submission} are both of "
                    f"{work.name(row)}; leave one of them out"
                )
            by_row[row] = result
    return by_row, lost


def _comment(result: Result) -> str:
    """Feedback as Moodle keeps it: HTML."""
    return html.escape(feedback(result), quote=False).replace("\n", "<br>")


def _export(request: ExportRequest) -> Exported:
    check_options(request.options, _OPTIONS)
    scale, comments = is_yes(request.options, "scale"), is_yes(request.options, "feedback", True)
    if request.template is None:
        raise FormatError("moodle: --template names the grading worksheet that Moodle gave")
    topic = _one_topic(sorted({result.topic for result in request.results if result.topic}))
    work = _Worksheet(Sheet(request.template), dict(request.options))
    by_row, lost = _matched(work, [result for result in request.results if result.topic == topic])
    notes: list[str] = []
    locked: list[str] = []
    differing: set[tuple[float, float]] = set()
    for row, result in by_row.items():
        most = work.most(row)
        points = scaled(result, most, scale)
        if work.sheet.value(row, work.changeable).strip().casefold() == "no":
            locked.append(result.student)
            continue
        if most is not None and points is not None and points > most + 0.005:
            raise FormatError(
                f"{work.sheet.place(row)}: {result.student} has {points:g} points, Moodle's maximum is {most:g}; it "
                f"passes such grades over. Set the assignment's maximum to {result.possible:g} in Moodle, or let "
                "--option scale=yes convert the points"
            )
        if most is not None and abs(most - result.possible) > 0.005 and not scale:
            differing.add((most, result.possible))
        work.sheet.set(row, work.grade, "" if points is None else grade_text(points))
        if comments and work.comments is not None:
            work.sheet.set(row, work.comments, _comment(result))
    for most, possible in sorted(differing):
        notes.append(
            f"{topic}: the maximum grade is {most:g} in Moodle and {possible:g} here; the points are written as they "
            "are (--option scale=yes converts them)"
        )
    if lost:
        notes.append(f"{topic}: not in {request.template}: {some(lost)}")
    if locked:
        notes.append(f"{topic}: the grade cannot be changed in Moodle: {some(locked)}")
    if without := [work.name(row) for row in work.rows if row not in by_row]:
        notes.append(f"{topic}: in {request.template}, without a result: {some(without)}")
    if unread := [result.student for result in by_row.values() if not (result.was_run or result.adjustment)]:
        notes.append(f"{topic}: not graded, written as 0: {some(unread)}")
    if excused := [result.student for result in by_row.values() if result.final is None]:
        notes.append(f"{topic}: excused, the grade is left empty: {some(excused)}")
    write_atomically(request.out, work.sheet.data())
    return Exported(files=[request.out], notes=notes)


def _read(request: ImportRequest) -> Imported:
    check_options(request.options, _OPTIONS)
    if request.path.is_dir() or request.path.suffix.lower() == ".zip":
        submissions, notes = find_submissions(request.path, request.topics, request.topic)
        return Imported(submissions=submissions, notes=notes)
    known_topics = sorted({result.topic for result in request.results if result.topic})
    topic = request.topic or _one_topic(known_topics or list(request.topics))
    work = _Worksheet(Sheet(request.path), dict(request.options))
    by_row, _ = _matched(work, [result for result in request.results if result.topic == topic])
    entries: list[Entry] = []
    for row in work.rows:
        text = work.sheet.value(row, work.grade).strip()
        try:
            score = float(text.replace(",", ".")) if text and text != "-" else None
        except ValueError:
            raise FormatError(
                f"{work.sheet.place(row)}: the grade {text!r} is no number; write points"
            ) from None
        known = by_row.get(row)
        if score is not None and not (known is not None and known.final == score):
            found = _NUMBER.search(work.sheet.value(row, work.identifier).strip())
            entries.append(
                Entry(
                    student=known.student if known else found[0] if found else "",
                    topic=topic,
                    score=score,
                    reason=f"entered in Moodle for {work.name(row)}",
                    place=work.sheet.place(row),
                )
            )
    return Imported(adjustments=entries)


FORMAT = Format(
    name="moodle",
    file="moodle.csv",
    title="Moodle: offline grading worksheet, submissions",
    export=_export,
    read=_read,
)
