"""Tests of `sequence_space_size`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "sequence_space_size"
points = None


@test_case(name="two tokens, at most two in a row", points=1)
def two_tokens(sequence_space_size):
    size = sequence_space_size(2, 2)
    assert isinstance(size, (int, np.integer)), f"expected an int, got {type(size).__name__}"
    assert size == 7, f"expected 7 (the empty one, a, b, aa, ab, ba, bb), got {size}"


@test_case(name="words of at most three letters", points=1)
def short_words(sequence_space_size):
    size = sequence_space_size(27, 3)
    assert isinstance(size, (int, np.integer)), f"expected an int, got {type(size).__name__}"
    assert size == 20440, f"expected 1 + 27 + 729 + 19683 = 20440, got {size}"
