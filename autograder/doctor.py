"""Finds out what protects this machine from a submission: a canary tries what hostile code would try.

``probe`` runs before every grading and its findings stand in every result; ``autograder doctor`` prints them.
"""

from __future__ import annotations

import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.client import ProcessEnded, Sandbox, StudentError
from autograder.sandbox.folders import remove_stale_folders
from autograder.sandbox.launchers import Launcher, open_launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import Cell

__all__ = ["PROTECTIONS", "Protection", "danger", "examine", "is_safe", "probe"]

_CANARY = """
import mmap, os, socket, sys, time

def read_file(path):
    with open(path) as file:
        return file.read()

def write_file(path):
    with open(path, "w") as file:
        file.write("written")

def connect(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True

def start_process():
    if hasattr(os, "fork"):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    else:
        import subprocess
        subprocess.run([sys.executable, "-c", ""], check=True)
    return True

def allocate(megabytes):
    with mmap.mmap(-1, megabytes << 20) as block:
        return len(block)

def fill_folder(megabytes, pieces):
    block = bytes(1 << 20)
    for piece in range(pieces):
        with open(f"fill-{piece}", "wb") as file:
            for _ in range(megabytes // pieces):
                file.write(block)
    return True

def see_processes():
    try:
        return any(name.isdigit() for name in os.listdir("/proc"))
    except OSError:
        return False

def system_call():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(0)
    return ctypes.get_errno()

def outlive():
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(10)
        os._exit(0)
    os.waitpid(child, 0)
    return True
"""


@dataclass(frozen=True)
class Protection:
    """One thing that keeps hostile code from harm."""

    key: str
    title: str
    without: str
    remedy: str


_NAMESPACES = (
    "on Linux, run as root, or allow user namespaces (in a container: --cap-add SYS_ADMIN, or as a user "
)
_NAMESPACES += "with unprivileged user namespaces enabled)"
_LANDLOCK = "use Linux 5.13 or newer with Landlock enabled"

PROTECTIONS = (
    Protection(
        "process", "tests and answers are in another process", "a submission could read the answers", ""
    ),
    Protection("files", "other files cannot be read", "a submission can read what you can read", _LANDLOCK),
    Protection(
        "writes", "nothing outside its folder can be written", "a submission can change your files", _LANDLOCK
    ),
    Protection("network", "no network", "a submission can send data out", "grade on Linux"),
    Protection("processes", "no new processes", "a submission can start programs", "grade on Linux"),
    Protection(
        "calls", "system calls are filtered", "a bug in the kernel is easier to reach", "grade on Linux"
    ),
    Protection(
        "memory", "memory is limited", "a submission can use up the memory", "grade on Linux or macOS"
    ),
    Protection("disk", "its folder is limited", "a submission can fill the disk", _NAMESPACES),
    Protection("hidden", "other processes are out of sight", "a submission sees what else runs", _NAMESPACES),
    Protection(
        "kill", "nothing outlives the grading", "a submission can leave processes behind", "grade on Linux"
    ),
)

_NEEDED = ("process", "files", "writes", "network", "processes", "memory", "kill")


def is_safe(found: dict[str, str | bool]) -> bool:
    """Whether hostile submissions may be graded with these protections (tiers A and B)."""
    return found["tier"] in ("A", "B") and all(found[key] is True for key in _NEEDED)


def danger(found: dict[str, str | bool], where: str = "here") -> str:
    """Why hostile submissions are not to be graded with these protections."""
    missing = ", ".join(item.title for item in PROTECTIONS if not found[item.key])
    return f"hostile submissions could do harm {where} (not so: {missing})"


class _Canary:
    """Tries one thing after the other, each in a sandbox that still lives."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self.sandbox = self._start()

    def _start(self) -> Sandbox:
        sandbox = Sandbox(self.launcher)
        sandbox.run([Cell("canary", _CANARY)], time.monotonic() + 30)
        return sandbox

    def does(self, function: str, *args: Any) -> Any:
        """What the attempt gave, or None when it was stopped."""
        try:
            value, _ = self.sandbox.call(function, list(args), {}, time.monotonic() + 30)
        except StudentError:
            return None
        except ProcessEnded:
            self.sandbox.close()
            self.sandbox = self._start()
            return None
        return value


def probe(launcher: Launcher) -> dict[str, str | bool]:
    """Let the canary try everything once.

    Returns:
        The tier, and for each protection whether it held.

    Raises:
        SandboxError: no sandbox can be started.
    """
    found: dict[str, str | bool] = {"tier": launcher.tier, "process": True}
    canary = _Canary(launcher)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="doctor-", dir=launcher.folder) as name,
            socket.socket() as listener,
        ):
            folder = Path(name)
            folder.chmod(0o755)
            (folder / "secret").write_text("planted")
            (folder / "secret").chmod(0o644)
            (folder / "open").mkdir()
            (folder / "open").chmod(0o777)
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            found["files"] = canary.does("read_file", str(folder / "secret")) is None
            canary.does("write_file", str(folder / "open" / "written"))
            found["writes"] = not (folder / "open" / "written").exists()
            found["network"] = canary.does("connect", listener.getsockname()[1]) is None
        found["processes"] = canary.does("start_process") is None
        found["calls"] = bool(canary.does("system_call"))
        limits = launcher.limits
        found["memory"] = canary.does("allocate", limits.memory_megabytes) is None
        pieces = 2 + limits.folder_megabytes // limits.output_megabytes
        found["disk"] = canary.does("fill_folder", limits.folder_megabytes + pieces, pieces) is None
        found["hidden"] = not canary.does("see_processes")
        canary.does("outlive")
        found["kill"] = canary.sandbox.all_gone(2.0)
    finally:
        canary.sandbox.close()
    return found


def examine(limits: Limits, tier: str | None, *, allow_weaker: bool) -> dict[str, str | bool]:
    """What protects this machine on the tier that will be used; what earlier runs left here is removed.

    Args:
        limits: of a submission.
        tier: to force one.
        allow_weaker: take tier C or D where neither A nor B works.

    Raises:
        SandboxError: no sandbox can be started.
    """
    remove_stale_folders()
    with open_launcher([], limits, tier, allow_weaker=allow_weaker) as launcher:
        return probe(launcher)
