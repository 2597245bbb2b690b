"""Tests of `conditional_from_joint`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "conditional_from_joint"
points = None


@test_case(name="the labels of the e-mails, given the word", points=1)
def emails(conditional_from_joint):
    conditional = conditional_from_joint(np.array([[0.3, 0.1], [0.025, 0.375], [0.2, 0.0]]))
    assert isinstance(conditional, np.ndarray), f"expected an array, got {type(conditional).__name__}"
    assert conditional.dtype == np.float64, f"expected float64, got {conditional.dtype}"
    np.testing.assert_allclose(conditional, [[0.75, 0.25], [0.0625, 0.9375], [1.0, 0.0]], rtol=1e-9)


@test_case(name="a word that never occurs", points=1)
def empty_row(conditional_from_joint):
    conditional = conditional_from_joint(np.array([[0.3, 0.1], [0.0, 0.0], [0.0, 0.6]]))
    np.testing.assert_allclose(conditional, [[0.75, 0.25], [0.0, 0.0], [0.0, 1.0]], rtol=1e-9)
