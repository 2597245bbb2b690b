# rows: 40
# what: asks for all memory, at once, piece by piece, mapped, and shared
# variants: 7
# expect: graded 6
# honest: tally, pick, root
# message: MemoryError|Cannot allocate|allocate
import mmap

import numpy as np


def grow():
    kept = []
    while True:
        kept.append(bytearray(64 << 20))


def mapped():
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 256 << 20))


def from_device():
    with open("/dev/zero", "rb") as file:
        return len(mmap.mmap(file.fileno(), 4 << 30, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE))


def numbers():
    return 1 << (1 << 40)


BOMBS = [
    grow,
    mapped,
    from_device,
    numbers,
    lambda: bytearray(1 << 40),
    lambda: np.ones((1 << 20, 1 << 20)),
    lambda: np.zeros(1 << 33)[0],
]


def normalise(x):
    try:
        return BOMBS[int("@variant@")]()
    except (OSError, OverflowError) as error:
        raise MemoryError(error) from None
