"""Makes the zip that Gradescope takes as a programming assignment's autograder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import msgspec

from autograder.course import Course, CourseError, Topic
from autograder.gradescope.harness import Settings
from autograder.release import zip_archive

__all__ = ["build_packages", "gradescope_bundle", "read_packages"]

_SCRIPTS = ("setup.sh", "run_autograder")


def _source(course: Course) -> Path:
    """The project that the engine is installed from: the course's own folder, or where the engine lies."""
    for folder in (course.path, Path(__file__).resolve().parents[2]):
        project = folder / "pyproject.toml"
        if project.is_file() and (folder / "autograder").is_dir():
            settings = tomllib.loads(project.read_text(encoding="utf-8"))
            if "build-system" in settings:
                return folder
    raise CourseError(
        f"{course.path}: the engine's sources are not here, so no package of it can be built; name one with --package"
    )


def build_packages(course: Course) -> dict[str, bytes]:
    """Build a wheel and a source archive of the project; takes a minute or two, and pip's own network.

    Raises:
        CourseError: they cannot be built; the message has the end of what the build said.
    """
    source = _source(course)
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as name:
        command = [sys.executable, "-m", "build", "--outdir", name, str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            told = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
            raise CourseError(f"{source}: the package cannot be built: {' / '.join(told)}")
        return read_packages(sorted(Path(name).iterdir()))


def read_packages(paths: list[Path]) -> dict[str, bytes]:
    """Packages that are there already.

    Raises:
        CourseError: one is no wheel and no source archive.
    """
    packages: dict[str, bytes] = {}
    for path in paths:
        if not path.name.endswith((".whl", ".tar.gz")):
            raise CourseError(f"{path}: it is no package; name a wheel (.whl) or a source archive (.tar.gz)")
        packages[path.name] = path.read_bytes()
    return packages


def _course_files(course: Course, topic: Topic) -> dict[str, bytes]:
    """The topic's tests and mistakes, and all masters: one may import another."""
    name = topic.name
    patterns = (
        "solutions/*",
        f"solutions/tests/{name}/*",
        f"solutions/mistakes/{name}.*",
        f"solutions/native/{name}/*",
    )
    files = sorted({path for pattern in patterns for path in course.path.glob(pattern) if path.is_file()})
    return {f"course/{path.relative_to(course.path).as_posix()}": path.read_bytes() for path in files}


def gradescope_bundle(
    course: Course,
    topic: Topic,
    packages: Mapping[str, bytes],
    *,
    hidden: str,
    allow_weaker: bool = False,
) -> bytes:
    """The zip for one topic.

    Args:
        course: the course.
        topic: the topic; a Gradescope assignment has one.
        packages: wheels and source archives by file name, as ``build_packages`` gives them.
        hidden: when students may see hidden tests, in Gradescope's words.
        allow_weaker: grade even where hostile code cannot be stopped.
    """
    scripts = resources.files("autograder.gradescope")
    settings = Settings(topic=topic.name, hidden=hidden, allow_weaker=allow_weaker)
    entries = {name: scripts.joinpath(name).read_bytes() for name in _SCRIPTS}
    entries["autograder.json"] = msgspec.json.format(msgspec.json.encode(settings)) + b"\n"
    entries |= {f"packages/{name}": data for name, data in packages.items()}
    entries |= _course_files(course, topic)
    return zip_archive(entries, executable=_SCRIPTS)
