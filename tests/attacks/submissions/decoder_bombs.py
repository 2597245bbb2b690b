# rows: 48
# what: values that are small on the wire and large, slow or deadly once decoded
# tiers: A
# variants: 22
# forms: py
# expect: crashed 0
import math
import os
import struct

import msgpack


def ext(code, body):
    return msgpack.packb(msgpack.ExtType(code, body))


def many(count, item):
    return b"\xdd" + struct.pack(">I", count) + item * count


def array(dtype, shape, data=b""):
    return ext(1, msgpack.packb((dtype, shape, True, data)))


def nest(count):
    value = b"\xc0"
    for _ in range(count):
        value = ext(3, b"\x91" + value)
    return value


PRIME = (1 << 61) - 1


def colliding():
    keys = [ext(7, (index * PRIME + 7).to_bytes(16, "little")) for index in range(1, 4000)]
    return b"\xdf" + struct.pack(">I", len(keys)) + b"".join(key + b"\xc0" for key in keys)


def complexes():
    keys = [ext(6, struct.pack("<dd", -1000003.0 * index, index)) for index in range(4000)]
    return ext(4, many(0, b"")[:1] + struct.pack(">I", len(keys)) + b"".join(keys))


# Those that are well formed but too large leave the process alive: the second write ends it.
BOMBS = [
    lambda: b"\x91" * 1_000_000 + b"\xc0",
    lambda: nest(3000),
    lambda: array("<U0", [1 << 31]),
    lambda: array("<f8", [1 << 40, 0, 1 << 40]),
    lambda: array("<f8", [1 << 62, 4]),
    lambda: array("|O", [1], b"\0" * 8),
    lambda: array("<U1", [1], b"\xff\xff\xff\xff"),
    lambda: array("f8," * 5, [1], b"\0" * 40),
    lambda: array("<M8[s]", [1], b"\0" * 8),
    lambda: array("<f8", [-1, -1], b"\0" * 8),
    lambda: many(2 << 20, b"\xc0"),
    lambda: many(4 << 20, b"\x90"),
    lambda: many(4 << 20, b"\x80"),
    lambda: many(1 << 20, b"\xd4\x04\x90"),
    colliding,
    complexes,
    lambda: b"\x81\x90\xc0",
    lambda: ext(4, b"\x91\x80"),
    lambda: b"\xd6\xff\0\0\0\1",
    lambda: b"\xa2\xff\xff",
    lambda: b"",
    lambda: b"\xc0" * 2,
]
value = BOMBS[int("@variant@")]()


# %%
def answer(kind):
    body = msgpack.packb(kind)
    data = struct.pack("<I", len(body)) + body
    while data:
        data = data[os.write(3, data) :]


def normalise(x):
    answer(["returned", 1, value, {}, []])
    answer(["returned", 1, value, {"0": value}, []])


def tally(words):
    answer(["returned", 1, b"\xc0", {"0": value}, []])
    answer(["returned", 2, b"\xc0", {"0": value}, []])


def pick(options, score):
    answer(["callback", 1, 0, [value], {}])
    answer(["callback", 2, 0, [], {"a": value}])
    answer(["passed"])


def root(x):
    answer(["raised", 1, ["E", "x" * 100_000, ""], {}, []])
    answer(["raised", 1, ["E", "x", ""], {}, [["UserWarning", ""]] * 100_000])
    return math.inf
