"""Tests of `add_positional_encoding`."""

import numpy as np
from otter.test_files import test_case

import solutions.positional_encoding as reference

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


@test_case(
    name="a batch of texts",
    points=1,
    hidden=True,
    failure_message="With leading axes (a batch of texts, say) the result is wrong. Which axis of x counts "
    "the tokens, whatever stands before it?",
)
def a_batch(add_positional_encoding):
    rng = np.random.default_rng(91)
    pe = rng.normal(size=(9, 6))
    inputs = [rng.normal(size=shape) for shape in [(1, 5, 6), (4, 3, 6), (2, 3, 4, 6)]]
    results = [add_positional_encoding(x.copy(), pe.copy()) for x in inputs]
    for x, result in zip(inputs, results, strict=True):
        assert result.shape == x.shape
        np.testing.assert_allclose(result, reference.add_positional_encoding(x, pe), rtol=1e-9, atol=1e-12)


@test_case(
    name="tables that are just long enough, and much longer",
    points=1,
    hidden=True,
    failure_message="The result is wrong for some lengths of the text and of the table. Which rows of the "
    "table belong to a text of n tokens?",
)
def table_lengths(add_positional_encoding):
    rng = np.random.default_rng(92)
    cases = [
        (rng.normal(size=(n, d)), rng.normal(size=(m, d))) for n, m, d in [(5, 5, 4), (3, 40, 8), (1, 6, 4)]
    ]
    results = [add_positional_encoding(x.copy(), pe.copy()) for x, pe in cases]
    for (x, pe), result in zip(cases, results, strict=True):
        assert result.shape == x.shape
        assert result.dtype == np.float64
        np.testing.assert_allclose(result, reference.add_positional_encoding(x, pe), rtol=1e-9, atol=1e-12)


@test_case(
    name="the arguments are left unchanged",
    points=1,
    hidden=True,
    failure_message="The result is wrong, or your function wrote into x or pe. Make a new array instead: "
    "whoever called you still needs theirs.",
)
def arguments_unchanged(add_positional_encoding):
    rng = np.random.default_rng(93)
    x, pe = rng.normal(size=(4, 6)), rng.normal(size=(7, 6))
    x_before, pe_before = x.copy(), pe.copy()
    result = add_positional_encoding(x, pe)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(pe, pe_before)
    np.testing.assert_allclose(result, reference.add_positional_encoding(x, pe), rtol=1e-9, atol=1e-12)
