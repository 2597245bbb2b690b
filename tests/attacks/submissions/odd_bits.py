# rows: 49
# what: floating-point numbers that no computation gives: signalling NaN, payloads, 80-bit patterns that are invalid
# variants: 6
# expect: graded 6
# honest: tally, pick, root
import numpy as np

BITS = [
    np.array([0x7FF0_0000_0000_0001, 0xFFF8_DEAD_BEEF_0001, 0x8000_0000_0000_0000], np.uint64).view(np.float64),
    np.array([0x7F80_0001, 0xFFC0_1234, 0x0000_0001], np.uint32).view(np.float32),
    np.array([0x7C01, 0xFE00, 0x0001], np.uint16).view(np.float16),
    np.frombuffer(bytes(range(1, 17)) * 3, np.longdouble),
    np.frombuffer(b"\xff" * 96, np.clongdouble),
    np.frombuffer((b"\x01" + b"\0" * 7 + b"\xfe\x7f" + b"\xee" * 6) * 3, np.longdouble),
]


def normalise(x):
    return BITS[int("@variant@")]


