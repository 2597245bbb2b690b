"""Tests of `positional_encoding`."""

import numpy as np
from otter.test_files import test_case

import solutions.positional_encoding as reference

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


@test_case(
    name="other sizes",
    points=2,
    hidden=True,
    failure_message="The table is wrong for other sizes. Work out one number of a later pair by hand: "
    "which angle do the sine and the cosine of that pair share?",
)
def other_sizes(positional_encoding):
    sizes = [(5, 10), (12, 8), (7, 32), (1, 6)]
    tables = [positional_encoding(n_pos, d_model) for n_pos, d_model in sizes]
    for (n_pos, d_model), table in zip(sizes, tables, strict=True):
        assert table.shape == (n_pos, d_model)
        np.testing.assert_allclose(table, reference.positional_encoding(n_pos, d_model), rtol=1e-6, atol=1e-9)


@test_case(
    name="far positions, in double precision",
    points=1,
    hidden=True,
    failure_message="Far from the start the table is wrong or not precise enough. It is promised as "
    "float64: compute the angles in float64 too.",
)
def far_positions(positional_encoding):
    table = positional_encoding(1500, 6)
    assert table.dtype == np.float64
    np.testing.assert_allclose(table, reference.positional_encoding(1500, 6), rtol=1e-6, atol=1e-9)


@test_case(
    name="products of two rows depend only on their distance",
    points=1,
    hidden=True,
    failure_message="The dot product of the vectors of two positions should depend only on how far apart "
    "they are, and each vector's square length should be d_model / 2. A sine and a cosine must share one "
    "angle for that.",
)
def relative_positions(positional_encoding):
    table = positional_encoding(20, 18)
    products = table @ table.T
    for distance in range(20):
        along = np.diagonal(products, distance)
        np.testing.assert_allclose(along, along[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.diagonal(products), 9.0, rtol=1e-9)
    np.testing.assert_allclose(
        products[0], reference.positional_encoding(20, 18)[:, 1::2].sum(axis=1), atol=1e-9
    )
