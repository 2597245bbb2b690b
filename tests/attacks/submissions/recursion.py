# rows: 45
# what: recursion without end, and results nested too deep
# variants: 6
# expect: graded 6
# honest: tally, pick, root
# message: nested too deep|recursion|Recursion|not plain
import sys


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def own():
    value = []
    value.append(value)
    return value


def tuples(depth):
    value = ()
    for _ in range(depth):
        value = (value,)
    return value


def down(x):
    return down(x)


VALUES = [
    lambda: down(1),
    lambda: nested(600),
    lambda: nested(100_000),
    own,
    lambda: tuples(5000),
    lambda: {"a": {"a": own()}},
]


def normalise(x):
    return VALUES[int("@variant@")]()
