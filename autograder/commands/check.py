"""``autograder check``: the public tests on one's own work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.commands.common import app, fail, screen
from autograder.course import Course, CourseError, load_public_course
from autograder.own_work import (
    Checked,
    WrongFileError,
    check_file,
    does_not_compile,
    exercises_folder,
    is_absent,
    state_of,
)
from autograder.results import write_atomically
from autograder.sandbox.launchers import Launcher, SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import UnreadableError

__all__ = [
    "MARKS",
    "ExercisesOption",
    "TopicOption",
    "check_own_file",
    "open_exercises",
    "open_place",
    "show_errors",
]

TopicOption = Annotated[
    str | None, typer.Option("--topic", help="The topic, if the file's name does not tell.")
]
ExercisesOption = Annotated[
    Path | None, typer.Option("--exercises", help="The folder with the exercises and their tests.")
]
MARKS = {"passed": "[green]✔[/green]", "not done yet": "[yellow]○[/yellow]", "not right yet": "[red]✘[/red]"}


def open_exercises(start: Path, given: Path | None, mend: str) -> Course:
    """The public course that ``start`` lies in or beside, or the one that was named; ``mend`` says how to name it."""
    folder = given if given is not None else exercises_folder(start)
    if folder is None:
        fail(f"{start}: the exercises and their tests are not in it, beside it or above; {mend}", 2)
    try:
        return load_public_course(folder)
    except CourseError as error:
        fail(str(error), 2)


@contextlib.contextmanager
def open_place(course: Course) -> Iterator[Launcher]:
    """Where one's own files are run: the safest place that this machine has, whichever that is."""
    try:
        with open_launcher(course.preload, Limits(), allow_weaker=True) as launcher:
            yield launcher
    except SandboxError as error:
        fail(f"no place to run your file on this machine: {error}", 1)


def check_own_file(file: Path, topic: str | None, exercises: Path | None) -> Checked:
    """Run a file and the public tests on it; whatever prevents that ends the command."""
    mend = "go to the folder of the course, or name the exercises' with --exercises"
    course = open_exercises(file.resolve().parent, exercises, mend)
    if topic is not None and topic not in course.topics:
        fail(f"there is no topic {topic!r}; there is {', '.join(course.topics)}", 2)
    try:
        with open_place(course) as launcher:
            return check_file(file, course, launcher, topic)
    except WrongFileError as error:
        fail(f"{file}: {error}", 2)
    except UnreadableError as error:
        fail(f"{file}: {error}", 1)


def show_errors(checked: Checked) -> None:
    for text in checked.errors:
        screen.print(f"[red]error[/red] {escape(text)}", soft_wrap=True)


@app.command(epilog="Example:  autograder check exercises/attention.ipynb")
def check(
    file: Annotated[Path, typer.Argument(help="Your notebook or .py file.", exists=True, dir_okay=False)],
    topic: TopicOption = None,
    exercises: ExercisesOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page, too, with pictures of got and expected.")
    ] = None,
) -> None:
    """Run the public tests on your own work.

    Of each test that does not pass: what was called, what came out, and what should have.

    Ends with 0 when all of them pass, 1 when not, 2 for wrong usage.
    """
    from autograder.report.card import Card, case_text

    checked = check_own_file(file, topic, exercises)
    show_errors(checked)
    for exercise in checked.exercises:
        state = state_of(exercise)
        passed = sum(test.passed for test in exercise.tests)
        count = "" if state == "not done yet" else f" ({passed} of {len(exercise.tests)} public tests)"
        screen.print(f"{MARKS[state]} [bold]{exercise.name}[/bold]: {state}{count}")
        if is_absent(exercise):
            lost = ", or an error above kept it from being made" if checked.errors else ""
            if checked.stopped:
                lost = ", or the cell that makes it was stopped, see above: nothing of such a cell counts"
            screen.print(
                f"        {escape(file.name)} has no function `{exercise.name}`{lost}", soft_wrap=True
            )
            continue
        if does_not_compile(exercise):
            screen.print("        it does not compile, see above")
            continue
        for test in exercise.tests:
            if not test.passed and state != "not done yet":
                screen.print(f"    {escape(test.name)}", style="bold")
                for line in case_text(test).strip().splitlines():
                    screen.print(f"        {escape(line)}", soft_wrap=True)
    screen.print(f"{checked.passed} of {len(checked.exercises)} exercises pass their public tests")
    if html is not None:
        try:
            write_atomically(html, Card(checked.exercises).page(file.name).encode())
        except OSError as error:
            fail(f"{html}: it could not be written: {error.strerror}", 2)
        screen.print(f"the page: {escape(str(html))}", soft_wrap=True)
    raise typer.Exit(0 if checked.passed == len(checked.exercises) else 1)
