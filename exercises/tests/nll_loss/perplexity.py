"""Tests of `perplexity`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "perplexity"
points = None


@test_case(name="even guesses among four tokens", points=1)
def even_guesses(perplexity):
    value = perplexity(np.zeros((3, 4)), np.array([0, 3, 1]))
    assert np.shape(value) == (), f"expected a single number, got the shape {np.shape(value)}"
    np.testing.assert_allclose(value, 4.0, rtol=1e-9)


@test_case(name="two positions worked by hand", points=1)
def two_positions(perplexity):
    logits = np.array([[0.0, 0.6931471805599453, 1.6094379124341003], [0.6931471805599453, 0.0, 0.0]])
    value = perplexity(logits, np.array([2, 0]))
    assert np.shape(value) == (), f"expected a single number, got the shape {np.shape(value)}"
    np.testing.assert_allclose(value, 1.7888543819998317, rtol=1e-9)  # the root of 16/5
