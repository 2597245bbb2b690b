"""Tests of `causal_mask`."""

import numpy as np
from otter.test_files import test_case

import solutions.attention as reference

OK_FORMAT = False
name = "causal_mask"
points = None


@test_case(name="four tokens", points=1)
def four_tokens(causal_mask):
    mask = causal_mask(4)
    assert isinstance(mask, np.ndarray), f"got {type(mask).__name__}, expected a NumPy array"
    assert mask.dtype == np.bool_, f"got an array of {mask.dtype}, expected booleans"
    expected = [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
    np.testing.assert_array_equal(mask, expected)


@test_case(
    name="other sizes",
    points=2,
    hidden=True,
    failure_message="The mask is wrong for some number of tokens. Write it down by hand for a single token "
    "and for five: which entries of row i are True?",
)
def other_sizes(causal_mask):
    sizes = [1, 2, 5, 13]
    masks = [causal_mask(n) for n in sizes]
    for n, mask in zip(sizes, masks, strict=True):
        assert mask.shape == (n, n)
        np.testing.assert_array_equal(mask, reference.causal_mask(n))


@test_case(
    name="booleans that can be negated",
    points=1,
    hidden=True,
    failure_message="~mask should be the exact opposite of your mask, True for the keys in the future. It "
    "is only if the mask is an array of booleans.",
)
def can_be_negated(causal_mask):
    mask = causal_mask(6)
    np.testing.assert_array_equal(~mask, ~reference.causal_mask(6))
    assert mask.dtype == np.bool_
