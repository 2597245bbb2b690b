"""Tests of `nll_loss`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "nll_loss"
points = None


@test_case(name="three even guesses among four tokens", points=1)
def even_guesses(nll_loss):
    loss = nll_loss(np.zeros((3, 4)), np.array([0, 3, 1]))
    assert np.shape(loss) == (), f"expected a single number, got the shape {np.shape(loss)}"
    np.testing.assert_allclose(loss, 4.1588830833596715, rtol=1e-9)  # 3 log 4


@test_case(name="two positions worked by hand", points=1)
def two_positions(nll_loss):
    logits = np.array([[0.0, 0.6931471805599453, 1.6094379124341003], [0.6931471805599453, 0.0, 0.0]])
    loss = nll_loss(logits, np.array([2, 0]))
    assert np.shape(loss) == (), f"expected a single number, got the shape {np.shape(loss)}"
    np.testing.assert_allclose(loss, 1.1631508098056809, rtol=1e-9)  # log(8/5) + log(2)
