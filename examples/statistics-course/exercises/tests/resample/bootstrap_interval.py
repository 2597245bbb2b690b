"""Tests of `bootstrap_interval`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "bootstrap_interval"
points = None


@test_case(name="five resamples of three numbers", points=2)
def five_resamples(bootstrap_interval):
    draws = np.array([[0, 0, 1], [2, 1, 0], [2, 2, 1], [1, 1, 1], [0, 2, 2]])
    interval = bootstrap_interval(np.array([10.0, 20.0, 40.0]), np.median, draws, 0.5)
    assert np.shape(interval) == (2,), f"expected two numbers, got the shape {np.shape(interval)}"
    np.testing.assert_allclose(interval, [20.0, 40.0])
