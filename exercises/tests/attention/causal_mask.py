"""Tests of `causal_mask`."""

import numpy as np
from otter.test_files import test_case

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
