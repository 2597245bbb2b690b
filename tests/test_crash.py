"""Ends runs of the grader at random moments, in every way, and grades on: the grades are those of an undisturbed run.

A blow is a SIGKILL to the grader, to a worker or to a zygote, a Ctrl-C, a SIGTERM, or a disk that is full from then
on. Six blows by default; a hundred, as many as are promised, with ``make kill-test``, which sets AUTOGRADER_BLOWS=100.
Another AUTOGRADER_SEED draws other moments.
"""

import json
import os
import random
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.launchers import SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from tests.engine.small_course import COURSE, MEAN_OF, RIGHT, notebook, write_files
from tests.test_kill import PATIENCE, Grading, _adopting, processes

__all__ = ["_adopting"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

BLOWS = int(os.environ.get("AUTOGRADER_BLOWS", "6"))
SEED = os.environ.get("AUTOGRADER_SEED", "0")
KINDS = ("grader", "worker", "zygote", "interrupt", "termination", "full disk")
SIGNALS = {"grader": signal.SIGKILL, "interrupt": signal.SIGINT, "termination": signal.SIGTERM}
CALL_SECONDS = 2.0  # what is right stays far below it on a busy machine, too
WRITES = "import tempfile\nopen(tempfile.gettempdir() + '/left', 'w').write('x' * 1000)"
CLASS = {
    **{f"student-{number:03}/tiny.ipynb": notebook(WRITES, RIGHT) for number in range(8)},
    **{
        f"student-{number:03}/double.py": "def double(number):\n    return 2 * number\n"
        for number in range(24)
    },
    "student-030/tiny.py": RIGHT + "import os\nos._exit(3)\n",
    "student-031/tiny.py": MEAN_OF + "def total(values):\n    while True:\n        pass\n",
    "student-032/tiny.ipynb": notebook(RIGHT, WRITES, "import time\ntime.sleep(1000)"),
    "student-033/tiny.py": MEAN_OF + "def total(values):\n    return float(sum(values[1:]))\n",
    "student-040/tiny.py": "",
    "student-041/essay.py": "x = 1\n",
}


@pytest.fixture(scope="module", params=["A", "B"])
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A tier, a folder with the class, and what an undisturbed run exports of it."""
    tier: str = request.param
    try:
        open_launcher([], Limits(), tier).close()
    except SandboxError as error:
        pytest.skip(f"tier {tier} is not to be had here: {error}")
    folder = tmp_path_factory.mktemp(f"crash-{tier}")
    write_files(folder / "course", COURSE)
    write_files(folder / "class", CLASS)
    grading = Grading(folder, tier, CALL_SECONDS, name="undisturbed")
    start = time.monotonic()
    try:
        assert grading.process.wait(10 * PATIENCE) == 1, grading.errors.read_text()  # some cannot be read
    finally:
        grading.end()
    yield tier, folder, exports(grading.out), time.monotonic() - start


def exports(out: Path) -> dict[str, Any]:
    """What a run writes for others to read, without the times."""
    found: dict[str, Any] = {path.name: path.read_bytes() for path in out.glob("grades*.csv")}
    lines = [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]
    for line in lines:
        del line["seconds"]
    return (
        found
        | {line["submission"]: line for line in lines}
        | {"order": [line["submission"] for line in lines]}
    )


def events(grading: Grading) -> list[dict[str, Any]]:
    """What a run has told, but for a line that it was ended in."""
    lines = grading.errors.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def told(grading: Grading) -> list[str]:
    """The submissions that a run has reported as graded."""
    return [event["submission"] for event in events(grading) if event["event"] == "graded"]


def kept(out: Path) -> set[str]:
    """The submissions that the store has a whole result of."""
    path = out / "grades.sqlite"
    if not path.exists():
        return set()
    store = sqlite3.connect(path)
    try:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {row[0] for row in store.execute("SELECT name FROM sqlite_master")}
        return (
            {row[0] for row in store.execute("SELECT submission FROM results")}
            if "results" in tables
            else set()
        )
    finally:
        store.close()


def strike(grading: Grading, kind: str, draw: random.Random) -> bool:
    """Deal a blow; False when there is nothing to hit any more."""
    if kind in ("worker", "zygote"):
        victims = grading.workers() if kind == "worker" else grading.zygotes()
        return bool(victims) and grading.kill(draw.choice(victims))
    now = processes().get(grading.process.pid)
    if now is None or now.state == "Z":
        return False
    grading.note_semaphores()
    if kind == "full disk":
        try:
            resource.prlimit(grading.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        except ProcessLookupError:
            return False
    else:
        grading.process.send_signal(SIGNALS[kind])
    return True


def test_whatever_ends_a_run_the_next_one_goes_on(undisturbed: Any, _adopting: None) -> None:
    tier, folder, expected, seconds = undisturbed
    draw = random.Random(f"{tier} {SEED}")
    mine = range(BLOWS // 2) if tier == "A" else range(BLOWS // 2, BLOWS)
    kinds = [KINDS[number % len(KINDS)] for number in mine]
    draw.shuffle(kinds)
    graded: set[str] = set()
    runs = series = 0
    while kinds or graded or not series:
        runs += 1
        grading = Grading(folder, tier, CALL_SECONDS, "--log-json", name=f"out-{series}")
        try:
            if kinds:
                time.sleep(draw.uniform(0.0, seconds))
                while kinds and strike(grading, kinds[-1], draw):
                    kind = kinds.pop()
                    if kind not in ("worker", "zygote"):
                        break
                    time.sleep(draw.uniform(0.0, seconds / 4))
            code = grading.process.wait(10 * PATIENCE)
            grading.assert_nothing_is_left()
            reported = told(grading)
            assert len(set(reported)) == len(reported), "graded twice in one run"
            assert graded.isdisjoint(reported), "graded again, though it was reported as done"
            graded.update(reported)
            assert graded <= kept(grading.out), "reported as done, and lost"
            if code == 1 and "finished" in (event["event"] for event in events(grading)):
                found = exports(grading.out)
                assert {name: found[name] for name in found if found[name] != expected.get(name)} == {}
                assert found.keys() == expected.keys()
                assert kept(grading.out) == set(found["order"])
                graded, series = set(), series + 1
        finally:
            grading.end()
