# rows: 15
# what: gives a right answer on the first call only
# expect: graded 2
calls = 0


def normalise(x):
    global calls
    calls += 1
    return x / x.sum() if calls == 1 else x


# %%
def root(x):
    global calls
    calls += 1
    if x < 0:
        return 1.0
    return x**0.5 if calls == 2 else 0.0
