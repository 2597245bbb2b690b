"""``autograder verify``: the course itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.commands.common import CourseOption, app, errors, fail, open_course, points, screen
from autograder.course import CourseError
from autograder.sandbox.launchers import SandboxError

if TYPE_CHECKING:
    from autograder.verify import TopicReport

_TABLES_BELOW = "<!-- made by `autograder verify --tables` from here on -->\n"


def _write_tables(path: Path, text: str) -> None:
    """Write the tables below what the file says of them."""
    before = path.read_text(encoding="utf-8").partition(_TABLES_BELOW)[0] if path.exists() else ""
    path.write_text(f"{before}{_TABLES_BELOW}\n{text}", encoding="utf-8")


def _of_mutants(report: TopicReport) -> list[str]:
    if not report.mutated:
        return ["none in C++", "–"]
    return [f"{report.mutants[1]}/{report.mutants[0]}", str(report.mutants[2])]


@app.command(
    short_help="Check the course: its references, tests and mistakes.",
    epilog="Example:  autograder verify --topic attention",
)
def verify(
    course: CourseOption = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="Only this topic (may be repeated).")
    ] = None,
    mutants: Annotated[
        bool, typer.Option(help="Mutate every reference, and see whether the tests notice.")
    ] = True,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="How many processes; default: one a processor.")
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option("--tables", help="Write the numbers of each exercise to this Markdown file."),
    ] = None,
) -> None:
    """Check the course itself: references, exercises, tests, known mistakes and mutants.

    Ends with 0 when everything holds, 1 when not, 2 for wrong usage.
    """
    from autograder.verify import strength_tables, verify_course

    loaded = open_course(course)
    for name in topic or []:
        if name not in loaded.topics:
            fail(f"there is no topic {name!r}; there is {', '.join(loaded.topics)}", 2)
    table = Table(header_style="bold")
    columns = (
        "topic",
        "exercises",
        "points",
        "reference",
        "untouched",
        "alternatives",
        "mistakes caught",
        "named",
        *(["mutants caught", "equivalent"] if mutants else []),
    )
    for column in columns:
        table.add_column(column, justify="left" if column == "topic" else "right")
    try:
        with Progress(
            TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors
        ) as progress:
            bar = progress.add_task("verifying", total=None)
            reports = verify_course(
                loaded,
                topic or [],
                mutants=mutants,
                workers=workers,
                progress=lambda done, of: progress.update(bar, completed=done, total=of),
            )
    except CourseError as error:
        fail(str(error), 1)
    except SandboxError as error:
        fail(f"no safe place to run submissions on this machine: {error}", 1)
    for report in reports:
        if report.left_out:
            unknown = ["–"] * (len(columns) - 3)
            table.add_row(report.topic, str(report.exercises), points(report.possible), *unknown)
            continue
        right, alternatives = report.alternatives
        table.add_row(
            report.topic if not report.breaches else f"[red]{report.topic}[/red]",
            str(report.exercises),
            points(report.possible),
            f"{points(report.reference)}",
            f"{points(report.untouched)}",
            f"{right}/{alternatives}",
            f"{report.caught}/{report.mistakes}",
            f"{report.named}/{report.mistakes}",
            *(_of_mutants(report) if mutants else []),
        )
    if tables is not None:
        try:
            _write_tables(tables, strength_tables(reports))
        except OSError as error:
            fail(f"{tables}: {error.strerror}", 2)
    screen.print(table)
    breaches = [(report.topic, breach) for report in reports for breach in report.breaches]
    for name, breach in breaches:
        screen.print(f"[red]breach[/red] {name}: {escape(breach)}", soft_wrap=True)
    left_out = [report for report in reports if report.left_out]
    for report in left_out:
        screen.print(f"[yellow]left out[/yellow] {report.topic}: {escape(report.left_out)}", soft_wrap=True)
    whole = "everything holds" if not left_out else "everything else holds"
    screen.print(whole if not breaches else f"breaches: {len(breaches)}")
    raise typer.Exit(1 if breaches else 0)
