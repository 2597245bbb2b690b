"""Tests of `bootstrap_interval`."""

import numpy as np
from otter.test_files import test_case

import solutions.resample as reference

OK_FORMAT = False
name = "bootstrap_interval"
points = None


@test_case(name="five resamples of three numbers", points=2)
def five_resamples(bootstrap_interval):
    draws = np.array([[0, 0, 1], [2, 1, 0], [2, 2, 1], [1, 1, 1], [0, 2, 2]])
    interval = bootstrap_interval(np.array([10.0, 20.0, 40.0]), np.median, draws, 0.5)
    assert np.shape(interval) == (2,), f"expected two numbers, got the shape {np.shape(interval)}"
    np.testing.assert_allclose(interval, [20.0, 40.0])


def spread(values):
    return float(np.max(values) - np.min(values))


@test_case(
    name="other samples, statistics and levels",
    points=2,
    hidden=True,
    failure_message="Wrong for some samples, statistics or levels. The statistic may be any function of a resample, "
    "and the same share is cut off at both ends.",
)
def other_samples(bootstrap_interval):
    rng = np.random.default_rng(3)
    inputs = [
        (rng.normal(size=8), np.mean, rng.integers(8, size=(20, 8)), 0.9),
        (rng.exponential(size=5), spread, rng.integers(5, size=(15, 5)), 0.3),
        (np.array([1, 2, 4, 8]), np.median, rng.integers(4, size=(11, 4)), 0.75),
    ]
    got = [bootstrap_interval(values.copy(), f, draws.copy(), level) for values, f, draws, level in inputs]
    right = [reference.bootstrap_interval(*given) for given in inputs]
    np.testing.assert_allclose(got, right, rtol=1e-9)


@test_case(
    name="levels that make no sense",
    points=1,
    hidden=True,
    failure_message="A level lies between 0 and 1; 0 and 1 themselves, and 95, do not: ValueError.",
)
def levels(bootstrap_interval):
    for level in (0.0, 1.0, 95.0, -0.5):
        try:
            bootstrap_interval(np.array([1.0, 2.0]), np.mean, np.array([[0, 1], [1, 1]]), level)
        except ValueError:
            continue
        raise AssertionError(f"a level of {level} should raise ValueError")
