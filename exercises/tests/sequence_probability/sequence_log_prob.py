"""Tests of `sequence_log_prob`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "sequence_log_prob"
points = None


@test_case(name="three tokens worked by hand", points=1)
def three_tokens(sequence_log_prob):
    log_p = sequence_log_prob(np.array([0.5, 0.7, 0.6]))
    assert np.shape(log_p) == (), f"expected a single number, got the shape {np.shape(log_p)}"
    np.testing.assert_allclose(log_p, -1.560647748264668, rtol=1e-9)  # log 0.21


@test_case(name="tokens that are certain", points=1)
def certain_tokens(sequence_log_prob):
    certain = sequence_log_prob(np.array([1.0, 1.0]))
    half = sequence_log_prob(np.array([1.0, 0.5, 1.0, 0.5]))
    assert np.shape(certain) == (), f"expected a single number, got the shape {np.shape(certain)}"
    np.testing.assert_allclose(certain, 0.0, atol=1e-12)
    np.testing.assert_allclose(half, -1.3862943611198906, rtol=1e-9)  # 2 log(1/2)
