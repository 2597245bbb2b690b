"""Removes what a submission left in its work folder, whatever it left: deep nests, closed folders, many files."""

from __future__ import annotations

import contextlib
import os
import shutil

__all__ = ["remove_folder"]


def remove_folder(path: str, most: int | None = None) -> bool:
    """Remove a folder and all in it; nothing may write to it any more.

    A nest of folders can be deeper than a path is long, than Python recurses, and than files can be open: this walks
    down and up again with one open folder at a time.

    Args:
        path: the folder.
        most: give up after about so many files and folders.

    Returns:
        Whether it is gone. What the system refuses to remove stays.
    """
    if os.unlink not in os.supports_dir_fd:
        shutil.rmtree(path, ignore_errors=True)
        return not os.path.lexists(path)
    with contextlib.suppress(OSError):
        here = _open(path)
        below: list[str] = []  # names of the folders from ``path`` down to ``here``
        waiting = [_unlink_files(here)]  # in each of them, folders that are still to be visited
        seen = 0
        try:
            while most is None or seen <= most:
                seen += 1
                if waiting[-1]:
                    name = waiting[-1].pop()
                    with contextlib.suppress(OSError):
                        inside = _open(name, here)
                        os.close(here)
                        here = inside
                        below.append(name)
                        waiting.append(_unlink_files(here))
                        seen += len(waiting[-1])
                    continue
                if not below:
                    break
                above = os.open("..", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=here)
                os.close(here)
                here = above
                waiting.pop()
                with contextlib.suppress(OSError):
                    os.rmdir(below.pop(), dir_fd=here)
        finally:
            os.close(here)
        os.rmdir(path)
    return not os.path.lexists(path)


def _open(name: str, folder: int | None = None) -> int:
    """Open a folder that may have been closed to everyone."""
    os.chmod(name, 0o700, dir_fd=folder)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)


def _unlink_files(folder: int) -> list[str]:
    """Remove the files in a folder; returns the names of the folders in it."""
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                else:
                    os.unlink(entry.name, dir_fd=folder)
    return folders
