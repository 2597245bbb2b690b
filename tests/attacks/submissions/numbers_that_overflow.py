# rows: 49
# what: integers that no float can hold, and answers to a number of which only the type is wrong
# variants: 6
# expect: graded 6
# honest: normalise, pick
# error: ^$
import numpy as np

ANSWERS = [10**400, -(10**400), 10**5000, np.uint64(2**64 - 1), 3 + 1e-3j, "3.0"]


def root(x):
    return ANSWERS[int("@variant@")]
