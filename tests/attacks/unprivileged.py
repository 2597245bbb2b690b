"""Runs a command as a user without rights, though Python may lie in a home folder that this user cannot enter.

    python unprivileged.py PATH [PATH ...] -- COMMAND [ARGUMENT ...]

In a mount namespace of its own, each folder that bars the way to one of the PATHs is covered by an empty one that
leads to those PATHs and to nothing else. Nothing changes outside. Ends with 77 when this machine does not allow it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence

from autograder.sandbox import linux

NOT_POSSIBLE = 77
NOBODY = 65534


def barred_by(path: str) -> str | None:
    """The topmost folder above ``path`` that others may not enter."""
    parts = path.strip("/").split("/")
    for depth in range(1, len(parts) + 1):
        folder = "/" + "/".join(parts[:depth])
        if os.path.isdir(folder) and not os.stat(folder).st_mode & stat.S_IXOTH:
            return folder
    return None


def open_the_way(paths: Sequence[str]) -> None:
    """Make ``paths`` reachable for everyone, in this process's mount namespace only."""
    linux.unshare(linux.NEW_MOUNTS)
    linux._mount("none", "/", None, linux._MS_REC | linux._MS_PRIVATE)
    barred: dict[str, list[str]] = {}
    for path in dict.fromkeys(os.path.realpath(path) for path in paths):
        if (folder := barred_by(path)) and folder != path:
            barred.setdefault(folder, []).append(path)
    for folder, wanted in barred.items():
        held = [(path, os.open(path, os.O_PATH)) for path in wanted]
        linux._mount("none", folder, "tmpfs", 0, "mode=755,size=1m")
        for path, descriptor in held:
            if not os.path.exists(path):
                os.makedirs(path)
                linux._mount(f"/proc/self/fd/{descriptor}", path, None, linux._MS_BIND | linux._MS_REC)
            os.close(descriptor)


def main(arguments: Sequence[str]) -> None:
    split = arguments.index("--")
    paths, command = arguments[:split], arguments[split + 1 :]
    try:
        open_the_way(paths)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError as error:
        print(f"another user cannot be made able to run this: {error}", file=sys.stderr)
        raise SystemExit(NOT_POSSIBLE) from None
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
