"""``autograder diff`` and ``autograder history``: earlier runs; whose grade changed between two of them, and why."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from autograder.commands.common import app, errors, fail, plural, points, screen
from autograder.results import Result, clean_text, spreadsheet_cell, write_atomically
from autograder.store import FILE_NAME, Change, Run, Store, StoreError

__all__: list[str] = []

_MAX_ROWS = 200
_MAX_REASONS = 3

FolderArgument = Annotated[Path, typer.Argument(help="The folder that `autograder grade --out` wrote.")]


def _open(folder: Path) -> Store:
    try:
        return Store(folder / FILE_NAME if folder.is_dir() else folder, create=False)
    except StoreError as error:
        fail(str(error), 2)


def _grade(result: Result | None) -> str:
    if result is None:
        return "none"
    status = "" if result.status == "graded" else f" {result.status}"
    return f"{points(result.total)}/{points(result.possible)}{status}"


def _says_the_same(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None or after is None:
        return False
    same_grade = (before.status, before.total, before.possible) == (after.status, after.total, after.possible)
    return same_grade and _scores(before) == _scores(after)


def _scores(result: Result) -> dict[str, tuple[float, float]]:
    return {exercise.name: (exercise.score, exercise.possible) for exercise in result.exercises}


def _exercises(change: Change) -> str:
    """The exercises whose points changed."""
    if change.before is None or change.after is None:
        return ""
    before, after = _scores(change.before), _scores(change.after)
    told = []
    for name in {**before, **after}:
        (old, old_possible), (new, new_possible) = before.get(name, (0, 0)), after.get(name, (0, 0))
        if old_possible != new_possible:
            told.append(f"{name} {points(old)}/{points(old_possible)} → {points(new)}/{points(new_possible)}")
        elif old != new:
            told.append(f"{name} {points(old)} → {points(new)}")
    return ", ".join(told)


def _reasons(change: Change, most: int) -> str:
    if change.before is None:
        return "was not there before"
    if change.after is None:
        return "is not there any more"
    more = len(change.reasons) - most
    return "; ".join([*change.reasons[:most], *([f"and {more} more"] if more > 0 else [])])


def _chosen(runs: list[Run], before: int | None, after: int | None) -> tuple[Run, Run]:
    """The runs to compare: those asked for, or the last finished one and the finished one before it."""
    by_id = {run.id: run for run in runs}
    for number in (before, after):
        if number is not None and number not in by_id:
            fail(f"there is no run {number}; `autograder history` lists them", 2)
    if after is None:
        finished = [run.id for run in runs if run.finished_at and (before is None or run.id > before)]
        if not finished:
            fail("there is no finished run to compare with; `autograder history` lists them", 2)
        after = finished[-1]
    if before is None:
        finished = [run.id for run in runs if run.finished_at and run.id < after]
        if not finished:
            fail(f"there is no finished run before run {after}: nothing to compare it with", 2)
        before = finished[-1]
    return by_id[before], by_id[after]


@app.command(epilog="Example:  autograder diff grading/ --from 1 --csv changed.csv")
def diff(
    folder: FolderArgument = Path("grading"),
    before: Annotated[
        int | None, typer.Option("--from", help="An earlier run; by default the finished one before.")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--to", help="A later run; by default the last finished one.")
    ] = None,
    table_file: Annotated[
        Path | None, typer.Option("--csv", help="Write all changes and all reasons to this file, too.")
    ] = None,
) -> None:
    """Show whose grade changed between two runs, and why.

    Ends with 0 when no grade changed, 1 when one did, 2 for wrong usage.
    """
    with _open(folder) as store:
        try:
            old, new = _chosen(store.runs(), before, after)
            table = Table(header_style="bold", expand=True)
            table.add_column("submission", overflow="fold", max_width=44)
            table.add_column("before", justify="right")
            table.add_column("after", justify="right")
            table.add_column("exercises")
            table.add_column("why", ratio=1)
            lines = io.StringIO()
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(["submission", "before", "after", "exercises", "why"])
            counts: Counter[str] = Counter()
            for change in store.changes(old.id, new.id):
                if _says_the_same(change):
                    counts["same"] += 1
                    continue
                counts["changed"] += 1
                cells = [change.submission, _grade(change.before), _grade(change.after), _exercises(change)]
                writer.writerow(
                    [spreadsheet_cell(clean_text(cell)) for cell in [*cells, _reasons(change, 10_000)]]
                )
                if counts["changed"] <= _MAX_ROWS:
                    table.add_row(*(escape(cell) for cell in [*cells, _reasons(change, _MAX_REASONS)]))
        except StoreError as error:
            fail(str(error), 2)
    if counts["changed"] > _MAX_ROWS:
        table.add_row(f"… and {counts['changed'] - _MAX_ROWS} more; --csv has them all", "", "", "", "")
    if counts["changed"]:
        screen.print(table)
    same = (
        f"; {plural(counts['same'], 'submission')} graded again with the same result"
        if counts["same"]
        else ""
    )
    screen.print(f"run {old.id} to run {new.id}: {plural(counts['changed'], 'grade')} changed{same}")
    if table_file is not None:
        try:
            write_atomically(table_file, lines.getvalue().encode())
        except OSError as error:
            fail(f"{table_file}: it cannot be written: {error.strerror}", 2)
    raise typer.Exit(1 if counts["changed"] else 0)


@app.command(
    short_help="List the runs of `autograder grade` on a folder.",
    epilog="Example:  autograder history grading/",
)
def history(folder: FolderArgument = Path("grading")) -> None:
    """List the runs of `autograder grade` on a folder: what each found, graded, and kept from earlier ones.

    Ends with 0; with 2 where nothing was graded.
    """
    with _open(folder) as store:
        try:
            runs = store.runs()
        except StoreError as error:
            fail(str(error), 2)
    table = Table(header_style="bold")
    for column in ("run", "started (UTC)", "ended", "found", "graded", "kept", "not graded"):
        table.add_column(column, justify="left" if column in ("started (UTC)", "ended") else "right")
    for run in runs:
        ended = run.finished_at[11:19] if run.finished_at else "not finished"
        started = run.started_at[:19].replace("T", " ")
        numbers = (run.found, run.new, run.done - run.new, run.found - run.done)
        table.add_row(str(run.id), started, ended, *map(str, numbers))
    screen.print(table)
    if not runs:
        errors.print("no run yet")
