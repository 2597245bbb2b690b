"""Makes temporary folders, and removes them with whatever a submission left: deep nests, closed folders, many files.

A folder is locked as long as a process uses it. The kernel frees the lock however the process ends, so that the next
start can tell, and remove, what a process that was killed has left.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import sys
import tempfile
import time

if sys.platform != "win32":
    import fcntl

__all__ = ["TemporaryFolder", "folder_name", "make_folder", "remove_folder", "remove_stale_folders"]

_OWN = re.compile(r"autograder-(?:cluster|course|job|sandbox)-[0-9a-f]{16}")
_TRIES = 10
_PAUSE_SECONDS = 0.02


def folder_name(kind: str) -> str:
    """A path that nobody foresees, for a folder that has not been made yet."""
    return os.path.join(tempfile.gettempdir(), f"autograder-{kind}-{secrets.token_hex(8)}")


def make_folder(path: str, mode: int = 0o700) -> int:
    """Make a folder and lock it.

    Args:
        path: from ``folder_name``.
        mode: 0o711 for a folder that a sandbox may pass through and not list.

    Returns:
        The descriptor that holds the lock until it is closed, or its process ends; -1 where the system has no locks.
    """
    while True:
        os.mkdir(path, 0o700)
        os.chmod(path, mode)
        if sys.platform == "win32":
            return -1
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            with contextlib.suppress(OSError):  # a file system without locks: its folders are never stale
                fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return lock
            os.close(lock)  # somebody took it for stale, before it was locked


class TemporaryFolder:
    """A folder of this process, at ``path``, until ``remove`` is called."""

    def __init__(self, kind: str, mode: int = 0o700) -> None:
        self.path = folder_name(kind)
        self._lock = make_folder(self.path, mode)

    def remove(self) -> None:
        remove_folder(self.path)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def remove_stale_folders() -> None:
    """Remove this user's temporary folders whose processes are gone."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if not _OWN.fullmatch(entry.name):
                continue
            with contextlib.suppress(OSError):  # in use, or somebody else's
                lock = os.open(entry.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    if os.fstat(lock).st_uid == os.getuid():
                        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        remove_folder(entry.path)
                finally:
                    os.close(lock)


def remove_folder(path: str, most: int | None = None) -> bool:
    """Remove a folder and all in it.

    A nest of folders can be deeper than a path is long, than Python recurses, and than files can be open: this walks
    down and up again with one open folder at a time. Others may be removing the same, and who is being killed may write
    for another moment.

    Args:
        path: the folder.
        most: give up after about so many files and folders.

    Returns:
        Whether it is gone. What the system refuses to remove stays.
    """
    if os.unlink not in os.supports_dir_fd:
        shutil.rmtree(path, ignore_errors=True)
        return not os.path.lexists(path)
    for _ in range(_TRIES):
        try:
            whole = _empty(path, most)
            os.rmdir(path)
        except FileNotFoundError:  # the folder itself, or one inside that somebody else has removed
            pass
        except OSError as error:
            if error.errno != errno.ENOTEMPTY or not whole:
                break
            time.sleep(_PAUSE_SECONDS)
        if not os.path.lexists(path):
            return True
    return not os.path.lexists(path)


def _empty(path: str, most: int | None) -> bool:
    """Remove all that is in a folder; False when it gave up.

    Raises:
        OSError: the folder cannot be opened, or somebody else removed or moved the one that this was in.
    """
    here = _open(path)
    try:
        below: list[tuple[str, os.stat_result]] = []  # names down to ``here``, and what each lies in
        waiting = [_unlink_files(here)]  # in each of them, folders that are still to be visited
        seen = 0
        while most is None or seen <= most:
            seen += 1
            if waiting[-1]:
                name = waiting[-1].pop()
                with contextlib.suppress(OSError):
                    inside = _open(name, here)
                    below.append((name, os.fstat(here)))
                    os.close(here)
                    here = inside
                    waiting.append(_unlink_files(here))
                    seen += len(waiting[-1])
                continue
            if not below:
                return True
            above = os.open("..", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = above
            waiting.pop()
            name, expected = below.pop()
            if not os.path.samestat(os.fstat(here), expected):
                raise FileNotFoundError("the folder was moved")
            with contextlib.suppress(OSError):
                os.rmdir(name, dir_fd=here)
        return False
    finally:
        os.close(here)


def _open(name: str, folder: int | None = None) -> int:
    """Open a folder that may have been closed to everyone."""
    os.chmod(name, 0o700, dir_fd=folder)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)


def _unlink_files(folder: int) -> list[str]:
    """Remove the files in a folder; returns the names of the folders in it, none when it is gone itself."""
    folders: list[str] = []
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                else:
                    os.unlink(entry.name, dir_fd=folder)
    return folders
