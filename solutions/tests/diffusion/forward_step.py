"""Tests of `forward_step`."""

import numpy as np
from otter.test_files import test_case

import solutions.diffusion as reference

OK_FORMAT = False
name = "forward_step"
points = None


@test_case(name="one step with beta = 0.36, as in the example", points=1)
def example(forward_step):
    x = forward_step(np.array([1.0, 1.0, -2.0]), 0.36, np.array([1.0, -1.0, 0.5]))
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    np.testing.assert_allclose(x, [1.4, 0.2, -1.3], rtol=1e-9, atol=1e-12)


@test_case(
    name="other shapes and amounts of noise",
    points=2,
    hidden=True,
    failure_message="The result is wrong for other arrays or another beta. Which of the two factors belongs "
    "to the picture, which to the noise, and do both have their root?",
)
def other_arrays(forward_step):
    rng = np.random.default_rng(1201)
    cases = [((5,), 0.02), ((2, 3, 4), 0.5), ((3, 3), 0.9), ((2, 1, 2, 3), 0.11)]
    arrays = [(rng.normal(size=shape), beta, rng.normal(size=shape)) for shape, beta in cases]
    results = [forward_step(x_prev.copy(), beta, eps.copy()) for x_prev, beta, eps in arrays]
    for (x_prev, beta, eps), x in zip(arrays, results, strict=True):
        assert np.shape(x) == x_prev.shape
        np.testing.assert_allclose(x, reference.forward_step(x_prev, beta, eps), rtol=1e-9, atol=1e-12)


@test_case(
    name="the two ends of the scale, and the arguments afterwards",
    points=1,
    hidden=True,
    failure_message="With no noise at all a step changes nothing, with nothing but noise it forgets x_prev, "
    "and in no case may it change the arrays it was given.",
)
def ends_and_arguments(forward_step):
    rng = np.random.default_rng(1202)
    x_prev, eps = rng.normal(size=(2, 4)), rng.normal(size=(2, 4))
    given_x, given_eps = x_prev.copy(), eps.copy()
    middle = forward_step(given_x, 0.3, given_eps)
    without, only = forward_step(x_prev.copy(), 0.0, eps.copy()), forward_step(x_prev.copy(), 1.0, eps.copy())
    np.testing.assert_array_equal(given_x, x_prev)
    np.testing.assert_array_equal(given_eps, eps)
    np.testing.assert_allclose(without, x_prev, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(only, eps, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(middle, reference.forward_step(x_prev, 0.3, eps), rtol=1e-9, atol=1e-12)
