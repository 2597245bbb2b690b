"""Tests of `count_pairs`."""
from otter.test_files import test_case

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
