"""Tests of `softmax_rows`."""

import numpy as np
from otter.test_files import test_case

import solutions.kernels as reference

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


def compare_all(softmax_rows, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [softmax_rows(X.copy()) for X in inputs]
    for P, X in zip(results, inputs, strict=True):
        assert isinstance(P, np.ndarray), "the result is a NumPy array"
        assert P.shape == X.shape, "the result has the wrong shape"
        np.testing.assert_allclose(P, reference.softmax_rows(X), rtol=1e-7, atol=1e-12)
        assert P.dtype == np.float64, "the result is float64"


@test_case(
    name="other sizes and orders",
    points=2,
    hidden=True,
    failure_message="The result is wrong for some row. Follow m and s by hand along a row that rises, one "
    "that falls, and one that does both; then along a single column, and a second row.",
)
def sizes_and_orders(softmax_rows):
    rng = np.random.default_rng(301)
    rising = np.sort(3 * rng.normal(size=(2, 6)), axis=1)
    inputs = [
        rising,
        rising[:, ::-1],
        3 * rng.normal(size=(4, 4)),
        2 * rng.normal(size=(2, 9)) - 3,
        2 * rng.normal(size=(7, 3)) + 2,
        rng.normal(size=(1, 5)),
        rng.normal(size=(5, 1)),
        np.array([[2.0, 2.0, -1.0, 2.0], [0.0, 0.0, 0.0, 0.0]]),
    ]
    compare_all(softmax_rows, inputs)


@test_case(
    name="entries far apart",
    points=1,
    hidden=True,
    failure_message="Large entries, large gaps, or rows that lie far from each other give a wrong result, "
    "inf or nan. No exponent may ever be above 0, and nothing but minus infinity is below every number.",
)
def far_apart(softmax_rows):
    inputs = [
        np.array([[0.0, 800.0, 799.0], [800.0, 0.0, 1.0], [801.0, 800.5, 0.0]]),
        np.array([[1000.0, 999.0], [-1000.0, -1001.5], [0.0, 0.5]]),
        np.array([[-20000.0, -20001.0, -20000.5], [20000.0, 20001.0, -20000.0]]),
        np.array([[-700.0, 700.0, -700.0, 699.0], [0.0, -750.0, 1.0, -740.0]]),
    ]
    compare_all(softmax_rows, inputs)


@test_case(
    name="hidden entries",
    points=1,
    hidden=True,
    failure_message="With minus infinity among the entries the result is wrong. It stands for probability "
    "0, wherever in the row it is: at the end, in between, or at the start, where nothing else has been "
    "seen.",
)
def hidden_entries(softmax_rows):
    hidden = -np.inf
    inputs = [
        np.array([[1.0, hidden, 2.0, hidden], [0.5, 0.0, -1.0, hidden]]),
        np.array([[hidden, 1.0, 3.0], [hidden, hidden, -2.0], [1.0, 2.0, 0.5]]),
        np.array([[hidden, -1000.0, -1001.0], [1000.0, hidden, 998.0]]),
        np.array([[hidden, hidden, -20000.0, -20001.0]]),
    ]
    compare_all(softmax_rows, inputs)


@test_case(
    name="integers, and nothing at all",
    points=1,
    hidden=True,
    failure_message="The result is float64 for a matrix of integers, too, and keeps the shape of a matrix "
    "that has no rows or no columns.",
)
def integers_and_nothing(softmax_rows):
    inputs = [
        np.array([[1, 3, 2], [0, -1, 4]]),
        np.array([[200, 255, 254], [0, 1, 2]], dtype=np.uint8),
        np.array([[0.5, 1.5], [2.5, 0.0]], dtype=np.float32),
        np.zeros((3, 0)),
        np.zeros((0, 4)),
    ]
    compare_all(softmax_rows, inputs)


@test_case(
    name="the argument is left unchanged",
    points=1,
    hidden=True,
    failure_message="The result is wrong, or your function wrote into X, which still belongs to whoever "
    "called you.",
)
def argument_unchanged(softmax_rows):
    X = 2 * np.random.default_rng(351).normal(size=(3, 4))
    given = X.copy()
    P = softmax_rows(given)
    np.testing.assert_array_equal(given, X, err_msg="X has changed")
    np.testing.assert_allclose(P, reference.softmax_rows(X), rtol=1e-7, atol=1e-12)
