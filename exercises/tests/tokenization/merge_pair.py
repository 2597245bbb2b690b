"""Tests of `merge_pair`."""
from otter.test_files import test_case

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
