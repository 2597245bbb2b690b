# rows: 50, 57
# what: exercises that are no plain functions: an object, a partial, a ufunc, a coroutine function
# expect: graded 8
import functools
import math

import numpy as np


class Normalise:
    __name__ = "\u202etsrever"

    def __getattr__(self, name):
        raise SystemExit(name)

    def __call__(self, x):
        return np.asarray(x, dtype=float) / np.sum(x)


normalise = Normalise()


# %%
async def tally(words):
    return {word: words.count(word) for word in words}


# %%
pick = functools.partial(lambda best, options, score: best(options, key=score), max)


# %%
def positive(x):
    if x < 0:
        raise ValueError
    return math.sqrt(x)


root = np.frompyfunc(positive, 1, 1)
