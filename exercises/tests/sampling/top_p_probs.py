"""Tests of `top_p_probs`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "top_p_probs"
points = None


@test_case(name="the slide's six tokens, up to 80 %", points=1)
def slide_eighty(top_p_probs):
    q = top_p_probs(np.array([8, 5, 5, 5, 2, 1]) / 26, 0.8)
    assert isinstance(q, np.ndarray), f"got {type(q).__name__}, expected a NumPy array"
    assert q.dtype == np.float64, f"got {q.dtype}, expected float64"
    assert q.shape == (6,), f"got the shape {q.shape}, expected (6,)"
    np.testing.assert_allclose(q, np.array([8, 5, 5, 5, 0, 0]) / 23, rtol=1e-9, atol=1e-12)


@test_case(name="tokens in any order", points=2)
def any_order(top_p_probs):
    p = np.array([0.05, 0.25, 0.07, 0.5, 0.13])
    two, three = top_p_probs(p.copy(), 0.6), top_p_probs(p.copy(), 0.8)
    np.testing.assert_allclose(two, [0, 1 / 3, 0, 2 / 3, 0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(three, np.array([0, 0.25, 0, 0.5, 0.13]) / 0.88, rtol=1e-9, atol=1e-12)
