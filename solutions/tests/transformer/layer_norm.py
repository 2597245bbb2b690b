"""Tests of `layer_norm`."""

import numpy as np
from otter.test_files import test_case

import solutions.transformer as reference

OK_FORMAT = False
name = "layer_norm"
points = None


@test_case(name="two numbers with a large eps, as in the example", points=1)
def large_eps(layer_norm):
    y = layer_norm(np.array([1.0, 3.0]), np.array([2.0, 10.0]), np.array([0.0, 1.0]), eps=3.0)
    assert isinstance(y, np.ndarray), f"got {type(y).__name__}, expected a NumPy array"
    assert y.shape == (2,), f"got an array of shape {y.shape}, expected (2,)"
    np.testing.assert_allclose(y, [-1.0, 6.0], rtol=1e-9)


@test_case(name="each row by itself, and a row of equal numbers", points=1)
def each_row_by_itself(layer_norm):
    x = np.array([[1.0, 2.0, 3.0, 6.0], [-40.0, 0.0, 20.0, 20.0], [5.0, 5.0, 5.0, 5.0]])
    y = layer_norm(x, np.ones(4), np.array([0.0, 0.0, 0.0, 1.0]))
    expected = [
        [-1.0690434404, -0.5345217202, 0.0, 2.6035651607],
        [-1.6329931482, 0.0, 0.8164965741, 1.8164965741],
        [0.0, 0.0, 0.0, 1.0],
    ]
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-9)


def compare_all(layer_norm, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [layer_norm(*(np.copy(a) for a in arguments)) for arguments in inputs]
    for y, arguments in zip(results, inputs, strict=True):
        expected = reference.layer_norm(*arguments)
        assert y.shape == expected.shape
        assert y.dtype == np.float64
        np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-9)


def vectors(seed, *shape, scale=2.0, centre=1.0):
    """Random vectors, with factors and offsets for their last axis."""
    rng = np.random.default_rng(seed)
    x = rng.normal(loc=centre, scale=scale, size=shape)
    return x, rng.normal(loc=1.0, size=shape[-1]), rng.normal(size=shape[-1])


@test_case(
    name="other sizes, and batches",
    points=2,
    hidden=True,
    failure_message="The result is wrong for some shapes. Each vector along the last axis is normalised by "
    "itself, however many axes stand before it; gamma and beta belong to the last axis as well.",
)
def other_sizes(layer_norm):
    shapes = [(4, 4), (5, 7), (2, 3, 5), (6,), (3, 1)]
    compare_all(layer_norm, [vectors(901 + i, *shape) for i, shape in enumerate(shapes)])


@test_case(
    name="vectors of very small numbers, and another eps",
    points=1,
    hidden=True,
    failure_message="For vectors that hardly vary, eps matters: how large it is when nobody says so, that "
    "the given one is used, and where it stands. The result has to stay finite.",
)
def small_numbers(layer_norm):
    small = vectors(911, 3, 6, scale=1e-3, centre=0.0)
    compare_all(layer_norm, [small, (*small, 1e-6), (*small, 0.5), (*vectors(912, 2, 5), 0.1)])


@test_case(
    name="vectors far from zero, and the arguments afterwards",
    points=1,
    hidden=True,
    failure_message="The result is wrong when all numbers of a vector are large and close to each other "
    "(subtract the mean before you square), or your function wrote into one of its arguments.",
)
def far_from_zero(layer_norm):
    arguments = vectors(921, 4, 5, scale=1e-2, centre=1e6)
    given = [a.copy() for a in arguments]
    y = layer_norm(*given)
    for after, before in zip(given, arguments, strict=True):
        np.testing.assert_array_equal(after, before)
    np.testing.assert_allclose(y, reference.layer_norm(*arguments), rtol=1e-6, atol=1e-9)
