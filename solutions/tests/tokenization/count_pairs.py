"""Tests of `count_pairs`."""

import numpy as np
from otter.test_files import test_case

import solutions.tokenization as reference

OK_FORMAT = False
name = "count_pairs"
points = None


@test_case(name="two small lists, one of them the slide's word in letters", points=1)
def small_lists(count_pairs):
    counts = count_pairs([1, 2, 3, 1, 2])
    word = count_pairs(list(b"trotted"))
    assert isinstance(counts, dict), f"expected a dict, got {type(counts).__name__}"
    expected = {(1, 2): 2, (2, 3): 1, (3, 1): 1}
    assert counts == expected, f"[1, 2, 3, 1, 2]: expected {expected}, got {counts}"
    expected = {(116, 114): 1, (114, 111): 1, (111, 116): 1, (116, 116): 1, (116, 101): 1, (101, 100): 1}
    assert word == expected, f"the bytes of trotted: expected {expected}, got {word}"


@test_case(
    name="runs of one token",
    points=1,
    hidden=True,
    failure_message="A token that repeats makes a pair with itself, and such pairs may overlap: a run of n "
    "equal tokens holds n - 1 of them. Count a run of three and a run of four by hand.",
)
def runs(count_pairs):
    cases = [[7, 7, 7], [7, 7, 7, 7, 7], [2, 7, 7, 7, 7, 2, 7, 7]]
    counts = [count_pairs(list(ids)) for ids in cases]
    for ids, got in zip(cases, counts, strict=True):
        assert got == reference.count_pairs(ids), "wrong counts in a run of equal tokens"


@test_case(
    name="very short lists",
    points=1,
    hidden=True,
    failure_message="How many pairs does a list of two, one or no tokens have? No list may raise an error.",
)
def short_lists(count_pairs):
    two, turned, one, none = count_pairs([4, 9]), count_pairs([9, 4]), count_pairs([4]), count_pairs([])
    assert two == {(4, 9): 1}, "wrong counts for a list of two tokens"
    assert turned == {(9, 4): 1}, "wrong counts for a list of two tokens"
    assert one == {}, "a single token has no neighbour"
    assert none == {}, "an empty list has no pairs"


@test_case(
    name="longer lists, left unchanged",
    points=1,
    hidden=True,
    failure_message="Some pair is counted too often, too rarely or the wrong way round, or the list that "
    "was given was changed. All counts together must add up to the length of the list minus one.",
)
def longer_lists(count_pairs):
    rng = np.random.default_rng(3)
    for size, low, high in [(12, 0, 3), (40, 250, 256), (60, 0, 5)]:
        ids = rng.integers(low, high, size=size).tolist()
        given = list(ids)
        counts = count_pairs(given)
        assert counts == reference.count_pairs(ids), "wrong counts in a longer list"
        assert given == ids, "the list that was given has changed"
