"""Each worker has a processor of its own, as long as there are some."""

import os
import subprocess
import sys
import uuid

import pytest

from autograder.processors import claim_processor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the scheduler of Linux")

CLAIM = (
    "import os, sys; from autograder.processors import claim_processor; claim = claim_processor(sys.argv[1]);"
    "print(claim is not None, *sorted(os.sched_getaffinity(0)), flush=True); input()"
)


def start(group):
    process = subprocess.Popen([sys.executable, "-c", CLAIM, group], stdin=-1, stdout=-1, text=True)
    claimed, *numbers = process.stdout.readline().split()
    return process, claimed == "True", set(map(int, numbers))


@pytest.fixture
def group():
    return f"test {uuid.uuid4()}"


def test_no_two_have_the_same_one_and_who_comes_late_has_none(group):
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        pytest.skip("one processor")
    started = [start(group) for _ in range(len(allowed) + 1)]
    try:
        claims = [numbers for _, claimed, numbers in started if claimed]
        assert all(len(numbers) == 1 for numbers in claims)
        assert len(set().union(*claims)) == len(claims)
        assert all(numbers == allowed for _, claimed, numbers in started if not claimed)
        assert not started[-1][1]
    finally:
        for process, _, _ in started:
            process.communicate("\n")


def test_a_claim_ends_with_its_process(group):
    for _ in range(2 * len(os.sched_getaffinity(0))):
        process, claimed, _ = start(group)
        process.kill()
        process.communicate()
        assert claimed or len(os.sched_getaffinity(0)) == 1


def test_a_single_processor_is_left_alone(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert claim_processor() is None
