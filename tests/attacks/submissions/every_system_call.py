# rows: 33
# what: every system call by its number, with nothing as its arguments
# needs: x86_64
# expect: graded 6
# honest: tally, pick, root
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
# These would end or stop this very thread, or close what it needs.
ALONE = {0, 3, 7, 13, 14, 15, 23, 32, 33, 34, 60, 61, 62, 72, 130, 202, 231, 232, 233, 247, 270, 271, 281, 435, 436}
ALONE |= {335}  # uretprobe: Linux lets it pass every filter and ends the process when it comes from elsewhere


def normalise(x):
    kept = os.dup(0)
    for number in sorted(set(range(600)) - ALONE):
        libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0)
    os.dup2(kept, 0)
    return None
