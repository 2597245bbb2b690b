# rows: 13, 21
# what: exceptions without a name, with a name of a megabyte, in groups
# variants: 5
# expect: graded 2
# honest: pick
# never: <script|\u202e
def group(depth):
    error = ValueError("inside")
    for _ in range(depth):
        error = ExceptionGroup("g", [error])
    return error


def make(variant):
    return [
        lambda: type("", (Exception,), {})("nameless"),
        lambda: type("x" * 1_000_000, (ValueError,), {})("long"),
        lambda: group(5000),
        lambda: type("<script>alert(1)</script>\u202e\udc80", (KeyError,), {})("\x1b[2J\udc80"),
        lambda: type("StudentError", (Exception,), {"kind": "", "__str__": lambda self: "y" * (1 << 24)})(),
    ][variant]()


# %%
def normalise(x):
    raise make(int("@variant@"))


# %%
def tally(words):
    error = make(int("@variant@"))
    raise error


# %%
def root(x):
    raise make(int("@variant@")) if x >= 0 else ValueError("negative")
