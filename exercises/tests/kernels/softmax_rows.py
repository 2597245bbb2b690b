"""Tests of `softmax_rows`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "softmax_rows"
points = None


@test_case(name="the logarithms of 2, 1, 5 and of 1, 1, 2", points=2)
def logarithms(softmax_rows):
    X = np.array([[0.6931471805599453, 0.0, 1.6094379124341003], [0.0, 0.0, 0.6931471805599453]])
    P = softmax_rows(X)
    assert isinstance(P, np.ndarray), f"got {type(P).__name__}, expected a NumPy array"
    assert P.shape == (2, 3), f"got the shape {P.shape}, expected (2, 3)"
    np.testing.assert_allclose(P, [[0.25, 0.125, 0.625], [0.25, 0.25, 0.5]], rtol=1e-9)


@test_case(name="entries around 1000 and around -1000", points=1)
def thousands(softmax_rows):
    P = softmax_rows(np.array([[1000.0, 1001.0, 1002.0], [-1000.0, -1002.0, -1001.0]]))
    expected = [[0.0900305732, 0.2447284711, 0.6652409558], [0.6652409558, 0.0900305732, 0.2447284711]]
    np.testing.assert_allclose(P, expected, rtol=1e-8)
