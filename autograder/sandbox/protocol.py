"""The messages between the trusted process and the sandbox, and their frames.

A frame is a little-endian 32-bit length and a msgpack body, decoded strictly into one of the message types below.
Values travel inside messages as bytes made by ``wire.encode``, so that a message is checked before its values are.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Annotated

import msgspec
from msgspec import Meta

from autograder.sandbox.limits import Limits
from autograder.sandbox.wire import MAX_VALUE_BYTES

__all__ = [
    "MAX_FRAME_BYTES",
    "MAX_PICTURES_A_CELL",
    "MAX_PICTURE_SIDE",
    "MIRRORED",
    "Call",
    "Callback",
    "CellDone",
    "Cell",
    "Ended",
    "Failure",
    "Picture",
    "ProtocolError",
    "Raised",
    "Ready",
    "Reply",
    "Report",
    "Returned",
    "Run",
    "Settings",
    "receive",
    "send",
]

MAX_FRAME_BYTES = MAX_VALUE_BYTES + (1 << 20)
"""Largest frame: one large value and some room for small ones."""


MAX_PICTURE_SIDE = 640
"""Most pixels of a picture's width or height."""
MAX_PICTURES_A_CELL = 4


MIRRORED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    FloatingPointError,
    IndexError,
    KeyError,
    LookupError,
    MemoryError,
    NameError,
    NotImplementedError,
    OSError,
    OverflowError,
    PermissionError,
    RecursionError,
    RuntimeError,
    TypeError,
    UnboundLocalError,
    ValueError,
    ZeroDivisionError,
)
"""Exceptions that a test may expect of a submission, by ``except ValueError``, say."""


class ProtocolError(Exception):
    """The other side sent something that is not a message."""


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """One piece of a submission's source, with the name that errors in it are reported under.

    ``shows`` asks for what a notebook shows below a cell: the value of its last expression, and its figures.
    """

    name: str
    source: str
    shows: bool = False


_Short = Annotated[str, Meta(max_length=300)]
_Text = Annotated[str, Meta(max_length=30_000)]
_Values = Annotated[list[bytes], Meta(max_length=1000)]
_NamedValues = Annotated[dict[str, bytes], Meta(max_length=1000)]
_Warnings = Annotated[list[tuple[_Short, _Text]], Meta(max_length=1000)]
"""Bounds on what a sandbox sends: a frame of tiny texts would take twenty times its size in memory."""


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """An exception in student code, as text: the type's name, the message, and where it was raised."""

    type: _Short
    message: _Text
    where: _Short = ""
    base: _Short = ""
    """The first of ``MIRRORED`` that the type derives from."""

    def __str__(self) -> str:
        text = f"{self.type}: {self.message}" if self.message else self.type
        return f"{text} ({self.where})" if self.where else text


class Picture(msgspec.Struct, frozen=True, array_like=True):
    """What a cell has drawn: red, green and blue of each pixel, row by row from the top, and what it shows."""

    width: Annotated[int, Meta(gt=0, le=MAX_PICTURE_SIDE)]
    height: Annotated[int, Meta(gt=0, le=MAX_PICTURE_SIDE)]
    pixels: Annotated[bytes, Meta(max_length=3 * MAX_PICTURE_SIDE**2)]
    alt: _Short = ""


class Run(msgspec.Struct, tag="run", array_like=True):
    """Trusted to sandbox: run these cells in order."""

    cells: list[Cell]


class Call(msgspec.Struct, tag="call", array_like=True):
    """Trusted to sandbox: call a function of the submission."""

    number: int
    function: str
    args: list[bytes]
    kwargs: dict[str, bytes]


class Reply(msgspec.Struct, tag="reply", array_like=True):
    """Trusted to sandbox: the answer to a callback, a value or a failure."""

    number: int
    value: bytes | None
    failure: Failure | None


class Ready(msgspec.Struct, tag="ready", array_like=True):
    """Sandbox to trusted: confined and waiting, or why not."""

    error: str


class CellDone(msgspec.Struct, tag="cell", array_like=True):
    """Sandbox to trusted: one cell has run, and so many bytes have been printed since the start."""

    index: int
    failure: Failure | None
    printed: int = 0
    pictures: Annotated[list[Picture], Meta(max_length=MAX_PICTURES_A_CELL)] = []


class Callback(msgspec.Struct, tag="callback", array_like=True):
    """Sandbox to trusted: call the function that travelled as this number."""

    number: int
    function: int
    args: _Values
    kwargs: _NamedValues


class Returned(msgspec.Struct, tag="returned", array_like=True):
    """Sandbox to trusted: the value of a call, and the arguments that it changed in place."""

    number: int
    value: bytes
    changed: _NamedValues
    warnings: _Warnings


class Raised(msgspec.Struct, tag="raised", array_like=True):
    """Sandbox to trusted: a call ended with an exception."""

    number: int
    failure: Failure
    changed: _NamedValues
    warnings: _Warnings


class Settings(msgspec.Struct, kw_only=True):
    """What the trusted side asks of a process that is to run submissions."""

    tier: str
    readable: list[str]
    preload: list[str]
    limits: Limits


class Report(msgspec.Struct, kw_only=True):
    """The zygote is ready, or the error that stopped it."""

    error: str = ""


class Ended(msgspec.Struct, kw_only=True):
    """How a submission's process ended, as the kernel tells it."""

    signal: int = 0
    code: int = 0
    cpu_seconds: float = 0.0
    peak_kilobytes: int = 0


ToSandbox = Run | Call | Reply
FromSandbox = Ready | CellDone | Callback | Returned | Raised

_encoder = msgspec.msgpack.Encoder()
_to_sandbox = msgspec.msgpack.Decoder(ToSandbox)
_from_sandbox = msgspec.msgpack.Decoder(FromSandbox)
_length = struct.Struct("<I")


def send(connection: socket.socket, message: ToSandbox | FromSandbox, deadline: float | None = None) -> None:
    """Send one message; raises OSError (TimeoutError past ``deadline``, in ``time.monotonic`` seconds)."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise ProtocolError(f"a message of {len(body):,} bytes is over the limit of {MAX_FRAME_BYTES:,}")
    connection.settimeout(_time_left(deadline))
    connection.sendall(_length.pack(len(body)) + body)


def _time_left(deadline: float | None) -> float | None:
    """Seconds to ``deadline``; TimeoutError past it, so that bytes that drip in cannot put it off."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


def _receive_exactly(connection: socket.socket, size: int, deadline: float | None) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        connection.settimeout(_time_left(deadline))
        count = connection.recv_into(view)
        if count == 0:
            raise EOFError("the other side has ended")
        view = view[count:]
    return buffer


def _receive_frame(connection: socket.socket, deadline: float | None) -> bytearray:
    (size,) = _length.unpack(_receive_exactly(connection, 4, deadline))
    if size > MAX_FRAME_BYTES:
        raise ProtocolError(f"a message of {size:,} bytes is over the limit of {MAX_FRAME_BYTES:,}")
    return _receive_exactly(connection, size, deadline)


def receive(connection: socket.socket, deadline: float | None) -> FromSandbox:
    """Receive one message of the sandbox.

    Raises:
        TimeoutError: ``deadline`` (in ``time.monotonic`` seconds) has passed.
        EOFError, OSError: the sandbox has ended.
        ProtocolError: what came is not a message.
    """
    frame = _receive_frame(connection, deadline)
    try:
        message: FromSandbox = _from_sandbox.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError, MemoryError) as error:
        raise ProtocolError(f"malformed message: {error}") from None
    return message


def receive_request(connection: socket.socket) -> ToSandbox:
    """Receive one message of the trusted process; EOFError when it has ended."""
    message: ToSandbox = _to_sandbox.decode(_receive_frame(connection, None))
    return message
