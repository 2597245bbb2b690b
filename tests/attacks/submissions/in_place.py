# rows: 16
# what: answers in the argument itself; the test that forbids it sees it, the next submission does not
# expect: graded 5
import numpy as np


def normalise(x):
    total = np.sum(x)
    x /= total
    return x


# %%
def tally(words):
    words.sort()
    counts = {word: words.count(word) for word in words}
    words.clear()
    words.extend(["changed"] * 1000)
    return counts
