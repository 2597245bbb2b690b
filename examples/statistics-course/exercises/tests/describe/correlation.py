"""Tests of `correlation`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "correlation"
points = None


@test_case(name="three points", points=1)
def three_points(correlation):
    r = correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 5.0]))
    assert np.shape(r) == (), f"expected a number, got the shape {np.shape(r)}"
    np.testing.assert_allclose(r, 0.8660254, rtol=1e-6)
