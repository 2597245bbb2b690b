"""Tests of `sequence_space_size`."""

import numpy as np
from otter.test_files import test_case

import solutions.sequence_probability as reference

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


@test_case(
    name="other small spaces",
    points=1,
    hidden=True,
    failure_message="Try a length of 0, a length of 1, a vocabulary larger than the length, and the other "
    "way round. Tokens may repeat, and their order counts.",
)
def small_spaces(sequence_space_size):
    cases = [(3, 0), (5, 1), (2, 6), (6, 2), (3, 3), (10, 5)]
    sizes = [sequence_space_size(vocab_size, max_len) for vocab_size, max_len in cases]
    for (vocab_size, max_len), size in zip(cases, sizes, strict=True):
        assert isinstance(size, (int, np.integer)), "the number of sequences is an int"
        assert size == reference.sequence_space_size(vocab_size, max_len), "a small space has another size"


@test_case(
    name="a vocabulary of one token",
    points=1,
    hidden=True,
    failure_message="With a single token there is one sequence of each length. A formula that divides by "
    "|V| - 1 does not like this.",
)
def one_token(sequence_space_size):
    sizes = [sequence_space_size(1, max_len) for max_len in (0, 1, 4, 30)]
    expected = [reference.sequence_space_size(1, max_len) for max_len in (0, 1, 4, 30)]
    assert all(isinstance(size, (int, np.integer)) for size in sizes), "the number of sequences is an int"
    assert sizes == expected, "the size for a vocabulary of one token is wrong"


@test_case(
    name="huge spaces, to the last digit",
    points=2,
    hidden=True,
    failure_message="The number of sequences must be exact and a Python int, also when it has hundreds of "
    "digits, and for sequences of thousands of tokens. Floats have 16 digits, NumPy's integers 64 bits.",
)
def huge_spaces(sequence_space_size):
    # Not too huge: a student who swaps base and exponent would calculate for seconds.
    cases = [(50_257, 3), (7, 22), (3_001, 20), (2, 63), (2, 1500), (997, 120)]
    sizes = [sequence_space_size(vocab_size, max_len) for vocab_size, max_len in cases]
    for (vocab_size, max_len), size in zip(cases, sizes, strict=True):
        assert type(size) is int, "the number of sequences is a Python int"
        assert size == reference.sequence_space_size(vocab_size, max_len), "a digit of a huge number is wrong"
