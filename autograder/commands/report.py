"""``autograder report``: the pages of a graded class, from its results."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.commands.common import app, errors, fail, screen
from autograder.course import Course, CourseError, load_course
from autograder.results import Result, read_results

__all__ = ["ReportError", "report_results"]


class ReportError(Exception):
    """The report could not be written; the message says why."""


@contextlib.contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Something to tell how many pages are done, of how many."""
    with Progress(
        TextColumn("report"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=quiet,
    ) as progress:
        task = progress.add_task("report", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield tell


def report_results(out: Path, results: Sequence[Result], course: Course | None, quiet: bool) -> Path:
    """Write the report, with a progress bar.

    Raises:
        ReportError: it could not be written.
    """
    from autograder.report.site import write_site
    from autograder.report.topics import FactsError

    try:
        with _bar(quiet) as tell:
            return write_site(out, results, course, tell)
    except OSError as error:
        raise ReportError(
            f"{error.filename or out}: the report could not be written: {error.strerror}"
        ) from None
    except FactsError as error:
        raise ReportError(str(error)) from None


@app.command(
    short_help="Write the pages of a graded class again.", epilog="Example:  autograder report grading/"
)
def report(
    folder: Annotated[
        Path, typer.Argument(help="The folder that `autograder grade` wrote its results to.", exists=True)
    ],
    course: Annotated[
        Path | None,
        typer.Option(
            "--course", help="Read titles and formulas anew from this course, not from the last grading."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Write the class page and a page for each submission again, from the results alone.

    Open index.html in the folder; feedback/<student>/<topic>.html is for the student. Ends with 0, with 1 when a page
    cannot be written, with 2 when there are no results to report.
    """
    try:
        results = read_results(folder)
        loaded = load_course(course) if course is not None else None
    except (ValueError, CourseError) as error:
        fail(str(error), 2)
    out = folder if folder.is_dir() else folder.parent
    try:
        page = report_results(out, results, loaded, quiet)
    except ReportError as error:
        fail(str(error), 1)
    screen.print(f"report: {escape(str(page))}", soft_wrap=True)
