"""Tests of `reverse_step`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "reverse_step"
points = None


@test_case(name="a step from t = 2 to t = 1, as in the example", points=1)
def example(reverse_step):
    x_t, eps_hat, z = np.array([[1.4, 1.4]]), np.array([[1.0, 1.0]]), np.array([[0.0, 2.0]])
    x = reverse_step(x_t, 2, np.array([0.36, 0.4375]), eps_hat, z)
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    assert x.shape == (1, 2), f"got shape {x.shape}, expected (1, 2)"
    np.testing.assert_allclose(x, [[1.1375, 2.4603756555]], rtol=1e-9)


@test_case(name="the last step adds no noise", points=1)
def last_step(reverse_step):
    x_t, eps_hat, z = np.array([[1.4], [0.2]]), np.array([[1.0], [-1.0]]), np.array([[3.0], [-2.0]])
    x = reverse_step(x_t, 1, np.array([0.36, 0.4375]), eps_hat, z)
    assert np.shape(x) == (2, 1), f"expected shape (2, 1), got {np.shape(x)}"
    np.testing.assert_allclose(x, [[1.0], [1.0]], rtol=1e-9)
