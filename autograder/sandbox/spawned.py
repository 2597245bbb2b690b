"""A fresh interpreter for one submission, where the system has no zygote to fork from (tiers C and D).

Started by ``launchers.Spawner``; reads on standard input which socket to serve and the limits to set on itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys

import msgspec

from autograder.sandbox import notebook_shims, protocol, runner
from autograder.sandbox.protocol import Settings

__all__ = ["main"]


def _set_limits(settings: Settings) -> None:
    """The limits that POSIX has; a system that lacks one goes without."""
    import resource

    limits = settings.limits
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for name, value in {
        "RLIMIT_AS": limits.memory_megabytes << 20,
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_FSIZE": limits.output_megabytes << 20,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CORE": 0,
    }.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            kind = getattr(resource, name)
            _, hard = resource.getrlimit(kind)
            bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (bounded, bounded))


def main() -> None:
    """Entry point: ``python -m autograder.sandbox.spawned``."""
    first, settings = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=tuple[bytes, Settings])
    if sys.platform == "win32":
        connection = socket.fromshare(first)
    else:
        connection = socket.socket(fileno=int(first))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    try:
        if settings.tier == "C":
            _set_limits(settings)
        notebook_shims.install()
    except OSError as error:
        protocol.send(connection, protocol.Ready(str(error) or "?"))
        return
    runner.serve(connection)


if __name__ == "__main__":
    main()
