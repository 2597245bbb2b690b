"""Tests of `matmul`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "matmul"
points = None


def raises_value_error(function, *arguments):
    """Whether the function raises ValueError, and no other error."""
    try:
        function(*arguments)
    except ValueError:
        return True
    return False


@test_case(name="a 2 x 3 matrix times a 3 x 2 matrix", points=2)
def two_by_three(matmul):
    A = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    B = np.array([[2.0, 1.0], [0.0, 5.0], [-1.0, 3.0]])
    C = matmul(A, B)
    assert isinstance(C, np.ndarray), f"got {type(C).__name__}, expected a NumPy array"
    assert C.shape == (2, 2), f"got the shape {C.shape}, expected (2, 2)"
    np.testing.assert_allclose(C, [[-1.0, 20.0], [-4.0, 7.0]], rtol=1e-12)


@test_case(name="a 2 x 3 matrix does not fit a 2 x 3 matrix, but fits a 3 x 1 matrix", points=1)
def fits_or_not(matmul):
    A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    refused = raises_value_error(matmul, A, A)
    np.testing.assert_allclose(matmul(A, np.array([[1.0], [10.0], [100.0]])), [[321.0], [654.0]], rtol=1e-12)
    assert refused, "a (2, 3) matrix times a (2, 3) matrix should raise ValueError"
