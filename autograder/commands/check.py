"""``autograder check``: the public tests on one's own work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.commands.common import app, fail, screen
from autograder.course import CourseError, load_public_course
from autograder.results import ExerciseResult, clean_text
from autograder.sandbox.launchers import SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import UnreadableError, find_submissions, read_cells


def _exercises_folder(file: Path, given: Path | None) -> Path:
    """Where the public tests lie: beside the file, or in ``exercises/`` at or above it or this folder."""
    if given is not None:
        return given
    here = file.resolve().parent
    for folder in (here, *here.parents, Path.cwd(), *Path.cwd().parents):
        for candidate in (folder, folder / "exercises"):
            topics = {test.parent.name for test in candidate.glob("tests/*/*.py")}
            if any(
                (candidate / f"{topic}{suffix}").is_file() for topic in topics for suffix in (".ipynb", ".py")
            ):
                return candidate
    fail(f"{file}: the exercises and their tests are not beside it; name their folder with --exercises", 2)


def _state(exercise: ExerciseResult) -> str:
    if all(test.passed for test in exercise.tests):
        return "passed"
    failed = [test for test in exercise.tests if not test.passed]
    if all(test.message.startswith("NotImplementedError") for test in failed):
        return "not done yet"
    return "not right yet"


_MARKS = {"passed": "[green]✔[/green]", "not done yet": "[yellow]○[/yellow]", "not right yet": "[red]✘[/red]"}


@app.command(epilog="Example:  autograder check exercises/attention.ipynb")
def check(
    file: Annotated[Path, typer.Argument(help="Your notebook or .py file.", exists=True, dir_okay=False)],
    topic: Annotated[
        str | None, typer.Option("--topic", help="The topic, if the file's name does not tell.")
    ] = None,
    exercises: Annotated[
        Path | None, typer.Option("--exercises", help="The folder with the exercises and their tests.")
    ] = None,
) -> None:
    """Run the public tests on your own work.

    Ends with 0 when all of them pass, 1 when not, 2 for wrong usage.
    """
    from autograder.grading import grade_cells

    try:
        loaded = load_public_course(_exercises_folder(file, exercises))
    except CourseError as error:
        fail(str(error), 2)
    if topic is not None and topic not in loaded.topics:
        fail(f"there is no topic {topic!r}; there is {', '.join(loaded.topics)}", 2)
    found, _ = find_submissions(file, loaded.topics, topic)
    if len(found) != 1:
        fail(f"{file}: it holds {len(found)} files to check; name one notebook or .py file", 2)
    (submission,) = found
    try:
        cells = read_cells(submission)
    except UnreadableError as error:
        fail(f"{file}: {error}", 2 if submission.problem else 1)
    try:
        with open_launcher(loaded.preload, Limits(), allow_weaker=True) as launcher:
            results, session = grade_cells(loaded.topics[submission.topic], cells, launcher)
    except SandboxError as error:
        fail(f"no place to run your file on this machine: {error}", 1)
    for index, failure in sorted(session.failures.items()):
        if failure.type != "NotImplementedError":
            where = "" if failure.where else f" ({cells[index].name})"
            screen.print(f"[red]error[/red] {escape(clean_text(str(failure)))}{where}", soft_wrap=True)
    for _, text in dict.fromkeys(session.endings):
        screen.print(f"[red]error[/red] {escape(clean_text(text))}", soft_wrap=True)
    for exercise in results:
        state = _state(exercise)
        passed = sum(test.passed for test in exercise.tests)
        count = "" if state == "not done yet" else f" ({passed} of {len(exercise.tests)} public tests)"
        screen.print(f"{_MARKS[state]} [bold]{exercise.name}[/bold]: {state}{count}")
        for test in exercise.tests:
            if not test.passed and state != "not done yet":
                screen.print(f"    {escape(test.name)}", style="bold")
                for line in test.message.strip().splitlines():
                    screen.print(f"        {escape(line)}", soft_wrap=True)
    done = sum(_state(exercise) == "passed" for exercise in results)
    screen.print(f"{done} of {len(results)} exercises pass their public tests")
    raise typer.Exit(0 if done == len(results) else 1)
