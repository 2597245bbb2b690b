# rows: 46, 47
# what: ends by a signal that has no name; init of a pid namespace shrugs it off, so that tier A goes on
# expect on A: graded 0
# expect on B: crashed 0
# error on B: signal
import os


def normalise(x):
    os.kill(os.getpid(), 37)
    return None


tally = root = normalise


def pick(options, score):
    os.kill(os.getpid(), 64)
