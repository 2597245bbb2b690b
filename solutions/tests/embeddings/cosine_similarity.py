"""Tests of `cosine_similarity`."""

import numpy as np
from otter.test_files import test_case

import solutions.embeddings as reference

OK_FORMAT = False
name = "cosine_similarity"
points = None


def is_array(value):
    """Hold a value's type against what is expected, before anything else."""
    assert value is not None, "got None, expected a NumPy array (is `return` missing?)"
    assert isinstance(value, np.ndarray), f"got {type(value).__name__}, expected a NumPy array"
    assert value.dtype == np.float64, f"got {value.dtype}, expected float64"


def compare_all(cosine_similarity, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    got = [cosine_similarity(a.copy(), B.copy()) for a, B in inputs]
    for similarity, (a, B) in zip(got, inputs, strict=True):
        is_array(similarity)
        assert similarity.shape == (len(B),), "one similarity for each row of B"
        expected = reference.cosine_similarity(a, B)
        np.testing.assert_allclose(similarity, expected, rtol=1e-6, atol=1e-9)


@test_case(name="four rows, as in the example", points=1)
def four_rows(cosine_similarity):
    B = np.array([[6.0, 8.0], [4.0, -3.0], [-3.0, -4.0], [1.0, 0.0]])
    similarity = cosine_similarity(np.array([3.0, 4.0]), B)
    is_array(similarity)
    assert similarity.shape == (4,), f"got the shape {similarity.shape}, expected (4,)"
    np.testing.assert_allclose(similarity, [1.0, 0.0, -1.0, 0.6], rtol=1e-9, atol=1e-12)


@test_case(name="a row of zeros", points=1)
def row_of_zeros(cosine_similarity):
    B = np.array([[0.0, 0.0, 0.0], [2.0, 4.0, 4.0], [0.0, 0.0, -3.0]])
    similarity = cosine_similarity(np.array([1.0, 2.0, 2.0]), B)
    is_array(similarity)
    np.testing.assert_allclose(similarity, [0.0, 1.0, -2 / 3], rtol=1e-9, atol=1e-12)


@test_case(
    name="other sizes",
    points=2,
    hidden=True,
    failure_message="Some similarities are wrong. Each row of B has a length of its own, and both lengths "
    "are divided by. Try as many rows as columns, and a single row. The arrays that were given stay as they "
    "are.",
)
def other_sizes(cosine_similarity):
    rng = np.random.default_rng(111)
    sizes = [(4, 7), (6, 3), (5, 5), (1, 4), (8, 1), (0, 3)]
    inputs = [(rng.normal(size=d) + 0.5, rng.normal(size=(rows, d)) * 3) for rows, d in sizes]
    a, B = rng.normal(size=6), rng.normal(size=(4, 6))
    given_a, given_B = a.copy(), B.copy()
    similarity = cosine_similarity(given_a, given_B)
    compare_all(cosine_similarity, inputs)
    np.testing.assert_allclose(similarity, reference.cosine_similarity(a, B), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(given_a, a, err_msg="the vector that was given has changed")
    np.testing.assert_array_equal(given_B, B, err_msg="the matrix that was given has changed")


@test_case(
    name="long and short vectors",
    points=1,
    hidden=True,
    failure_message="The similarity depends on directions only: a vector made longer or shorter has the "
    "same one, however short it is.",
)
def long_and_short(cosine_similarity):
    rng = np.random.default_rng(112)
    a, B = rng.normal(size=5), rng.normal(size=(6, 5))
    scales = np.array([[1e-4], [3.0], [1e3], [1e-3], [0.5], [1e5]])
    compare_all(
        cosine_similarity, [(a, B * scales), (1e-4 * a, B), (1e3 * a, B), (-2.0 * a, B), (a, 0.01 * B)]
    )


@test_case(
    name="no direction",
    points=1,
    hidden=True,
    failure_message="A vector of zeros has the similarity 0, whether it is a row of B, the vector a, or "
    "both.",
)
def no_direction(cosine_similarity):
    rng = np.random.default_rng(113)
    a, B = rng.normal(size=4), rng.normal(size=(5, 4))
    gaps = B.copy()
    gaps[[1, 4]] = 0.0
    none = np.zeros(4)
    compare_all(cosine_similarity, [(none, B), (a, gaps), (none, gaps), (a, np.zeros((2, 4)))])
