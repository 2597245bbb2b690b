# rows: 46
# what: crashes the interpreter
# variants: 5
# expect: crashed 6
# honest: tally, pick, root
# error: crashed with SIG(SEGV|ABRT|BUS|ILL)
import ctypes
import faulthandler
import mmap
import os


def beyond_the_end():
    with open("short", "w+b") as file:
        file.truncate(4096)
        memory = mmap.mmap(file.fileno(), 4096)
        file.truncate(0)
        return memory[100]


CRASHES = [
    lambda: ctypes.string_at(0),
    os.abort,
    lambda: ctypes.memset(8, 0, 100),
    faulthandler._sigabrt,
    beyond_the_end,
]


def normalise(x):
    return CRASHES[int("@variant@")]()
