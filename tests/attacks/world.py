"""What surrounds a submission: things to steal, to break and to reach, and a record of all that it said."""

from __future__ import annotations

import os
import pwd
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from autograder.course import Topic, load_course
from autograder.grading import grade_submission
from autograder.results import Result
from autograder.sandbox import launchers, protocol
from autograder.sandbox.client import Sandbox
from autograder.sandbox.launchers import Launcher, Zygote
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission

HERE = Path(__file__).resolve().parent
PRELOAD = ["numpy", "matplotlib.pyplot"]
LIMITS = Limits(
    call_seconds=4.0,
    cell_seconds=4.0,
    total_seconds=30.0,
    cpu_seconds=30,
    memory_megabytes=512,
    folder_megabytes=8,
    folder_files=200,
    output_megabytes=2,
)


def new_secret() -> str:
    return f"planted-{secrets.token_hex(16)}"


class Listeners:
    """Sockets on this machine that nobody may reach; counts who does."""

    def __init__(self, folder: Path) -> None:
        self.reached = 0
        self.stream = socket.create_server(("127.0.0.1", 0))
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", 0))
        self.named = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.named.bind(str(folder / "socket"))
        (folder / "socket").chmod(0o777)
        self.abstract = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.abstract.bind(f"\0attacks-{os.getpid()}")
        self.all = (self.stream, self.datagrams, self.named, self.abstract)
        for listener in self.all:
            listener.setblocking(False)

    def heard(self) -> bool:
        """Whether somebody has connected or sent something."""
        for listener in self.all:
            try:
                if listener is self.stream:
                    listener.accept()[0].close()
                else:
                    listener.recv(100)
            except BlockingIOError:
                continue
            return True
        return False

    def close(self) -> None:
        for listener in self.all:
            listener.close()


@dataclass
class Record:
    """All that one submission sent, printed and was told."""

    received: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.received.clear()
        self.sent.clear()
        self.printed.clear()


class World:
    """The grader's side: a course with secrets, planted files, listening sockets, a launcher for each tier."""

    def __init__(self, folder: Path) -> None:
        self.base = folder
        self.secret, self.input = new_secret(), new_secret().replace("planted", "asked")
        self.folder = folder / "planted"
        self.temporary = folder / "temporary"
        for new, mode in ((folder, 0o755), (self.folder, 0o755), (self.temporary, 0o1777)):
            new.mkdir(exist_ok=True)
            new.chmod(mode)
        self._plant()
        self.listeners = Listeners(self.folder)
        self.course = self._course()
        self.topic: Topic = load_course(self.course).topics["quiz"]
        self.record = Record()
        self._launchers: dict[str, Launcher] = {}
        os.environ["ATTACKS_PLANTED"] = self.secret
        self.threads = threading.active_count()

    def _plant(self) -> None:
        for name, mode in (("secret", 0o644), ("victim", 0o666), ("program", 0o755)):
            (self.folder / name).write_text(self.secret)
            (self.folder / name).chmod(mode)
        (self.folder / "open").mkdir()
        (self.folder / "open").chmod(0o777)

    def _course(self) -> Path:
        course = self.base / "course"
        for file in sorted((HERE / "course").rglob("*.py")):
            copy = course / file.relative_to(HERE / "course")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(file.read_text().replace("@secret@", self.secret).replace("@input@", self.input))
        return course

    @property
    def places(self) -> dict[str, str]:
        """What attacks are told of this world: more than a real one could know."""
        return {
            "folder": str(self.folder),
            "course": str(self.course),
            "home": pwd.getpwuid(0).pw_dir,
            "port": str(self.listeners.stream.getsockname()[1]),
            "datagrams": str(self.listeners.datagrams.getsockname()[1]),
            "pid": str(os.getpid()),
        }

    def launcher(self, tier: str) -> Launcher:
        """Raises SandboxError where this machine does not have the tier."""
        if tier not in self._launchers:
            self._launchers[tier] = Zygote(PRELOAD, LIMITS, tier)
        return self._launchers[tier]

    def grade(self, file: Path, launcher: Launcher, seconds: float | None = None) -> Result:
        """Grade one file; ``record`` holds what passed between the two sides."""
        self.record.clear()
        submission = Submission(file.name, "student-001", "quiz", file)
        limits = launcher.limits
        if seconds is not None:
            launcher.limits = msgspec.structs.replace(limits, call_seconds=seconds, cell_seconds=seconds)
        try:
            return grade_submission(submission, self.topic, launcher, {"tier": launcher.tier})
        finally:
            launcher.limits = limits

    def state(self) -> dict[str, object]:
        """What no submission may change."""
        files = {}
        for path in sorted(self.folder.rglob("*")):
            found = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            files[str(path)] = (found.st_mode, found.st_uid, found.st_mtime_ns, found.st_size, content)
        return {
            "files": files,
            "mounts": Path("/proc/self/mountinfo").read_text(),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "environment": dict(os.environ),
            "modules": {name for name in sys.modules if name.startswith("solutions")},
        }

    def left_behind(self, launcher: Launcher) -> list[str]:
        """Processes and temporary folders of submissions that are still there."""
        assert isinstance(launcher, Zygote)
        own = 2 if launcher.tier == "A" else 1
        processes = descendants(launcher._process.pid)
        found = [f"process {pid}" for pid in processes] if len(processes) != own - 1 else []
        return found + [f"folder {name}" for name in os.listdir(self.temporary)]

    def close(self) -> None:
        for launcher in self._launchers.values():
            launcher.close()
        self.listeners.close()
        os.environ.pop("ATTACKS_PLANTED", None)


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = Path(f"/proc/{name}/stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(name))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def wait_until_clean(world: World, launcher: Launcher, seconds: float = 10.0) -> list[str]:
    """What is still left behind after some time; a large folder is removed in the background."""
    deadline = time.monotonic() + seconds
    while (left := world.left_behind(launcher)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


@contextmanager
def recording(world: World) -> Iterator[None]:
    """Keep every frame in both directions, and what submissions print, in ``world.record``."""
    receive, send, close = protocol._receive_frame, protocol.send, Sandbox.close
    environment = launchers._clean_environment

    def receiving(connection: socket.socket, deadline: float | None) -> bytearray:
        frame = receive(connection, deadline)
        world.record.received.append(bytes(frame))
        return frame

    def sending(connection: socket.socket, message: object, deadline: float | None = None) -> None:
        world.record.sent.append(msgspec.msgpack.encode(message))
        send(connection, message, deadline)  # type: ignore[arg-type]

    def closing(sandbox: Sandbox) -> None:
        if not sandbox._output.closed:
            world.record.printed.append(sandbox.output(1 << 20))
        close(sandbox)

    def in_temporary() -> dict[str, str]:
        return environment() | {"TMPDIR": str(world.temporary)}

    protocol._receive_frame, protocol.send, Sandbox.close = receiving, sending, closing
    launchers._clean_environment = in_temporary
    try:
        yield
    finally:
        protocol._receive_frame, protocol.send, Sandbox.close = receive, send, close
        launchers._clean_environment = environment
