# rows: 13
# what: raises what runners of tests catch or let through
# tiers: A
# variants: 20
# expect: graded 0
# error: ^
import asyncio
import unittest


class ProcessEnded(Exception):
    reason = "graded"
    done = []


class SandboxError(Exception):
    pass


class Sly(Exception):
    __class__ = AssertionError
    args = property(lambda self: 1 / 0)
    __cause__ = property(lambda self: self)

    def __str__(self):
        raise KeyboardInterrupt("from __str__")

    __repr__ = __str__


class Wrong(Exception):
    def __str__(self):
        return 42


class Loud(Exception):
    def __str__(self):
        return "x" * 100_000_000


class Base(BaseException):
    pass


class Deep(Exception):
    def __str__(self):
        return str(self)


loop = ValueError("a loop")
loop.__cause__ = loop
loop.__context__ = loop
Renamed = type("\x1b[31mAssertionError\n\u202e", (Exception,), {"__module__": "builtins"})
LongName = type("N" * 100_000, (Exception,), {})
RAISED = [
    AssertionError,
    unittest.SkipTest("passed"),
    KeyboardInterrupt("stop"),
    SystemExit(0),
    StopIteration(10),
    GeneratorExit(),
    asyncio.CancelledError(),
    ProcessEnded("graded passed"),
    SandboxError("graded passed"),
    NotImplementedError("passed"),
    Sly("sly"),
    Wrong(),
    Loud(),
    Base("base"),
    Deep(),
    loop,
    Renamed("\x1b[2J\x07"),
    LongName(),
    ExceptionGroup("many", [AssertionError(1), ExceptionGroup("more", [ValueError(2)])]),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "\ud800"),
]
thing = RAISED[int("@variant@")]


# %%
def normalise(x):
    raise thing


tally = normalise


def pick(options, score):
    raise thing


def root(x):
    raise thing


# %%
raise thing
