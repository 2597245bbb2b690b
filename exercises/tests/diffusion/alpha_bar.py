"""Tests of `alpha_bar`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "alpha_bar"
points = None


@test_case(name="two steps, as in the example", points=1)
def two_steps(alpha_bar):
    a = alpha_bar(np.array([0.36, 0.4375]))
    assert isinstance(a, np.ndarray), f"got {type(a).__name__}, expected a NumPy array"
    assert a.shape == (2,), f"got shape {a.shape}, expected (2,)"
    np.testing.assert_allclose(a, [0.64, 0.36], rtol=1e-9)
