"""What the Linux kernel offers to confine a process: namespaces, a bare root, Landlock, limits, seccomp.

Thin functions over system calls; ``zygote`` decides which to use. Each raises OSError when the kernel refuses.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable, Sequence

__all__ = [
    "NEW_IPC",
    "NEW_MOUNTS",
    "NEW_NETWORK",
    "NEW_PIDS",
    "NEW_USERS",
    "NEW_UTS",
    "all_may_read",
    "be_killed_first",
    "count_tasks",
    "die_with_parent",
    "drop_capabilities",
    "enter_bare_root",
    "gather",
    "hide_from_others",
    "install_filter",
    "keep_capabilities",
    "landlock_abi",
    "map_own_user",
    "mount_work_folder",
    "no_new_privileges",
    "private_memory",
    "restrict_files",
    "set_limits",
    "setns",
    "unshare",
]

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USERS, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 1, 2, 4, 8, 32
_MS_BIND, _MS_REC, _MS_PRIVATE, _MS_RELATIME = 0x1000, 0x4000, 0x40000, 0x200000
_MNT_DETACH = 2
_PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _CAP_DAC_READ_SEARCH = 4, 8, 2
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 1, 22, 38, 2
_CAPSET = {"x86_64": 126, "aarch64": 91}
_MADV_COLLAPSE, _HUGE_PAGE = 25, 2 << 20
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446

_FS_EXECUTE, _FS_WRITE_FILE, _FS_READ_FILE, _FS_READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FS_MAKE_CHAR, _FS_MAKE_SOCK, _FS_MAKE_FIFO, _FS_MAKE_BLOCK, _FS_MAKE_SYM = (
    1 << 6,
    1 << 9,
    1 << 10,
    1 << 11,
    1 << 12,
)
_FS_TRUNCATE = 1 << 14
_FS_ON_FILES = _FS_EXECUTE | _FS_WRITE_FILE | _FS_READ_FILE | _FS_TRUNCATE
_FS_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    """Leave the given kinds of namespace for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Enter (or, for pids, let children be born in) the namespace that ``descriptor`` stands for."""
    _check(_libc.setns(descriptor, kind), "setns")


def die_with_parent(with_signal: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel kill this process when its parent ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, with_signal, 0, 0, 0), "prctl(PDEATHSIG)")


def no_new_privileges() -> None:
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")


def hide_from_others() -> None:
    """Keep other processes of the same user from reading and writing this one's memory, until the next exec."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl(DUMPABLE)")


def map_own_user(uid: int, gid: int) -> None:
    """In a new user namespace: be there who one is outside."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def keep_capabilities() -> None:
    """Let the capabilities outlast a change of user, until ``drop_capabilities``."""
    _check(_libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl(KEEPCAPS)")


def all_may_read(paths: list[str]) -> bool:
    """Whether a process without our user id could reach all of these."""
    for path in paths:
        parts = path.split("/")
        for depth in range(2, len(parts) + 1):
            prefix = "/".join(parts[:depth])
            if os.path.isdir(prefix) and not os.stat(prefix).st_mode & 0o001:
                return False
    return True


def drop_capabilities(but_reading: bool = False) -> None:
    """Give up every capability, except, if asked for, reading files and entering folders of others."""
    header = struct.pack("<Ii", 0x20080522, 0)
    kept = 1 << _CAP_DAC_READ_SEARCH if but_reading else 0
    sets = struct.pack("<6I", kept, kept, 0, 0, 0, 0)
    _check(_libc.syscall(ctypes.c_long(_CAPSET[platform.machine()]), header, sets), "capset")


def be_killed_first() -> None:
    """When memory runs out, let the kernel take this process and its children, not those that it grades for."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")


def private_memory() -> list[tuple[int, int]]:
    """Where this process's own memory lies: start and length of each piece that huge pages could hold."""
    pieces = []
    with open("/proc/self/maps") as file:
        for line in file:
            span, rights, _, _, inode, *_ = line.split()
            if rights == "rw-p" and inode == "0":
                start, end = (int(part, 16) for part in span.split("-"))
                start, end = -(-start // _HUGE_PAGE) * _HUGE_PAGE, end // _HUGE_PAGE * _HUGE_PAGE
                if start < end:
                    pieces.append((start, end - start))
    return pieces


def gather(pieces: Iterable[tuple[int, int]]) -> None:
    """Gather memory into huge pages, where the kernel can: a fork then copies one entry in place of 512.

    So a fork takes half the time, and so does the end of the forked process. What cannot be gathered stays as it is.
    """
    for start, length in pieces:
        _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _MADV_COLLAPSE)


def count_tasks(uid: int) -> int:
    """How many processes and threads a user has."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{name}").st_uid == uid:
                    total += len(os.listdir(f"/proc/{name}/task"))
    return total


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    arguments = (source.encode(), target.encode(), kind and kind.encode())
    _check(_libc.mount(*arguments, ctypes.c_ulong(flags), options and options.encode()), f"mount {target}")


def enter_bare_root(readable: Iterable[str], work_folder: str, own_processes: bool = False) -> None:
    """Move into a root that holds only ``readable`` (bound read-only), a few devices and an empty work folder.

    Needs a mount namespace of its own. There is no /sys, no home and no /tmp in it, and no /proc, unless
    ``own_processes`` asks for one with the processes of the own pid namespace.
    """
    root = "/mnt"
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("none", root, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")
    for path in [*readable, "/dev/null", "/dev/zero", "/dev/urandom"]:
        target = root + path
        if os.path.islink(path):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.symlink(os.readlink(path), target)
            continue
        if os.path.isdir(path):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            open(target, "a").close()
        _mount(path, target, None, _MS_BIND | _MS_REC)
        if not path.startswith("/dev/"):
            flags = _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID | _MS_NODEV
            _mount("none", target, None, flags | _locked_flags(target))
    os.mkdir(root + work_folder)
    if own_processes:
        os.mkdir(root + "/proc")
        _mount("proc", root + "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "subset=pid")
    os.mkdir(root + "/old")
    os.chdir(root)
    _check(_libc.syscall(ctypes.c_long(_PIVOT_ROOT[platform.machine()]), b".", b"old"), "pivot_root")
    os.chdir("/")
    _check(_libc.umount2(b"/old", _MNT_DETACH), "umount")
    os.rmdir("/old")
    _mount("none", "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)


def _locked_flags(path: str) -> int:
    """Flags of a mount that a user namespace may not take away, and so must name again."""
    held = os.statvfs(path).f_flag
    return (held & (os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)) | (
        _MS_RELATIME if held & os.ST_RELATIME else 0
    )


def mount_work_folder(path: str, megabytes: int, files: int, programs: bool = False) -> None:
    """Mount an empty file system in memory on ``path``, with room for so much and so many.

    ``programs`` lets what is written there be loaded as a library, or run.
    """
    options = f"size={megabytes}m,nr_inodes={files},mode=1777"
    _mount("none", path, "tmpfs", _MS_NOSUID | _MS_NODEV | (0 if programs else _MS_NOEXEC), options)


def landlock_abi() -> int:
    """The version of Landlock that this kernel has; 0 when it has none."""
    return max(int(_libc.syscall(ctypes.c_long(_LANDLOCK_CREATE), None, ctypes.c_size_t(0), 1)), 0)


def restrict_files(readable: Sequence[str], writable: Sequence[str], programs: Sequence[str] = ()) -> None:
    """Allow this process to open only these files and folders (Landlock), and no TCP port where the kernel can.

    ``programs`` are those of them that may be run, or hold what may be.
    """
    abi = landlock_abi()
    if abi == 0:
        raise OSError("this kernel has no Landlock")
    handled = _FS_RIGHTS[min(abi, 5)]
    network = 3 if abi >= 4 else 0
    scoped = 3 if abi >= 6 else 0  # no abstract sockets, no signals to processes outside
    attributes = struct.pack("<QQQ", handled, network, scoped)[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    ruleset = _check(
        _libc.syscall(ctypes.c_long(_LANDLOCK_CREATE), attributes, ctypes.c_size_t(len(attributes)), 0),
        "landlock_create_ruleset",
    )
    special = _FS_MAKE_CHAR | _FS_MAKE_SOCK | _FS_MAKE_FIFO | _FS_MAKE_BLOCK | _FS_MAKE_SYM | _FS_EXECUTE
    rules = [(path, _FS_READ_FILE | _FS_READ_DIR) for path in readable]
    rules += [(path, handled & ~special) for path in writable]
    rules += [(path, _FS_EXECUTE) for path in programs]  # rules for one path add up
    for path, rights in rules:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not os.path.isdir(path):
            rights &= _FS_ON_FILES
        rule = struct.pack("<Qi", rights & handled, descriptor)
        _check(_libc.syscall(ctypes.c_long(_LANDLOCK_ADD), ruleset, 1, rule, 0), f"landlock_add_rule {path}")
        os.close(descriptor)
    _check(_libc.syscall(ctypes.c_long(_LANDLOCK_RESTRICT), ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def set_limits(
    memory: int | None, cpu_seconds: int, file_size: int, processes: int | None, open_files: int
) -> None:
    """Limit address space (None: to nothing) and file size (bytes), CPU time, threads and open files; no core dumps."""
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_NOFILE: open_files,
        resource.RLIMIT_CORE: 1,  # not 0: with a handler for cores, the kernel makes an exception of 1 only
    }
    limits[resource.RLIMIT_AS] = resource.RLIM_INFINITY if memory is None else memory
    if processes is not None:
        limits[resource.RLIMIT_NPROC] = processes
    for kind, value in limits.items():
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = hard if value == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is an error, not the end


def install_filter(program: bytes) -> None:
    """Install a seccomp filter; ``program`` is an array of ``struct sock_filter``."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HP", len(program) // 8, ctypes.addressof(buffer))
    _check(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0), "prctl(SECCOMP)")
