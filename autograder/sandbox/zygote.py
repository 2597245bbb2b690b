"""Forks one confined process for each submission from an interpreter that has its libraries loaded.

Started by ``launchers`` with exec, never forked from the trusted process, so that it holds nothing of it. The first
message on its control socket is a ``Settings``; it answers with a ``Report``, then waits for submissions. When the
control socket ends, so does the zygote, and with it every process below.

Tier A: the zygote is init of a pid namespace, in a root that holds the interpreter and nothing else; a submission gets
user, mount, pid, network and IPC namespaces of its own, an empty work folder in memory, Landlock, no capabilities,
limits and a system-call filter. Tier B, where namespaces are refused: all but the namespaces and the root.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import tempfile
import threading
from typing import NoReturn

import msgspec

from autograder.sandbox import linux, notebook_shims, protocol, runner, seccomp
from autograder.sandbox.folders import make_folder, remove_folder
from autograder.sandbox.protocol import Ended, Report, Settings

__all__ = ["main"]

_FIRST_UID = 60000
_FEW_FILES = 100
_MORE_TASKS = 200


class Zygote:
    """The loop that forks submissions, and the set-up that they share."""

    def __init__(self, control: socket.socket, settings: Settings, folder: str) -> None:
        self.control = control
        self.settings = settings
        self.folder = folder
        self.confined_root = settings.tier == "A"
        self.uid, self.gid = os.getuid(), os.getgid()
        self.sandbox_uid = _FIRST_UID + os.getpid() % 4000
        self.own_pids = -1
        self.children: dict[
            int, tuple[int, socket.socket, str]
        ] = {}  # pidfd: pid, status socket, work folder
        self.cleaners: dict[int, int] = {}  # pidfd: pid
        self.poll = select.poll()
        self.filter = seccomp.filter_program()
        self.tasks = 0 if self.confined_root else linux.count_tasks(self.uid)

    def load(self) -> None:
        """Import what submissions are likely to import, while files can still be read."""
        for name in self.settings.preload:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        if "matplotlib.pyplot" in sys.modules:
            importlib.import_module("autograder.sandbox.figures")
        notebook_shims.as_plain_python("%load")  # imports IPython's transformer when there is one
        notebook_shims.install()
        runner.rehearse()

    def enter_namespaces(self) -> None:
        """Tier A: become init of a pid namespace in a bare root. The process that entered waits outside."""
        flags = linux.NEW_NETWORK | linux.NEW_IPC | linux.NEW_UTS | linux.NEW_PIDS
        linux.unshare(flags if self.uid == 0 else flags | linux.NEW_USERS)
        if self.uid != 0:
            linux.map_own_user(self.uid, self.gid)
        if child := os.fork():
            self.control.close()
            init = os.pidfd_open(child)

            def end_init(*_: object) -> None:
                # It may have ended already: an error would leave the folder that is being removed then.
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(init, signal.SIGKILL)

            signal.signal(signal.SIGTERM, end_init)
            linux.die_with_parent(signal.SIGTERM)
            _, status = os.waitpid(child, 0)
            remove_folder(self.folder)
            os._exit(os.waitstatus_to_exitcode(status) & 127)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        linux.die_with_parent()
        linux.unshare(linux.NEW_MOUNTS)
        self.own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        linux.enter_bare_root(self.settings.readable, "/box")

    def spawn(self, connection: socket.socket, output: int, status: socket.socket, libraries: bool) -> None:
        """Fork a process for one submission; its pidfd goes out over ``status``."""
        folder = "/box" if self.confined_root else tempfile.mkdtemp(dir=self.folder)
        if self.confined_root:
            linux.setns(self.own_pids, linux.NEW_PIDS)
            linux.unshare(linux.NEW_PIDS)
        pid = os.fork()
        if pid == 0:
            try:
                self.confine(connection, output, folder, libraries)
            except BaseException as error:
                with contextlib.suppress(OSError):
                    message = f"{type(error).__name__}: {error}"
                    protocol.send(connection, protocol.Ready(message[:500] or "?"))
                os._exit(1)
            runner.serve(socket.socket(fileno=3))
        descriptor = os.pidfd_open(pid)
        self.children[descriptor] = pid, status, folder
        self.poll.register(descriptor, select.POLLIN)
        socket.send_fds(status, [b"started"], [descriptor])

    def confine(self, connection: socket.socket, output: int, folder: str, libraries: bool) -> None:
        """Give up everything that a submission must not have. Runs in the submission's own process."""
        limits = self.settings.limits
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        linux.die_with_parent()
        if self.confined_root:
            linux.unshare(linux.NEW_MOUNTS | linux.NEW_NETWORK | linux.NEW_IPC | linux.NEW_UTS)
            linux.mount_work_folder("/box", limits.folder_megabytes, limits.folder_files, libraries)
        os.chdir(folder)
        os.environ["HOME"] = os.environ["TMPDIR"] = folder
        tempfile.tempdir = folder
        null = os.open("/dev/null", os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2), (connection.detach(), 3)):
            os.dup2(source, target)
        os.closerange(4, 1 << 16)
        landlock = linux.landlock_abi() > 0
        everyone_reads = self.confined_root or linux.all_may_read([*self.settings.readable, self.folder])
        own_uid = self.uid == 0 and (everyone_reads or landlock)
        if own_uid:
            uid = self.sandbox_uid
            if not self.confined_root:
                os.chown(folder, uid, uid)
            linux.keep_capabilities()
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            linux.die_with_parent()  # a change of user clears it
        own_users = False
        if self.confined_root:
            # A kernel may forbid it to an unprivileged user; nothing rests on it.
            with contextlib.suppress(OSError):
                linux.unshare(linux.NEW_USERS)
                own_users = True
        linux.no_new_privileges()
        # Where the interpreter, or what is temporary, lies in a folder that nobody else may enter: Landlock says
        # what can be read.
        linux.drop_capabilities(but_reading=own_uid and not everyone_reads)
        if landlock:
            linux.restrict_files(
                [*self.settings.readable, "/dev/zero", "/dev/urandom"], [folder, "/dev/null"]
            )
        linux.set_limits(
            memory=limits.memory_megabytes << 20,
            cpu_seconds=limits.cpu_seconds,
            file_size=limits.output_megabytes << 20,
            # The kernel counts all that its user runs. Without a user of its own, that is the grader's user too.
            processes=limits.threads if own_uid or own_users else self.tasks + _MORE_TASKS,
            open_files=limits.open_files,
        )
        linux.install_filter(self.filter if self.confined_root else seccomp.filter_program(os.getpid()))

    def reap(self, descriptor: int) -> None:
        """Report how a submission's process ended."""
        pid, status, folder = self.children.pop(descriptor)
        self.poll.unregister(descriptor)
        os.close(descriptor)
        _, result, usage = os.wait4(pid, 0)
        ended = Ended(
            signal=os.WTERMSIG(result) if os.WIFSIGNALED(result) else 0,
            code=os.WEXITSTATUS(result) if os.WIFEXITED(result) else 0,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_kilobytes=usage.ru_maxrss,
        )
        with contextlib.suppress(OSError):
            status.send(msgspec.msgpack.encode(ended))
        status.close()
        if not self.confined_root and not remove_folder(folder, most=_FEW_FILES):
            self.clean_later(folder)

    def clean_later(self, folder: str) -> None:
        """Remove a folder with many files in it, while the next submission runs."""
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                os.closerange(3, 1 << 16)
                remove_folder(folder)
            os._exit(0)
        descriptor = os.pidfd_open(pid)
        self.cleaners[descriptor] = pid
        self.poll.register(descriptor, select.POLLIN)

    def serve(self) -> None:
        """Fork and reap until the control socket ends."""
        self.poll.register(self.control, select.POLLIN)
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor in self.cleaners:
                    self.poll.unregister(descriptor)
                    os.waitpid(self.cleaners.pop(descriptor), 0)
                    os.close(descriptor)
                    continue
                if descriptor != self.control.fileno():
                    self.reap(descriptor)
                    continue
                message, descriptors, _, _ = socket.recv_fds(self.control, 16, 3)
                if not message:
                    return
                connection, output, status = descriptors
                with socket.socket(fileno=connection) as theirs:
                    self.spawn(theirs, output, socket.socket(fileno=status), message == b"libraries")
                os.close(output)

    def end(self) -> None:
        """Kill what is left, and finish removing folders."""
        for descriptor in list(self.children):
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            self.reap(descriptor)
        for pid in self.cleaners.values():
            os.waitpid(pid, 0)


def main() -> None:
    """Entry point: ``python -m autograder.sandbox.zygote CONTROL_FD FOLDER``. It makes the folder, and removes it."""
    control, folder = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]

    def leave(*_: object) -> NoReturn:
        remove_folder(folder)
        os._exit(0)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, leave)
    message = control.recv(1 << 16)
    if not message:
        leave()
    settings = msgspec.msgpack.decode(message, type=Settings)
    # On tier B, the end of the control socket is enough: work folders are to be removed.
    if settings.tier == "A":
        linux.die_with_parent(signal.SIGTERM)
    linux.be_killed_first()
    try:
        make_folder(folder, 0o711)  # and keep it locked
        zygote = Zygote(control, settings, folder)
        zygote.load()
        if threading.active_count() != 1 or len(os.listdir("/proc/self/task")) != 1:
            raise OSError("a library started a thread before the fork")
        gc.freeze()
        memory = linux.private_memory()
        if zygote.confined_root:
            zygote.enter_namespaces()
        linux.gather(memory)
        control.send(msgspec.msgpack.encode(Report()))
        try:
            zygote.serve()
        finally:
            zygote.end()
    except OSError as error:
        with contextlib.suppress(OSError):  # nobody may be listening any more
            control.send(msgspec.msgpack.encode(Report(error=str(error))))
    finally:
        leave()


if __name__ == "__main__":
    main()
