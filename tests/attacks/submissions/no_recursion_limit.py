# rows: 45, 46
# what: recursion with the limit taken away, until the stack is at its end
# expect: crashed 6
# honest: tally, pick, root
# error: SIGSEGV
import sys


def down(x):
    return max([x], key=down)


def normalise(x):
    sys.setrecursionlimit(10**9)
    return down(1.0)
