"""Tests of `q_sample`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "q_sample"
points = None


@test_case(name="two samples at t = 1 and t = 2, as in the example", points=1)
def example(q_sample):
    x0 = np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5]])
    eps = np.array([[1.0, -1.0, 2.0], [1.0, -1.0, 2.0]])
    x = q_sample(x0, np.array([1, 2]), np.array([0.36, 0.4375]), eps)
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    assert x.shape == (2, 3), f"got shape {x.shape}, expected (2, 3)"
    np.testing.assert_allclose(x, [[1.4, 0.2, 1.6], [1.4, -0.2, 1.9]], rtol=1e-9, atol=1e-12)


@test_case(name="t = 0 gives x_0 back", points=1)
def time_zero(q_sample):
    x0 = np.array([[0.25, -1.0], [2.0, 0.5]])
    eps = np.array([[1.0, 3.0], [-1.0, 1.0]])
    x = q_sample(x0, np.array([0, 1]), np.array([0.36, 0.4375]), eps)
    np.testing.assert_allclose(x, [[0.25, -1.0], [1.0, 1.0]], rtol=1e-9, atol=1e-12)
