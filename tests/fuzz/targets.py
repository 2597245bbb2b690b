"""What is fuzzed: every reader of bytes that a student, or a student's code, wrote.

A target takes any bytes and returns. It swallows the errors that its reader documents; any other exception is a
finding, and so is a result that breaks a promise, checked by ``assert``.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import numpy as np

from autograder import archives, submissions
from autograder.sandbox import client, protocol, wire
from autograder.sandbox.launchers import Launcher, Process
from autograder.sandbox.limits import Limits

__all__ = ["MAX_INPUT_BYTES", "MAX_MEGABYTES", "MAX_SECONDS", "TARGETS"]

MAX_INPUT_BYTES = 1 << 16
"""Longest input that a fuzzer makes; what larger ones may cost has tests of its own."""
MAX_SECONDS = 2.0
"""Most processor time of one input."""
MAX_MEGABYTES = {"wire": 64, "frame": 96, "answers": 128, "notebook": 64, "script": 64, "archive": 256}
"""Most memory that one input may add: a frame of 33 MB has room kept for it before it is there, and a packed file
of 64 kB may hold 64 MB."""

BETWEEN = b"\xc1\xc1\xc1\xc1"
"""Stands between two messages in an input of ``answers``: a byte that msgpack does not use."""

TOPICS = ["attention", "diffusion"]

_PLAIN = (
    type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, np.ndarray,
)  # fmt: skip


def _check_plain(value: object) -> None:
    """All of ``value`` has exactly the types that a decoder may build."""
    todo = [value]
    while todo:
        item = todo.pop()
        kind = type(item)
        assert kind in _PLAIN or kind is wire.Remote or isinstance(item, np.generic), kind
        if isinstance(item, (np.ndarray, np.generic)):
            assert item.dtype.kind in "biufcSU", item.dtype
            assert item.nbytes <= wire.MAX_VALUE_BYTES
        if isinstance(item, dict):
            todo += item.keys()
            todo += item.values()
        elif isinstance(item, (list, tuple, set, frozenset)):
            todo += item


def _decoded(data: bytes, small: int) -> tuple[str, bytes]:
    """What becomes of ``data``, in a form that can be compared. Below ``small`` bytes it is not weighed."""
    with mock.patch.object(wire, "_SMALL_BYTES", small):
        try:
            value = wire.decode(data, lambda *_: None)
        except wire.NotPlainError:
            return "not plain", b""
        except ValueError:
            return "malformed", b""
    _check_plain(value)
    try:
        return "value", wire.encode(value, lambda _: 0)
    except wire.NotPlainError:  # a little deeper than the encoder goes
        return "value", b""


def wire_value(data: bytes) -> None:
    """A value that came over the wire; whether it is weighed first changes next to nothing."""
    plain, weighed = _decoded(data, len(data)), _decoded(data, -1)
    differ = {plain[0], weighed[0]}
    deep = "not plain" in differ  # one way goes a little deeper than the other
    # In a key's old value.
    date = differ == {"value", "malformed"} and wire._TIMESTAMPS.search(data) is not None
    assert plain == weighed or deep or date, differ


def frame(data: bytes) -> None:
    """What a sandbox sends, whole frames or not; and the same as the body of one frame."""
    for stream in (data, struct.pack("<I", len(data)) + data):
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                theirs.sendall(stream)
            with contextlib.suppress(protocol.ProtocolError, EOFError):
                while True:
                    message = protocol.receive(ours, time.monotonic() + 60)
                    assert type(message) in protocol.FromSandbox.__args__


class _PlayedProcess(Process):
    def wait(self, seconds: float) -> protocol.Ended:
        return protocol.Ended(code=0)

    def kill(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Player(Launcher):
    """A submission's process that says what it was going to say, whatever it is asked."""

    def __init__(self, data: bytes) -> None:
        self.limits = Limits()
        self.tier = "played"
        self.folder = ""
        ready = msgspec.msgpack.encode(protocol.Ready(""))
        self._said = b"".join(struct.pack("<I", len(body)) + body for body in (ready, *data.split(BETWEEN)))
        self._held: socket.socket | None = None

    def launch(self, connection: socket.socket, output: int) -> Process:
        self._held = connection.dup()
        self._held.sendall(self._said[: MAX_INPUT_BYTES + 100])
        self._held.shutdown(socket.SHUT_WR)
        return _PlayedProcess()

    def close(self) -> None:
        if self._held is not None:
            self._held.close()


def answers(data: bytes) -> None:
    """A whole conversation of the trusted side with a process that answers with anything."""
    numbers, table, array = [1.0, [2.0]], {"a": [1], "b": {2}}, np.zeros(3)
    functions: list[Callable[..., Any]] = [lambda *args, **kwargs: [args, kwargs], len]
    with warnings.catch_warnings(), _Player(data) as player, client.Sandbox(player) as sandbox:
        warnings.simplefilter("ignore")
        deadline = time.monotonic() + 60
        with contextlib.suppress(client.ProcessEnded, client.StudentError):
            for failure in sandbox.run([protocol.Cell("cell 1", "pass")], deadline):
                assert failure is None or isinstance(str(failure), str)
        for _ in range(3):
            with contextlib.suppress(client.ProcessEnded, client.StudentError):
                value, changed = sandbox.call("f", [numbers, array, *functions], {"table": table}, deadline)
                _check_plain(value)
                assert all(type(key) is str for key in changed)
    for argument in (numbers, table, array):
        _check_plain(argument)


@contextlib.contextmanager
def _file(data: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def _read(submission: submissions.Submission) -> None:
    """Cells that were read can be sent to a sandbox."""
    try:
        cells = submissions.read_cells(submission)
    except submissions.UnreadableError as error:
        assert str(error)
        return
    assert cells
    assert len(msgspec.msgpack.encode(protocol.Run(cells))) <= protocol.MAX_FRAME_BYTES


def notebook(data: bytes) -> None:
    """A student's notebook."""
    with _file(data, "attention.ipynb") as path:
        _read(submissions.Submission("attention.ipynb", "student-001", "attention", path))


def script(data: bytes) -> None:
    """A student's Python file."""
    with _file(data, "attention.py") as path:
        _read(submissions.Submission("attention.py", "student-001", "attention", path))


def archive(data: bytes) -> None:
    """A student's archive: what is in it is found, and each file that may be read is read or refused."""
    with _file(data, "student-001.zip") as path:
        found, _ = submissions.find_submissions(path, TOPICS)
        assert found
        for submission in found[:20]:
            _read(submission)
        with contextlib.suppress(archives.ArchiveError):
            for member in archives.list_members(path, 1 << 20)[:20]:
                with contextlib.suppress(archives.ArchiveError):
                    assert len(archives.read_member(path, member.name, 1 << 20)) <= 1 << 20


TARGETS: dict[str, Callable[[bytes], None]] = {
    "wire": wire_value,
    "frame": frame,
    "answers": answers,
    "notebook": notebook,
    "script": script,
    "archive": archive,
}
