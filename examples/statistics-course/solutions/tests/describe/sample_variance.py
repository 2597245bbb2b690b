"""Tests of `sample_variance`."""

import numpy as np
from otter.test_files import test_case

import solutions.describe as reference

OK_FORMAT = False
name = "sample_variance"
points = None


@test_case(name="three numbers", points=1)
def three_numbers(sample_variance):
    variance = sample_variance(np.array([2.0, 4.0, 9.0]))
    assert np.shape(variance) == (), f"expected a number, got the shape {np.shape(variance)}"
    np.testing.assert_allclose(variance, 13.0, rtol=1e-9)


@test_case(
    name="other samples",
    points=1,
    hidden=True,
    failure_message="Wrong for some samples. There may be two numbers or many, and all may be the same.",
)
def other_samples(sample_variance):
    rng = np.random.default_rng(1)
    samples = [rng.normal(size=n) for n in (2, 5, 30)] + [np.full(4, 2.5), np.array([1, 2, 4])]
    got = [sample_variance(sample.copy()) for sample in samples]
    right = [reference.sample_variance(sample) for sample in samples]
    np.testing.assert_allclose(got, right, rtol=1e-9, atol=1e-12)


@test_case(
    name="large numbers close together",
    points=1,
    hidden=True,
    failure_message="Wrong for numbers that are large and close together, as in measurements of time. Which "
    "difference of large numbers do you take?",
)
def large_numbers(sample_variance):
    np.testing.assert_allclose(
        sample_variance(1e9 + np.array([0.0, 1.0, 3.0, 8.0])), 12.6666666667, rtol=1e-6
    )


@test_case(
    name="too few",
    points=1,
    hidden=True,
    failure_message="A single number, or none, does not scatter: ValueError.",
)
def too_few(sample_variance):
    for values in (np.array([3.0]), np.array([])):
        try:
            sample_variance(values)
        except ValueError:
            continue
        raise AssertionError(f"{len(values)} values should raise ValueError")
