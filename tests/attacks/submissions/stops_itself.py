# rows: 29
# what: stops its own process; init of a pid namespace cannot, so that tier A goes on
# seconds: 0.4
# forms: py
# expect on A: graded 6
# expect on B: timeout 6
# honest: tally, pick, root
import os
import signal


def normalise(x):
    os.kill(os.getpid(), signal.SIGSTOP)
    return None
