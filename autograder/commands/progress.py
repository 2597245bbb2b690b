"""``autograder progress``: how far one's own work is, over all topics, in one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder.commands.check import MARKS, open_exercises, open_place
from autograder.commands.common import app, errors, fail, screen
from autograder.course import Course, Topic
from autograder.own_work import SUFFIXES, State, check_file, state_of
from autograder.progress import TopicProgress, draw, in_words
from autograder.results import write_atomically
from autograder.sandbox.launchers import Launcher
from autograder.submissions import UnreadableError


def _look_at(topic: Topic, folder: Path, course: Course, launcher: Launcher) -> TopicProgress:
    """The better of a topic's notebook and ``.py`` file: people work in one of them."""
    states: list[tuple[tuple[str, State], ...]] = []
    problem = "there is no file of this topic"
    for file in (folder / f"{topic.name}{suffix}" for suffix in SUFFIXES):
        if file.is_file():
            try:
                checked = check_file(file, course, launcher, topic.name)
            except UnreadableError as error:
                problem = f"{file.name}: {error}"
            else:
                states.append(tuple((item.name, state_of(item)) for item in checked.exercises))
    if not states:
        nothing: tuple[tuple[str, State], ...] = tuple(
            (exercise.name, "not done yet") for exercise in topic.exercises
        )
        return TopicProgress(topic.name, topic.title, nothing, problem)
    order: tuple[State, ...] = ("passed", "not right yet")
    best = max(states, key=lambda item: [sum(state == wanted for _, state in item) for wanted in order])
    return TopicProgress(topic.name, topic.title, best)


@app.command(
    short_help="Draw how far you are, over all of your work.",
    epilog="Example:  autograder progress --out progress.svg",
)
def progress(
    folder: Annotated[
        Path,
        typer.Argument(
            help="The folder with your work; by default exercises/, here or above.", file_okay=False
        ),
    ] = Path("."),
    out: Annotated[
        Path, typer.Option("--out", help="The picture: .png, .svg or .pdf.", dir_okay=False)
    ] = Path("progress.png"),
) -> None:
    """Run the public tests on all of your work, and draw how far you are.

    Ends with 0 when the picture is drawn, however far you are; 2 for wrong usage.
    """
    if out.suffix.lower() not in (".png", ".svg", ".pdf"):
        fail(f"{out}: a picture is .png, .svg or .pdf", 2)
    if not folder.is_dir():
        fail(f"{folder}: there is no such folder", 2)
    if not out.parent.is_dir():
        fail(f"{out}: No such file or directory: {out.parent}; make it, or name another with --out", 2)
    course = open_exercises(
        folder.resolve(), None, "go to the folder of the course, or name it: autograder progress FOLDER"
    )
    found = []
    with (
        open_place(course) as launcher,
        Progress(
            TextColumn("checking"), BarColumn(), MofNCompleteColumn(), console=errors, transient=True
        ) as bar,
    ):
        for topic in bar.track(course.topics.values()):
            found.append(_look_at(topic, course.path, course, launcher))
    for item in found:
        marks = " ".join(f"{MARKS[state]} {name}" for name, state in item.states)
        screen.print(f"[bold]{item.topic}[/bold]  {marks}", soft_wrap=True)
        if item.problem:
            screen.print(f"    {escape(item.problem)}", soft_wrap=True)
    try:
        write_atomically(out, draw(found, out))
    except OSError as error:
        fail(f"{out}: {error.strerror}", 2)
    screen.print(f"{in_words(found)}; the picture: {escape(str(out))}", soft_wrap=True)
