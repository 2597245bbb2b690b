"""Tests of `nll_loss`."""

import numpy as np
from otter.test_files import test_case

import solutions.nll_loss as reference

OK_FORMAT = False
name = "nll_loss"
points = None


@test_case(name="three even guesses among four tokens", points=1)
def even_guesses(nll_loss):
    loss = nll_loss(np.zeros((3, 4)), np.array([0, 3, 1]))
    assert np.shape(loss) == (), f"expected a single number, got the shape {np.shape(loss)}"
    np.testing.assert_allclose(loss, 4.1588830833596715, rtol=1e-9)  # 3 log 4


@test_case(name="two positions worked by hand", points=1)
def two_positions(nll_loss):
    logits = np.array([[0.0, 0.6931471805599453, 1.6094379124341003], [0.6931471805599453, 0.0, 0.0]])
    loss = nll_loss(logits, np.array([2, 0]))
    assert np.shape(loss) == (), f"expected a single number, got the shape {np.shape(loss)}"
    np.testing.assert_allclose(loss, 1.1631508098056809, rtol=1e-9)  # log(8/5) + log(2)


@test_case(
    name="other sequences",
    points=2,
    hidden=True,
    failure_message="The loss is the sum, over all positions, of minus the logarithm of the probability of "
    "the token that stands there. Every position counts, whichever token it holds, and each row has its own "
    "softmax. Try more positions than tokens, and fewer.",
)
def other_sequences(nll_loss):
    rng = np.random.default_rng(21)
    cases = []
    for k, size in [(2, 7), (6, 3), (5, 5), (1, 4), (12, 9)]:
        cases.append((2 * rng.normal(size=(k, size)), rng.integers(size, size=k)))
    cases.append((rng.normal(size=(4, 5)), np.array([0, 0, 2, 2])))
    got = [nll_loss(logits.copy(), ids.copy()) for logits, ids in cases]
    for (logits, ids), loss in zip(cases, got, strict=True):
        assert np.shape(loss) == (), "the loss is a single number"
        np.testing.assert_allclose(loss, reference.nll_loss(logits, ids), rtol=1e-6)


@test_case(
    name="logits far apart, and long texts",
    points=2,
    hidden=True,
    failure_message="The loss is finite for all finite logits. A probability too small for float64 still "
    "has a logarithm, and so has the product of very many probabilities: do not leave the logarithms.",
)
def far_apart(nll_loss):
    rng = np.random.default_rng(22)
    long = (rng.normal(size=(500, 6)), rng.integers(6, size=500))
    cases = [
        (np.array([[0.0, -800.0, 1.0]]), np.array([1])),
        (np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1001.0, -999.5]]), np.array([0, 2])),
        (np.array([[-1000.0, 1000.0], [3.0, 2.0]]), np.array([0, 1])),
        (np.array([[30.0, 0.0, -10.0], [0.0, 40.0, 2.0]]), np.array([2, 0])),
        long,
    ]
    got = [nll_loss(logits.copy(), ids.copy()) for logits, ids in cases]
    for (logits, ids), loss in zip(cases, got, strict=True):
        assert np.shape(loss) == (), "the loss is a single number"
        np.testing.assert_allclose(loss, reference.nll_loss(logits, ids), rtol=1e-6)


@test_case(
    name="no position at all",
    points=1,
    hidden=True,
    failure_message="The loss of an empty sequence is an empty sum. Which number is that?",
)
def no_position(nll_loss):
    loss = nll_loss(np.zeros((0, 5)), np.zeros(0, dtype=np.int64))
    assert np.shape(loss) == (), "the loss is a single number"
    np.testing.assert_allclose(loss, 0.0, atol=1e-12)


@test_case(
    name="shifted logits, and arguments left unchanged",
    points=1,
    hidden=True,
    failure_message="A constant added to all logits of a row changes no probability and so not the loss; "
    "the loss of a text is the loss of its first half plus that of its second half; the arrays that were "
    "given stay as they are.",
)
def shifted_and_unchanged(nll_loss):
    rng = np.random.default_rng(23)
    logits, ids = rng.normal(size=(6, 4)), rng.integers(4, size=6)
    given, given_ids = logits.copy(), ids.copy()
    loss = nll_loss(given, given_ids)
    shifted = nll_loss(logits + rng.normal(size=(6, 1)) * 50, ids.copy())
    halves = nll_loss(logits[:2].copy(), ids[:2].copy()) + nll_loss(logits[2:].copy(), ids[2:].copy())
    assert np.shape([loss, shifted, halves]) == (3,), "the loss is a single number"
    np.testing.assert_allclose([loss, shifted, halves], reference.nll_loss(logits, ids), rtol=1e-6)
    np.testing.assert_array_equal(given, logits, err_msg="the logits that were given have changed")
    np.testing.assert_array_equal(given_ids, ids, err_msg="the ids that were given have changed")
