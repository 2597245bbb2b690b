"""Tests of `q_sample`."""

import numpy as np
from otter.test_files import test_case

import solutions.diffusion as reference

OK_FORMAT = False
name = "q_sample"
points = None


@test_case(name="two samples at t = 1 and t = 2, as in the example", points=1)
def example(q_sample):
    x0 = np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5]])
    eps = np.array([[1.0, -1.0, 2.0], [1.0, -1.0, 2.0]])
    x = q_sample(x0, np.array([1, 2]), np.array([0.36, 0.4375]), eps)
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    assert x.shape == (2, 3), f"got shape {x.shape}, expected (2, 3)"
    np.testing.assert_allclose(x, [[1.4, 0.2, 1.6], [1.4, -0.2, 1.9]], rtol=1e-9, atol=1e-12)


@test_case(name="t = 0 gives x_0 back", points=1)
def time_zero(q_sample):
    x0 = np.array([[0.25, -1.0], [2.0, 0.5]])
    eps = np.array([[1.0, 3.0], [-1.0, 1.0]])
    x = q_sample(x0, np.array([0, 1]), np.array([0.36, 0.4375]), eps)
    np.testing.assert_allclose(x, [[0.25, -1.0], [1.0, 1.0]], rtol=1e-9, atol=1e-12)


@test_case(
    name="a batch of small pictures, each at its own time",
    points=2,
    hidden=True,
    failure_message="A batch of pictures comes out wrong. Check one picture of it alone: does it get the "
    "coefficients of its own time, and do they reach every row, column and channel?",
)
def pictures(q_sample):
    rng = np.random.default_rng(1204)
    betas = rng.uniform(0.05, 0.4, size=7)
    x0, eps = rng.normal(size=(2, 4, 3, 2, 5))
    batches = [(x0[[0, 1, 3]], np.array([2, 7, 4]), eps[[0, 1, 3]]), (x0, np.array([6, 3, 0, 5]), eps)]
    results = [q_sample(x.copy(), t.copy(), betas.copy(), e.copy()) for x, t, e in batches]
    for (x, t, e), x_t in zip(batches, results, strict=True):
        assert np.shape(x_t) == x.shape
        np.testing.assert_allclose(x_t, reference.q_sample(x, t, betas, e), rtol=1e-9, atol=1e-12)


@test_case(
    name="a batch as long as a sample",
    points=1,
    hidden=True,
    failure_message="When there are as many samples as values in one sample, NumPy does not complain about "
    "the wrong axis. To which axis of x0 do the times belong?",
)
def square_batch(q_sample):
    rng = np.random.default_rng(1205)
    betas = rng.uniform(0.05, 0.4, size=5)
    x0, eps = rng.normal(size=(2, 4, 4))
    t = np.array([5, 1, 3, 2])
    x = q_sample(x0.copy(), t.copy(), betas.copy(), eps.copy())
    assert np.shape(x) == x0.shape
    np.testing.assert_allclose(x, reference.q_sample(x0, t, betas, eps), rtol=1e-9, atol=1e-12)


@test_case(
    name="samples that are single numbers, and the arguments afterwards",
    points=1,
    hidden=True,
    failure_message="A batch of single numbers comes out wrong, or one of the arrays that were given is no "
    "longer what it was.",
)
def single_numbers(q_sample):
    rng = np.random.default_rng(1206)
    x0, eps = rng.normal(size=(2, 6))
    t, betas = np.array([1, 4, 0, 2, 3, 4]), rng.uniform(0.1, 0.4, size=4)
    given = x0.copy(), t.copy(), betas.copy(), eps.copy()
    x = q_sample(*given)
    assert np.shape(x) == (6,)
    np.testing.assert_allclose(x, reference.q_sample(x0, t, betas, eps), rtol=1e-9, atol=1e-12)
    for after, before in zip(given, (x0, t, betas, eps), strict=True):
        np.testing.assert_array_equal(after, before)
