"""What runs in the place of nbgrader's own executor, in ``nbgrader autograde`` and behind the formgrader's button.

``configure`` sets it up in ``nbgrader_config.py``. The parts, in the order in which nbgrader calls them:

- ``Submissions`` reads what students handed in, whatever it is, and starts anew what a killed command left half done.
- ``TidyCells`` brings a notebook into the assignment's form.
- ``ConfinedExecute`` grades it, in a process of its own, and writes the scores into the cells with tests.
- ``SaveGrades`` takes scores and comments to the gradebook.
"""

from __future__ import annotations

import atexit
import contextlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Float, Integer, Unicode

from autograder.course import Course, find_course, load_course
from autograder.doctor import danger, is_safe, probe
from autograder.grading import grade_submission
from autograder.nbgrader.notebooks import (
    MARK,
    MasterCell,
    code_of,
    fill_in,
    is_finished,
    new_notebook,
    read_notebook,
    tidy,
)
from autograder.nbgrader.texts import comments
from autograder.sandbox.launchers import Launcher, SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission, UnreadableError

__all__ = [
    "ConfinedExecute",
    "ExecutorError",
    "SaveGrades",
    "Submissions",
    "TidyCells",
    "configure",
    "master_cells",
]


class ExecutorError(Exception):
    """Why a submission could not be graded, and the mend. nbgrader shows it, and goes on with the next one."""


def configure(c: Any, course: str | Path | None = None) -> None:
    """Let nbgrader grade with this engine; to be called in ``nbgrader_config.py``.

    Args:
        c: what ``get_config()`` gives there.
        course: the course folder (with ``solutions/``); by default the nearest one at or above nbgrader's folder.
    """
    here = "autograder.nbgrader.executor"
    c.Autograde.exporter_class = f"{here}.Submissions"
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        f"{here}.TidyCells",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        f"{here}.ConfinedExecute",
        f"{here}.SaveGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.ClearSolutions.code_stub = {"python": '# YOUR CODE HERE\nraise NotImplementedError("not done yet")'}
    if course is not None:
        c.ConfinedExecute.course = str(course)


# --------------------------------------------------------------------------------------------- before the grading


class Submissions(NotebookExporter):
    """Reads notebooks for ``nbgrader autograde``. What cannot be read is graded, too: with 0 points and the reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._start_anew()

    def _start_anew(self) -> None:
        converter: Any = self.parent
        courses = converter.coursedir
        for submitted, notebooks in converter.assignments.items():
            ids = _ids(converter, submitted)
            if ids is None:
                continue
            folder = Path(converter._format_dest(*ids))
            source = Path(courses.format_path(courses.source_directory, ".", ids[0]))
            names = [Path(name).name for name in notebooks if (source / Path(name).name).is_file()]
            if folder.is_dir() and not is_finished(folder, names):
                self.log.warning("%s was not graded to its end; it is graded anew", submitted)
                shutil.rmtree(folder)

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        converter: Any = self.parent
        if not converter._sanitizing:
            graded: tuple[Any, Any] = super().from_filename(filename, resources, **kw)
            return graded
        path = Path(filename)
        try:
            notebook = read_notebook(Submission(path.name, "", "", path))
        except UnreadableError as error:
            self.log.warning("%s: %s", filename, error)
            notebook = new_notebook()
            resources["autograder_unreadable"] = str(error)
        converted: tuple[Any, Any] = self.from_notebook_node(  # type: ignore[no-untyped-call]
            notebook, resources=resources, **kw
        )
        return converted


def _ids(converter: Any, place: str) -> tuple[str, str] | None:
    """The assignment and the student that a folder below ``submitted`` is of."""
    found = re.match(converter._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True), place)
    return (found["assignment"], found["student"]) if found else None


def master_cells(gradebook: Any, notebook: str, assignment: str) -> list[MasterCell]:
    """The cells of an assignment's notebook that the gradebook knows, in their order."""
    found = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: float(cell.max_score) for cell in (*found.grade_cells, *found.task_cells)}
    tasks = {cell.name for cell in found.task_cells}
    solutions = {cell.name for cell in found.solution_cells}
    return [
        MasterCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            locked=bool(cell.locked),
            solution=cell.name in solutions,
            checksum=cell.checksum,
            points=points.get(cell.name),
            task=cell.name in tasks,
        )
        for cell in found.source_cells
    ]


class TidyCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Stands where nbgrader has DeduplicateIds, whose mend makes nbgrader give up on the whole class."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            master = master_cells(gradebook, names["notebook"], names["assignment"])
        unreadable = resources.get("autograder_unreadable") or ""
        mended = tidy(nb, master, unreadable)
        if mended and not unreadable:
            self.log.warning("%s: %s", names["student"], "; ".join(mended))
        return nb, resources


# ---------------------------------------------------------------------------------------------------- the grading


@dataclass(frozen=True)
class _Settings:
    course: Path
    limits: Limits
    tier: str | None
    allow_weaker: bool


@dataclass(frozen=True)
class _Engine:
    """A course, and a place to run submissions in; kept from one submission to the next."""

    course: Course
    launcher: Launcher
    protections: Mapping[str, str | bool]
    made_from: tuple[_Settings, int]


_open: list[_Engine] = []
"""The engine of this process, if there is one: starting it takes longer than grading with it."""


def _close() -> None:
    while _open:
        with contextlib.suppress(Exception):
            _open.pop().launcher.close()


atexit.register(_close)


def _age(course: Path) -> int:
    """When something in a course's solutions was changed last."""
    return max((path.stat().st_mtime_ns for path in (course / "solutions").rglob("*.py")), default=0)


def _engine(settings: _Settings) -> _Engine:
    made_from = (settings, _age(settings.course))
    if _open and _open[0].made_from == made_from:
        return _open[0]
    _close()
    course = load_course(settings.course)
    try:
        launcher = open_launcher(
            course.preload, settings.limits, settings.tier, allow_weaker=settings.allow_weaker
        )
    except SandboxError as error:
        raise ExecutorError(
            f"no safe place to run submissions on this machine: {error}; see `autograder doctor`"
        ) from None
    try:
        protections = probe(launcher)
        if not (settings.allow_weaker or is_safe(protections)):
            raise ExecutorError(f"{danger(protections)}; `autograder doctor` says what to do")
    except BaseException:
        launcher.close()
        raise
    _open.append(_Engine(course, launcher, protections, made_from))
    return _open[0]


class ConfinedExecute(NbGraderPreprocessor):  # type: ignore[misc]
    """Stands where nbgrader has Execute: runs a submission in isolation, and the tests in this process."""

    course = Unicode(
        "",
        help="The course folder (with solutions/); by default the nearest one at or above nbgrader's folder.",
    ).tag(config=True)
    call_seconds = Float(Limits().call_seconds, help="Time limit of one call of a function.").tag(config=True)
    cell_seconds = Float(Limits().cell_seconds, help="Time limit of one cell.").tag(config=True)
    memory_megabytes = Integer(Limits().memory_megabytes, help="Memory of one submission, in megabytes.").tag(
        config=True
    )
    tier = Unicode("", help="Force a tier of confinement, A to D; by default the safest that works.").tag(
        config=True
    )
    allow_weaker_sandbox = Bool(False, help="Grade even where hostile code cannot be stopped.").tag(
        config=True
    )

    def _settings(self) -> _Settings:
        folder = Path(self.course) if self.course else find_course(Path.cwd())
        if folder is None:
            raise ExecutorError(
                "there is no course (a folder with solutions/tests) here or above; name it in nbgrader_config.py: "
                'c.ConfinedExecute.course = "…"'
            )
        limits = Limits(
            call_seconds=self.call_seconds,
            cell_seconds=self.cell_seconds,
            memory_megabytes=self.memory_megabytes,
        )
        return _Settings(folder.resolve(), limits, self.tier or None, self.allow_weaker_sandbox)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        names = resources["nbgrader"]
        engine = _engine(self._settings())
        topic = engine.course.topics.get(names["notebook"])
        if topic is None:
            raise ExecutorError(
                f"the notebook {names['notebook']!r} is no topic of {engine.course.path}; there is "
                f"{', '.join(engine.course.topics)}"
            )
        submission = Submission(
            f"{names['student']}/{topic.name}",
            names["student"],
            topic.name,
            Path(f"{topic.name}.ipynb"),
            problem=nb.metadata.get(MARK, {}).get("unreadable", ""),
            data=code_of(nb),
        )
        try:
            result = grade_submission(submission, topic, engine.launcher, engine.protections)
        except SandboxError as error:
            _close()  # the next submission gets a new one
            raise ExecutorError(f"the sandbox failed, so this is no grade: {error}") from None
        _, unknown = fill_in(nb, result)
        if unknown:
            raise ExecutorError(
                f"{topic.name} has no tests for the cell {unknown[0]!r}; make the assignment anew, with "
                "`autograder release --to nbgrader`"
            )
        resources["autograder_comments"] = comments(result)
        return nb, resources


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """nbgrader's own, which knows nothing to say of an answer but that there is none."""

    def _add_comment(self, cell: Any, resources: Any) -> None:
        super()._add_comment(cell, resources)
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        found = self.gradebook.find_comment(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        if text := resources.get("autograder_comments", {}).get(grade_id):
            found.auto_comment = text if found.auto_comment is None else f"{found.auto_comment}\n\n{text}"
            self.gradebook.db.commit()
