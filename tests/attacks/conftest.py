"""One world for all attacks of a run."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.launchers import Launcher, SandboxError
from tests.attacks.world import World, recording


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    # Not in pytest's folder, which it closes to others: the sandbox alone shall stop an attack.
    folder = Path(tempfile.mkdtemp(prefix="attacks-"))
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "solutions"}
    try:
        made = World(folder)
        with recording(made):
            yield made
            made.close()
    finally:
        shutil.rmtree(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == "solutions"]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture(params=["A", "B"])
def tier(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def launcher(world: World, tier: str) -> Launcher:
    try:
        return world.launcher(tier)
    except SandboxError as error:
        pytest.skip(f"tier {tier} is not to be had here: {error}")
