"""Tests of `matmul` in C++."""

import numpy as np
from otter.test_files import test_case

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
