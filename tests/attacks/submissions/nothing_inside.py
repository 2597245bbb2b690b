# rows: 4, 49
# what: answers that hold nothing, which comparisons of arrays take for anything; and NaN
# variants: 8
# expect: graded 0
import numpy as np

ANSWERS = [
    [],
    np.zeros(0),
    np.zeros((0, 3)),
    np.zeros((3, 0)),
    np.array([], dtype="U5"),
    float("nan"),
    np.full(3, np.nan),
    np.array(np.nan, dtype=np.float16),
]
answer = ANSWERS[int("@variant@")]


def normalise(x):
    return answer


# %%
def tally(words):
    return answer


# %%
def pick(options, score):
    return answer


# %%
def root(x):
    return answer
