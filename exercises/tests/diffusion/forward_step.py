"""Tests of `forward_step`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "forward_step"
points = None


@test_case(name="one step with beta = 0.36, as in the example", points=1)
def example(forward_step):
    x = forward_step(np.array([1.0, 1.0, -2.0]), 0.36, np.array([1.0, -1.0, 0.5]))
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    np.testing.assert_allclose(x, [1.4, 0.2, -1.3], rtol=1e-9, atol=1e-12)
