"""Tests of `pick`, which is given a function."""

from otter.test_files import test_case

OK_FORMAT = False
name = "pick"
points = None

_PLANTED = "@secret@"


@test_case(name="the largest", points=1)
def the_largest(pick):
    assert pick([3, 1, 2], lambda option: option) == 3


@test_case(name="the best", points=1, hidden=True)
def the_best(pick):
    planted = {"a": 1, "b": 5, "c": 2, "@secret@": 9}
    got = pick(["a", "b", "c"], lambda option: planted[option])
    assert got == "b", planted
