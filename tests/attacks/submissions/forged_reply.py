# rows: 6, 48
# what: writes frames to the grader on its own: early, doubled, with wrong numbers, of the wrong kind, or garbage
# tiers: A
# variants: 15
# expect: crashed 0
import os
import struct
import threading

import msgpack


def frame(*message):
    body = msgpack.packb(message)
    return struct.pack("<I", len(body)) + body


ANSWER = msgpack.packb({"a": 2, "b": 1})
FORGED = [
    frame("returned", 1, ANSWER, {}, []),
    frame("cell", 0, None) * 2,
    frame("cell", 5, None),
    frame("cell", -1, None),
    frame("ready", ""),
    frame("ready", "an error"),
    frame("raised", 1, ["AssertionError", "passed", ""], {}, []),
    frame("callback", 1, 0, [], {}),
    frame("callback", 1, 2**40, [], {}),
    frame("returned", 1, ANSWER, {}, [["UserWarning", "x"]] * 2000),
    frame("returned", "1", ANSWER, {}, []),
    frame("passed", 10),
    frame("ended", 0),
    struct.pack("<I", 0xFFFFFFFF),
    b"\xc1" * 64,
]
data = FORGED[int("@variant@")]
os.write(3, data)
os.write(3, data)


# %%
def normalise(x):
    thread = threading.Thread(target=os.write, args=(3, data))
    thread.start()
    thread.join()
    return None


def tally(words):
    os.write(3, frame("returned", 2**31, ANSWER, {}, []))
    return ANSWER


def pick(options, score):
    return normalise(options)


def root(x):
    os.write(3, data)
    return 0.0
