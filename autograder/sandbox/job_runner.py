"""The confined side of a job: gives up what it does not need, runs the commands, and says what became of them.

Started by ``jobs.run_job``. It shares a user with the commands, which may be hostile, and its answer is trusted no
further than theirs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator

import msgspec

from autograder.sandbox import linux, seccomp
from autograder.sandbox.jobs import ENVIRONMENT, MAX_FILE, Command, Done, Job, Order, Outcome

__all__ = ["main"]

_FOLDER = "/box"
_FOLDER_MEGABYTES, _FOLDER_FILES = 256, 500
_MAX_PROCESSES = 64
_MAX_OUTPUT = 64 << 10
_FIRST_UID, _UIDS = 64000, 1000
"""Above those of submissions."""


def _confine(order: Order) -> str:
    """Give up what the tools do not need; returns the work folder. On tier A, the init of new namespaces goes on."""
    linux.be_killed_first()
    uid, gid = os.getuid(), os.getgid()
    folder = order.folder
    if order.tier == "A":
        folder = _FOLDER
        flags = linux.NEW_NETWORK | linux.NEW_IPC | linux.NEW_UTS | linux.NEW_PIDS
        linux.unshare(flags if uid == 0 else flags | linux.NEW_USERS)
        if uid != 0:
            linux.map_own_user(uid, gid)
        if child := os.fork():
            os.close(1)  # the answer is the init's to give
            _, status = os.waitpid(child, 0)
            os._exit(os.waitstatus_to_exitcode(status) & 127)
        linux.die_with_parent()
        linux.unshare(linux.NEW_MOUNTS)
        linux.enter_bare_root(order.readable, folder, own_processes=True)
        linux.mount_work_folder(folder, _FOLDER_MEGABYTES, _FOLDER_FILES, programs=True)
    if uid == 0:
        own = _FIRST_UID + os.getpid() % _UIDS
        if order.tier != "A":
            os.chown(folder, own, own)
        os.setgroups([])
        os.setresgid(own, own, own)
        os.setresuid(own, own, own)
        if order.tier == "A":
            linux.die_with_parent()  # a change of user clears it
    linux.no_new_privileges()
    linux.drop_capabilities()
    linux.hide_from_others()
    if linux.landlock_abi() > 0:
        tools = [*order.readable, "/proc", "/dev/zero", "/dev/urandom"]
        linux.restrict_files(tools, [folder, "/dev/null"], programs=[*order.readable, folder])
    elif order.tier == "B":
        raise OSError("this kernel has no Landlock")
    return folder


def _processes(group: int) -> Iterator[int]:
    """The memory in use, in bytes, of each process of a group."""
    page = os.sysconf("SC_PAGE_SIZE")
    for name in os.listdir("/proc"):
        if name.isdigit():
            with (
                contextlib.suppress(OSError, IndexError, ValueError),
                open(f"/proc/{name}/stat", "rb") as file,
            ):
                fields = file.read().rpartition(b")")[2].split()
                if int(fields[2]) == group:
                    yield int(fields[21]) * page


def _run(command: Command, confined: bool, alone: bool) -> Done:
    """Run one command to its end or its limit."""
    # Where no pid namespace keeps others out of reach, a command may signal its own group alone.
    program = seccomp.filter_program(None if alone else 0, starts_programs=True) if confined else b""
    with contextlib.suppress(OSError):  # what a command before made: a linker may change no modes itself
        os.chmod(command.arguments[0], 0o700)
    output = os.open(".output", os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    os.unlink(".output")
    processes = None
    if confined:  # the kernel counts all that a user runs, who may be the grader's
        processes = _MAX_PROCESSES + (
            0 if alone or os.getuid() >= _FIRST_UID else linux.count_tasks(os.getuid())
        )
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            null = os.open("/dev/null", os.O_RDONLY)
            for source, target in ((null, 0), (output, 1), (output, 2)):
                os.dup2(source, target)
            os.closerange(3, 1 << 10)
            seconds = max(int(command.seconds), 1) + 1
            memory = command.megabytes << 20 if command.address_space else None
            linux.set_limits(memory, seconds, MAX_FILE, processes, 64)
            if program:
                linux.install_filter(program)
            os.execve(command.arguments[0], command.arguments, {**ENVIRONMENT, "TMPDIR": ".", "HOME": "."})
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}".encode())
        os._exit(126)
    deadline, stopped, status = time.monotonic() + command.seconds, "", None
    watched = os.path.isdir("/proc/self")
    while status is None:
        ended, result = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(result)
            break
        if time.monotonic() > deadline:
            stopped = f"took longer than {command.seconds:g} s"
        elif watched and sum(_processes(pid)) > command.megabytes << 20:
            stopped = f"took more than {command.megabytes} MB of memory"
        if stopped:
            _kill(pid, alone)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        time.sleep(0.01 if alone else 0.05)
    _kill(pid, alone)  # what it left running
    with contextlib.suppress(ChildProcessError):  # on tier A, whatever it left is ours now
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    size = os.fstat(output).st_size
    text = os.pread(output, _MAX_OUTPUT, 0).decode("utf-8", "replace")
    os.close(output)
    if status == -signal.SIGXCPU or (status == -signal.SIGKILL and not stopped):
        stopped = f"took longer than {command.seconds:g} s, or all memory"
    more = f"\n… {size - _MAX_OUTPUT:,} bytes left out" if size > _MAX_OUTPUT else ""
    return Done(max(status, 0), max(-status, 0), text + more, stopped)


def _kill(group: int, alone: bool) -> None:
    """Kill a command and all that it started; ``alone`` in a pid namespace, that is everybody."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    if alone:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)


def _work(job: Job, tier: str) -> Outcome:
    """Do a job in the current folder."""
    for name, data in job.files.items():
        with open(name, "wb") as file:
            file.write(data)
    done: list[Done] = []
    for command in job.commands:
        done.append(_run(command, tier in ("A", "B"), tier == "A"))
        if not done[-1].well and (len(done) == 1 or not job.go_on):
            break
    files = {}
    for name in job.wanted if done[0].well else ():
        with contextlib.suppress(OSError):
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                files[name] = file.read(MAX_FILE + 1)
    return Outcome(done, files)


def main() -> None:
    """Entry point: ``python -m autograder.sandbox.job_runner``; an ``Order`` comes in, an ``Outcome`` goes out."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    try:
        folder = _confine(order) if order.tier in ("A", "B") else order.folder
        os.chdir(folder)
        outcome = _work(order.job, order.tier)
    except Exception as error:
        outcome = Outcome(error=f"{type(error).__name__}: {error}")
    with contextlib.suppress(OSError), open(1, "wb", closefd=False) as file:
        file.write(msgspec.msgpack.encode(outcome))
    os._exit(0)


if __name__ == "__main__":
    main()
