"""Tests of `top_k_probs`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "top_k_probs"
points = None


@test_case(name="the slide's six tokens, and room for three", points=1)
def slide_three(top_k_probs):
    q = top_k_probs(np.array([8, 5, 5, 5, 2, 1]) / 26, 3)
    assert isinstance(q, np.ndarray), f"got {type(q).__name__}, expected a NumPy array"
    assert q.dtype == np.float64, f"got {q.dtype}, expected float64"
    assert q.shape == (6,), f"got the shape {q.shape}, expected (6,)"
    np.testing.assert_allclose(q, np.array([8, 5, 5, 0, 0, 0]) / 18, rtol=1e-9, atol=1e-12)


@test_case(name="tokens in any order", points=1)
def any_order(top_k_probs):
    p = np.array([0.125, 0.05, 0.5, 0.075, 0.25])
    two, four = top_k_probs(p.copy(), 2), top_k_probs(p.copy(), 4)
    np.testing.assert_allclose(two, [0, 0, 2 / 3, 0, 1 / 3], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(four, np.array([0.125, 0, 0.5, 0.075, 0.25]) / 0.95, rtol=1e-9, atol=1e-12)
