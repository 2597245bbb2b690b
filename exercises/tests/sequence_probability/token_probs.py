"""Tests of `token_probs`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "token_probs"
points = None


@test_case(name="three positions worked by hand", points=1)
def three_positions(token_probs):
    P = np.array([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1], [0.1, 0.6, 0.3]])
    p = token_probs(P, np.array([1, 0, 1]))
    assert isinstance(p, np.ndarray), f"expected an array, got {type(p).__name__}"
    assert p.shape == (3,), f"expected one number for each token, the shape (3,), got {p.shape}"
    np.testing.assert_allclose(p, [0.5, 0.7, 0.6], rtol=1e-9)
