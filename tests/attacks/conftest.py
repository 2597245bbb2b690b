"""One world for all attacks of a run."""

import sys
from collections.abc import Iterator

import pytest

from autograder.sandbox.launchers import Launcher, SandboxError
from tests.attacks.world import World, make_world, recording


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("attacks")
    for above in (
        folder,
        *folder.parents,
    ):  # pytest closes them; attacks shall be stopped by the sandbox alone
        if above.stat().st_mode & 0o700 and tmp_path_factory.getbasetemp().parent in (above, *above.parents):
            above.chmod(0o755)
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "solutions"}
    made = make_world(folder / "world")
    with recording(made):
        yield made
        made.close()
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
