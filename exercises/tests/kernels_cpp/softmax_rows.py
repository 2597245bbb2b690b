"""Tests of `softmax_rows` in C++."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "softmax_rows"
points = None


@test_case(name="two rows", points=1)
def two_rows(softmax_rows):
    Y = softmax_rows(np.log(np.array([[2.0, 1.0, 5.0], [1.0, 1.0, 2.0]])))
    np.testing.assert_allclose(Y, [[0.25, 0.125, 0.625], [0.25, 0.25, 0.5]], rtol=1e-12)


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
