"""Kills the grader, its workers and its zygotes with SIGKILL while a class is graded: nothing is left behind.

Twelve kills by default. Fifty, as many as are promised, take a few minutes:

    AUTOGRADER_KILLS=50 pytest tests/test_kill.py
"""

import ctypes
import dataclasses
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from autograder.results import Result
from autograder.sandbox.launchers import SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from tests.engine.small_course import COURSE, MEAN_OF, RIGHT, TOTAL, notebook, write_files

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

KILLS = int(os.environ.get("AUTOGRADER_KILLS", "12"))
KILLS_IN_ONE_RUN = 3
PATIENCE = 20.0
"""Seconds until what should be gone must be gone; a machine may be busy."""

SLEEPS = "import time\n" + MEAN_OF + "def total(values):\n    time.sleep(1000)\n"
LOOPS = MEAN_OF + "def total(values):\n    while True:\n        pass\n"
WRITES = "\n".join(
    [
        "import os, tempfile",
        "for number in range(50):",
        "    os.makedirs(os.path.join(tempfile.gettempdir(), f'{number}/a/b'))",
        "    open(os.path.join(tempfile.gettempdir(), f'{number}/a/file'), 'w').write('x' * 1000)",
    ]
)
CLASS = {
    "student-001/tiny.py": RIGHT,
    "student-002/tiny.py": SLEEPS,
    "student-003/tiny.ipynb": notebook(WRITES, RIGHT),
    "student-004/tiny.py": LOOPS,
    "student-005/tiny.py": "while True:\n    pass\n",
    "student-006/tiny.py": TOTAL + "import os\nos._exit(3)\n",
    "student-007/tiny.ipynb": notebook(RIGHT, WRITES, "import time\ntime.sleep(1000)"),
    "student-008/tiny.py": RIGHT,
}


@dataclasses.dataclass(frozen=True)
class Running:
    """A process, as /proc tells it; its start tells it from a later one with the same number."""

    pid: int
    parent: int
    state: str
    start: str

    def runs(self, program: str) -> bool:
        """Whether it is alive and was started so."""
        try:
            command = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            return False
        return self.state != "Z" and program.encode() in command


def processes() -> dict[int, Running]:
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                status = Path(f"/proc/{name}/stat").read_text()
            except OSError:
                continue
            fields = status[status.rindex(")") + 2 :].split()
            found[int(name)] = Running(int(name), int(fields[1]), fields[0], fields[19])
    return found


def descendants(pid: int) -> list[Running]:
    """The processes below this one, parents first; those that have ended and wait to be reaped among them."""
    everything = processes()
    below: dict[int, list[Running]] = {}
    for process in everything.values():
        below.setdefault(process.parent, []).append(process)
    found = list(below.get(pid, []))
    for process in found:
        found += below.get(process.pid, [])
    return found


@pytest.fixture
def _adopting() -> Iterator[None]:
    """Orphans below this process become its children, so that none is overlooked."""
    prctl, subreaper = ctypes.CDLL(None, use_errno=True).prctl, 36
    assert prctl(subreaper, 1, 0, 0, 0) == 0
    yield
    assert prctl(subreaper, 0, 0, 0, 0) == 0


def eventually(empty: Callable[[], object]) -> None:
    """Wait until there is nothing of it left."""
    deadline = time.monotonic() + PATIENCE
    seen = 0
    while seen < 2:  # /proc is not read in one piece
        left = empty()
        seen = 0 if left else seen + 1
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


class Grading:
    """The command ``autograder grade`` on the class, with a folder of its own for all that is temporary."""

    def __init__(self, folder: Path, tier: str, seconds: float, *options: str, name: str = "out") -> None:
        self.before = {(process.pid, process.start) for process in descendants(os.getpid())}
        self.mounts = Path("/proc/self/mountinfo").read_text()
        self.tier = tier
        self.out, self.temporary = folder / name, folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.temporary.chmod(0o711)
        command = [sys.executable, "-P", "-m", "autograder", "grade", str(folder / "class"), "--quiet"]
        command += ["--course", str(folder / "course"), "--out", str(self.out), "--tier", tier]
        command += ["--workers", "2", "--call-seconds", str(seconds), "--cell-seconds", str(seconds)]
        command += options
        places = {"TMPDIR": str(self.temporary), "MPLCONFIGDIR": str(folder)}
        self.errors = folder / "stderr"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                command, env=os.environ | places, stdout=errors, stderr=errors, cwd=folder
            )
        self.semaphores: set[str] = set()

    def below(self) -> list[Running]:
        """All processes of this run that are there now."""
        return [
            process for process in descendants(os.getpid()) if (process.pid, process.start) not in self.before
        ]

    def workers(self) -> list[Running]:
        return [item for item in self.below() if item.parent == self.process.pid and item.runs("spawn_main")]

    def any_zygotes(self) -> list[Running]:
        """Also that of the main process, which probes the machine before it starts its workers."""
        return [item for item in self.below() if item.runs("sandbox.zygote")]

    def zygotes(self) -> list[Running]:
        """Those of the workers: on tier A two processes each, one of them init of a namespace."""
        alive = self.any_zygotes()
        workers = {worker.pid for worker in self.workers()}
        found = [item for item in alive if item.parent in workers]
        if self.tier == "A":
            outer = {item.pid for item in found}
            found += [item for item in alive if item.parent in outer]
        return found

    def note_semaphores(self) -> None:
        """Remember what multiprocessing keeps in /dev/shm."""
        try:
            maps = Path(f"/proc/{self.process.pid}/maps").read_text()
        except OSError:
            return
        self.semaphores |= set(re.findall(r"/dev/shm/sem\.\S+", maps))

    def kill(self, victim: Running) -> bool:
        """Kill it; False when it has ended already."""
        self.note_semaphores()
        try:
            pidfd = os.pidfd_open(victim.pid)
        except ProcessLookupError:
            return False
        try:
            now = processes().get(victim.pid)
            if now is None or now.start != victim.start or now.state == "Z":
                return False
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            return True
        except ProcessLookupError:
            return False
        finally:
            os.close(pidfd)

    def _still_there(self) -> list[Running]:
        left = []
        for process in self.below():
            if process.state != "Z":
                left.append(process)
            elif process.parent == os.getpid() and process.pid != self.process.pid:
                os.waitpid(process.pid, 0)  # an orphan that was adopted
        return left

    def assert_nothing_is_left(self) -> None:
        self.process.wait(PATIENCE)
        eventually(self._still_there)
        eventually(lambda: list(self.temporary.iterdir()))
        eventually(lambda: [name for name in self.semaphores if os.path.exists(name)])
        assert Path("/proc/self/mountinfo").read_text() == self.mounts

    def end(self) -> None:
        """After a failure: leave nothing behind all the same."""
        for process in [*self.below()]:
            if process.state != "Z":
                try:
                    os.kill(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        self.process.wait()


@pytest.fixture(scope="module")
def _tiers() -> dict[str, str]:
    """Why a tier is not to be had on this machine."""
    problems = {}
    for tier in ("A", "B"):
        try:
            open_launcher([], Limits(), tier).close()
        except SandboxError as error:
            problems[tier] = str(error)
    return problems


@pytest.fixture
def start(
    tmp_path: Path, _adopting: None, _tiers: dict[str, str]
) -> Iterator[Callable[[str, float], Grading]]:
    write_files(tmp_path / "course", COURSE)
    write_files(tmp_path / "class", CLASS)
    begun: list[Grading] = []

    def start(tier: str, seconds: float) -> Grading:
        if tier in _tiers:
            pytest.skip(f"tier {tier} is not to be had here: {_tiers[tier]}")
        begun.append(Grading(tmp_path, tier, seconds))
        return begun[-1]

    yield start
    for grading in begun:
        grading.end()


def until(ready: Callable[[], object], grading: Grading) -> bool:
    """Wait for a moment of the run; False when the run ended first."""
    while not ready():
        if grading.process.poll() is not None:
            return False
        time.sleep(0.05)
    return True


SHARE = (KILLS + 3) // 4
"""Kills of the grader on each tier; as many of workers and zygotes."""


@pytest.mark.parametrize("tier", ["A", "B"])
@pytest.mark.parametrize("number", range(SHARE))
def test_the_grader_is_killed(start: Callable[[str, float], Grading], tier: str, number: int) -> None:
    draw = random.Random(f"{tier} {number}")
    grading = start(tier, 3 * PATIENCE)  # nothing ends in time because its own time is over
    if number % 3 == 0:  # while it starts
        time.sleep(draw.uniform(0.0, 1.0))
    elif number % 3 == 1:  # while it probes the machine and starts its workers
        until(grading.any_zygotes, grading)
        time.sleep(draw.uniform(0.0, 1.0))
    else:  # while submissions run
        until(grading.zygotes, grading)
        assert until(lambda: list(grading.temporary.iterdir()), grading), "what is temporary lies elsewhere"
        time.sleep(draw.uniform(0.0, 2.0))
    grading.note_semaphores()
    grading.process.kill()
    grading.assert_nothing_is_left()


@pytest.mark.parametrize("tier", ["A", "B"])
@pytest.mark.parametrize("first", range(0, SHARE, KILLS_IN_ONE_RUN))
def test_workers_and_zygotes_are_killed(
    start: Callable[[str, float], Grading], tier: str, first: int
) -> None:
    draw = random.Random(f"{tier} {first}")
    grading = start(tier, 0.4)
    for number in range(first, min(first + KILLS_IN_ONE_RUN, SHARE)):
        choices = grading.zygotes if number % 2 else grading.workers
        killed = False
        while not killed:
            assert until(grading.zygotes, grading) and until(choices, grading), (
                "the run ended before all kills"
            )
            time.sleep(draw.uniform(0.0, 0.6))
            victims = choices()
            killed = bool(victims) and grading.kill(draw.choice(victims))
    code = grading.process.wait(PATIENCE * 5)
    grading.assert_nothing_is_left()
    lines = (grading.out / "results.jsonl").read_bytes().splitlines()
    results = [msgspec.json.decode(line, type=Result) for line in lines]
    assert sorted(result.submission for result in results) == sorted(CLASS), grading.errors.read_text()
    assert code == (0 if all(result.was_run for result in results) else 1)
    for result in results:
        if not result.was_run:
            assert "worker ended" in result.error or "sandbox" in result.error, result
