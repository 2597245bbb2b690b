"""Hostile and broken submissions: none gains a point, learns a secret, reaches out, stays, or disturbs the next."""

import os
import re

import msgspec
import pytest

from autograder.sandbox.launchers import Launcher
from tests.attacks.loader import HERE, Attack, load_attacks
from tests.attacks.world import World, wait_until_clean

SAMPLE = "ATTACKS_SAMPLE" in os.environ  # where the whole of it is tried elsewhere
ATTACKS = [(tier, attack) for attack in load_attacks() for tier in "AB" if attack.belongs_to(tier, SAMPLE)]
ALL_POINTS = 10


@pytest.mark.parametrize(("tier", "attack"), ATTACKS, ids=lambda value: getattr(value, "id", value))
def test_attack(attack: Attack, world: World, launcher: Launcher, tier: str, tmp_path):
    before = world.state()
    result = world.grade(attack.write(tmp_path, world.places), launcher, attack.seconds)
    printed = "\n".join(world.record.printed)
    told = msgspec.json.encode(result).decode()

    # It gets what its answers are worth.
    assert (result.status, result.total) == attack.expected(tier), (
        f"{result.error}\n{printed[:2000]}\n{told[:3000]}"
    )

    # It has seen no secret, and hidden inputs go no further.
    for part in (*world.record.received, *world.record.sent, printed.encode(), told.encode()):
        assert world.secret.encode() not in part
    assert world.input not in told
    assert "LEAK" not in printed, printed

    # It has run to its end: what it tried has been tried.
    if not attack.on("error", tier) and result.status == "graded":
        assert result.error == ""

    # What is said about it is what the author of the attack expects.
    messages = "\n".join(test.message for exercise in result.exercises for test in exercise.tests)
    for key, text in (("error", result.error), ("message", messages), ("output", printed)):
        if pattern := attack.on(key, tier):
            assert re.search(pattern, text), f"{key}: {pattern!r} is not in {text[:1000]!r}"
        if never := attack.on("never", tier):
            assert not re.search(never, text), f"{key}: {never!r} is in {text[:1000]!r}"

    # Nothing outside has changed, and nothing is left.
    assert world.state() == before
    assert not world.listeners.heard()
    assert not wait_until_clean(world, launcher)

    # The next submission is graded as if nothing had been.
    if attack.variant == 0:
        assert world.grade(HERE / "honest.py", launcher).total == ALL_POINTS


def test_the_honest_submission_gets_all_points(world: World, launcher: Launcher):
    result = world.grade(HERE / "honest.py", launcher)
    assert (result.status, result.total, result.possible, result.error) == (
        "graded",
        ALL_POINTS,
        ALL_POINTS,
        "",
    )
    assert any(b"normalise" in message for message in world.record.sent)
    assert any(world.input.encode() in message for message in world.record.sent)
