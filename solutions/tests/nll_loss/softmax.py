"""Tests of `softmax`."""

import numpy as np
from otter.test_files import test_case

import solutions.nll_loss as reference

OK_FORMAT = False
name = "softmax"
points = None


@test_case(name="the logarithms of 1, 2 and 5", points=1)
def small_logits(softmax):
    p = softmax(np.array([0.0, 0.6931471805599453, 1.6094379124341003]))
    assert isinstance(p, np.ndarray), f"expected an array, got {type(p).__name__}"
    assert p.dtype == np.float64, f"expected float64, got {p.dtype}"
    np.testing.assert_allclose(p, [0.125, 0.25, 0.625], rtol=1e-9)


@test_case(name="logits around 1000", points=1)
def large_logits(softmax):
    p = softmax(np.array([1000.0, 999.0, 1000.0]))
    np.testing.assert_allclose(p, [0.4223187982515182, 0.1553624034969636, 0.4223187982515182], rtol=1e-9)


@test_case(
    name="batches and axes",
    points=2,
    hidden=True,
    failure_message="Each slice along `axis` is a distribution of its own: its maximum, its sum. Try an "
    "array of shape (2, 3) with axis=0 and with axis=1, and one of three axes; a square array can hide a "
    "wrong axis.",
)
def batches_and_axes(softmax):
    rng = np.random.default_rng(11)
    flat, square, deep = rng.normal(size=(2, 3)), rng.normal(size=(4, 4)), 3 * rng.normal(size=(2, 3, 5))
    calls = [
        (flat, None),
        (flat, 0),
        (flat, 1),
        (square, 0),
        (square, -1),
        (deep, None),
        (deep, 1),
        (deep, -3),
    ]
    got = [softmax(z.copy()) if axis is None else softmax(z.copy(), axis) for z, axis in calls]
    for (z, axis), p in zip(calls, got, strict=True):
        expected = reference.softmax(z) if axis is None else reference.softmax(z, axis)
        assert np.shape(p) == z.shape, "the result must have the shape of the logits"
        np.testing.assert_allclose(p, expected, rtol=1e-6, atol=1e-12)


@test_case(
    name="logits far apart",
    points=1,
    hidden=True,
    failure_message="No logit is too large, too small or too far from the others. Think of a row of large "
    "negative logits, of a single row with a wide gap, and of a batch in which one row is far above another "
    "one.",
)
def far_apart(softmax):
    rows = np.array([[1000.0, 200.0, 999.0], [-1000.0, -1001.0, -1800.0], [0.0, 1.0, -800.0]])
    low = np.array([-1000.0, -1000.5, -999.0, -1003.0])
    gap = np.array([800.0, 0.0, 799.0])
    peak = np.array([-1000.0, 1000.0, -1000.0])
    got = [softmax(z.copy()) for z in (rows, low, gap, peak)] + [softmax(rows.T.copy(), 0)]
    expected = [reference.softmax(z) for z in (rows, low, gap, peak)] + [reference.softmax(rows).T]
    for p, q in zip(got, expected, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-6, atol=1e-12)


@test_case(
    name="a distribution, and logits left unchanged",
    points=1,
    hidden=True,
    failure_message="The entries lie between 0 and 1 and sum to 1, a constant added to all logits changes "
    "nothing, larger logits have larger probabilities, and the array that was given stays as it is.",
)
def distribution(softmax):
    z = np.random.default_rng(12).normal(size=(3, 6)) * 4
    given = z.copy()
    p = softmax(given)
    shifted = softmax(z + 37.5)
    single = softmax(np.array([[5.0], [-2.0]]))
    np.testing.assert_allclose(p, reference.softmax(z), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(np.sum(p, axis=-1), np.ones(3), rtol=1e-9)
    np.testing.assert_allclose(shifted, p, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(single, [[1.0], [1.0]], rtol=1e-9)
    np.testing.assert_array_equal(given, z, err_msg="the array that was given has changed")
