"""The trusted side: starts sandboxes, calls functions in them, and judges by what the kernel says of them."""

from __future__ import annotations

import contextlib
import copy
import os
import signal
import socket
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from autograder.sandbox import protocol, wire
from autograder.sandbox.launchers import Launcher, Process, SandboxError
from autograder.sandbox.protocol import Cell, Ended, Failure

__all__ = [
    "ProcessEnded",
    "Sandbox",
    "SandboxError",
    "StudentError",
    "apply_change",
    "not_plain",
    "raise_failure",
    "restore",
]

_START_SECONDS = 120.0
_SETTLE_SECONDS = 0.25
_MAX_WARNINGS = 20
_MAX_TEXT = 2000
_MAX_PICTURES = 16


class StudentError(Exception):
    """An exception that the student's code raised, or a result that is not plain data.

    Attributes:
        kind: the name of the exception's type.
    """

    kind = "StudentError"


class ProcessEnded(Exception):
    """The submission's process is gone.

    Attributes:
        reason: "timeout" (a time limit), "crashed" (it ended by itself or by a signal, or broke the protocol).
        done: outcomes of the cells that ran before, when it ended while running cells.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.done: list[Failure | None] = []


def _mirror(kind: type[Exception]) -> type[StudentError]:
    """A StudentError that a test's ``except ValueError`` (say) catches too."""

    def text(self: BaseException) -> str:  # KeyError would show the message's repr
        return str(self.args[0]) if self.args else ""

    namespace = {"__str__": text, "__module__": __name__, "__qualname__": kind.__name__}
    return type(kind.__name__, (StudentError, kind), namespace)


_ERRORS: dict[str, type[StudentError]] = {kind.__name__: _mirror(kind) for kind in protocol.MIRRORED}
_WARNINGS: dict[str, type[Warning]] = {
    kind.__name__: kind for kind in (DeprecationWarning, FutureWarning, RuntimeWarning, UserWarning)
}


def raise_failure(failure: Failure) -> None:
    """Raise what the student's code raised, as an exception of the nearest built-in type."""
    mirrored = _ERRORS.get(failure.type)
    if mirrored is not None:
        place = f"({failure.where})" if failure.where else ""
        error = mirrored(" ".join(part for part in (failure.message, place) if part))
    else:
        error = _ERRORS.get(failure.base, StudentError)(str(failure))
    error.kind = failure.type
    raise error


def not_plain(text: str) -> StudentError:
    """The error of a submission that gave something that is not plain data."""
    error = StudentError(text)
    error.kind = "NotPlainError"
    return error


def apply_change(original: Any, now: Any) -> None:
    """Give ``original`` the contents of ``now``, in place, as far down as the containers are the same."""
    if isinstance(original, np.ndarray):
        if isinstance(now, np.ndarray) and now.shape == original.shape and now.dtype == original.dtype:
            if original.flags.writeable:
                np.copyto(original, now)
        else:
            raise StudentError("an array argument was given another shape or type in place")
    elif isinstance(original, list) and isinstance(now, list):
        if len(original) == len(now):
            original[:] = [_merge(old, new) for old, new in zip(original, now, strict=True)]
        else:
            original[:] = now
    elif isinstance(original, dict) and isinstance(now, dict):
        merged = {key: _merge(original[key], new) if key in original else new for key, new in now.items()}
        original.clear()
        original.update(merged)
    elif isinstance(original, set) and isinstance(now, set):
        original.clear()
        original.update(now)
    elif isinstance(original, tuple) and isinstance(now, tuple):
        _merge(original, now)


def restore(original: Any, before: Any) -> None:
    """Give ``original`` back what it held, whatever a submission has put into it since."""
    try:
        apply_change(original, before)
    except StudentError:  # an array of another shape was never taken over
        pass
    except (RecursionError, MemoryError):  # as deep as a submission likes: what is inside becomes a copy
        if isinstance(original, list):
            original[:] = before
        elif isinstance(original, dict):
            original.clear()
            original.update(before)
        elif isinstance(original, tuple):
            for old, held in zip(original, before, strict=True):
                restore(old, held)


def _merge(old: Any, new: Any) -> Any:
    """What stands in the place of ``old`` now: ``old`` itself, changed, where it can be changed to ``new``."""
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        parts = tuple(map(_merge, old, new))
        return old if type(old) is not tuple and _arrives_as(old, new) else parts
    for kind in (list, dict, set):
        if isinstance(old, kind) and isinstance(new, kind):
            apply_change(old, new)
            return old
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype:
            return new
        apply_change(old, new)
        return old
    if type(old) is type(new):
        return new
    return old if isinstance(new, wire.Remote) or _arrives_as(old, new) else new


def _arrives_as(old: Any, new: Any) -> bool:
    """Whether ``new`` is what becomes of ``old``, of another type, on the way there and back."""
    try:
        return wire.encode(old) == wire.encode(new)
    except wire.NotPlainError:
        return False


class Sandbox:
    """One submission's process, seen from outside.

    Attributes:
        changes: the arguments that calls have changed in place, each with a copy of what it held before.
        received: bytes of all answers.
        printed: how much had been printed when each cell was done, in bytes; as the sandbox says.
        pictures: what each cell has drawn; as the sandbox says.
    """

    def __init__(self, launcher: Launcher) -> None:
        self.limits = launcher.limits
        self.changes: list[tuple[Any, Any]] = []
        self.received = 0
        self.printed: list[int] = []
        self.pictures: list[list[protocol.Picture]] = []
        self.calls = 0
        self.ended: Ended | None = None
        self._functions: dict[int, Callable[..., Any]] = {}  # those of the calls that are not over
        self._registered = 0
        self._output = _memory_file()
        self._connection, theirs = socket.socketpair()
        self._process: Process | None = None
        try:
            with theirs:
                self._process = launcher.launch(theirs, self._output.fileno())
            ready = protocol.receive(self._connection, time.monotonic() + _START_SECONDS)
            problem = ready.error if isinstance(ready, protocol.Ready) else "it did not say that it is ready"
        except (OSError, EOFError, protocol.ProtocolError) as error:
            problem = f"{type(error).__name__}: {error}"
        except SandboxError:
            self.close()
            raise
        if problem:
            printed = self.output(500).strip()
            self.close()
            raise SandboxError(f"a sandbox could not be started: {problem} {printed}".strip())

    def run(self, cells: Sequence[Cell], deadline: float) -> list[Failure | None]:
        """Run cells in order; returns each one's failure, or None.

        Raises:
            ProcessEnded: the process is gone.
        """
        failures: list[Failure | None] = []
        try:
            protocol.send(self._connection, protocol.Run(list(cells)), deadline)
            while len(failures) < len(cells):
                limit = min(time.monotonic() + self.limits.cell_seconds, deadline)
                message = self._receive(limit, self.limits.cell_seconds)
                if not isinstance(message, protocol.CellDone) or message.index != len(failures):
                    raise self._violation("an answer that was not asked for")
                failures.append(message.failure)
                self.printed.append(message.printed)
                self.pictures.append(self._checked(message.pictures))
        except TimeoutError:
            raise self._timed_out(self.limits.cell_seconds) from None
        except OSError:
            raise self._gone() from None
        except ProcessEnded as error:
            error.done = failures
            raise
        return failures

    def _checked(self, pictures: list[protocol.Picture]) -> list[protocol.Picture]:
        """Pictures that are what they say, as many as are left to a submission."""
        if any(len(picture.pixels) != 3 * picture.width * picture.height for picture in pictures):
            raise self._violation("a picture that is none")
        return pictures[: _MAX_PICTURES - sum(map(len, self.pictures))]

    def call(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], deadline: float
    ) -> tuple[Any, list[Any]]:
        """Call a function of the submission.

        Returns:
            Its value. In-place changes of arguments have been applied to ``args`` and ``kwargs``, and its warnings
            issued again.

        Raises:
            StudentError: it raised, or gave something that is not plain data.
            ProcessEnded: the process is gone.
        """
        before = self._registered
        try:
            return self._call(function, args, kwargs, deadline)
        finally:
            for number in range(before + 1, self._registered + 1):
                self._functions.pop(number, None)

    def _call(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], deadline: float
    ) -> tuple[Any, list[Any]]:
        self.calls += 1
        number = self.calls
        packed = [wire.encode(value, self._register) for value in args]
        named = {name: wire.encode(value, self._register) for name, value in kwargs.items()}
        limit = min(time.monotonic() + self.limits.call_seconds, deadline)
        try:
            protocol.send(self._connection, protocol.Call(number, function, packed, named), limit)
            while isinstance(message := self._receive(limit, self.limits.call_seconds), protocol.Callback):
                reply = self._call_back(message)
                protocol.send(self._connection, reply, limit)
        except TimeoutError:
            raise self._timed_out(self.limits.call_seconds) from None
        except OSError:
            raise self._gone() from None
        if not isinstance(message, (protocol.Returned, protocol.Raised)) or message.number != number:
            raise self._violation("an answer that was not asked for")
        self.received += sum(map(len, message.changed.values()))
        self.received += len(message.value) if isinstance(message, protocol.Returned) else 0
        try:
            changed = {key: wire.decode(body, _refuse_call) for key, body in message.changed.items()}
            value = wire.decode(message.value) if isinstance(message, protocol.Returned) else None
        except wire.NotPlainError as error:
            raise not_plain(f"`{function}` gave something that cannot be graded: {error}") from None
        except ValueError:
            raise self._violation("malformed data") from None
        by_key = {str(index): value for index, value in enumerate(args)}
        by_key |= {f"={name}": value for name, value in kwargs.items()}
        for key, now in changed.items():
            if key in by_key:
                self.changes.append((by_key[key], copy.deepcopy(by_key[key])))
                apply_change(by_key[key], now)
        for category, text in message.warnings[:_MAX_WARNINGS]:
            if category in _WARNINGS:
                warnings.warn(text, _WARNINGS[category], stacklevel=3)
        if isinstance(message, protocol.Raised):
            raise_failure(message.failure)
        return value, list(changed)

    def _register(self, function: Callable[..., Any]) -> int:
        self._registered += 1
        self._functions[self._registered] = function
        return self._registered

    def _call_back(self, message: protocol.Callback) -> protocol.Reply:
        """Run a function of the test's on plain arguments that the submission sent."""
        try:
            if not 0 < message.function <= self._registered:
                raise IndexError("a function that does not exist")
            function = self._functions.get(message.function, _is_over)
            args = [wire.decode(body) for body in message.args]
            kwargs = {name: wire.decode(body) for name, body in message.kwargs.items()}
        except wire.NotPlainError as error:
            return protocol.Reply(message.number, None, Failure("TypeError", str(error)[:_MAX_TEXT]))
        except (IndexError, ValueError):
            raise self._violation("a call that makes no sense") from None
        try:
            packed = wire.encode(function(*args, **kwargs), self._register)
        except ProcessEnded:  # the function called one of the submission's, and that was the end of it
            raise
        except Exception as error:
            text = str(error)[:_MAX_TEXT].encode("utf-8", "backslashreplace").decode("utf-8")
            return protocol.Reply(message.number, None, Failure(type(error).__name__[:100], text))
        return protocol.Reply(message.number, packed, None)

    def _receive(self, deadline: float, allowed: float) -> protocol.FromSandbox:
        try:
            return protocol.receive(self._connection, deadline)
        except TimeoutError:
            raise self._timed_out(allowed) from None
        except (EOFError, OSError):
            raise self._gone() from None
        except protocol.ProtocolError:
            raise self._violation("something that is no message") from None

    def _timed_out(self, allowed: float) -> ProcessEnded:
        self.kill()
        return ProcessEnded("timeout", f"took longer than {allowed:g} s")

    def _violation(self, what: str) -> ProcessEnded:
        """``what`` is in the grader's words alone: a decoder's may quote what hidden tests have told a submission."""
        self.kill()
        return ProcessEnded("crashed", f"sent the grader {what}")

    def _gone(self) -> ProcessEnded:
        ended = self._wait(_SETTLE_SECONDS)
        if ended is None:
            self.kill()
            return ProcessEnded("crashed", "closed its connection to the grader")
        # Two clocks: the limit counts ticks, the report what really ran.
        if ended.signal == signal.SIGKILL and ended.cpu_seconds > 0.5 * self.limits.cpu_seconds:
            return ProcessEnded("timeout", f"used more than {self.limits.cpu_seconds} s of CPU time")
        if ended.signal:
            return ProcessEnded("crashed", f"crashed with {_signal_name(ended.signal)}")
        return ProcessEnded("crashed", "ended its own process")

    def _wait(self, seconds: float) -> Ended | None:
        """How the process ended, waiting so long for it."""
        if self.ended is None and self._process is not None:
            self.ended = self._process.wait(seconds)
        return self.ended

    def kill(self) -> None:
        """Kill the process, and with it all that it started."""
        if self._process is not None:
            self._process.kill()

    def output(self, limit: int = 10_000) -> str:
        """What the submission printed: all of it, or its beginning and its end."""
        file = self._output.fileno()
        size = os.fstat(file).st_size
        if size <= limit:
            return _read_at(file, limit, 0)
        head, tail = _read_at(file, limit // 2, 0), _read_at(file, limit // 2, size - limit // 2)
        return f"{head}\n… {size - limit:,} bytes left out …\n{tail}"

    @property
    def flooded(self) -> bool:
        """Whether it has printed more than is kept; False once this is closed."""
        limit = self.limits.output_megabytes << 20
        return not self._output.closed and os.fstat(self._output.fileno()).st_size >= limit

    def cell_output(self, index: int, limit: int) -> str:
        """What a cell printed, at most so many bytes of it. Worth as much trust as the submission."""
        all_of_it = os.fstat(self._output.fileno()).st_size
        start, end = (
            min(max(place, 0), all_of_it) for place in ((0, *self.printed)[index], self.printed[index])
        )
        size = end - start
        if size <= limit:
            return _read_at(self._output.fileno(), max(size, 0), start)
        return f"{_read_at(self._output.fileno(), limit, start)}\n… {size - limit:,} bytes left out"

    def close(self) -> None:
        """End the process and free what it held."""
        if self._process is not None:
            self.kill()
            with contextlib.suppress(SandboxError):
                self._wait(5)
            self._process.close()
            self._process = None
        self._connection.close()
        self._output.close()

    def all_gone(self, seconds: float) -> bool:
        """Whether, so long after a kill, no process holds the other end of the connection any more."""
        self.kill()
        deadline = time.monotonic() + seconds
        try:
            while True:
                self._connection.settimeout(max(deadline - time.monotonic(), 0.001))
                if not self._connection.recv(1 << 16):
                    return True
        except TimeoutError:
            return False
        except OSError:
            return True

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has no name
        return f"signal {number}"


def _memory_file() -> BinaryIO:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("output", os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()


def _read_at(file: int, size: int, offset: int) -> str:
    if hasattr(os, "pread"):
        return os.pread(file, size, offset).decode("utf-8", "replace")
    os.lseek(file, offset, os.SEEK_SET)
    data = os.read(file, size)
    os.lseek(file, 0, os.SEEK_END)  # the submission may go on to print
    return data.decode("utf-8", "replace")


def _is_over(*_: Any, **__: Any) -> Any:
    raise RuntimeError("the call that this function was an argument of is over")


def _refuse_call(number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    raise StudentError("a function inside a changed argument cannot be called")
