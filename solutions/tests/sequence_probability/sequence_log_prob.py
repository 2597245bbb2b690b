"""Tests of `sequence_log_prob`."""

import warnings

import numpy as np
from otter.test_files import test_case

import solutions.sequence_probability as reference

OK_FORMAT = False
name = "sequence_log_prob"
points = None


@test_case(name="three tokens worked by hand", points=1)
def three_tokens(sequence_log_prob):
    log_p = sequence_log_prob(np.array([0.5, 0.7, 0.6]))
    assert np.shape(log_p) == (), f"expected a single number, got the shape {np.shape(log_p)}"
    np.testing.assert_allclose(log_p, -1.560647748264668, rtol=1e-9)  # log 0.21


@test_case(name="tokens that are certain", points=1)
def certain_tokens(sequence_log_prob):
    certain = sequence_log_prob(np.array([1.0, 1.0]))
    half = sequence_log_prob(np.array([1.0, 0.5, 1.0, 0.5]))
    assert np.shape(certain) == (), f"expected a single number, got the shape {np.shape(certain)}"
    np.testing.assert_allclose(certain, 0.0, atol=1e-12)
    np.testing.assert_allclose(half, -1.3862943611198906, rtol=1e-9)  # 2 log(1/2)


@test_case(
    name="other texts, some of them long",
    points=2,
    hidden=True,
    failure_message="The result is the sum of the natural logarithms over all tokens, and it is finite as "
    "long as no probability is 0. Try a text of a thousand tokens, and very small probabilities.",
)
def other_texts(sequence_log_prob):
    rng = np.random.default_rng(51)
    texts = [
        rng.uniform(0.05, 1.0, size=7),
        np.array([0.03]),
        rng.uniform(0.001, 0.4, size=1000),
        np.array([1e-200, 0.5, 3e-180, 1e-300]),
        np.array([5e-324, 0.25]),
    ]
    got = [sequence_log_prob(p.copy()) for p in texts]
    for p, log_p in zip(texts, got, strict=True):
        assert np.shape(log_p) == (), "the result is a single number"
        np.testing.assert_allclose(log_p, reference.sequence_log_prob(p), rtol=1e-6)


@test_case(
    name="nothing, and the impossible",
    points=1,
    hidden=True,
    failure_message="An empty sum is 0. A text with a token of probability 0 is impossible, whatever the "
    "others are, and the logarithm of its probability is -inf: no error, no warning, no very large number.",
)
def empty_and_impossible(sequence_log_prob):
    texts = [np.zeros(0), np.array([0.0]), np.array([0.5, 0.0, 0.2]), np.array([1.0, 0.9, 0.0, 0.0])]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        got = [sequence_log_prob(p.copy()) for p in texts]
    for p, log_p in zip(texts, got, strict=True):
        assert np.shape(log_p) == (), "the result is a single number"
        np.testing.assert_allclose(log_p, reference.sequence_log_prob(p), rtol=1e-6, atol=1e-12)
    assert not caught, "a probability of 0 causes a warning"


@test_case(
    name="halves of a text, left unchanged",
    points=1,
    hidden=True,
    failure_message="The log-probabilities of two halves add up to that of the whole, the order of the "
    "factors does not matter, and the array that was given stays as it was.",
)
def halves_unchanged(sequence_log_prob):
    p = np.random.default_rng(52).uniform(0.1, 0.9, size=8)
    given = p.copy()
    whole = sequence_log_prob(given)
    halves = sequence_log_prob(p[:3].copy()) + sequence_log_prob(p[3:].copy())
    backwards = sequence_log_prob(p[::-1].copy())
    expected = reference.sequence_log_prob(p)
    np.testing.assert_allclose([whole, halves, backwards], [expected] * 3, rtol=1e-6)
    np.testing.assert_array_equal(given, p, err_msg="the array that was given has changed")
