"""Tests of `top_p_probs`."""

import numpy as np
from otter.test_files import test_case

import solutions.sampling as reference

OK_FORMAT = False
name = "top_p_probs"
points = None


def compare_all(top_p_probs, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    got = [top_p_probs(p.copy(), top_p) for p, top_p in inputs]
    for q, (p, top_p) in zip(got, inputs, strict=True):
        assert isinstance(q, np.ndarray), f"got {type(q).__name__}, expected a NumPy array"
        assert q.shape == p.shape, "the result has one entry for each token of the vocabulary"
        np.testing.assert_allclose(q, reference.top_p_probs(p, top_p), rtol=1e-6, atol=1e-12)


@test_case(name="the slide's six tokens, up to 80 %", points=1)
def slide_eighty(top_p_probs):
    q = top_p_probs(np.array([8, 5, 5, 5, 2, 1]) / 26, 0.8)
    assert isinstance(q, np.ndarray), f"got {type(q).__name__}, expected a NumPy array"
    assert q.dtype == np.float64, f"got {q.dtype}, expected float64"
    assert q.shape == (6,), f"got the shape {q.shape}, expected (6,)"
    np.testing.assert_allclose(q, np.array([8, 5, 5, 5, 0, 0]) / 23, rtol=1e-9, atol=1e-12)


@test_case(name="tokens in any order", points=2)
def any_order(top_p_probs):
    p = np.array([0.05, 0.25, 0.07, 0.5, 0.13])
    two, three = top_p_probs(p.copy(), 0.6), top_p_probs(p.copy(), 0.8)
    np.testing.assert_allclose(two, [0, 1 / 3, 0, 2 / 3, 0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(three, np.array([0, 0.25, 0, 0.5, 0.13]) / 0.88, rtol=1e-9, atol=1e-12)


@test_case(
    name="other distributions",
    points=2,
    hidden=True,
    failure_message="The result is wrong for some distributions. The most probable tokens stay, up to and "
    "including the one that reaches top_p, each at its own place; the others are 0, and what stays is "
    "divided by its own sum. Is the array that was given still as it was?",
)
def other_distributions(top_p_probs):
    rng = np.random.default_rng(81)
    sizes = [(7, 0.7), (12, 0.9), (6, 0.45), (30, 0.95), (9, 0.83)]
    inputs = [(rng.dirichlet(np.ones(size)), top_p) for size, top_p in sizes]
    inputs.append((np.array([0.0, 0.2, 0.0, 0.45, 0.35]), 0.99))
    p = rng.dirichlet(np.ones(6))
    given = p.copy()
    q = top_p_probs(given, 0.75)
    compare_all(top_p_probs, inputs)
    np.testing.assert_allclose(q, reference.top_p_probs(p, 0.75), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(given, p, err_msg="the probabilities that were given have changed")


@test_case(
    name="exactly reached",
    points=1,
    hidden=True,
    failure_message="When the sum of the probabilities reaches top_p exactly, it has reached it: no further "
    "token is needed.",
)
def exactly_reached(top_p_probs):
    p = np.array([0.03125, 0.5, 0.125, 0.09375, 0.25])
    compare_all(top_p_probs, [(p, 0.5), (p, 0.75), (p, 0.875), (np.array([0.25, 0.75]), 0.75)])


@test_case(
    name="one token, and all of them",
    points=1,
    hidden=True,
    failure_message="However small top_p is, the most probable token stays; with top_p = 1 every token "
    "does, even if rounding makes the probabilities add up to a little less than 1.",
)
def one_and_all(top_p_probs):
    rng = np.random.default_rng(82)
    p = rng.dirichlet(np.ones(8))
    sure = np.array([0.02, 0.95, 0.03])
    inputs = [(p, 1e-3), (sure, 0.9), (sure, 0.01), (np.full(10, 0.1), 1.0), (p, 1.0), (np.array([1.0]), 0.4)]
    inputs.append((np.array([0.1, 0.7, 0.2]), 1.0))
    compare_all(top_p_probs, inputs)


@test_case(
    name="equally probable tokens",
    points=1,
    hidden=True,
    failure_message="Equally probable tokens do not all have to stay: the set is the smallest one that "
    "reaches top_p, and which of the equals are in it is up to you.",
)
def equally_probable(top_p_probs):
    inputs = [
        (np.full(4, 0.25), 0.75),
        (np.array([0.125, 0.375, 0.125, 0.25, 0.125]), 0.875),
        (np.full(8, 0.125), 0.875),
        (np.array([0.25, 0.5, 0.25]), 0.75),
    ]
    got = [top_p_probs(p.copy(), top_p) for p, top_p in inputs]
    for q, (p, top_p) in zip(got, inputs, strict=True):
        assert np.shape(q) == p.shape, "the result has one entry for each token of the vocabulary"
        expected = np.sort(reference.top_p_probs(p, top_p))
        np.testing.assert_allclose(np.sort(q), expected, rtol=1e-6, atol=1e-12)
        kept = q > 0
        np.testing.assert_allclose(q[kept], p[kept] / p[kept].sum(), rtol=1e-6)
