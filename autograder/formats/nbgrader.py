"""nbgrader: a class that has been graded already goes into the gradebook, and under ``autograded/``.

``--out`` is nbgrader's folder (with ``nbgrader_config.py`` or ``gradebook.db``), where ``nbgrader generate_assignment``
has been run for the topic. The formgrader and ``nbgrader generate_feedback`` then show the class as if ``nbgrader
autograde`` had graded it. What people entered there, points and comments, stays and counts before ours.

An adjustment becomes what nbgrader has for it: points less are a late penalty, points more are extra credit.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader import api
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.formats import Exported, ExportRequest, Format, FormatError
from autograder.formats.sheets import check_options
from autograder.nbgrader.executor import master_cells
from autograder.nbgrader.notebooks import MasterCell, fill_in, new_notebook, read_notebook, tidy
from autograder.nbgrader.sources import CONFIG_NAME
from autograder.nbgrader.texts import comments
from autograder.results import Result, write_atomically
from autograder.submissions import Submission, UnreadableError

__all__ = ["FORMAT", "export_to_gradebook"]

_CHUNK = 100
"""Submissions between two commits: what a killed export has done up to there stays."""


@dataclass(frozen=True)
class _Assignment:
    """An assignment in the gradebook, and its notebook that is a topic."""

    id: str
    name: str
    notebook_id: str
    master: Sequence[MasterCell]
    notebooks: Mapping[str, Mapping[str, str]]
    """For each of its notebooks, by id, the cells that get a grade: ids by names."""
    solutions: Mapping[str, Mapping[str, str]]
    """The same of cells that get a comment."""


def _course_directory(folder: Path) -> Any:
    """nbgrader's own view of its folder, as its settings there have it."""
    config = Config()
    if (folder / CONFIG_NAME).is_file():
        try:
            config = PyFileConfigLoader(CONFIG_NAME, path=str(folder)).load_config()
        except Exception as error:  # it is a program
            raise FormatError(f"{folder / CONFIG_NAME}: {type(error).__name__}: {error}") from None
    if "root" not in config.CourseDirectory:
        config.CourseDirectory.root = str(folder.resolve())
    return CourseDirectory(config=config)


def _open_gradebook(courses: Any, folder: Path) -> Any:
    file = courses.db_url.removeprefix("sqlite:///")
    if file != courses.db_url and not Path(file).is_file():
        raise FormatError(
            f"{folder}: it holds no gradebook ({file}); name nbgrader's folder with --out, and run `nbgrader "
            "generate_assignment` in it first"
        )
    return api.Gradebook(courses.db_url, courses.course_id or "default_course")


def _assignment(gradebook: Any, topic: str) -> _Assignment | None:
    """The assignment that a topic is a notebook of; one of the topic's own name comes first."""
    found = gradebook.db.scalars(select(api.Notebook).where(api.Notebook.name == topic)).all()
    if not found:
        return None
    notebook = min(found, key=lambda item: (item.assignment.name != topic, item.assignment.name))
    whole = notebook.assignment
    return _Assignment(
        id=whole.id,
        name=whole.name,
        notebook_id=notebook.id,
        master=master_cells(gradebook, topic, whole.name),
        notebooks={
            item.id: {cell.name: cell.id for cell in (*item.grade_cells, *item.task_cells)}
            for item in whole.notebooks
        },
        solutions={
            item.id: {cell.name: cell.id for cell in (*item.solution_cells, *item.task_cells)}
            for item in whole.notebooks
        },
    )


def _check_students(results: Sequence[Result]) -> None:
    counts = Counter((result.student, result.topic) for result in results)
    for result in results:
        name = result.student
        if not name or len(name) > 128 or name.startswith(".") or set(name) & set("/\\\0"):
            raise FormatError(f"{result.submission}: {name!r} cannot be a student's id in nbgrader")
        if counts[name, result.topic] > 1:
            raise FormatError(f"{result.submission}: {name} has more than one result for {result.topic}")


class _Rows:
    """The gradebook's rows of one assignment: those that are there, and new ones."""

    def __init__(self, gradebook: Any, assignment: _Assignment) -> None:
        self.db = gradebook.db
        self.assignment = assignment
        db = gradebook.db
        self.students = set(db.scalars(select(api.Student.id)))
        submitted = select(api.SubmittedAssignment).where(
            api.SubmittedAssignment.assignment_id == assignment.id
        )
        self.submissions = {row.student_id: row for row in db.scalars(submitted)}
        ids = select(api.SubmittedAssignment.id).where(api.SubmittedAssignment.assignment_id == assignment.id)
        notebooks = select(api.SubmittedNotebook).where(api.SubmittedNotebook.assignment_id.in_(ids))
        self.notebooks = {(row.assignment_id, row.notebook_id): row for row in db.scalars(notebooks)}
        inner = select(api.SubmittedNotebook.id).where(api.SubmittedNotebook.assignment_id.in_(ids))
        self.grades = {
            (row.notebook_id, row.cell_id): row
            for row in db.scalars(select(api.Grade).where(api.Grade.notebook_id.in_(inner)))
        }
        self.comments = {
            (row.notebook_id, row.cell_id): row
            for row in db.scalars(select(api.Comment).where(api.Comment.notebook_id.in_(inner)))
        }

    def _add(self, row: Any) -> Any:
        self.db.add(row)
        return row

    def submission(self, student: str) -> Any:
        """A student's submission of the assignment, with all that nbgrader wants to be there for it."""
        if student not in self.students:
            self.students.add(student)
            self._add(api.Student(id=student))
        row = self.submissions.get(student)
        if row is None:
            row = self.submissions[student] = self._add(
                api.SubmittedAssignment(
                    id=api.new_uuid(), assignment_id=self.assignment.id, student_id=student
                )
            )
        for notebook_id, cells in self.assignment.notebooks.items():
            notebook = self.notebooks.get((row.id, notebook_id))
            if notebook is None:
                notebook = self.notebooks[row.id, notebook_id] = self._add(
                    api.SubmittedNotebook(id=api.new_uuid(), assignment_id=row.id, notebook_id=notebook_id)
                )
            for cell_id in cells.values():
                if (notebook.id, cell_id) not in self.grades:
                    self.grades[notebook.id, cell_id] = self._add(
                        api.Grade(notebook_id=notebook.id, cell_id=cell_id, needs_manual_grade=True)
                    )
            for cell_id in self.assignment.solutions[notebook_id].values():
                if (notebook.id, cell_id) not in self.comments:
                    self.comments[notebook.id, cell_id] = self._add(
                        api.Comment(notebook_id=notebook.id, cell_id=cell_id)
                    )
        return row

    def write(self, result: Result, scores: Mapping[str, float], timestamp: Any) -> None:
        """Put a result's scores and comments into the gradebook, beside what people entered there."""
        row = self.submission(result.student)
        if timestamp is not None:
            row.timestamp = timestamp
        notebook = self.notebooks[row.id, self.assignment.notebook_id]
        cells = self.assignment.notebooks[self.assignment.notebook_id]
        grades = {name: self.grades[notebook.id, cells[name]] for name in scores}
        for name, score in scores.items():
            grades[name].auto_score = score
            grades[name].needs_manual_grade = grades[name].manual_score is not None
        texts = comments(result)
        if result.adjustment is not None:
            change = (result.final or 0.0) - sum(scores.values())
            notebook.late_submission_penalty = max(-change, 0.0)
            for name, grade in grades.items():
                grade.extra_credit = max(change, 0.0) if name == next(iter(grades)) else 0.0
        for name, cell_id in self.assignment.solutions[self.assignment.notebook_id].items():
            self.comments[notebook.id, cell_id].auto_comment = texts.get(name) or None


def _notebook(submitted: Path, result: Result) -> tuple[Any, str]:
    """What a student handed in: from nbgrader's own folder, or as the result holds it."""
    if submitted.is_file():
        try:
            return read_notebook(Submission(result.submission, result.student, result.topic, submitted)), ""
        except UnreadableError as error:
            return new_notebook(), str(error)
    return new_notebook([new_code_cell(cell.source) for cell in result.cells]), ""


def _write_notebook(courses: Any, assignment: _Assignment, result: Result) -> tuple[dict[str, float], Any]:
    """Write a graded notebook under ``autograded/``; its scores by cell, and when it was handed in."""
    places = [
        Path(courses.format_path(folder, result.student, assignment.name))
        for folder in (courses.submitted_directory, courses.autograded_directory)
    ]
    submitted, autograded = places
    notebook, unreadable = _notebook(submitted / f"{result.topic}.ipynb", result)
    tidy(notebook, assignment.master, unreadable)
    scores, unknown = fill_in(notebook, result)
    if unknown:
        raise FormatError(
            f"{result.submission}: {assignment.name} in the gradebook has the cell {unknown[0]!r}, for which "
            f"{result.topic} has no tests; make it anew with `autograder release --to nbgrader`"
        )
    autograded.mkdir(parents=True, exist_ok=True)
    if (submitted / "timestamp.txt").is_file():
        shutil.copyfile(submitted / "timestamp.txt", autograded / "timestamp.txt")
    data = (nbformat.writes(notebook).rstrip() + "\n").encode()
    write_atomically(autograded / f"{result.topic}.ipynb", data)
    return scores, courses.get_existing_timestamp(str(submitted))


def export_to_gradebook(request: ExportRequest) -> Exported:
    """Write results into nbgrader's folder ``request.out``.

    Raises:
        FormatError: there is no gradebook, no assignment of a topic's name, or a student's name cannot be an id.
        OSError: a file cannot be written.
    """
    check_options(request.options, [])
    _check_students(request.results)
    courses = _course_directory(request.out)
    notes: list[str] = []
    done = 0
    try:
        with _open_gradebook(courses, request.out) as gradebook:
            topics = list(dict.fromkeys(result.topic for result in request.results))
            found = {topic: _assignment(gradebook, topic) for topic in topics}
            for topic in [topic for topic, assignment in found.items() if assignment is None]:
                notes.append(f"{topic}: left out, the gradebook has no notebook of this name")
            if not any(found.values()):
                raise FormatError(
                    f"{courses.db_url}: no assignment {' or '.join(topics)}; run `nbgrader generate_assignment "
                    f"{topics[0]}` first"
                )
            for topic, assignment in found.items():
                if assignment is None:
                    continue
                rows = _Rows(gradebook, assignment)
                for result in [result for result in request.results if result.topic == topic]:
                    done += 1
                    if result.adjustment is not None and result.adjustment.excused:
                        notes.append(f"{result.student}: excused from {topic}, not in the gradebook")
                        continue
                    rows.write(result, *_write_notebook(courses, assignment, result))
                    if done % _CHUNK == 0:
                        gradebook.db.commit()
                        request.progress(done, len(request.results))
                gradebook.db.commit()
    except SQLAlchemyError as error:
        text = str(error).partition("\n")[0]
        raise FormatError(
            f"{courses.db_url}: {text}; is another program writing to it, or is it of an older nbgrader (then back "
            "it up and run `nbgrader db upgrade`)?"
        ) from None
    request.progress(len(request.results), len(request.results))
    return Exported(files=[Path(courses.db_url.removeprefix("sqlite:///"))], notes=notes)


FORMAT = Format(
    name="nbgrader",
    title="nbgrader: the gradebook and autograded/ of its folder (--out)",
    export=export_to_gradebook,
)
