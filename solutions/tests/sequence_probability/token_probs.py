"""Tests of `token_probs`."""

import numpy as np
from otter.test_files import test_case

import solutions.sequence_probability as reference

OK_FORMAT = False
name = "token_probs"
points = None


@test_case(name="three positions worked by hand", points=1)
def three_positions(token_probs):
    P = np.array([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1], [0.1, 0.6, 0.3]])
    p = token_probs(P, np.array([1, 0, 1]))
    assert isinstance(p, np.ndarray), f"expected an array, got {type(p).__name__}"
    assert p.shape == (3,), f"expected one number for each token, the shape (3,), got {p.shape}"
    np.testing.assert_allclose(p, [0.5, 0.7, 0.6], rtol=1e-9)


def _table(seed, k, size):
    """A random table of k distributions over `size` tokens, and a text of k tokens."""
    rng = np.random.default_rng(seed)
    P = rng.random((k, size))
    return P / P.sum(axis=1, keepdims=True), rng.integers(size, size=k)


@test_case(
    name="other texts",
    points=2,
    hidden=True,
    failure_message="Entry i is the number in row i and column ids[i], for every position. Try more tokens "
    "in the vocabulary than in the text, and the other way round; a text that repeats a token, and a text "
    "of one token.",
)
def other_texts(token_probs):
    texts = [_table(41, 3, 8), _table(42, 9, 4), _table(43, 5, 5), _table(44, 1, 6)]
    texts.append((_table(45, 4, 5)[0], np.array([3, 3, 0, 3])))
    got = [token_probs(P.copy(), ids.copy()) for P, ids in texts]
    for (P, ids), p in zip(texts, got, strict=True):
        assert np.shape(p) == ids.shape, "there must be one number for each token of the text"
        np.testing.assert_allclose(p, reference.token_probs(P, ids), rtol=1e-9)


@test_case(
    name="the empty text, and arguments left unchanged",
    points=1,
    hidden=True,
    failure_message="A text without tokens gives an empty array of floats, one-dimensional. And what was "
    "given has to stay as it was.",
)
def empty_and_unchanged(token_probs):
    P, ids = _table(46, 6, 3)
    given, given_ids = P.copy(), ids.copy()
    p = token_probs(given, given_ids)
    empty = token_probs(np.zeros((0, 3)), np.zeros(0, dtype=np.int64))
    np.testing.assert_allclose(p, reference.token_probs(P, ids), rtol=1e-9)
    assert isinstance(empty, np.ndarray), "the result for the empty text must be an array"
    assert empty.shape == (0,), "the result for the empty text must have the shape (0,)"
    assert empty.dtype == np.float64, "the result for the empty text must hold floats"
    np.testing.assert_array_equal(given, P, err_msg="the table that was given has changed")
    np.testing.assert_array_equal(given_ids, ids, err_msg="the ids that were given have changed")
