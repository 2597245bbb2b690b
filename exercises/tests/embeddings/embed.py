"""Tests of `embed`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "embed"
points = None


def is_array(value):
    """Hold a value's type against what is expected, before anything else."""
    assert value is not None, "got None, expected a NumPy array (is `return` missing?)"
    assert isinstance(value, np.ndarray), f"got {type(value).__name__}, expected a NumPy array"
    assert value.dtype == np.float64, f"got {value.dtype}, expected float64"


@test_case(name="three tokens, as in the example", points=1)
def three_tokens(embed):
    vectors = embed(np.array([2, 0, 2]), np.array([[10.0, 11.0], [20.0, 21.0], [30.0, 31.0]]))
    is_array(vectors)
    assert vectors.shape == (3, 2), f"got the shape {vectors.shape}, expected (3, 2)"
    np.testing.assert_allclose(vectors, [[30, 31], [10, 11], [30, 31]], rtol=1e-9)


@test_case(name="two texts of three tokens", points=1)
def two_texts(embed):
    E = np.array([[0.5, 1.5], [2.5, 3.5], [4.5, 5.5], [6.5, 7.5]])
    vectors = embed(np.array([[3, 1, 1], [0, 2, 3]]), E)
    is_array(vectors)
    assert vectors.shape == (2, 3, 2), f"got the shape {vectors.shape}, expected (2, 3, 2)"
    expected = [[[6.5, 7.5], [2.5, 3.5], [2.5, 3.5]], [[0.5, 1.5], [4.5, 5.5], [6.5, 7.5]]]
    np.testing.assert_allclose(vectors, expected, rtol=1e-9)
