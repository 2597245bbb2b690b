"""What the commands share: the application, the two consoles, options, and the way to fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from autograder import __version__
from autograder.course import Course, CourseError, find_course, load_course
from autograder.doctor import examine
from autograder.sandbox.launchers import TIERS, SandboxError
from autograder.sandbox.limits import Limits

__all__ = [
    "AdjustmentsOption",
    "CourseOption",
    "TierOption",
    "app",
    "errors",
    "fail",
    "find_protections",
    "open_course",
    "plural",
    "points",
    "screen",
]

_FOR_WHOM = """\b
For students:     check, progress, submit-check
For instructors:  doctor, release, grade, report, export, import, history, diff
For authors:      new, release, verify

`autograder VERB --help` tells more, with an example."""

app = typer.Typer(
    name="autograder",
    help="Grade the exercises of a course: each submission in a process of its own, the tests in another.",
    epilog=_FOR_WHOM,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
errors = Console(stderr=True, highlight=False, emoji=False)
screen = Console(
    highlight=False, emoji=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 140
)

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", help="The course folder; by default the nearest one at or above this folder."),
]

AdjustmentsOption = Annotated[
    Path | None,
    typer.Option(
        "--adjustments",
        help="Late days, manual points and excused students; by default adjustments.csv in the course folder.",
    ),
]

TierOption = Annotated[
    str | None,
    typer.Option("--tier", help="Force a tier of confinement, A to D; by default the safest that works."),
]


def fail(message: str, code: int) -> NoReturn:
    errors.print(f"autograder: {escape(message)}", soft_wrap=True)
    raise typer.Exit(code)


def open_course(path: Path | None) -> Course:
    folder = path if path is not None else find_course(Path.cwd())
    if folder is None:
        fail("there is no course (a folder with solutions/tests) here or above; name one with --course", 2)
    try:
        return load_course(folder)
    except CourseError as error:
        fail(str(error), 2)


def _version(value: bool) -> None:
    if value:
        print(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def points(value: float) -> str:
    return f"{value:g}"


def plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def find_protections(limits: Limits, tier: str | None, allow_weaker: bool) -> dict[str, str | bool]:
    """What protects this machine on the tier that will be used."""
    if tier is not None and tier not in TIERS:
        fail(f"there is no tier {tier!r}; there is {', '.join(TIERS)}", 2)
    try:
        return examine(limits, tier, allow_weaker=allow_weaker)
    except SandboxError as error:
        fail(f"no safe place to run submissions on this machine: {error}; see `autograder doctor`", 1)
