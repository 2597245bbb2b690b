"""Tests of `matmul` in C++."""

import numpy as np
from otter.test_files import test_case

import solutions.kernels_cpp as reference

OK_FORMAT = False
name = "matmul"
points = None


@test_case(name="a 2 x 3 matrix times a 3 x 2 matrix", points=1)
def two_by_three(matmul):
    A = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    B = np.array([[2.0, 1.0], [0.0, 5.0], [-1.0, 3.0]])
    np.testing.assert_allclose(matmul(A, B), [[-1.0, 20.0], [-4.0, 7.0]], rtol=1e-12)


@test_case(name="a 2 x 3 matrix does not fit a 2 x 3 matrix", points=1)
def does_not_fit(matmul):
    A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    np.testing.assert_allclose(matmul(A, np.array([[1.0], [10.0], [100.0]])), [[321.0], [654.0]], rtol=1e-12)
    try:
        matmul(A, A)
    except ValueError:
        return
    raise AssertionError("a (2, 3) matrix times a (2, 3) matrix should throw std::invalid_argument")


def pair(seed, m, k, n):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, k)), rng.normal(size=(k, n))


def compare_all(matmul, pairs, *layout):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [matmul(A.copy(), B.copy(), *layout) for A, B in pairs]
    with np.errstate(invalid="ignore"):
        expected = [reference.matmul(A, B) for A, B in pairs]
    for C, right in zip(results, expected, strict=True):
        np.testing.assert_allclose(C, right, rtol=1e-9, atol=1e-12)


@test_case(
    name="other shapes",
    points=2,
    hidden=True,
    failure_message="Wrong for some shapes. m, k and n may all differ, be 0 or 1, or be no multiple of anything.",
)
def other_shapes(matmul):
    shapes = [
        (4, 4, 4),
        (3, 5, 2),
        (1, 6, 1),
        (5, 1, 4),
        (19, 33, 21),
        (64, 65, 63),
        (2, 0, 3),
        (0, 2, 3),
        (3, 2, 0),
    ]
    compare_all(matmul, [pair(index, *shape) for index, shape in enumerate(shapes)])


@test_case(
    name="elements that do not lie one after another",
    points=2,
    hidden=True,
    failure_message="Wrong where the elements lie column by column, backwards, or with gaps between them. Where in "
    "memory is element (i, j)? Use both strides, of all three matrices.",
)
def strides(matmul):
    for layout in ("columns", "reversed", "spread"):
        compare_all(matmul, [pair(20, 5, 3, 4), pair(21, 9, 17, 6)], layout)


@test_case(
    name="infinity and nan",
    points=1,
    hidden=True,
    failure_message="0 times infinity, and 0 times nan, are nan: no term may be left out.",
)
def infinity_and_nan(matmul):
    A = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 1.0]])
    B = np.array([[np.inf, 1.0, np.nan], [3.0, -np.inf, 2.0]])
    compare_all(matmul, [(A, B), (B.T, A.T)])


@test_case(name="no memory but its own", points=2)
def memory(sanitized):
    found = sanitized("matmul")
    assert not found, found


def expect_speed(seconds, baseline_seconds, enough):
    """Compare the shortest times of some rounds.

    Each round has new numbers, so that nothing can be remembered, and the two take turns, so that what else the machine
    does slows both. It ends when the ratio is large enough, after three rounds at least.
    """
    own = plain = np.inf
    for turn in range(6):
        A, B = np.random.default_rng().normal(size=(2, 448, 448))
        plain = min(plain, baseline_seconds("matmul", A, B))
        own = min(own, seconds("matmul", A, B))
        if turn >= 2 and plain >= enough * own:
            return
    raise AssertionError(f"{plain / own:.1f} times as fast as three plain loops; {enough:g} times is wanted")


@test_case(name="speed: half that of three plain loops", points=1)
def speed_half(seconds, baseline_seconds):
    expect_speed(seconds, baseline_seconds, 0.5)


@test_case(name="speed: 1.5 times that of three plain loops", points=1)
def speed_more(seconds, baseline_seconds):
    expect_speed(seconds, baseline_seconds, 1.5)


@test_case(name="speed: twice that of three plain loops", points=1)
def speed_most(seconds, baseline_seconds):
    expect_speed(seconds, baseline_seconds, 2)
