"""A small course made in a temporary folder, and launchers that the tests share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from autograder.course import Course, load_course
from autograder.release import exercise_files, write_exercises
from autograder.sandbox.launchers import Launcher, SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from tests.engine.small_course import COURSE, write_files

settings.register_profile("engine", derandomize=True, database=None, deadline=None)
settings.load_profile("engine")


@pytest.fixture(autouse=True)
def _own_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loading a course puts its own `solutions` into sys.modules, and writes no bytecode beside its masters."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "solutions"}
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "solutions"]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course with its exercises, to be changed at will."""
    folder = write_files(tmp_path / "course", COURSE)
    write_exercises(folder / "exercises", exercise_files(load_course(folder)))
    return folder


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same course, loaded once and shared; leave it as it is."""
    folder = write_files(tmp_path_factory.mktemp("mini") / "course", COURSE)
    course = load_course(folder)
    write_exercises(folder / "exercises", exercise_files(course))
    return course


class Launchers:
    """One launcher for each tier and limits, kept for the whole session."""

    def __init__(self) -> None:
        self._open: dict[tuple[str | None, Limits], Launcher | SandboxError] = {}

    def get(self, tier: str | None = None, **limits: float) -> Launcher:
        key = tier, Limits(**limits)
        if key not in self._open:
            try:
                self._open[key] = open_launcher(
                    ["numpy", "genai_course.kernels"], key[1], tier, allow_weaker=True
                )
            except SandboxError as error:
                self._open[key] = error
        launcher = self._open[key]
        if isinstance(launcher, SandboxError):
            pytest.skip(f"tier {tier} is not to be had here: {launcher}")
        return launcher

    def close(self) -> None:
        for launcher in self._open.values():
            if isinstance(launcher, Launcher):
                launcher.close()


@pytest.fixture(scope="session")
def launchers() -> Iterator[Launchers]:
    kept = Launchers()
    yield kept
    kept.close()


@pytest.fixture
def launcher(launchers: Launchers) -> Launcher:
    """The safest launcher of this machine."""
    return launchers.get()
