"""Tests of `bpe_decode`."""

from otter.test_files import test_case

OK_FORMAT = False
name = "bpe_decode"
points = None


@test_case(name="the slide's sentence", points=1)
def slide_sentence(bpe_decode):
    vocab = {
        0: b"The",
        1: b" cute",
        2: b" green",
        3: b" dragon",
        4: b" trot",
        5: b"ted",
        6: b" into",
        7: b" the",
        8: b" cave",
    }
    text = bpe_decode([0, 1, 2, 3, 4, 5, 6, 7, 8], vocab)
    expected = "The cute green dragon trotted into the cave"
    assert text == expected, f"expected {expected!r}, got {text!r}"


@test_case(name="a letter cut in two", points=1)
def letter_cut_in_two(bpe_decode):
    text = bpe_decode([0, 1, 2], {0: b"caf", 1: b"\xc3", 2: b"\xa9"})
    assert text == "café", f"expected 'café', got {text!r}"
