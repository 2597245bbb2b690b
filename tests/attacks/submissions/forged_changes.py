# rows: 6, 16
# what: tells of changes to arguments that there are not, and of some that cannot be
# variants: 8
# expect: graded 0
import os
import struct

import msgpack
import numpy as np

from autograder.sandbox import wire

number = 0
CHANGES = [
    {"0": wire.encode(np.array([0.5, 0.5, 0.5]))},
    {"1": wire.encode([1]), "-1": wire.encode([1]), "99": wire.encode([1]), "²": wire.encode([1])},
    {"=x": wire.encode([1]), "=": wire.encode([1]), "": wire.encode([1]), "9" * 5000: wire.encode([1])},
    {"0": wire.encode(np.zeros((3, 3)))},
    {"0": wire.encode({"reference": None})},
    {"0": wire.encode("text"), "00": wire.encode(1), "0x0": wire.encode(1), " 0": wire.encode(1)},
    {"0": wire.encode([["nested", {"deep": {1, 2}}]] * 50)},
    {"0": wire.encode(np.array([np.nan, np.inf, -np.inf]))},
]
changes = CHANGES[int("@variant@")]


def answer(value):
    """In place of the runner's own answer."""
    global number
    number += 1
    body = msgpack.packb(("returned", number, wire.encode(value), changes, []))
    os.write(3, struct.pack("<I", len(body)) + body)
    size = struct.unpack("<I", os.read(3, 4))[0]
    while size:
        size -= len(os.read(3, size))


# %%
def normalise(x):
    while True:  # from here on, this is the runner
        answer(np.array([0.5, 0.5, 0.5]))
