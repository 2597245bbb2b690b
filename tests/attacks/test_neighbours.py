"""Submissions beside and after each other: what one leaves or holds, another does not see."""

import os
import time
from pathlib import Path

import msgspec
import pytest

from autograder.sandbox.client import ProcessEnded, Sandbox, StudentError
from autograder.sandbox.launchers import Launcher, Zygote
from autograder.sandbox.protocol import Cell
from tests.attacks.world import LIMITS, World, wait_until_clean

# rows 25 and 35
LEAVES = """
import builtins, os, sys, threading, time
import numpy as np

builtins.TRACE = os.environ["TRACE"] = sys.TRACE = np.TRACE = "TRACE"
sys.modules["TRACE"] = sys
np.sum = len
os.umask(0)
for folder in (".", "..", "/", "/box", "/tmp", "/dev/shm", "/var/tmp", os.path.dirname(np.__file__)):
    for name in ("TRACE", ".TRACE", "numpy.py"):
        try:
            open(os.path.join(folder, name), "w").write("TRACE = 1")
        except OSError:
            pass
for _ in range(3):
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()

def normalise(x):
    return x
"""
LOOKS = """
import builtins, glob, os, sys, threading
import numpy as np

if any(hasattr(thing, "TRACE") for thing in (builtins, sys, np)) or "TRACE" in {**os.environ, **sys.modules}:
    print("TRACE in memory")
if np.sum([1, 2]) != 3 or threading.active_count() != 1:
    print("TRACE of changes")
for folder in (".", "..", "/", "/box", "/tmp", "/dev/shm", "/var/tmp", os.path.dirname(np.__file__)):
    for name in ("TRACE", ".TRACE", "numpy.py"):
        if os.path.exists(os.path.join(folder, name)):
            print("TRACE file", folder)
if os.listdir("."):
    print("TRACE", os.listdir("."))
mask = os.umask(0o22)
if mask == 0:
    print("TRACE mask")

def normalise(x):
    return x
"""


def test_the_next_submission_sees_nothing_of_the_last(world: World, launcher: Launcher, tmp_path: Path):
    first, second = tmp_path / "leaves.py", tmp_path / "looks.py"
    first.write_text(LEAVES)
    second.write_text(LOOKS)
    for _ in range(2):
        assert world.grade(first, launcher).error == ""
        result = world.grade(second, launcher)
        assert result.error == ""
        assert "TRACE" not in "".join(world.record.printed)
    assert not wait_until_clean(world, launcher)


VICTIM = """
import os, time

open("diary", "w").write("dear diary")

def where():
    return os.getcwd(), os.getpid()

def still_there():
    return open("diary").read() == "dear diary"
"""
NEIGHBOUR = """
import ctypes, os, signal

libc = ctypes.CDLL(None, use_errno=True)

def attack(folder, pid):
    gained = []
    for path in (folder + "/diary", f"/proc/{pid}/cwd/diary", f"/proc/{pid}/environ", f"/proc/{pid}/mem"):
        for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_CREAT):
            try:
                if os.read(os.open(path, flags), 10) == b"dear diary":
                    gained.append(path)
            except OSError:
                pass
    for damage in (os.remove, os.rmdir, lambda path: os.chmod(path, 0), lambda path: os.rename(path, "mine")):
        for path in (folder + "/diary", folder):
            try:
                if path != os.getcwd():
                    damage(path)
                    gained.append(path)
            except OSError:
                pass
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
        for target in (pid, -pid, -1):
            try:
                if target != os.getpid():
                    os.kill(target, number)
            except OSError:
                pass
    if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0:
        gained.append("ptrace")
    return gained
"""


def test_neighbours_do_not_reach_each_other(world: World, launcher: Launcher):
    deadline = time.monotonic() + 30
    other = Zygote([], LIMITS, launcher.tier)  # as another worker of the same grading has one
    with other, Sandbox(launcher) as victim:
        victim.run([Cell("victim", VICTIM)], deadline)
        folder, pid = victim.call("where", [], {}, deadline)[0]
        for beside in (launcher, other):
            with Sandbox(beside) as neighbour:
                neighbour.run([Cell("neighbour", NEIGHBOUR)], deadline)
                gained = neighbour.call("attack", [folder, pid], {}, deadline)[0]
                # On tier A both have the same paths and pid, each in a world of its own.
                assert gained == [] or (launcher.tier == "A" and set(gained) <= {"/box/diary", "/box"})
            assert victim.call("still_there", [], {}, deadline)[0]


BURNS = """
import threading

def burn():
    number = 3
    while True:
        number = pow(number, 65537, (1 << 521) - 1)

def normalise(x):
    for _ in range(2):
        threading.Thread(target=burn, daemon=True).start()
    burn()
"""


def test_processor_time_is_limited_over_all_threads(world: World, launcher: Launcher):
    """Row 44: what the wall clock would allow."""
    limits = msgspec.structs.replace(LIMITS, cpu_seconds=1, call_seconds=60.0)
    with Zygote(["numpy"], limits, launcher.tier) as zygote, Sandbox(zygote) as sandbox:
        deadline = time.monotonic() + 60
        sandbox.run([Cell("burns", BURNS)], deadline)
        with pytest.raises(ProcessEnded, match="more than 1 s of CPU time") as caught:
            sandbox.call("normalise", [1.0], {}, deadline)
        assert caught.value.reason == "timeout"


def test_descriptors_that_a_submission_sends_do_not_pile_up(world: World, launcher: Launcher):
    sends = (
        "import os, socket\ndef send():\n    own = socket.socket(fileno=os.dup(3))\n    for _ in range(40):\n"
    )
    sends += "        socket.send_fds(own, [b'\\xff'], [1, 1, 1])\n    return 1"
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with Sandbox(launcher) as sandbox:
            deadline = time.monotonic() + 20
            sandbox.run([Cell("sends", sends)], deadline)
            with pytest.raises((ProcessEnded, StudentError)):
                sandbox.call("send", [], {}, deadline)
    assert len(os.listdir("/proc/self/fd")) == before
