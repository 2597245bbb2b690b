# rows: 6, 15
# what: answers a call itself, twice, with its own value; the second answer is one too many
# expect: crashed 1
# honest: root
import os
import struct

import msgpack
import numpy as np

from autograder.sandbox import wire

calls = 0


def answer(value, number):
    body = msgpack.packb(("returned", number, wire.encode(value), {}, []))
    os.write(3, struct.pack("<I", len(body)) + body)


# %%
def normalise(x):
    global calls
    calls += 1
    answer(np.array([0.25, 0.25, 0.5]), calls)
    answer("passed", calls)
    return np.array([0.25, 0.25, 0.5])


# %%
# Its public case passes on the first answer, which is right; from then on the process is out of step.
del root


def root(x):
    return -1.0
