"""Tests of `positional_encoding`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "positional_encoding"
points = None


@test_case(name="three positions, four columns, as in the example", points=1)
def three_positions(positional_encoding):
    table = positional_encoding(3, 4)
    assert isinstance(table, np.ndarray), f"got {type(table).__name__}, expected a NumPy array"
    assert table.shape == (3, 4), f"got shape {table.shape}, expected (3, 4)"
    expected = [
        [0.0, 1.0, 0.0, 1.0],
        [0.8414709848, 0.5403023059, 0.0099998333, 0.9999500004],
        [0.9092974268, -0.4161468365, 0.0199986667, 0.9998000067],
    ]
    np.testing.assert_allclose(table, expected, rtol=1e-6, atol=1e-9)


@test_case(name="two positions, six columns", points=1)
def six_columns(positional_encoding):
    table = positional_encoding(2, 6)
    assert table.shape == (2, 6), f"got shape {table.shape}, expected (2, 6)"
    expected = [
        [0.0, 1.0, 0.0, 1.0, 0.0, 1.0],
        [0.8414709848, 0.5403023059, 0.0463992235, 0.9989229760, 0.0021544330, 0.9999976792],
    ]
    np.testing.assert_allclose(table, expected, rtol=1e-6, atol=1e-9)
