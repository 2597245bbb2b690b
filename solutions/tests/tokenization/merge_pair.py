"""Tests of `merge_pair`."""

import numpy as np
from otter.test_files import test_case

import solutions.tokenization as reference

OK_FORMAT = False
name = "merge_pair"
points = None


@test_case(name="t and r of the slide's word become one token", points=1)
def slide_word(merge_pair):
    merged = merge_pair(list(b"trotted"), (116, 114), 256)
    again = merge_pair([256, 111, 116, 116, 101, 100], (111, 116), 257)
    assert merged == [256, 111, 116, 116, 101, 100], f"expected [256, 111, 116, 116, 101, 100], got {merged}"
    assert again == [256, 257, 116, 101, 100], f"expected [256, 257, 116, 101, 100], got {again}"


@test_case(name="a pair in two places, the second one at the end", points=1)
def two_places(merge_pair):
    merged = merge_pair([5, 6, 7, 5, 6], (5, 6), 9)
    assert merged == [9, 7, 9], f"expected [9, 7, 9], got {merged}"


@test_case(
    name="runs of one token",
    points=1,
    hidden=True,
    failure_message="In a run of equal tokens the merges go from left to right and share no token: three of "
    "them become a new token and an old one, in this order. Try runs of three, four and five.",
)
def runs(merge_pair):
    cases = [[1] * 3, [1] * 4, [1] * 5, [2, 1, 1, 1, 2, 1, 1]]
    merged = [merge_pair(list(ids), (1, 1), 9) for ids in cases]
    for ids, got in zip(cases, merged, strict=True):
        assert got == reference.merge_pair(ids, (1, 1), 9), "wrong tokens after merging a run of equal tokens"


@test_case(
    name="the ends of the list",
    points=1,
    hidden=True,
    failure_message="Think of a list that ends with the pair's left token, of one that ends with any other "
    "token, of a single token and of none. No token may get lost, and no list may raise an error.",
)
def ends(merge_pair):
    cases = [[3, 1, 2, 8], [1, 2, 3, 1], [2, 1], [1], [2], [4], []]
    merged = [merge_pair(list(ids), (1, 2), 9) for ids in cases]
    for ids, got in zip(cases, merged, strict=True):
        assert got == reference.merge_pair(ids, (1, 2), 9), "wrong tokens at the end of a list"


@test_case(
    name="ids that look like the pair",
    points=1,
    hidden=True,
    failure_message="Only the pair itself is merged: its two ids, in their order, next to each other. Ids "
    "that merely begin or end with the same digits are other tokens, and so is one half of the pair alone.",
)
def look_alikes(merge_pair):
    cases = [
        ([11, 2, 1, 22, 1, 2, 12], (1, 2), 256),
        ([2, 1, 1, 3, 2, 2, 1], (1, 2), 300),
        ([300, 1, 300], (300, 1), 301),
    ]
    merged = [merge_pair(list(ids), pair, new_id) for ids, pair, new_id in cases]
    for (ids, pair, new_id), got in zip(cases, merged, strict=True):
        assert got == reference.merge_pair(ids, pair, new_id), (
            "a merge is missing, or something else was merged"
        )


@test_case(
    name="longer lists, left unchanged",
    points=1,
    hidden=True,
    failure_message="Wrong tokens in a longer list, or the list that was given was changed: build a new one.",
)
def longer_lists(merge_pair):
    rng = np.random.default_rng(8)
    for size, pair in [(30, (0, 1)), (40, (1, 0)), (50, (2, 2))]:
        ids = rng.integers(0, 3, size=size).tolist()
        given = list(ids)
        merged = merge_pair(given, pair, 256)
        assert merged == reference.merge_pair(ids, pair, 256), "wrong tokens in a longer list"
        assert given == ids, "the list that was given has changed"
