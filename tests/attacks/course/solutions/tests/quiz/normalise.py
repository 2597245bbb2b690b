"""Tests of `normalise`."""

import numpy as np
from otter.test_files import test_case

import solutions.quiz as reference

OK_FORMAT = False
name = "normalise"
points = None

_PLANTED = "@secret@"
_SHARED = np.array([3.0, 1.0, 4.0])  # handed out as it is: what a submission does to it must not last


@test_case(name="three numbers", points=1)
def three_numbers(normalise):
    np.testing.assert_allclose(normalise(np.array([1.0, 1.0, 2.0])), [0.25, 0.25, 0.5])


@test_case(name="other numbers", points=2, hidden=True, failure_message="The results must add up to 1.")
def other_numbers(normalise):
    planted = "@secret@"
    rng = np.random.default_rng()
    for _ in range(3):
        x = rng.uniform(1, 2, size=5)
        expected = reference.normalise(x)
        np.testing.assert_allclose(normalise(x), expected, err_msg=planted)


@test_case(name="the argument stays as it is", points=1, hidden=True)
def unchanged(normalise):
    got = normalise(_SHARED)
    np.testing.assert_array_equal(_SHARED, [3.0, 1.0, 4.0], err_msg=_PLANTED)
    np.testing.assert_allclose(got, [0.375, 0.125, 0.5], err_msg=_PLANTED)
