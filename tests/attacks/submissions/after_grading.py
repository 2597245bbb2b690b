# rows: 10
# what: acts when grading is over: at exit, in finalizers, in threads that do not end
# expect: graded 0
import atexit
import os
import signal
import sys
import threading
import time
import weakref


def strike(*anything):
    for number in (3, 1, 2):
        try:
            os.write(number, b"All tests passed")
        except OSError:
            pass


class Last:
    def __del__(self):
        strike()


last = Last()
weakref.finalize(last, strike)
atexit.register(strike)
threading._register_atexit(strike)
sys.last = last
for number in range(1, 32):
    try:
        signal.signal(number, strike)
    except (OSError, ValueError):
        pass


def linger():
    while True:
        time.sleep(0.01)
        sys.stdout.write("late ")


for daemon in (True, False):
    threading.Thread(target=linger, daemon=daemon).start()


# %%
def normalise(x):
    return last


tally = root = normalise


def pick(options, score):
    return None
