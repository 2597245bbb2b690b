# rows: 6, 45
# what: misuses the function that a test passes as an argument
# variants: 12
# expect: graded 8
# honest: normalise, tally, root
import gc
import threading

import numpy as np


class Liar(list):
    def __iter__(self):
        raise SystemExit


def deep(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def from_threads(score):
    def ask():
        for _ in range(50):
            try:
                score("a")
            except Exception:
                pass

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def recurse(score, depth=0):
    try:
        return score(lambda: recurse(score, depth + 1))
    except Exception:
        return recurse(score, depth + 1) if depth < 100 else None


MISUSES = [
    lambda score: score("x" * (10 << 20)),
    lambda score: score([0] * 1_000_000),
    lambda score: score(np.zeros(1 << 20)),
    lambda score: score(*range(900)),
    lambda score: score(**{f"k{index}": 1 for index in range(900)}),
    lambda score: score(score),
    lambda score: score(lambda: 1),
    lambda score: score(deep(400)),
    lambda score: score(Liar()),
    lambda score: score(object()),
    from_threads,
    recurse,
]


def pick(options, score):
    print(score._call.__self__, dir(score), gc.get_referents(score))
    for name in ("__globals__", "__closure__", "__code__", "__func__", "__self__"):
        if hasattr(score, name):
            print(name, getattr(score, name))
    try:
        return MISUSES[int("@variant@")](score)
    except (TypeError, KeyError, RuntimeError, RecursionError) as error:
        print(type(error).__name__, str(error)[:200])
        return None
