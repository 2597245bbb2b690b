"""Tests of `top_k_probs`."""

import numpy as np
from otter.test_files import test_case

import solutions.sampling as reference

OK_FORMAT = False
name = "top_k_probs"
points = None


def compare_all(top_k_probs, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    got = [top_k_probs(p.copy(), k) for p, k in inputs]
    for q, (p, k) in zip(got, inputs, strict=True):
        assert isinstance(q, np.ndarray), f"got {type(q).__name__}, expected a NumPy array"
        assert q.shape == p.shape, "the result has one entry for each token of the vocabulary"
        np.testing.assert_allclose(q, reference.top_k_probs(p, k), rtol=1e-6, atol=1e-12)


@test_case(name="the slide's six tokens, and room for three", points=1)
def slide_three(top_k_probs):
    q = top_k_probs(np.array([8, 5, 5, 5, 2, 1]) / 26, 3)
    assert isinstance(q, np.ndarray), f"got {type(q).__name__}, expected a NumPy array"
    assert q.dtype == np.float64, f"got {q.dtype}, expected float64"
    assert q.shape == (6,), f"got the shape {q.shape}, expected (6,)"
    np.testing.assert_allclose(q, np.array([8, 5, 5, 0, 0, 0]) / 18, rtol=1e-9, atol=1e-12)


@test_case(name="tokens in any order", points=1)
def any_order(top_k_probs):
    p = np.array([0.125, 0.05, 0.5, 0.075, 0.25])
    two, four = top_k_probs(p.copy(), 2), top_k_probs(p.copy(), 4)
    np.testing.assert_allclose(two, [0, 0, 2 / 3, 0, 1 / 3], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(four, np.array([0.125, 0, 0.5, 0.075, 0.25]) / 0.95, rtol=1e-9, atol=1e-12)


@test_case(
    name="other distributions",
    points=1,
    hidden=True,
    failure_message="The result is wrong for some distributions. Exactly k tokens stay, each at its own "
    "place; the others are 0, and what stays is divided by its own sum. Try k = 1. Is the array that was "
    "given still as it was?",
)
def other_distributions(top_k_probs):
    rng = np.random.default_rng(71)
    inputs = [(rng.dirichlet(np.ones(size)), k) for size, k in [(7, 3), (11, 10), (5, 1), (8, 4)]]
    inputs.append((np.array([0.0, 0.3, 0.0, 0.7, 0.0]), 2))
    p = rng.dirichlet(np.ones(6))
    given = p.copy()
    q = top_k_probs(given, 2)
    compare_all(top_k_probs, inputs)
    np.testing.assert_allclose(q, reference.top_k_probs(p, 2), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(given, p, err_msg="the probabilities that were given have changed")


@test_case(
    name="equally probable tokens",
    points=2,
    hidden=True,
    failure_message="Among equally probable tokens the ones of lower index stay, and exactly k tokens stay "
    "in all. In a large vocabulary, look up what your sorting function says about equal values.",
)
def equally_probable(top_k_probs):
    rng = np.random.default_rng(72)
    counts = rng.integers(1, 4, size=100)
    counts[[3, 17, 40, 41, 80]] = 9
    large = counts / counts.sum()
    inputs = [(np.full(4, 0.25), 1), (np.full(5, 0.2), 3), (np.array([0.1, 0.3, 0.1, 0.3, 0.2]), 4)]
    inputs += [(np.array([0.25, 0.125, 0.25, 0.125, 0.25]), 2), (large, 4), (large, 20), (large, 60)]
    compare_all(top_k_probs, inputs)


@test_case(
    name="room for all",
    points=1,
    hidden=True,
    failure_message="With k as large as the vocabulary, or larger, every token stays and nothing changes.",
)
def room_for_all(top_k_probs):
    rng = np.random.default_rng(73)
    five, four = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(4))
    inputs = [(five, 5), (four, 5), (four, 6), (five, 1000), (np.array([1.0]), 2), (np.array([0.0, 1.0]), 3)]
    compare_all(top_k_probs, inputs)
