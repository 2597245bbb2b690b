"""Tests of `predict_x0`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "predict_x0"
points = None


@test_case(name="two samples at t = 1 and t = 2", points=1)
def example(predict_x0):
    x_t = np.array([[1.4, 0.2, 1.6], [1.4, -0.2, 1.9]])
    eps_hat = np.array([[1.0, -1.0, 2.0], [1.0, -1.0, 2.0]])
    x0 = predict_x0(x_t, np.array([1, 2]), np.array([0.36, 0.4375]), eps_hat)
    assert isinstance(x0, np.ndarray), f"got {type(x0).__name__}, expected a NumPy array"
    assert x0.shape == (2, 3), f"got shape {x0.shape}, expected (2, 3)"
    np.testing.assert_allclose(x0, [[1.0, 1.0, 0.5], [1.0, 1.0, 0.5]], rtol=1e-9, atol=1e-12)


@test_case(name="at t = 0 there is nothing to take away", points=1)
def time_zero(predict_x0):
    x_t = np.array([[0.25, -1.0], [1.0, 1.0]])
    eps_hat = np.array([[1.0, 3.0], [-1.0, 1.0]])
    x0 = predict_x0(x_t, np.array([0, 1]), np.array([0.36, 0.4375]), eps_hat)
    np.testing.assert_allclose(x0, [[0.25, -1.0], [2.0, 0.5]], rtol=1e-9, atol=1e-12)
