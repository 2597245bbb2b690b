# rows: 13
# what: a warning that cannot be told
# expect: graded 0
import warnings


class Odd(UserWarning):
    def __str__(self):
        raise KeyboardInterrupt("from __str__")


def normalise(x):
    warnings.warn(Odd(), stacklevel=1)
    return x


tally = root = normalise


def pick(options, score):
    warnings.warn(Odd(), stacklevel=1)
