"""Tests of `apply_temperature`."""

import numpy as np
from otter.test_files import test_case

import solutions.sampling as reference

OK_FORMAT = False
name = "apply_temperature"
points = None


def compare_all(apply_temperature, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    got = [apply_temperature(logits.copy(), tau) for logits, tau in inputs]
    for p, (logits, tau) in zip(got, inputs, strict=True):
        assert isinstance(p, np.ndarray), f"got {type(p).__name__}, expected a NumPy array"
        assert p.shape == logits.shape, "one probability for each logit"
        np.testing.assert_allclose(p, reference.apply_temperature(logits, tau), rtol=1e-6, atol=1e-12)


@test_case(name="the slide's six tokens, cold", points=1)
def slide_cold(apply_temperature):
    logits = np.log(np.array([8.0, 5.0, 5.0, 5.0, 2.0, 1.0]))
    p = apply_temperature(logits, 0.5)
    assert isinstance(p, np.ndarray), f"got {type(p).__name__}, expected a NumPy array"
    assert p.dtype == np.float64, f"got {p.dtype}, expected float64"
    np.testing.assert_allclose(p, np.array([64, 25, 25, 25, 4, 1]) / 144, rtol=1e-9)


@test_case(name="four tokens, neither hot nor cold, and hot", points=1)
def four_tokens(apply_temperature):
    logits = np.log(np.array([4.0, 16.0, 1.0, 9.0]))
    plain = apply_temperature(logits, 1.0)
    hot = apply_temperature(logits, 2.0)
    np.testing.assert_allclose(plain, np.array([4, 16, 1, 9]) / 30, rtol=1e-9)
    np.testing.assert_allclose(hot, [0.2, 0.4, 0.1, 0.3], rtol=1e-9)


@test_case(
    name="other logits and temperatures",
    points=2,
    hidden=True,
    failure_message="The result is wrong for some logits and temperatures. The logits are divided by the "
    "temperature once, and then the softmax is taken. Try negative logits, and temperatures far from 1.",
)
def other_logits(apply_temperature):
    rng = np.random.default_rng(61)
    inputs = [(3 * rng.normal(size=size), tau) for size, tau in [(7, 0.7), (5, 1.3), (12, 3.0), (9, 0.25)]]
    inputs += [(rng.normal(size=6) - 4.0, 10.0), (np.array([2.5]), 0.3), (rng.normal(size=8), 1)]
    inputs += [(np.array([0.4, -0.3, 0.9, 0.2]), 5.0)]
    compare_all(apply_temperature, inputs)


@test_case(
    name="large logits and low temperatures",
    points=1,
    hidden=True,
    failure_message="Large logits, or a low temperature, give inf, nan or zeros only. Nothing in the "
    "exponent may become large, whatever the sign of the logits, and at least one exponential must not "
    "vanish.",
)
def large_logits(apply_temperature):
    inputs = [
        (np.array([1000.0, 999.0, 1000.5, 200.0]), 1.0),
        (np.array([-1000.0, -1001.0, -1000.5]), 0.8),
        (np.array([2.0, 1.998, -3.0, 1.999]), 0.001),
        (np.array([1000.0, 996.0, 1000.0]), 0.5),
    ]
    compare_all(apply_temperature, inputs)


@test_case(
    name="hot models, and logits left unchanged",
    points=1,
    hidden=True,
    failure_message="A high temperature brings back even the least probable token: make sure that its "
    "probability has not been rounded to 0, or to a common value, before. The array that was given stays as "
    "it is.",
)
def hot_and_unchanged(apply_temperature):
    logits = np.array([-1000.0, 0.0, 1000.0, 990.0])
    given = logits.copy()
    p = apply_temperature(given, 500.0)
    compare_all(apply_temperature, [(np.array([5.0, -795.0, 3.0, -800.0]), 200.0), (-logits, 1e6)])
    np.testing.assert_allclose(p, reference.apply_temperature(logits, 500.0), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(given, logits, err_msg="the logits that were given have changed")
