"""Tests of `apply_temperature`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "apply_temperature"
points = None


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
