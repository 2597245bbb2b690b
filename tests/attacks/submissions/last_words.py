# rows: 6, 46
# what: sends its answer and ends in the same moment, or a moment after
# variants: 2
# expect: crashed 6
# honest: tally, pick, root
import os
import struct
import threading

import msgpack
import numpy as np

from autograder.sandbox import wire

number = 0


def normalise(x):
    body = msgpack.packb(("returned", 999, wire.encode(np.array([0.25, 0.25, 0.5])), {}, []))
    os.write(3, struct.pack("<I", len(body)) + body)
    if int("@variant@"):
        threading.Timer(0.01, os._exit, [0]).start()
        while True:
            pass
    os._exit(0)
