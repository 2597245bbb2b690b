"""Tests of `layer_norm`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "layer_norm"
points = None


@test_case(name="two numbers with a large eps, as in the example", points=1)
def large_eps(layer_norm):
    y = layer_norm(np.array([1.0, 3.0]), np.array([2.0, 10.0]), np.array([0.0, 1.0]), eps=3.0)
    assert isinstance(y, np.ndarray), f"got {type(y).__name__}, expected a NumPy array"
    assert y.shape == (2,), f"got an array of shape {y.shape}, expected (2,)"
    np.testing.assert_allclose(y, [-1.0, 6.0], rtol=1e-9)


@test_case(name="each row by itself, and a row of equal numbers", points=1)
def each_row_by_itself(layer_norm):
    x = np.array([[1.0, 2.0, 3.0, 6.0], [-40.0, 0.0, 20.0, 20.0], [5.0, 5.0, 5.0, 5.0]])
    y = layer_norm(x, np.ones(4), np.array([0.0, 0.0, 0.0, 1.0]))
    expected = [
        [-1.0690434404, -0.5345217202, 0.0, 2.6035651607],
        [-1.6329931482, 0.0, 0.8164965741, 1.8164965741],
        [0.0, 0.0, 0.0, 1.0],
    ]
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-9)
