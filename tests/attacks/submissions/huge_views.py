# rows: 41
# what: results that say they are enormous
# variants: 6
# expect: graded 6
# honest: tally, pick, root
# message: over the limit|too large|not plain data|nested too deep
import numpy as np

VIEWS = [
    lambda: np.broadcast_to(1.0, (1 << 20, 1 << 20)),
    lambda: np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 40,), (0,)),
    lambda: np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 30, 1 << 28), (0, 0), writeable=False),
    lambda: np.zeros((0, 1 << 40)),
    lambda: "x" * (40 << 20),
    lambda: {"a": [b"x" * (1 << 20)] * 40},
]


def normalise(x):
    return VIEWS[int("@variant@")]()
