# rows: 6, 10
# what: asks for a test's functions by number, in calls that these were no argument of
# expect: graded 8
# honest: normalise, tally, root
# output: the call that this function was an argument of is over
import os
import struct

import msgpack

from autograder.sandbox import wire

plain = root


def read(size):
    data = b""
    while len(data) < size:
        data += os.read(3, size - len(data))
    return data


def ask(function, option):
    body = msgpack.packb(("callback", 1, function, [wire.encode(option)], {}))
    os.write(3, struct.pack("<I", len(body)) + body)
    return msgpack.unpackb(read(struct.unpack("<I", read(4))[0]))


def pick(options, score):
    return "wrong"


# %%
def root(x):
    _, _, value, failure = ask(1, "b")  # of the public case of pick, which has been
    print("LEAK" if value is not None else failure)
    return plain(x)
