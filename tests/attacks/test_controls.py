"""Positive controls: the attacks that graders with one process fall for do work there."""

import json
import os
import subprocess
import sys

import pytest

from tests.attacks.loader import HERE, Attack, load_attacks
from tests.attacks.world import World

CONTROLS = [attack for attack in load_attacks() if "control" in attack.header and attack.form == "py"]


@pytest.fixture(scope="module")
def in_one_process(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What each of the attacks gets when tests run in its own process."""
    files = {}
    for attack in CONTROLS:
        folder = tmp_path_factory.mktemp("control")
        files[str(attack.write(folder, world.places))] = attack.id
    root = str(HERE.parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, root])}
    command = [sys.executable, str(HERE / "one_process.py"), str(world.course), *files]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {files[answer["file"]]: answer for answer in answers}


@pytest.mark.parametrize("attack", CONTROLS, ids=lambda attack: attack.id)
def test_it_works_in_one_process(attack: Attack, world: World, in_one_process):
    answer = in_one_process[attack.id]
    assert answer["points"] >= float(attack.header["control"]), answer["printed"][:2000]
    if "steals" in attack.header:
        assert world.secret in answer["printed"]
    for tier in "AB":
        assert attack.expected(tier)[1] < answer["points"] or "steals" in attack.header
