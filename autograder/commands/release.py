"""``autograder release``: what students and platforms get."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.commands.common import CourseOption, app, errors, fail, open_course, points, screen
from autograder.course import Course, CourseError


def _to_nbgrader(course: Course, out: Path) -> None:
    from autograder.nbgrader.sources import CONFIG_NAME, write_sources

    changed = write_sources(course, out)
    if "autograder.nbgrader" not in (out / CONFIG_NAME).read_text(encoding="utf-8"):
        errors.print(
            f"note: {escape(str(out / CONFIG_NAME))} is yours; to grade with this engine, add to it:\n"
            f"  from autograder.nbgrader.executor import configure\n  configure(c, {str(course.path.resolve())!r})"
        )
    left_out = [topic.name for topic in course.topics.values() if topic.native is not None]
    if left_out:
        errors.print(f"note: left out, for nbgrader grades notebooks: {', '.join(left_out)}")
    count = len(course.topics) - len(left_out)
    screen.print(f"{escape(str(out))}: source/ has {count} assignments, {len(changed)} files changed")
    screen.print(f"next, in {escape(str(out))}: nbgrader generate_assignment {next(iter(course.topics))}")


def _to_gradescope(
    course: Course, out: Path, topic: str | None, packages: list[Path], hidden: str, allow_weaker: bool
) -> None:
    from autograder.formats.gradescope import VISIBILITIES
    from autograder.gradescope.bundle import build_packages, gradescope_bundle, read_packages
    from autograder.results import write_atomically

    if topic is not None and topic not in course.topics:
        fail(f"there is no topic {topic!r}; there is {', '.join(course.topics)}", 2)
    if hidden not in VISIBILITIES:
        fail(f"--hidden-tests {hidden}: there is {', '.join(VISIBILITIES)}", 2)
    out.mkdir(parents=True, exist_ok=True)
    if packages:
        built = read_packages(packages)
    else:
        with errors.status("building the grader's package (a minute or two)"):
            built = build_packages(course)
    for name in [topic] if topic is not None else list(course.topics):
        data = gradescope_bundle(course, course.topics[name], built, hidden=hidden, allow_weaker=allow_weaker)
        write_atomically(out / f"gradescope-{name}.zip", data)
        possible = points(course.topics[name].possible)
        screen.print(
            f"{escape(str(out / f'gradescope-{name}.zip'))}: {len(data) / 1024:.0f} kB, {possible} points",
            soft_wrap=True,
        )


_PLATFORMS = ("gradescope", "nbgrader")


@app.command(
    epilog="Examples:  autograder release --out dist    autograder release --to nbgrader --out ~/nbgrader    "
    "autograder release --to gradescope --topic attention"
)
def release(
    course: CourseOption = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help=f"Make only what one platform takes: {', '.join(_PLATFORMS)}."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where it goes: dist, or dist/<platform>.")
    ] = None,
    topic: Annotated[
        str | None, typer.Option("--topic", help="Gradescope: only this topic; by default a zip for each.")
    ] = None,
    package: Annotated[
        list[Path] | None,
        typer.Option(
            "--package",
            help="Gradescope: a wheel or source archive of the grader to put in, instead of building both. "
            "May be given again.",
            exists=True,
        ),
    ] = None,
    hidden: Annotated[
        str,
        typer.Option(
            "--hidden-tests",
            help="Gradescope: when students see hidden tests: after_published, after_due_date, hidden, visible.",
        ),
    ] = "after_published",
    allow_weaker: Annotated[
        bool,
        typer.Option(
            "--allow-weaker-sandbox", help="Gradescope: grade even where hostile code cannot be stopped."
        ),
    ] = False,
) -> None:
    """Rewrite exercises/ from the masters, and make the bundles.

    exercises/ gets a notebook, a .py file and the public tests of each topic; --out gets autograder-<topic>.zip for
    otter-grader, and student.zip. With --to, --out gets what that platform takes, and exercises/ stays as it is:
    for nbgrader, its folder with source/ and nbgrader_config.py; for Gradescope, gradescope-<topic>.zip, to be uploaded
    as the autograder of a programming assignment.

    Ends with 0 when all of it is made, 1 when not, 2 for wrong usage.
    """
    if to is not None and to not in _PLATFORMS:
        fail(f"there is no platform {to!r}; there is {', '.join(_PLATFORMS)}", 2)
    from autograder.otter_container import otter_container
    from autograder.release import exercise_files, otter_bundle, student_bundle, write_exercises
    from autograder.results import write_atomically

    loaded = open_course(course)
    try:
        if to is not None:
            folder = out or Path("dist") / to
            if to == "gradescope":
                _to_gradescope(loaded, folder, topic, package or [], hidden, allow_weaker)
            else:
                _to_nbgrader(loaded, folder)
            return
        out = out or Path("dist")
        files = exercise_files(loaded)
        container = otter_container(loaded)
        bundles = {
            f"autograder-{name}.zip": otter_bundle(topic, container)
            for name, topic in loaded.topics.items()
            if topic.native is None  # otter runs notebooks
        }
        bundles["student.zip"] = student_bundle(loaded, files)
        changed = write_exercises(loaded.path / "exercises", files)
        out.mkdir(parents=True, exist_ok=True)
        for name, data in bundles.items():
            write_atomically(out / name, data)
    except CourseError as error:
        fail(str(error), 1)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", 1)
    screen.print(f"exercises/: {len(files)} files, {len(changed)} changed")
    for name, data in bundles.items():
        screen.print(f"{escape(str(out / name))}: {len(data) / 1024:.0f} kB")
