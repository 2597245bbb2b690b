"""Tests of `sample_token`."""

import numpy as np
from otter.test_files import test_case

import solutions.sampling as reference

OK_FORMAT = False
name = "sample_token"
points = None

SLIDE = np.array([8, 5, 5, 5, 2, 1]) / 26


def compare_all(sample_token, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    got = [sample_token(p.copy(), u) for p, u in inputs]
    for token, (p, u) in zip(got, inputs, strict=True):
        assert np.shape(token) == (), "a token is a single number"
        assert token == reference.sample_token(p, u), "another token than the one that u falls on"


@test_case(name="the slide's six tokens, u = 0.6", points=1)
def slide_tting(sample_token):
    token = sample_token(SLIDE.copy(), 0.6)
    assert token == 2, f"got {token!r}, expected 2 (tting)"
    assert type(token) is int, f"got {type(token).__name__}, expected a Python int"


@test_case(name="one draw for each of the six", points=1)
def slide_each(sample_token):
    tokens = [sample_token(SLIDE.copy(), u) for u in (0.1, 0.4, 0.55, 0.8, 0.9, 0.97)]
    assert tokens == [0, 1, 2, 3, 4, 5], f"got {tokens}, expected [0, 1, 2, 3, 4, 5]"


@test_case(
    name="other distributions",
    points=1,
    hidden=True,
    failure_message="Some draws give the wrong token. Lay the tokens side by side in the order of the "
    "vocabulary, each as wide as its probability: on which one does u fall? The array that was given stays "
    "as it is.",
)
def other_distributions(sample_token):
    rng = np.random.default_rng(91)
    inputs = []
    for size in (5, 9, 20):
        p = rng.dirichlet(np.ones(size))
        inputs += [(p, u) for u in rng.random(4)]
    p = rng.dirichlet(np.ones(7))
    given = p.copy()
    token = sample_token(given, 0.65)
    compare_all(sample_token, [*inputs, (np.array([1.0]), 0.3)])
    assert token == reference.sample_token(p, 0.65), "another token than the one that u falls on"
    np.testing.assert_array_equal(given, p, err_msg="the probabilities that were given have changed")


@test_case(
    name="on the edge of a step",
    points=1,
    hidden=True,
    failure_message="u may be exactly 0, and it may be exactly one of the sums of probabilities. The token "
    "is the first one whose sum is above u.",
)
def on_the_edge(sample_token):
    p = np.array([0.25, 0.125, 0.5, 0.125])
    compare_all(sample_token, [(p, u) for u in (0.0, 0.25, 0.375, 0.875)])


@test_case(
    name="tokens that can never come",
    points=1,
    hidden=True,
    failure_message="A token of probability 0 has been drawn, or the draw is wrong beside one. They may "
    "stand at the beginning, in between and at the end.",
)
def never(sample_token):
    p = np.array([0.0, 0.0, 0.25, 0.0, 0.5, 0.0, 0.25, 0.0])
    below = np.nextafter(1.0, 0.0)
    compare_all(sample_token, [(p, u) for u in (0.0, 0.2, 0.25, 0.7, 0.75, 0.8, below)])


@test_case(
    name="close to 1",
    points=1,
    hidden=True,
    failure_message="u is below 1 but may be very close to it, and the probabilities may add up to a little "
    "less than 1. Then it is the last token of probability above 0.",
)
def close_to_one(sample_token):
    below = float(np.nextafter(1.0, 0.0))
    inputs = [
        (np.array([0.7, 0.2, 0.1]), below),
        (np.array([0.7, 0.2, 0.1, 0.0, 0.0]), below),
        (np.full(10, 0.1), below),
        (np.append(np.full(10, 0.1), 0.0), below),
        (np.array([0.5, 0.5]), below),
    ]
    compare_all(sample_token, inputs)
