"""A student's own file: found, read, run and judged by the public tests, on the student's own machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.course import Course
from autograder.grading import grade_cells
from autograder.results import ExerciseResult, TestResult, clean_text
from autograder.sandbox.launchers import Launcher
from autograder.sandbox.protocol import Cell
from autograder.submissions import NO_TOPIC, find_submissions, read_cells

__all__ = [
    "SUFFIXES",
    "Checked",
    "State",
    "WrongFileError",
    "check_file",
    "exercises_folder",
    "does_not_compile",
    "is_absent",
    "is_written",
    "state_of",
]

SUFFIXES = (".ipynb", ".py", ".cpp")
"""Of the files that students write in."""

State = Literal["passed", "not done yet", "not right yet"]


class WrongFileError(Exception):
    """What was named is not one notebook or ``.py`` file of a topic; the message says what it is."""


@dataclass(frozen=True)
class Checked:
    """One file after its cells and the public tests were run."""

    topic: str
    cells: tuple[Cell, ...]
    exercises: tuple[ExerciseResult, ...]
    seconds: float
    """Wall time of the cells and the tests."""
    errors: tuple[str, ...]
    """What went wrong while the cells ran, in their order, without the exercises that are not done yet."""
    stopped: bool
    """Whether a cell ended its process, or was stopped: nothing of it counts."""

    @property
    def cells_of_code(self) -> int:
        """How many cells hold more than comments, which is all that a script's text cells are."""
        return sum(map(_holds_code, self.cells))

    @property
    def passed(self) -> int:
        return sum(state_of(exercise) == "passed" for exercise in self.exercises)


def _holds_code(cell: Cell) -> bool:
    return any(line and not line.startswith("#") for line in map(str.strip, cell.source.splitlines()))


def exercises_folder(start: Path) -> Path | None:
    """The folder with the exercises and their public tests: ``start``, or ``exercises/`` in it or above it."""
    here = start.resolve()
    for folder in (here, *here.parents, Path.cwd(), *Path.cwd().parents):
        for candidate in (folder, folder / "exercises"):
            topics = {test.parent.name for test in candidate.glob("tests/*/*.py")}
            if any((candidate / f"{topic}{suffix}").is_file() for topic in topics for suffix in SUFFIXES):
                return candidate
    return None


def state_of(exercise: ExerciseResult) -> State:
    """How far an exercise is, by its public tests."""
    failed = [test for test in exercise.tests if not test.passed]
    if not failed:
        return "passed"
    if all(map(_tells_of_the_empty_one, failed)):
        return "not done yet"
    return "not right yet"


def does_not_compile(exercise: ExerciseResult) -> bool:
    """Whether all that its cases tell is what the compiler said of the file."""
    said = [test.message.removeprefix("CompilerError: ") for test in exercise.tests]
    return all(message.startswith("it does not compile: ") for message in said)


def is_absent(exercise: ExerciseResult) -> bool:
    """Whether there is no function of this name."""
    absent = f"NameError: `{exercise.name}` is not defined in this submission"
    return any(absent in test.message.splitlines() for test in exercise.tests)


def is_written(exercise: ExerciseResult) -> bool:
    """Whether there is such a function, and it is more than the empty one."""
    return state_of(exercise) != "not done yet" and not is_absent(exercise)


def _tells_of_the_empty_one(test: TestResult) -> bool:
    """Whether a case failed with what the exercise as it was handed out raises, in Python or in C++."""
    lines = test.message.splitlines()
    return any(line.startswith("NotImplementedError") or line.endswith(": not done yet") for line in lines)


def check_file(file: Path, course: Course, launcher: Launcher, topic: str | None = None) -> Checked:
    """Run a file's cells in a fresh process, and the course's public tests on its functions.

    Raises:
        WrongFileError: it holds several submissions, or is no topic's.
        UnreadableError: it cannot be read.
        SandboxError: nothing can be run on this machine.
    """
    if file.resolve().is_relative_to((course.path / "tests").resolve()):
        raise WrongFileError(
            "it is of the tests; your work is beside their folder, in a notebook or .py file"
        )
    found, _ = find_submissions(file, course.topics, topic)
    if len(found) != 1:
        raise WrongFileError(f"it holds {len(found)} files to check; name one notebook or .py file")
    (submission,) = found
    if submission.problem:
        mend = ", or use --topic" if submission.problem.startswith(NO_TOPIC) else ""
        raise WrongFileError(f"{submission.problem}{mend}")
    if not submission.file_name.lower().endswith(SUFFIXES):
        raise WrongFileError("it is no notebook (.ipynb) and no .py file")
    cells = read_cells(submission)
    start = time.monotonic()
    exercises, session = grade_cells(course.topics[submission.topic], cells, launcher)
    seconds = time.monotonic() - start
    errors = [
        f"{failure}" if failure.where else f"{failure} ({cells[index].name})"
        for index, failure in sorted(session.failures.items())
        if failure.type != "NotImplementedError"
    ]
    errors += [text for _, text in dict.fromkeys(session.endings)]
    errors += [session.flood] if session.flood else []
    told, stopped = tuple(map(clean_text, errors)), bool(session.ended_cells)
    return Checked(submission.topic, tuple(cells), tuple(exercises), seconds, told, stopped)
