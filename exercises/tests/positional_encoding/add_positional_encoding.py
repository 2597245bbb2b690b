"""Tests of `add_positional_encoding`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "add_positional_encoding"
points = None


@test_case(name="two tokens and a longer table, as in the example", points=1)
def two_tokens(add_positional_encoding):
    x = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    pe = np.array([[0.0, 1.0, 0.0], [10.0, 20.0, 30.0], [40.0, 50.0, 60.0], [70.0, 80.0, 90.0]])
    result = add_positional_encoding(x, pe)
    assert isinstance(result, np.ndarray), f"got {type(result).__name__}, expected a NumPy array"
    assert result.shape == (2, 3), f"got shape {result.shape}, expected (2, 3)"
    np.testing.assert_allclose(result, [[1.0, 2.0, 1.0], [12.0, 22.0, 32.0]], rtol=1e-9)
