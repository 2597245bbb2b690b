"""The untrusted side: runs a submission's cells and answers calls of its functions.

Everything here shares a process with student code and is worth no more trust than that code. It holds no secret:
no test, no reference, no expected answer.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import errno
import functools
import inspect
import io
import linecache
import os
import random
import socket
import sys
import threading
import types
import warnings
from typing import Any

import numpy as np
import numpy.random  # loaded lazily otherwise, in every submission anew

from autograder.sandbox import notebook_shims, protocol, wire
from autograder.sandbox.protocol import Cell, Failure

__all__ = ["rehearse", "serve"]

_MAX_TEXT = 2000
_MAX_DROPPED = 256 << 20
_MAX_WARNINGS = 20
_FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
_MUTABLE = (list, dict, set, np.ndarray)


def _text(text: str, limit: int) -> str:
    """Text that can be sent: whole characters, and not too many."""
    return text[:limit].encode("utf-8", "backslashreplace").decode("utf-8")[:limit]


def _failure(error: BaseException) -> Failure:
    """Describe an exception of student code: its type, its message, and the innermost line of the submission."""
    name = _text(type(error).__name__, 100)
    try:
        message = str(error)
    except BaseException:
        message = ""
    where = ""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        where = f"{error.filename}, line {error.lineno}"
        message = error.msg or message
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith("<") and file in linecache.cache:
            where = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    base = next((kind.__name__ for kind in type(error).__mro__ if kind in protocol.MIRRORED), "")
    return Failure(name, _text(message, _MAX_TEXT), _text(where.replace("<", "").replace(">", ""), 200), base)


class Submission:
    """The namespace that the cells share, as in a notebook."""

    def __init__(self) -> None:
        module = types.ModuleType("__main__")
        module.__dict__["__builtins__"] = builtins
        sys.modules["__main__"] = module
        self.namespace = module.__dict__
        self.futures = 0

    def run(self, cell: Cell) -> Failure | None:
        """Run one cell; an exception of any kind ends the cell and is returned."""
        name = f"<{cell.name}>"
        linecache.cache[name] = (len(cell.source), None, cell.source.splitlines(keepends=True), name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                try:
                    parts = self._compile(cell.source, name, cell.shows)
                except SyntaxError:
                    plain = notebook_shims.as_plain_python(cell.source)
                    if plain == cell.source:
                        raise
                    parts = self._compile(plain, name, cell.shows)
            for code in parts:
                if code.co_flags & inspect.CO_COROUTINE:
                    asyncio.run(eval(code, self.namespace))
                else:
                    exec(code, self.namespace)
        except BaseException as error:
            return _failure(error)
        finally:
            _flush()
        return None

    def _compile(self, source: str, name: str, shows: bool) -> list[types.CodeType]:
        """Compile a cell; where it ``shows``, its last expression by itself, so that its value is shown."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self.futures
        if not shows:
            code = compile(source, name, "exec", flags, dont_inherit=True)
            self.futures |= code.co_flags & _FUTURES
            return [code]
        tree = compile(source, name, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        last = notebook_shims.split_last_value(tree, source)
        code = compile(tree, name, "exec", flags, dont_inherit=True)
        self.futures |= code.co_flags & _FUTURES
        if last is None:
            return [code]
        flags |= self.futures
        return [code, compile(last, name, "single", flags, dont_inherit=True)]


def _pictures(cell: Cell) -> list[protocol.Picture]:
    """What the cell has drawn, if that is asked for."""
    if not cell.shows or "matplotlib.pyplot" not in sys.modules:
        return []
    from autograder.sandbox import figures

    return figures.take_pictures()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # a full disk, a closed or replaced stream: the student's own loss
            continue


def _printed() -> int:
    """How many bytes standard output holds."""
    try:
        return os.fstat(1).st_size
    except OSError:  # closed
        return 0


class Server:
    """Answers the trusted process over one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.submission = Submission()
        self.callbacks = 0
        self.calls = 0  # how many are being answered: more than one when a callback calls back
        self.turn = threading.RLock()  # one message at a time, whatever threads a submission starts

    def call_back(self, function: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function that the trusted process passed as an argument, and wait for its answer."""
        packed = [wire.encode(value) for value in args]
        named = {name: wire.encode(value) for name, value in kwargs.items()}
        with self.turn:
            if not self.calls:
                raise RuntimeError("the call that this function was an argument of is over")
            self.callbacks += 1
            protocol.send(self.connection, protocol.Callback(self.callbacks, function, packed, named))
            while not isinstance(reply := protocol.receive_request(self.connection), protocol.Reply):
                self.handle(reply)  # the function calls a function of the submission in its turn
        if reply.failure is not None:
            raise _exception(reply.failure)
        return wire.decode(reply.value or b"\xc0", self.call_back)

    def handle(self, request: protocol.Run | protocol.Call) -> None:
        """Do what is asked and answer."""
        if isinstance(request, protocol.Run):
            for index, cell in enumerate(request.cells):
                failure = self.submission.run(cell)
                done = protocol.CellDone(index, failure, _printed(), _pictures(cell))
                protocol.send(self.connection, done)
            return
        self.calls += 1
        answer = self.answer(request)
        _flush()
        with self.turn:
            self.calls -= 1
            try:
                protocol.send(self.connection, answer)
            except protocol.ProtocolError:
                text = f"`{request.function}` gave too much: its result and the arguments that it changed"
                failure = Failure("NotPlainError", text)
                protocol.send(self.connection, protocol.Raised(request.number, failure, {}, []))

    def answer(self, call: protocol.Call) -> protocol.Returned | protocol.Raised:
        """Call one function of the submission."""
        function = self.submission.namespace.get(call.function)
        changed: dict[str, bytes] = {}
        caught: list[tuple[str, str]] = []
        received: dict[str, tuple[Any, bytes]] = {}

        def note(key: str, packed: bytes) -> Any:
            value = wire.decode(packed, self.call_back)
            if isinstance(value, (*_MUTABLE, tuple)):
                received[key] = value, packed
            return value

        try:
            if function is None:
                raise NameError(f"`{call.function}` is not defined in this submission")
            args = [note(str(index), packed) for index, packed in enumerate(call.args)]
            kwargs = {name: note("=" + name, packed) for name, packed in call.kwargs.items()}
            with warnings.catch_warnings(record=True) as recorded:
                warnings.simplefilter("always")
                try:
                    result = function(*args, **kwargs)
                finally:
                    caught += [
                        (_text(item.category.__name__, 100), _text(str(item.message), _MAX_TEXT))
                        for item in recorded[:_MAX_WARNINGS]
                    ]
                    for key, (value, packed) in received.items():
                        now = wire.encode(value, _no_new_callables)
                        if now != packed:
                            changed[key] = now
            return protocol.Returned(call.number, wire.encode(result), changed, caught)
        except wire.NotPlainError as error:
            text = f"`{call.function}` gave something that cannot be graded: {error}"
            failure = Failure("NotPlainError", _text(text, _MAX_TEXT))
            return protocol.Raised(call.number, failure, {}, caught)
        except BaseException as error:
            return protocol.Raised(call.number, _failure(error), changed, caught)

    def serve(self) -> None:
        while True:
            request = protocol.receive_request(self.connection)
            if not isinstance(request, protocol.Reply):
                self.handle(request)


def _exception(failure: Failure) -> Exception:
    """What a function of the test's raised, as an exception of the same built-in type where there is one."""
    kind: Any = getattr(builtins, failure.type, None)
    try:
        if issubclass(kind, Exception) and isinstance(error := kind(failure.message), Exception):
            return error
    except TypeError:  # no class, or one that wants other arguments than a text
        pass
    return RuntimeError(f"{failure.type}: {failure.message}")


def _no_new_callables(value: object) -> int:
    raise wire.NotPlainError("a function was put into an argument")


class _Printed(io.RawIOBase):
    """Standard output. What is over the limit of its file is dropped, so that a chatty function is not a wrong one.

    A flood without end becomes an error all the same, well before a time limit.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.dropped = 0

    def fileno(self) -> int:
        return self.descriptor

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        size = memoryview(data).nbytes
        if not self.dropped:
            try:
                return os.write(self.descriptor, data)
            except OSError as error:
                if error.errno != errno.EFBIG:
                    raise
        self.dropped += size
        if self.dropped > _MAX_DROPPED:
            raise OSError(errno.EFBIG, f"File too large: {_MAX_DROPPED >> 20} MB were printed over the limit")
        return size


def _print_to(descriptor: int) -> io.TextIOWrapper:
    raw = io.BufferedWriter(_Printed(descriptor), 1 << 16)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace")


_REHEARSAL = """
import numpy as np

def rehearsal(scores, names, *, scale=1.0):
    scores = np.exp(scores @ scores.T * scale - np.max(scores, axis=-1, keepdims=True))
    weights = scores / scores.sum(axis=-1, keepdims=True)
    return weights, [name.lower() for name in names], {name: float(np.mean(weights)) for name in names}
"""


def rehearse() -> None:
    """Serve a submission of our own, in the process that others are forked from.

    They then find set up what Python, NumPy and msgpack set up at its first use, and write to fewer pages of memory.
    """
    main = sys.modules["__main__"]
    theirs, connection = socket.socketpair()
    with theirs, connection:
        server = Server(connection)
        server.handle(protocol.Run([Cell("rehearsal", _REHEARSAL)]))
        args = [wire.encode(np.eye(2)), wire.encode(["A", "b"])]
        call = protocol.Call(0, "rehearsal", args, {"scale": wire.encode(2.0)})
        for _ in range(20):  # Python tunes what it has run eight times
            protocol.send(theirs, call)
            request = protocol.receive_request(connection)
            assert isinstance(request, protocol.Call)
            server.handle(request)
            theirs.recv(1 << 16)
    del linecache.cache["<rehearsal>"]
    sys.modules["__main__"] = main


def _same_numbers_every_time() -> None:
    """What draws at random without a seed draws the same in every run: the same work, the same grade."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the global generator is what a submission may use
    with_seed, seeds = np.random.default_rng, np.random.SeedSequence(0)

    @functools.wraps(with_seed)
    def default_rng(seed: Any = None) -> np.random.Generator:
        return with_seed(seeds.spawn(1)[0] if seed is None else seed)

    np.random.default_rng = default_rng


def serve(connection: socket.socket) -> None:
    """Run and answer until the trusted process ends the connection; never returns."""
    sys.stdout = sys.__stdout__ = _print_to(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _print_to(2)  # type: ignore[misc]
    _same_numbers_every_time()
    sys.argv[:] = ["submission"]
    try:
        protocol.send(connection, protocol.Ready(""))
        Server(connection).serve()
    except (EOFError, OSError):
        pass
    finally:
        _flush()
        os._exit(0)
