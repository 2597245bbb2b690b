"""Tests of `reverse_step`."""

import numpy as np
from otter.test_files import test_case

import solutions.diffusion as reference

OK_FORMAT = False
name = "reverse_step"
points = None


@test_case(name="a step from t = 2 to t = 1, as in the example", points=1)
def example(reverse_step):
    x_t, eps_hat, z = np.array([[1.4, 1.4]]), np.array([[1.0, 1.0]]), np.array([[0.0, 2.0]])
    x = reverse_step(x_t, 2, np.array([0.36, 0.4375]), eps_hat, z)
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    assert x.shape == (1, 2), f"got shape {x.shape}, expected (1, 2)"
    np.testing.assert_allclose(x, [[1.1375, 2.4603756555]], rtol=1e-9)


@test_case(name="the last step adds no noise", points=1)
def last_step(reverse_step):
    x_t, eps_hat, z = np.array([[1.4], [0.2]]), np.array([[1.0], [-1.0]]), np.array([[3.0], [-2.0]])
    x = reverse_step(x_t, 1, np.array([0.36, 0.4375]), eps_hat, z)
    assert np.shape(x) == (2, 1), f"expected shape (2, 1), got {np.shape(x)}"
    np.testing.assert_allclose(x, [[1.0], [1.0]], rtol=1e-9)


@test_case(
    name="steps in the middle and at the far end of a longer schedule",
    points=3,
    hidden=True,
    failure_message="A step of a longer schedule is wrong. Write down, for t = 3, which entries of betas go "
    "into the variance of this step and which into the product, and what each root stands over.",
)
def longer_schedule(reverse_step):
    rng = np.random.default_rng(1210)
    betas = rng.uniform(0.05, 0.4, size=6)
    times = [3, 6, 2, 5]
    x_t, eps_hat, z = rng.normal(size=(3, 3, 2, 4))
    results = [reverse_step(x_t.copy(), t, betas.copy(), eps_hat.copy(), z.copy()) for t in times]
    for t, x in zip(times, results, strict=True):
        assert np.shape(x) == (3, 2, 4)
        expected = reference.reverse_step(x_t, t, betas, eps_hat, z)
        np.testing.assert_allclose(x, expected, rtol=1e-9, atol=1e-12)


@test_case(
    name="the last step of other schedules",
    points=2,
    hidden=True,
    failure_message="The last step, t = 1, is wrong for another schedule. If the guess of the noise is "
    "right, it has to give the clean sample exactly, whatever z is and however many steps the schedule has.",
)
def clean_at_the_end(reverse_step):
    rng = np.random.default_rng(1211)
    schedules = [rng.uniform(0.1, 0.6, size=5), np.array([0.3])]
    x0, eps, z = rng.normal(size=(3, 4, 4))
    results = []
    for betas in schedules:
        x_1 = np.sqrt(1.0 - betas[0]) * x0 + np.sqrt(betas[0]) * eps
        results.append(reverse_step(x_1, 1, betas.copy(), eps.copy(), 10.0 * z))
    for x in results:
        assert np.shape(x) == x0.shape
        np.testing.assert_allclose(x, x0, rtol=1e-9, atol=1e-12)


@test_case(
    name="other shapes, and the arguments afterwards",
    points=1,
    hidden=True,
    failure_message="A batch of single numbers or of pictures with channels comes out wrong, or one of the "
    "arrays that were given is no longer what it was.",
)
def shapes_and_arguments(reverse_step):
    rng = np.random.default_rng(1212)
    betas = rng.uniform(0.05, 0.4, size=4)
    for shape, t in [((5,), 4), ((2, 2, 1, 3), 3), ((2, 3), 1)]:
        x_t, eps_hat, z = (rng.normal(size=shape) for _ in range(3))
        given = x_t.copy(), betas.copy(), eps_hat.copy(), z.copy()
        x = reverse_step(given[0], t, given[1], given[2], given[3])
        expected = reference.reverse_step(x_t, t, betas, eps_hat, z)
        assert np.shape(x) == shape
        np.testing.assert_allclose(x, expected, rtol=1e-9, atol=1e-12)
        for after, before in zip(given, (x_t, betas, eps_hat, z), strict=True):
            np.testing.assert_array_equal(after, before)
