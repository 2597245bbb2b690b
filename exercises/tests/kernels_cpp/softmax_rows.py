"""Tests of `softmax_rows` in C++."""

import time

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
def speed(softmax_rows, baseline):
    best = {softmax_rows: np.inf, baseline: np.inf}
    for turn in range(6):  # as for matmul: new numbers each time, in turns, the shortest times
        X = np.random.default_rng().normal(size=(300, 400))
        for candidate, arguments in ((softmax_rows, (X,)), (baseline, ("softmax_rows", X))):
            start = time.perf_counter()
            candidate(*arguments)
            best[candidate] = min(best[candidate], time.perf_counter() - start)
        if turn >= 1 and best[baseline] >= 0.5 * best[softmax_rows]:
            return
    raise AssertionError(
        f"{best[baseline] / best[softmax_rows]:.1f} times as fast as plain loops; 0.5 times is wanted"
    )
