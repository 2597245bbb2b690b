"""Tests of `alpha_bar`."""

import numpy as np
from otter.test_files import test_case

import solutions.diffusion as reference

OK_FORMAT = False
name = "alpha_bar"
points = None


@test_case(name="two steps, as in the example", points=1)
def two_steps(alpha_bar):
    a = alpha_bar(np.array([0.36, 0.4375]))
    assert isinstance(a, np.ndarray), f"got {type(a).__name__}, expected a NumPy array"
    assert a.shape == (2,), f"got shape {a.shape}, expected (2,)"
    np.testing.assert_allclose(a, [0.64, 0.36], rtol=1e-9)


@test_case(
    name="other schedules, short and long",
    points=2,
    hidden=True,
    failure_message="The products are wrong for another schedule. Work out the first three by hand: what is "
    "multiplied, from which step on, and which entry holds what is left after one step?",
)
def other_schedules(alpha_bar):
    rng = np.random.default_rng(1203)
    schedules = [rng.uniform(0.05, 0.6, size=6), np.array([0.25]), np.linspace(1e-4, 0.02, 300)]
    results = [alpha_bar(betas.copy()) for betas in schedules]
    for betas, a in zip(schedules, results, strict=True):
        assert np.shape(a) == betas.shape
        np.testing.assert_allclose(a, reference.alpha_bar(betas), rtol=1e-9)


@test_case(
    name="a schedule without steps, and the argument afterwards",
    points=1,
    hidden=True,
    failure_message="No steps give an empty array of floats. With steps, the schedule itself has to stay as "
    "it was.",
)
def no_steps(alpha_bar):
    betas = np.array([0.1, 0.5, 0.2, 0.4])
    given = betas.copy()
    a = alpha_bar(given)
    empty = alpha_bar(np.zeros(0))
    np.testing.assert_array_equal(given, betas)
    np.testing.assert_allclose(a, reference.alpha_bar(betas), rtol=1e-9)
    assert isinstance(empty, np.ndarray)
    assert empty.shape == (0,)
    assert empty.dtype == np.float64
