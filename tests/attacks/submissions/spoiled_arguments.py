# rows: 16
# what: makes the argument such that a wrong answer is right: zeros, infinities, NaN, ones
# variants: 4
# expect: graded 0
import numpy as np


def normalise(x):
    x[...] = [0.0, np.inf, np.nan, 1.0][int("@variant@")]
    return x
