# rows: 44
# what: an answer of a thousand bytes, one byte at a time, each well before the deadline of one
# expect: timeout 6
# seconds: 0.4
# honest: tally, pick, root
import os
import struct
import time


def normalise(x):
    os.write(3, struct.pack("<I", 1000))
    for _ in range(1000):
        os.write(3, b"\x90")
        time.sleep(0.02)
    return x / sum(x)
