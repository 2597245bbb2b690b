"""Runs other programs confined: a compiler on a student's source, and what it makes of it.

A submission's own process may start no program, and a compiler is made of several; so it gets a process of this kind,
started by exec for each job and gone after it. It has what a submission's has (see ``zygote``): on tier A namespaces
and a root that holds the tools and nothing else, without network; on A and B Landlock, no capabilities, limits and a
system-call filter. Here that filter lets programs be started, a watch bounds the memory of all of them together, and
the work folder is the one place that can be written to.

Nothing that comes back is to be trusted: the source could have turned the compiler against us.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import msgspec

from autograder.sandbox.folders import TemporaryFolder

__all__ = [
    "ENVIRONMENT",
    "MAX_FILE",
    "Command",
    "Done",
    "Job",
    "Order",
    "Outcome",
    "find_compiler",
    "run_job",
]

MAX_FILE = 32 << 20
"""Bytes of a file that a command writes, and of one that is brought back."""
_MAX_ANSWER = MAX_FILE + (1 << 20)
_START_SECONDS = 20.0
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "ASAN_OPTIONS": "detect_leaks=0:exitcode=99:color=never:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99:color=never:print_stacktrace=1",
}
_TOOLS = (
    "/usr/bin",
    "/bin",
    "/usr/local/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local/lib",
    "/usr/include",
    "/usr/local/include",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
)


class Command(msgspec.Struct, frozen=True):
    """A program and its arguments, and what it may use. It runs in the work folder."""

    arguments: list[str]
    seconds: float
    megabytes: int
    """Of memory in use, by all its processes together."""
    address_space: bool = True
    """Whether each process's address space is limited to that, too; a sanitizer reserves terabytes."""


class Job(msgspec.Struct, frozen=True):
    """Files to put into an empty folder, commands to run there until one fails, and the files to bring back.

    ``go_on`` runs the commands after the first whatever becomes of the others.
    """

    files: dict[str, bytes]
    commands: list[Command]
    wanted: list[str] = []
    go_on: bool = False


class Done(msgspec.Struct, frozen=True):
    """How a command ended, and what it printed. ``stopped`` says by which limit it was, if by one."""

    code: int
    signal: int
    output: str
    stopped: str = ""

    @property
    def well(self) -> bool:
        return not (self.code or self.signal or self.stopped)


class Outcome(msgspec.Struct, frozen=True):
    """What became of a job; ``error`` says why it could not be run at all."""

    done: list[Done] = []
    files: dict[str, bytes] = {}
    error: str = ""


class Order(msgspec.Struct, frozen=True):
    """What the confined process is told."""

    tier: str
    folder: str
    readable: list[str]
    job: Job


def _tool_paths(program: str) -> list[str]:
    """The files and folders that ``program``, a compiler, may read: the system's, and its own if it lies elsewhere."""
    paths = [path for path in _TOOLS if os.path.lexists(path)]
    own = os.path.dirname(os.path.dirname(os.path.realpath(program)))
    if own not in ("/", "/usr", "/usr/local"):
        paths.append(own)
    return paths


def run_job(job: Job, tier: str, program: str) -> Outcome:
    """Run a job in a confined process of its own.

    Args:
        job: what to run.
        tier: the tier of confinement, as of the submissions.
        program: the absolute path of the compiler.
    """
    folder = TemporaryFolder("job", 0o711)
    work = os.path.join(folder.path, "work")
    os.mkdir(work, 0o700)
    order = Order(tier, work, _tool_paths(program), job)
    limit = _START_SECONDS + sum(command.seconds for command in job.commands)
    process = subprocess.Popen(
        [sys.executable, "-P", "-s", "-m", "autograder.sandbox.job_runner"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        start_new_session=True,
    )
    try:
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(msgspec.msgpack.encode(order))
        answer = _read(process.stdout.fileno(), time.monotonic() + limit)
        return msgspec.msgpack.decode(answer, type=Outcome)
    except TimeoutError:
        return Outcome(error=f"it took longer than {limit:g} s")
    except (OSError, msgspec.MsgspecError) as error:
        return Outcome(error=f"it gave no answer: {error}")
    finally:
        with contextlib.suppress(
            ProcessLookupError
        ):  # on tier A the init of its namespace dies with it, and so all
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        folder.remove()


def _read(descriptor: int, deadline: float) -> bytes:
    """All that comes until the other end closes, within bounds."""
    data = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            raise TimeoutError
        if not (piece := os.read(descriptor, 1 << 20)):
            return bytes(data)
        data += piece
        if len(data) > _MAX_ANSWER:
            raise OSError("it said too much")


def find_compiler(environment: Mapping[str, str]) -> str | None:
    """The C++ compiler of this machine: the one that ``CXX`` names, or the first of the usual ones."""
    names: Sequence[str] = [environment["CXX"]] if environment.get("CXX") else ["g++", "clang++", "c++"]
    return next((found for name in names if (found := shutil.which(name))), None)
