# %% [markdown]
# # A quiz to be attacked
#
# Four small functions. `@secret@` stands for a text that is made anew for each run of the tests; no submission may get
# to see it.

# %%
import math

import numpy as np

_PLANTED = "@secret@"


# %%
def normalise(x):
    """``x`` divided by its sum."""
    ### BEGIN SOLUTION
    return np.asarray(x, dtype=float) / np.sum(x)
    ### END SOLUTION


# %%
def tally(words):
    """How often each word occurs."""
    ### BEGIN SOLUTION
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts
    ### END SOLUTION


# %%
def pick(options, score):
    """The option with the highest score."""
    ### BEGIN SOLUTION
    return max(options, key=score)
    ### END SOLUTION


# %%
def root(x):
    """The square root; ValueError for negative numbers."""
    ### BEGIN SOLUTION
    if x < 0:
        raise ValueError("a negative number has no real root")
    return math.sqrt(x)
    ### END SOLUTION
