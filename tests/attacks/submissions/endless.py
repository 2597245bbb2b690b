# rows: 44
# what: never comes back
# variants: 7
# seconds: 0.5
# forms: py
# expect: timeout 6
# honest: tally, pick, root
# error: took longer than 0.5 s
import re
import threading
import time


def stubborn(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def waiting(x):
    threading.Lock().acquire()
    threading.Event().wait()


def loop(x):
    while True:
        pass


LOOPS = [
    loop,
    stubborn,
    waiting,
    lambda x: time.sleep(1000),
    lambda x: pow(7, 10**9),
    lambda x: re.match(r"(a+)+$", "a" * 100 + "b"),
    lambda x: sum(x for x in iter(int, 1)),
]
normalise = LOOPS[int("@variant@")]
