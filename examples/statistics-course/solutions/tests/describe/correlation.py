"""Tests of `correlation`."""

import numpy as np
from otter.test_files import test_case

import solutions.describe as reference

OK_FORMAT = False
name = "correlation"
points = None


@test_case(name="three points", points=1)
def three_points(correlation):
    r = correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 5.0]))
    assert np.shape(r) == (), f"expected a number, got the shape {np.shape(r)}"
    np.testing.assert_allclose(r, 0.8660254, rtol=1e-6)


@test_case(
    name="other points",
    points=2,
    hidden=True,
    failure_message="Wrong for some points. The lines may fall or rise, and the scales of x and y differ.",
)
def other_points(correlation):
    rng = np.random.default_rng(2)
    x = rng.normal(size=12)
    noise = rng.normal(size=12)
    pairs = [
        (x, 3 * x),
        (x, -0.01 * x + 7),
        (x, noise),
        (100 * x - 5, x + noise),
        (np.arange(4), np.array([0, 1, 1, 0])),
    ]
    got = [correlation(a.copy(), b.copy()) for a, b in pairs]
    np.testing.assert_allclose(got, [reference.correlation(a, b) for a, b in pairs], rtol=1e-9, atol=1e-12)


def refuses(correlation, x, y):
    try:
        correlation(np.array(x), np.array(y))
    except ValueError:
        return True
    return False


@test_case(
    name="series that go with nothing",
    points=1,
    hidden=True,
    failure_message="Series of different lengths, or without any change in one of them, have no correlation: "
    "ValueError.",
)
def no_correlation(correlation):
    assert refuses(correlation, [1.0, 2.0, 3.0], [1.0, 2.0])
    assert refuses(correlation, [1.0, 2.0, 3.0], [0.5])
    assert refuses(correlation, [1.0, 2.0, 3.0], [4.0, 4.0, 4.0])
    assert refuses(correlation, [4.0, 4.0, 4.0], [1.0, 2.0, 3.0])
