# rows: 49
# what: plain values at the edge: wrong, but nothing breaks
# tiers: A
# variants: 42
# forms: py
# expect: graded 0
import datetime
import decimal
import fractions

import numpy as np

big = np.arange(6, dtype=">f8").reshape(2, 3)
VALUES = [
    10**5000,
    -(10**5000),
    1 << 63,
    -1 << 63,
    True,
    float("nan"),
    float("inf"),
    -0.0,
    complex("nan+infj"),
    "\ud800",
    "\0" * 10,
    "é" * 1000,
    b"\xff" * 10,
    bytearray(b"abc"),
    np.float16(np.nan),
    np.longdouble(1) / 3,
    np.clongdouble(1j),
    np.array(5.0),
    np.array([]),
    np.zeros((0, 3)),
    np.zeros((1,) * 32),
    big,
    big.T,
    np.asfortranarray(big),
    big[::-1, ::-2],
    np.array(["é", "\U0010ffff"]),
    np.array([b"\0a"]),
    np.array([True, False]),
    np.array([1 + 2j]),
    np.full(5, np.nan),
    np.full(5, np.inf),
    np.uint64(2**64 - 1),
    np.str_("text"),
    np.bytes_(b"text"),
    {1: 1, 1.5: 2, (1, 2): 3, None: 4, frozenset({1}): 5, float("nan"): 6},
    {float("nan"), float("inf")},
    [[], (), {}, set(), frozenset()],
    [1, [2, [3, [4, [5]]]]],
    range(3),
    datetime.datetime(2024, 1, 1),
    decimal.Decimal("sNaN"),
    fractions.Fraction(1, 3),
]
value = VALUES[int("@variant@")]


def normalise(x):
    return value


def tally(words):
    return {"a": value, "b": value}


def pick(options, score):
    return [value]


def root(x):
    return value
