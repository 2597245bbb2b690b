"""``autograder import``: submissions, or grades that people entered, from another program's files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.commands.common import CourseOption, app, errors, fail, open_course, plural, screen
from autograder.commands.export import named_values


@app.command(
    "import",
    epilog="Examples:  autograder import submissions.zip --from moodle --out submissions/    "
    "autograder import gradebook.csv --from canvas --results grading/ --out adjustments.csv",
)
def import_(
    path: Annotated[Path, typer.Argument(help="What the platform gave: a folder, zip or file.", exists=True)],
    from_: Annotated[str, typer.Option("--from", help="The format, or `list` to see which there are.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="A folder for submissions, a new CSV file for grades; by default, "
            "submissions/ and adjustments-<format>.csv here.",
        ),
    ] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="The topic of all of it.")] = None,
    results: Annotated[
        Path | None,
        typer.Option("--results", help="What `autograder grade` wrote: only grades that differ are taken."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="What the platform calls a topic: TOPIC=COLUMN. May be given again."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="A format's own option: NAME=VALUE. May be given again."),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Read what another program wrote.

    Submissions are copied to OUT/<student>/<topic>.ipynb (or .py). Grades that people entered become a file of
    adjustments, which wins over computed grades once it is the course's adjustments.csv. Nothing is overwritten.

    Ends with 0 when it is done, 1 when not, 2 for wrong usage.
    """
    from autograder.adjustments import AdjustmentsError, load_and_apply, write_adjustments
    from autograder.formats import FormatError, ImportRequest, find_format, format_names
    from autograder.formats.submitted import copy_submissions
    from autograder.results import read_results, write_atomically

    if from_ == "list":
        for name in format_names():
            format_ = find_format(name)
            if format_.read:
                screen.print(f"{name}: {escape(format_.title)}", soft_wrap=True)
        return
    loaded = open_course(course)
    if topic is not None and topic not in loaded.topics:
        fail(f"there is no topic {topic!r}; there is {', '.join(loaded.topics)}", 2)
    try:
        found = find_format(from_)
        if found.read is None:
            fail(f"the format {from_!r} can be written, not read", 2)
        known = load_and_apply(read_results(results), loaded.path, None)[0] if results else []
        request = ImportRequest(
            path=path,
            topics=list(loaded.topics),
            topic=topic,
            results=known,
            columns=named_values(column or [], "--column"),
            options=named_values(option or [], "--option"),
        )
        imported = found.read(request)
        for note in imported.notes:
            errors.print(f"note: {escape(note)}", soft_wrap=True)
        if imported.submissions:
            folder = out or Path("submissions")
            copied, left = copy_submissions(imported.submissions, folder)
            for note in left:
                errors.print(f"note: {escape(note)}", soft_wrap=True)
            screen.print(f"{plural(copied, 'submission')} in {escape(str(folder))}", soft_wrap=True)
            if not copied:
                raise typer.Exit(1)
        elif imported.adjustments:
            file = out or Path(f"adjustments-{from_}.csv")
            if file.exists():
                fail(f"{file}: it is there already; name another file with --out", 2)
            write_atomically(file, write_adjustments(imported.adjustments))
            screen.print(
                f"{plural(len(imported.adjustments), 'grade')} in {escape(str(file))}", soft_wrap=True
            )
        else:
            screen.print("nothing that we do not have", soft_wrap=True)
    except (FormatError, AdjustmentsError, ValueError) as error:
        fail(str(error), 2)
    except OSError as error:
        fail(f"{error.filename or path}: {error.strerror or error}", 1)
