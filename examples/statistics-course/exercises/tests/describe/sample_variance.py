"""Tests of `sample_variance`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "sample_variance"
points = None


@test_case(name="three numbers", points=1)
def three_numbers(sample_variance):
    variance = sample_variance(np.array([2.0, 4.0, 9.0]))
    assert np.shape(variance) == (), f"expected a number, got the shape {np.shape(variance)}"
    np.testing.assert_allclose(variance, 13.0, rtol=1e-9)
