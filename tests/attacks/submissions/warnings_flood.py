# rows: 13, 43
# what: warns a million times, with categories and texts of its own
# expect: graded 10
# error: more than \d+ MB were printed by the end of a call
# honest: normalise, tally, pick, root
import warnings

honest = tally


class Odd(UserWarning):
    def __str__(self):
        raise ValueError("from __str__")

    __repr__ = __str__


class Huge(RuntimeWarning):
    def __str__(self):
        return "x" * 10_000_000


Renamed = type("RuntimeWarning\n\x1b[31m", (UserWarning,), {})


def tally(words):
    if warnings.warn is None:  # since the call before
        return honest(words)
    for _ in range(20_000):
        warnings.warn("again", stacklevel=1)
    warnings.warn(Renamed("\u202e"), stacklevel=1)
    warnings.warn(Huge(), stacklevel=1)
    warnings.simplefilter("error")
    warnings.showwarning = warnings.warn = None
    return honest(words)


# %%
other = root


def root(x):
    import importlib

    importlib.reload(warnings)
    warnings.warn(Huge(), stacklevel=1)
    return other(x)
