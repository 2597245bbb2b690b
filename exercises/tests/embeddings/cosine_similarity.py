"""Tests of `cosine_similarity`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "cosine_similarity"
points = None


def is_array(value):
    """Hold a value's type against what is expected, before anything else."""
    assert value is not None, "got None, expected a NumPy array (is `return` missing?)"
    assert isinstance(value, np.ndarray), f"got {type(value).__name__}, expected a NumPy array"
    assert value.dtype == np.float64, f"got {value.dtype}, expected float64"


@test_case(name="four rows, as in the example", points=1)
def four_rows(cosine_similarity):
    B = np.array([[6.0, 8.0], [4.0, -3.0], [-3.0, -4.0], [1.0, 0.0]])
    similarity = cosine_similarity(np.array([3.0, 4.0]), B)
    is_array(similarity)
    assert similarity.shape == (4,), f"got the shape {similarity.shape}, expected (4,)"
    np.testing.assert_allclose(similarity, [1.0, 0.0, -1.0, 0.6], rtol=1e-9, atol=1e-12)


@test_case(name="a row of zeros", points=1)
def row_of_zeros(cosine_similarity):
    B = np.array([[0.0, 0.0, 0.0], [2.0, 4.0, 4.0], [0.0, 0.0, -3.0]])
    similarity = cosine_similarity(np.array([1.0, 2.0, 2.0]), B)
    is_array(similarity)
    np.testing.assert_allclose(similarity, [0.0, 1.0, -2 / 3], rtol=1e-9, atol=1e-12)
