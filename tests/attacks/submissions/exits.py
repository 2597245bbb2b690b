# rows: 47
# what: ends its own process, or says so, in a function
# variants: 8
# expect: graded 6
# honest: tally, pick, root
import os
import signal
import sys
import threading


def in_thread():
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()


def normalise(x):
    return [
        sys.exit,
        exit,
        quit,
        lambda: sys.exit("passed"),
        lambda: sys.exit(10**100),
        in_thread,
        lambda: signal.raise_signal(signal.SIGINT),
        lambda: os.kill(os.getpid(), 0),
    ][int("@variant@")]()
