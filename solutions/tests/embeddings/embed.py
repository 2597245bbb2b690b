"""Tests of `embed`."""

import numpy as np
from otter.test_files import test_case

import solutions.embeddings as reference

OK_FORMAT = False
name = "embed"
points = None


def is_array(value):
    """Hold a value's type against what is expected, before anything else."""
    assert value is not None, "got None, expected a NumPy array (is `return` missing?)"
    assert isinstance(value, np.ndarray), f"got {type(value).__name__}, expected a NumPy array"
    assert value.dtype == np.float64, f"got {value.dtype}, expected float64"


def compare_all(embed, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    got = [embed(ids.copy(), E.copy()) for ids, E in inputs]
    for vectors, (ids, E) in zip(got, inputs, strict=True):
        is_array(vectors)
        assert vectors.shape == (*ids.shape, E.shape[1]), (
            "the shape of the ids, and one more axis of length d"
        )
        np.testing.assert_allclose(vectors, reference.embed(ids, E), rtol=1e-9)


@test_case(name="three tokens, as in the example", points=1)
def three_tokens(embed):
    vectors = embed(np.array([2, 0, 2]), np.array([[10.0, 11.0], [20.0, 21.0], [30.0, 31.0]]))
    is_array(vectors)
    assert vectors.shape == (3, 2), f"got the shape {vectors.shape}, expected (3, 2)"
    np.testing.assert_allclose(vectors, [[30, 31], [10, 11], [30, 31]], rtol=1e-9)


@test_case(name="two texts of three tokens", points=1)
def two_texts(embed):
    E = np.array([[0.5, 1.5], [2.5, 3.5], [4.5, 5.5], [6.5, 7.5]])
    vectors = embed(np.array([[3, 1, 1], [0, 2, 3]]), E)
    is_array(vectors)
    assert vectors.shape == (2, 3, 2), f"got the shape {vectors.shape}, expected (2, 3, 2)"
    expected = [[[6.5, 7.5], [2.5, 3.5], [2.5, 3.5]], [[0.5, 1.5], [4.5, 5.5], [6.5, 7.5]]]
    np.testing.assert_allclose(vectors, expected, rtol=1e-9)


@test_case(
    name="other texts",
    points=1,
    hidden=True,
    failure_message="Some vectors are wrong. Every id, also the first and the last one and one that comes "
    "again, stands for its own row of E, as it is there. The arrays that were given stay as they are.",
)
def other_texts(embed):
    rng = np.random.default_rng(101)
    inputs = [
        (rng.integers(size, size=k), rng.normal(size=(size, d)))
        for size, d, k in [(7, 4, 5), (4, 6, 9), (5, 5, 5), (3, 2, 1), (6, 1, 4)]
    ]
    inputs.append((np.array([5, 0, 3, 5]), rng.normal(size=(6, 3))))
    ids, E = rng.integers(8, size=6), rng.normal(size=(8, 3))
    given_ids, given_E = ids.copy(), E.copy()
    vectors = embed(given_ids, given_E)
    compare_all(embed, inputs)
    np.testing.assert_allclose(vectors, reference.embed(ids, E), rtol=1e-9)
    np.testing.assert_array_equal(given_ids, ids, err_msg="the ids that were given have changed")
    np.testing.assert_array_equal(given_E, E, err_msg="the matrix that was given has changed")


@test_case(
    name="ids of other shapes",
    points=1,
    hidden=True,
    failure_message="The shape is wrong, or the values with it. The result has the shape of the ids with "
    "one more axis at the end, also for no ids at all, for a single one, and for a batch of batches.",
)
def other_shapes(embed):
    rng = np.random.default_rng(102)
    E = rng.normal(size=(6, 4))
    inputs = [(rng.integers(6, size=shape), E) for shape in [(2, 4), (3, 2, 5), (1, 3), (4, 1), (2, 2)]]
    inputs += [(np.zeros(0, dtype=np.int64), E), (np.zeros((2, 0), dtype=np.int64), E), (np.array([4]), E)]
    compare_all(embed, inputs)
