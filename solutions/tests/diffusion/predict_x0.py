"""Tests of `predict_x0`."""

import numpy as np
from otter.test_files import test_case

import solutions.diffusion as reference

OK_FORMAT = False
name = "predict_x0"
points = None


@test_case(name="two samples at t = 1 and t = 2", points=1)
def example(predict_x0):
    x_t = np.array([[1.4, 0.2, 1.6], [1.4, -0.2, 1.9]])
    eps_hat = np.array([[1.0, -1.0, 2.0], [1.0, -1.0, 2.0]])
    x0 = predict_x0(x_t, np.array([1, 2]), np.array([0.36, 0.4375]), eps_hat)
    assert isinstance(x0, np.ndarray), f"got {type(x0).__name__}, expected a NumPy array"
    assert x0.shape == (2, 3), f"got shape {x0.shape}, expected (2, 3)"
    np.testing.assert_allclose(x0, [[1.0, 1.0, 0.5], [1.0, 1.0, 0.5]], rtol=1e-9, atol=1e-12)


@test_case(name="at t = 0 there is nothing to take away", points=1)
def time_zero(predict_x0):
    x_t = np.array([[0.25, -1.0], [1.0, 1.0]])
    eps_hat = np.array([[1.0, 3.0], [-1.0, 1.0]])
    x0 = predict_x0(x_t, np.array([0, 1]), np.array([0.36, 0.4375]), eps_hat)
    np.testing.assert_allclose(x0, [[0.25, -1.0], [2.0, 0.5]], rtol=1e-9, atol=1e-12)


@test_case(
    name="a batch of small pictures, each at its own time",
    points=2,
    hidden=True,
    failure_message="The guess is wrong for a batch of pictures. Put your result back into the closed form "
    "with the same noise: each picture, at its own time, has to give the x_t you began with.",
)
def pictures(predict_x0):
    rng = np.random.default_rng(1207)
    betas = rng.uniform(0.05, 0.4, size=7)
    x_t, eps_hat = rng.normal(size=(2, 4, 3, 2, 5))
    some = [0, 1, 3]
    batches = [(x_t[some], np.array([2, 7, 4]), eps_hat[some]), (x_t, np.array([6, 3, 0, 5]), eps_hat)]
    results = [predict_x0(x.copy(), t.copy(), betas.copy(), e.copy()) for x, t, e in batches]
    for (x, t, e), x0 in zip(batches, results, strict=True):
        assert np.shape(x0) == x.shape
        np.testing.assert_allclose(x0, reference.predict_x0(x, t, betas, e), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(reference.q_sample(x0, t, betas, e), x, rtol=1e-9, atol=1e-12)


@test_case(
    name="a batch as long as a sample",
    points=1,
    hidden=True,
    failure_message="When there are as many samples as values in one sample, NumPy does not complain about "
    "the wrong axis. To which axis of x_t do the times belong?",
)
def square_batch(predict_x0):
    rng = np.random.default_rng(1208)
    betas = rng.uniform(0.05, 0.4, size=5)
    x_t, eps_hat = rng.normal(size=(2, 4, 4))
    t = np.array([5, 1, 3, 2])
    x0 = predict_x0(x_t.copy(), t.copy(), betas.copy(), eps_hat.copy())
    assert np.shape(x0) == x_t.shape
    np.testing.assert_allclose(x0, reference.predict_x0(x_t, t, betas, eps_hat), rtol=1e-9, atol=1e-12)


@test_case(
    name="samples that are single numbers, and the arguments afterwards",
    points=1,
    hidden=True,
    failure_message="A batch of single numbers comes out wrong, or one of the arrays that were given is no "
    "longer what it was.",
)
def single_numbers(predict_x0):
    rng = np.random.default_rng(1209)
    x_t, eps_hat = rng.normal(size=(2, 6))
    t, betas = np.array([1, 4, 0, 2, 3, 4]), rng.uniform(0.1, 0.4, size=4)
    given = x_t.copy(), t.copy(), betas.copy(), eps_hat.copy()
    x0 = predict_x0(*given)
    assert np.shape(x0) == (6,)
    np.testing.assert_allclose(x0, reference.predict_x0(x_t, t, betas, eps_hat), rtol=1e-9, atol=1e-12)
    for after, before in zip(given, (x_t, t, betas, eps_hat), strict=True):
        np.testing.assert_array_equal(after, before)
