"""``autograder submit-check``: whether a file can be handed in, and the file packed for it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.commands.check import (
    MARKS,
    ExercisesOption,
    TopicOption,
    check_own_file,
    show_errors,
)
from autograder.commands.common import app, fail, plural, screen
from autograder.own_work import is_absent, is_written
from autograder.results import write_atomically
from autograder.sandbox.limits import Limits
from autograder.submissions import read_bytes

__all__ = ["pack"]


def pack(data: bytes, name: str) -> bytes:
    """A zip archive with one file, which depends on its contents alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.external_attr = 0o644 << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, data)
    return out.getvalue()


def _may_write(path: Path, name: str) -> bool:
    """Whether nothing is there, or only what an earlier call packed."""
    if not path.exists():
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist() == [name]
    except (OSError, zipfile.BadZipFile):
        return False


@app.command(
    name="submit-check",
    short_help="Look at your file before you hand it in, and pack it.",
    epilog="Example:  autograder submit-check exercises/attention.ipynb --out student-001_attention.zip",
)
def submit_check(
    file: Annotated[Path, typer.Argument(help="Your notebook or .py file.", exists=True, dir_okay=False)],
    out: Annotated[
        Path | None, typer.Option("--out", help="The archive to hand in; by default <topic>.zip, here.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Pack it though something is amiss.")] = False,
    topic: TopicOption = None,
    exercises: ExercisesOption = None,
) -> None:
    """Look at your file as the grading will, before you hand it in, and pack it.

    It must be readable, hold every function, and run from top to bottom in a fresh process in the time limit. Whether
    the answers are right does not matter here: `autograder check` tells.

    Ends with 0 when the file can be handed in, 1 when something is amiss, 2 for wrong usage.
    """
    if file.suffix.lower() == ".zip":
        fail(f"{file}: it is an archive; name the notebook or .py file that you work in", 2)
    checked = check_own_file(file, topic, exercises)
    good, bad = MARKS["passed"], MARKS["not right yet"]
    screen.print(f"{good} readable: {plural(checked.cells_of_code, 'cell')} of code, topic {checked.topic}")
    missing = [exercise.name for exercise in checked.exercises if not is_written(exercise)]
    unknown = [exercise.name for exercise in checked.exercises if checked.errors and is_absent(exercise)]
    if unknown:
        screen.print(f"{bad} complete: {', '.join(unknown)} cannot be told, for the errors below")
        missing = [name for name in missing if name not in unknown]
    if missing:
        screen.print(
            f"{bad} complete: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not written yet"
        )
    elif not unknown:
        screen.print(f"{good} complete: {plural(len(checked.exercises), 'function')} written")
    if checked.errors:
        screen.print(f"{bad} runs from top to bottom: not without an error")
        show_errors(checked)
    else:
        limit = Limits().total_seconds
        screen.print(
            f"{good} runs from top to bottom in a fresh process, in {checked.seconds:.1f} of {limit:.0f} seconds"
        )
    passed = f"{checked.passed} of {len(checked.exercises)} exercises pass their public tests"
    if checked.passed < len(checked.exercises):
        passed = f"[yellow]![/yellow] only {passed}; see `autograder check {escape(str(file))}`"
    screen.print(passed, soft_wrap=True)
    amiss = bool(missing or checked.errors)
    if amiss and not anyway:
        screen.print("not packed: mend what is amiss, or hand it in as it is with --anyway")
        raise typer.Exit(1)
    name = f"{checked.topic}{file.suffix.lower()}"
    archive = out if out is not None else Path(f"{checked.topic}.zip")
    if not _may_write(archive, name):
        fail(f"{archive}: there is another file of this name; name one with --out", 2)
    data = pack(read_bytes(file), name)
    try:
        write_atomically(archive, data)
    except OSError as error:
        fail(f"{archive}: {error.strerror}", 2)
    size = f"{len(data) / 1024:.0f} kB" if len(data) >= 1024 else "under 1 kB"
    place = ", in the current folder" if out is None else ""
    screen.print(f"packed: {escape(str(archive))} ({size}){place}; hand this file in", soft_wrap=True)
    if amiss:
        raise typer.Exit(1)
