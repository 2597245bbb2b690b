"""Starts the processes that submissions run in: forked from a zygote on Linux, spawned one by one elsewhere.

Tiers: A and B are a zygote's (see ``zygote``). C is a process spawned for each submission, with the limits that POSIX
has; D the same without limits, as on Windows. On every tier, tests and references stay out of that process.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import select
import signal
import site
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import TracebackType

import msgspec

from autograder.sandbox.folders import TemporaryFolder, folder_name, remove_folder
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import Ended, Report, Settings

__all__ = ["TIERS", "Launcher", "Process", "SandboxError", "Spawner", "Zygote", "open_launcher"]

TIERS = ("A", "B", "C", "D")
_START_SECONDS = 120.0
_END_SECONDS = 5.0


class SandboxError(Exception):
    """The sandbox itself could not be set up; nothing that a student did."""


class Process(ABC):
    """A submission's process, as the system knows it."""

    @abstractmethod
    def wait(self, seconds: float) -> Ended | None:
        """How the process ended, waiting so long for it; None when it still runs.

        Raises:
            SandboxError: nobody can tell any more.
        """

    @abstractmethod
    def kill(self) -> None:
        """Kill the process, and with it all that it started."""

    @abstractmethod
    def close(self) -> None:
        """Free what the process held, once it has been killed."""


class Launcher(ABC):
    """Starts processes for submissions; one launcher for each worker."""

    tier: str
    limits: Limits
    folder: str
    """For all that is temporary."""
    libraries = False
    """Whether submissions may load what they write as a library: those in C++ are one."""

    @abstractmethod
    def launch(self, connection: socket.socket, output: int) -> Process:
        """Start a process that serves ``connection`` and prints to the file ``output``."""

    @abstractmethod
    def close(self) -> None:
        """End every process."""

    def __enter__(self) -> Launcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def interpreter_paths() -> list[str]:
    """The files and folders that Python and its libraries need, and nothing else."""
    paths = sysconfig.get_paths()
    wanted = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    wanted |= {path for path in site.getsitepackages() if os.path.isdir(path)}
    for prefix in (sys.prefix, sys.base_prefix):
        if prefix not in ("/usr", "/usr/local"):
            wanted.add(prefix)
        else:
            wanted.add(f"{prefix}/lib")
    wanted |= {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/usr/share/fonts"}
    wanted.add("/etc/ld.so.cache")
    return _existing(wanted)


def package_paths(modules: Sequence[str]) -> list[str]:
    """Where the given packages lie, for those that an editable install keeps outside site-packages."""
    wanted: set[str] = set()
    for name in modules:
        with contextlib.suppress(ImportError, ValueError):
            spec = importlib.util.find_spec(name.partition(".")[0])
            if spec is not None:
                wanted |= set(spec.submodule_search_locations or ())
    return _existing(wanted)


def _existing(wanted: set[str]) -> list[str]:
    """Absolute paths without those below others; a symbolic link is kept beside what it points to."""
    found: set[str] = set()
    for path in wanted:
        if os.path.lexists(path):
            real = os.path.realpath(path)
            if os.path.islink(path):
                found.add(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)))
            found.add(real)
    return sorted(path for path in found if not any(path.startswith(other + "/") for other in found))


def _matplotlib_cache() -> str:
    """A folder for matplotlib's list of fonts, which takes seconds to make: the user's own, and no one else's."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = os.path.join(tempfile.gettempdir(), f"autograder-matplotlib-{user}")
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    found = os.lstat(folder)
    if hasattr(os, "getuid") and (found.st_uid != user or not stat.S_ISDIR(found.st_mode)):
        return tempfile.mkdtemp(prefix="autograder-matplotlib-")  # somebody else was there first
    return folder


def _clean_environment() -> dict[str, str]:
    """What the sandbox sees of the environment: enough to run, nothing about the machine or its user."""
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "GENAI", "NUMEXPR")}
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://autograder.sandbox.figures",
        "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR") or _matplotlib_cache(),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",  # glibc sets 64 MB of the memory limit aside for each thread otherwise
        **one_thread,
    }


class _ForkedProcess(Process):
    """A process that a zygote forked: its pidfd, and the socket on which the zygote tells how it ended."""

    def __init__(self, status: socket.socket) -> None:
        self._status = status
        self._ended: Ended | None = None
        status.settimeout(_START_SECONDS)
        _, descriptors, _, _ = socket.recv_fds(status, 16, 1)
        (self._pidfd,) = descriptors

    def wait(self, seconds: float) -> Ended | None:
        if self._ended is None:
            self._status.settimeout(seconds)
            try:
                message = self._status.recv(256)
            except OSError:
                return None
            if not message:
                raise SandboxError("the zygote is gone")
            self._ended = msgspec.msgpack.decode(message, type=Ended)
        return self._ended

    def kill(self) -> None:
        # A pidfd, not a pid: it cannot come to mean another process. Where the process is init of a pid namespace,
        # the kernel kills all that it started with it.
        if not select.select([self._pidfd], [], [], 0)[0]:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        self._status.close()
        select.select([self._pidfd], [], [], _END_SECONDS)  # after this, it writes nothing any more
        os.close(self._pidfd)


class Zygote(Launcher):
    """Tiers A and B: a process that forks submissions.

    Args:
        preload: modules to import once, before the first submission.
        limits: what each submission may use.
        tier: "A" or "B" to force one; None takes the best that works.

    Raises:
        SandboxError: no tier works on this machine.
    """

    def __init__(self, preload: Sequence[str], limits: Limits | None = None, tier: str | None = None) -> None:
        self.limits = limits or Limits()
        errors = []
        for candidate in [tier] if tier else ["A", "B"]:
            try:
                self._start(candidate, preload)
                self.tier = candidate
                return
            except SandboxError as error:
                errors.append(f"tier {candidate}: {error}")
        raise SandboxError("; ".join(errors))

    def _start(self, tier: str, preload: Sequence[str]) -> None:
        self.folder = folder_name("sandbox")  # the zygote makes it: it is removed whichever of us is killed
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-s", "-m", "autograder.sandbox.zygote"]
        command += [str(theirs.fileno()), self.folder]
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    env=_clean_environment(),
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd="/",
                )
        except BaseException:
            self._control.close()
            raise
        readable = interpreter_paths() + package_paths(["autograder", *preload])
        settings = Settings(
            tier=tier, readable=_existing(set(readable)), preload=list(preload), limits=self.limits
        )
        self._control.settimeout(_START_SECONDS)
        try:
            self._control.send(msgspec.msgpack.encode(settings))
            answer = self._control.recv(1 << 16)
            report = msgspec.msgpack.decode(answer, type=Report)
        except (OSError, msgspec.MsgspecError) as error:
            report = Report(error=f"it ended while starting ({error})")
        if report.error:
            self.close()
            raise SandboxError(report.error)

    def launch(self, connection: socket.socket, output: int) -> Process:
        status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                socket.send_fds(
                    self._control,
                    [b"libraries" if self.libraries else b"spawn"],
                    [connection.fileno(), output, theirs.fileno()],
                )
            return _ForkedProcess(status)
        except (OSError, ValueError) as error:
            status.close()
            raise SandboxError(f"the zygote is gone: {error}") from None

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        remove_folder(self.folder)


class _SpawnedProcess(Process):
    """A process of its own, and its work folder."""

    def __init__(self, process: subprocess.Popen[bytes], folder: str, running: set[_SpawnedProcess]) -> None:
        self._process = process
        self._folder = folder
        self._running = running
        running.add(self)

    def wait(self, seconds: float) -> Ended | None:
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return Ended(signal=-code) if code < 0 else Ended(code=code)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        self._process.wait()
        remove_folder(self._folder)
        self._running.discard(self)


class Spawner(Launcher):
    """Tiers C and D: a fresh interpreter for each submission.

    Args:
        preload: ignored; a fresh interpreter imports what the submission imports.
        limits: what each submission may use; tier D cannot keep to them.
        tier: "C" or "D".
    """

    def __init__(self, preload: Sequence[str], limits: Limits | None = None, tier: str = "C") -> None:
        self.limits = limits or Limits()
        self.tier = tier
        self._temporary = TemporaryFolder("sandbox")
        self.folder = self._temporary.path
        self._running: set[_SpawnedProcess] = set()

    def launch(self, connection: socket.socket, output: int) -> Process:
        folder = tempfile.mkdtemp(dir=self.folder)
        environment = _clean_environment() | {"HOME": folder, "TMPDIR": folder, "TEMP": folder, "TMP": folder}
        environment["PYTHONIOENCODING"] = "utf-8"
        settings = Settings(tier=self.tier, readable=[], preload=[], limits=self.limits)
        command = [sys.executable, "-P", "-s", "-m", "autograder.sandbox.spawned"]
        if sys.platform == "win32":
            environment |= {"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
            process = subprocess.Popen(
                command, env=environment, cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output
            )
            first = connection.share(process.pid)
        else:
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=[connection.fileno()],
                start_new_session=True,
            )
            first = str(connection.fileno()).encode()
        assert process.stdin is not None
        with contextlib.suppress(OSError), process.stdin:
            process.stdin.write(msgspec.msgpack.encode((first, settings)))
        return _SpawnedProcess(process, folder, self._running)

    def close(self) -> None:
        for process in list(self._running):
            process.kill()
            process.close()
        self._temporary.remove()


def open_launcher(
    preload: Sequence[str], limits: Limits, tier: str | None = None, *, allow_weaker: bool = False
) -> Launcher:
    """The safest launcher that works here.

    Args:
        preload: modules to import before the first submission, where that is possible.
        limits: what each submission may use.
        tier: one of ``TIERS`` to force it.
        allow_weaker: take tier C or D where neither A nor B works.

    Raises:
        SandboxError: nothing works, or only what was not allowed.
    """
    linux = sys.platform == "linux"
    reasons = f"tier {tier} was asked for" if linux and tier else "tiers A and B need Linux"
    if linux and tier not in ("C", "D"):
        try:
            return Zygote(preload, limits, tier)
        except SandboxError as error:
            reasons = str(error)
    if tier in ("A", "B"):
        raise SandboxError(reasons)
    weaker = tier or ("D" if sys.platform == "win32" else "C")
    if not allow_weaker:
        raise SandboxError(f"{reasons}; tier {weaker} cannot stop hostile code")
    return Spawner(preload, limits, weaker)
