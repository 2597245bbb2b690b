"""Tests of `perplexity`."""

import numpy as np
from otter.test_files import test_case

import solutions.nll_loss as reference

OK_FORMAT = False
name = "perplexity"
points = None


@test_case(name="even guesses among four tokens", points=1)
def even_guesses(perplexity):
    value = perplexity(np.zeros((3, 4)), np.array([0, 3, 1]))
    assert np.shape(value) == (), f"expected a single number, got the shape {np.shape(value)}"
    np.testing.assert_allclose(value, 4.0, rtol=1e-9)


@test_case(name="two positions worked by hand", points=1)
def two_positions(perplexity):
    logits = np.array([[0.0, 0.6931471805599453, 1.6094379124341003], [0.6931471805599453, 0.0, 0.0]])
    value = perplexity(logits, np.array([2, 0]))
    assert np.shape(value) == (), f"expected a single number, got the shape {np.shape(value)}"
    np.testing.assert_allclose(value, 1.7888543819998317, rtol=1e-9)  # the root of 16/5


@test_case(
    name="other sequences, left unchanged",
    points=2,
    hidden=True,
    failure_message="Perplexity is the exponential of the mean loss per position: the number of positions "
    "divides, not the size of the vocabulary. Try sequences of different lengths. The arrays that were "
    "given stay as they are.",
)
def other_sequences(perplexity):
    rng = np.random.default_rng(31)
    cases = []
    for k, size in [(2, 7), (6, 3), (1, 5), (11, 4)]:
        cases.append((2 * rng.normal(size=(k, size)), rng.integers(size, size=k)))
    given = [(logits.copy(), ids.copy()) for logits, ids in cases]
    got = [perplexity(logits, ids) for logits, ids in given]
    for (logits, ids), value, arguments in zip(cases, got, given, strict=True):
        assert np.shape(value) == (), "the perplexity is a single number"
        np.testing.assert_allclose(value, reference.perplexity(logits, ids), rtol=1e-6)
        np.testing.assert_array_equal(arguments[0], logits, err_msg="the logits that were given have changed")
        np.testing.assert_array_equal(arguments[1], ids, err_msg="the ids that were given have changed")


@test_case(
    name="long texts and large logits",
    points=2,
    hidden=True,
    failure_message="The perplexity of a long text is an ordinary number, although its loss is large and "
    "its probability tiny: take the mean before the exponential. It does not suffer from large logits "
    "either, nor from a single token that was held all but impossible.",
)
def long_and_large(perplexity):
    rng = np.random.default_rng(32)
    cases = [
        (rng.normal(size=(600, 5)), rng.integers(5, size=600)),
        (1000 + rng.normal(size=(4, 3)), np.array([0, 2, 1, 0])),
        (np.array([[0.0, -800.0], [2.0, 0.0], [1.0, 1.0], [5.0, 0.0]]), np.array([1, 0, 1, 0])),
        (np.array([[-1000.0, -1002.0], [900.0, 899.0]]), np.array([1, 0])),
        (np.array([[0.0, -360.0], [0.0, -365.0]]), np.array([1, 1])),
    ]
    got = [perplexity(logits.copy(), ids.copy()) for logits, ids in cases]
    for (logits, ids), value in zip(cases, got, strict=True):
        assert np.shape(value) == (), "the perplexity is a single number"
        np.testing.assert_allclose(value, reference.perplexity(logits, ids), rtol=1e-6)
