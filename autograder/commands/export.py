"""``autograder export``: graded results in another program's format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder.commands.common import AdjustmentsOption, CourseOption, app, errors, fail, screen
from autograder.course import find_course

__all__ = ["named_values"]


def named_values(given: list[str], option: str) -> dict[str, str]:
    """NAME=VALUE options as a dictionary."""
    values: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            fail(f"{option} {text!r}: write NAME=VALUE", 2)
        values[name.strip()] = value.strip()
    return values


@app.command(
    epilog="Examples:  autograder export grading/ --to canvas --template gradebook.csv    "
    "autograder export grading/ --to moodle --topic attention --template worksheet.csv"
)
def export(
    results: Annotated[Path, typer.Argument(help="The folder that `autograder grade` wrote.", exists=True)],
    to: Annotated[str, typer.Option("--to", help="The format, or `list` to see which there are.")],
    out: Annotated[Path | None, typer.Option("--out", help="The file or folder to write.")] = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="The platform's own file, to be filled in.")
    ] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="Only this topic.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="What the platform calls a topic: TOPIC=COLUMN. May be given again."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="A format's own option: NAME=VALUE. May be given again."),
    ] = None,
    adjustments: AdjustmentsOption = None,
    course: CourseOption = None,
) -> None:
    """Write grades in the format of another program.

    What counts is the final grade: adjustments.csv wins over computed points. docs/formats.md describes each format.

    Ends with 0 when it is written, 1 when not, 2 for wrong usage.
    """
    from autograder.adjustments import AdjustmentsError, load_and_apply
    from autograder.formats import ExportRequest, FormatError, find_format, format_names
    from autograder.results import read_results

    try:
        if to == "list":
            for name in format_names():
                found = find_format(name)
                if found.export:
                    screen.print(f"{name}: {escape(found.title)}", soft_wrap=True)
            return
        found = find_format(to)
        if found.export is None:
            fail(f"the format {to!r} can be read, not written", 2)
        folder = course or find_course(Path.cwd())
        every, notices = load_and_apply(read_results(results), folder, adjustments)
    except (FormatError, AdjustmentsError, ValueError) as error:
        fail(str(error), 2)
    chosen = [result for result in every if result.topic and topic in (None, result.topic)]
    chosen.sort(key=lambda result: result.submission)
    if not chosen:
        topics = ", ".join(sorted({result.topic for result in every if result.topic})) or "none"
        fail(f"{results}: no result{f' of the topic {topic!r}' if topic else ''}; topics there: {topics}", 2)
    if out is None:
        out = (results if results.is_dir() else results.parent) / (found.file or found.name)
    for notice in notices:
        errors.print(f"note: {escape(notice)}", soft_wrap=True)
    with Progress(
        TextColumn("writing"), BarColumn(), MofNCompleteColumn(), console=errors, transient=True
    ) as bar:
        task = bar.add_task("writing", total=None)
        request = ExportRequest(
            results=chosen,
            out=out,
            template=template,
            columns=named_values(column or [], "--column"),
            course=folder,
            options=named_values(option or [], "--option"),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
        try:
            written = found.export(request)
        except FormatError as error:
            fail(str(error), 2)
        except OSError as error:
            fail(f"{error.filename or out}: {error.strerror or error}", 1)
    for note in written.notes:
        errors.print(f"note: {escape(note)}", soft_wrap=True)
    count = len(chosen)
    names = ", ".join(escape(str(file)) for file in list(written.files)[:3])
    more = f" and {len(written.files) - 3} more" if len(written.files) > 3 else ""
    screen.print(f"{count} {'grade' if count == 1 else 'grades'}: {names}{more}", soft_wrap=True)
