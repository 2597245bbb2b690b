"""``autograder new``: a topic to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.commands.common import app, fail, open_course, screen
from autograder.course import CourseError, find_course


@app.command(
    short_help="Write a new topic, to be changed into yours.",
    epilog="Examples:  autograder new entropy    autograder new entropy --course my-course",
)
def new(
    topic: Annotated[str, typer.Argument(help="Name of the topic, as in exercises/<topic>.ipynb.")],
    exercise: Annotated[
        str | None, typer.Option("--exercise", help="Name of its function; default: the topic's.")
    ] = None,
    course: Annotated[
        Path | None,
        typer.Option(
            "--course",
            help="The course folder, new ones too; by default the nearest one at or above this folder.",
        ),
    ] = None,
) -> None:
    """Write a new topic that holds as it is, to be changed into yours.

    A master with one exercise and a picture, its tests, known mistakes and an alternative solution, and what students
    get of it. Prints the places to edit. Ends with 0 when all of it is written, 1 when not, 2 for wrong usage.
    """
    from autograder.new_topic import places_to_edit, write_exercises_of, write_topic

    folder = course if course is not None else find_course(Path.cwd())
    if folder is None:
        fail(
            "there is no course (a folder with solutions/tests) here or above; --course FOLDER names one, or where "
            "to make one",
            2,
        )
    if folder.exists() and not folder.is_dir():
        fail(f"{folder}: it is a file, and a course is a folder", 2)
    if (folder / "solutions" / "tests").is_dir():
        open_course(folder)  # what is broken in it is told before anything is written
    try:
        texts = write_topic(folder, topic, exercise or topic)
    except CourseError as error:
        fail(str(error), 2)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", 2)
    try:
        released = write_exercises_of(folder, topic)
    except CourseError as error:
        fail(str(error), 1)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", 1)
    for name in [*texts, *released]:
        screen.print(f"wrote {escape(str(folder / name))}", soft_wrap=True)
    screen.print("edit, in this order:")
    for name, line, what in places_to_edit(texts):
        screen.print(f"  [bold]{escape(str(folder / name))}:{line}[/bold]  {escape(what)}", soft_wrap=True)
    there = "" if folder == find_course(Path.cwd()) else f", in {escape(str(folder))}"
    screen.print(f"then{there}: autograder release, autograder verify --topic {topic}", soft_wrap=True)
