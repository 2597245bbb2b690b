"""Tests of `softmax`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "softmax"
points = None


@test_case(name="the logarithms of 1, 2 and 5", points=1)
def small_logits(softmax):
    p = softmax(np.array([0.0, 0.6931471805599453, 1.6094379124341003]))
    assert isinstance(p, np.ndarray), f"expected an array, got {type(p).__name__}"
    assert p.dtype == np.float64, f"expected float64, got {p.dtype}"
    np.testing.assert_allclose(p, [0.125, 0.25, 0.625], rtol=1e-9)


@test_case(name="logits around 1000", points=1)
def large_logits(softmax):
    p = softmax(np.array([1000.0, 999.0, 1000.0]))
    np.testing.assert_allclose(p, [0.4223187982515182, 0.1553624034969636, 0.4223187982515182], rtol=1e-9)
