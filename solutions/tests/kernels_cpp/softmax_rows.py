"""Tests of `softmax_rows` in C++."""

import numpy as np
from otter.test_files import test_case

import solutions.kernels_cpp as reference

OK_FORMAT = False
name = "softmax_rows"
points = None


@test_case(name="two rows", points=1)
def two_rows(softmax_rows):
    Y = softmax_rows(np.log(np.array([[2.0, 1.0, 5.0], [1.0, 1.0, 2.0]])))
    np.testing.assert_allclose(Y, [[0.25, 0.125, 0.625], [0.25, 0.25, 0.5]], rtol=1e-12)


def compare_all(softmax_rows, inputs, *layout):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [softmax_rows(X.copy(), *layout) for X in inputs]
    for Y, X in zip(results, inputs, strict=True):
        np.testing.assert_allclose(Y, reference.softmax_rows(X), rtol=1e-9, atol=1e-15)


@test_case(
    name="other shapes",
    points=1,
    hidden=True,
    failure_message="Wrong for some shapes. There may be one row or one column, or none, and each row has its own sum.",
)
def other_shapes(softmax_rows):
    rng = np.random.default_rng(5)
    shapes = [(1, 1), (3, 7), (7, 3), (1, 40), (40, 1), (0, 3), (4, 0), (17, 33)]
    compare_all(softmax_rows, [rng.normal(size=shape) for shape in shapes])


@test_case(
    name="large entries and minus infinity",
    points=2,
    hidden=True,
    failure_message="exp of a large number overflows, and of a very negative one is 0: take away each row's maximum, "
    "its own, first. Minus infinity becomes 0, wherever it stands.",
)
def large_entries(softmax_rows):
    inf = np.inf
    compare_all(
        softmax_rows,
        [
            np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1001.0, -999.0]]),
            np.array([[20000.0, -20000.0, 19999.5], [0.0, -20000.0, 1.0]]),
            np.array([[-inf, 0.0, 1.0], [2.0, -inf, -inf], [-inf, -inf, -3.0]]),
        ],
    )


@test_case(
    name="elements that do not lie one after another",
    points=2,
    hidden=True,
    failure_message="Wrong where the elements lie column by column, backwards, or with gaps between them. Where in "
    "memory is element (i, j)? Use both strides, of both matrices.",
)
def strides(softmax_rows):
    rng = np.random.default_rng(6)
    for layout in ("columns", "reversed", "spread"):
        compare_all(softmax_rows, [rng.normal(size=(5, 4)), rng.normal(size=(3, 11))], layout)


@test_case(name="no memory but its own", points=2)
def memory(sanitized):
    found = sanitized("softmax_rows")
    assert not found, found


@test_case(name="speed: half that of plain loops", points=1)
def speed(seconds, baseline_seconds):
    own = plain = np.inf
    for turn in range(6):  # as for matmul: new numbers each time, in turns, the shortest times
        X = np.random.default_rng().normal(size=(300, 400))
        plain = min(plain, baseline_seconds("softmax_rows", X))
        own = min(own, seconds("softmax_rows", X))
        if turn >= 2 and plain >= 0.5 * own:
            return
    raise AssertionError(f"{plain / own:.1f} times as fast as plain loops; 0.5 times is wanted")
