# rows: 50
# what: results that are no data; the message names their type
# tiers: A
# variants: 18
# forms: py
# expect: graded 0
# message: not plain data
import io
import math
import threading

import numpy as np


async def later():
    return 1


VALUES = [
    (number for number in range(3)),
    lambda: 1,
    math,
    math.sqrt,
    np.array([None, 1], dtype=object),
    np.ma.array([1.0, 2.0], mask=[0, 1]),
    np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    np.array(["2020-01-01"], dtype="M8[D]"),
    np.array([1], dtype="m8[s]"),
    np.void(b"x"),
    object(),
    int,
    iter([1]),
    io.StringIO("x"),
    threading.current_thread(),
    compile("1", "x", "eval"),
    {}.keys(),
    [1, {"a": (2, {"b": print})}],
]
value = VALUES[int("@variant@")]


def normalise(x):
    return value


def tally(words):
    return {"a": value}


def pick(options, score):
    return [value]


def root(x):
    return value
