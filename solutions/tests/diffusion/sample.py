"""Tests of `sample`."""

import numpy as np
from otter.test_files import test_case

import solutions.diffusion as reference

OK_FORMAT = False
name = "sample"
points = None


def curved(x, t):
    """A denoiser without any meaning, whose answer depends on the sample and on the time."""
    return np.tanh(x) * (0.5 + 0.25 * t) + 0.1 * t


@test_case(name="one step, as in the example", points=1)
def one_step(sample):
    noise = np.array([[[5.0, 5.0]]])
    x = sample(lambda x, t: np.ones(x.shape), np.array([[1.4, 0.6]]), np.array([0.36]), noise)
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    np.testing.assert_allclose(x, [[1.0, 0.0]], rtol=1e-9, atol=1e-12)


@test_case(name="two steps: the denoiser is asked at t = 2, then at t = 1", points=2)
def two_steps(sample):
    asked = []

    def denoiser(x, t):
        time = np.array(t).tolist()
        if asked[-1:] != [time]:  # asking twice about one step does no harm
            asked.append(time)
        return np.full(x.shape, 1.0 if t == 2 else 0.5)

    noise = np.array([[[7.0, 7.0]], [[0.0, 2.0]]])
    x = sample(denoiser, np.array([[1.4, 1.4]]), np.array([0.36, 0.4375]), noise)
    assert asked == [2, 1], f"the denoiser was asked at t = {asked}, expected [2, 1]"
    np.testing.assert_allclose(x, [[1.046875, 2.7004695694]], rtol=1e-9)


@test_case(
    name="longer ways back, with a denoiser that looks at sample and time",
    points=3,
    hidden=True,
    failure_message="The end of a longer way is wrong. Print t and the sample at each step: does every step "
    "begin where the one before ended, does the denoiser see that same sample and time, and is each z the "
    "one of its step?",
)
def longer_ways(sample):
    rng = np.random.default_rng(1213)
    ways = []
    for steps, shape in [(5, (3, 2)), (4, (4, 4)), (3, (2, 2, 3, 1))]:
        betas, noise = rng.uniform(0.1, 0.5, size=steps), rng.normal(size=(steps, *shape))
        ways.append((rng.normal(size=shape), betas, noise))
    results = [sample(curved, x_T.copy(), betas.copy(), noise.copy()) for x_T, betas, noise in ways]
    for (x_T, betas, noise), x in zip(ways, results, strict=True):
        assert np.shape(x) == x_T.shape
        np.testing.assert_allclose(x, reference.sample(curved, x_T, betas, noise), rtol=1e-9, atol=1e-12)


@test_case(
    name="a denoiser that knows the answer",
    points=1,
    hidden=True,
    failure_message="A denoiser that names the true noise at every step has to lead to the clean sample "
    "exactly, from any start and with any noise on the way. Does the way really end after the step at t = "
    "1?",
)
def oracle_leads_home(sample):
    rng = np.random.default_rng(1214)
    betas = rng.uniform(0.1, 0.5, size=6)
    x0, x_T = rng.normal(size=(2, 3, 5))
    a = reference.alpha_bar(betas)

    def oracle(x, t):
        return (x - np.sqrt(a[t - 1]) * x0) / np.sqrt(1.0 - a[t - 1])

    x = sample(oracle, x_T, betas, rng.normal(size=(6, 3, 5)))
    assert np.shape(x) == x0.shape
    np.testing.assert_allclose(x, x0, rtol=1e-9, atol=1e-9)


@test_case(
    name="no steps at all, and the arguments afterwards",
    points=1,
    hidden=True,
    failure_message="Without steps the result is x_T as it was given. With steps, x_T, betas and noise have "
    "to stay as they were.",
)
def no_steps(sample):
    rng = np.random.default_rng(1215)
    x_T, betas, noise = rng.normal(size=(2, 3)), rng.uniform(0.1, 0.5, size=3), rng.normal(size=(3, 2, 3))
    given = x_T.copy(), betas.copy(), noise.copy()
    x = sample(curved, *given)
    nowhere = sample(curved, x_T.copy(), np.zeros(0), np.zeros((0, 2, 3)))
    for after, before in zip(given, (x_T, betas, noise), strict=True):
        np.testing.assert_array_equal(after, before)
    np.testing.assert_allclose(nowhere, x_T, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(x, reference.sample(curved, x_T, betas, noise), rtol=1e-9, atol=1e-12)
