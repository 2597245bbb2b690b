"""``autograder release``: what students and platforms get."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.commands.common import CourseOption, app, fail, open_course, screen
from autograder.course import CourseError


@app.command(epilog="Example:  autograder release --out dist")
def release(
    course: CourseOption = None,
    out: Annotated[Path, typer.Option("--out", help="Where the bundles go.")] = Path("dist"),
) -> None:
    """Rewrite exercises/ from the masters, and make the bundles.

    exercises/ gets a notebook, a .py file and the public tests of each topic; --out gets autograder-<topic>.zip for
    otter-grader, and student.zip.
    """
    from autograder.release import exercise_files, otter_bundle, student_bundle, write_exercises
    from autograder.results import write_atomically

    loaded = open_course(course)
    try:
        files = exercise_files(loaded)
        bundles = {f"autograder-{name}.zip": otter_bundle(topic) for name, topic in loaded.topics.items()}
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
