"""Tests of `next_token_distribution`."""

import numpy as np
from otter.test_files import test_case

import solutions.capstone as reference

OK_FORMAT = False
name = "next_token_distribution"
points = None


@test_case(name="the example: attention and network add nothing", points=1)
def example(next_token_distribution):
    params = {key: np.zeros((2, 2)) for key in ("Wq", "Wk", "Wv", "Wo", "W1", "W2")}
    params |= {key: np.zeros(2) for key in ("b1", "b2", "beta1", "beta2")}
    params |= {"gamma1": np.ones(2), "gamma2": np.ones(2), "heads": 1}
    params["E"] = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, -1.0]])
    p = next_token_distribution([2, 1], params)
    assert isinstance(p, np.ndarray), f"got {type(p).__name__}, expected a NumPy array"
    assert p.shape == (3,), f"got the shape {p.shape}, expected (3,)"
    np.testing.assert_allclose(p, [0.042011, 0.114198, 0.843791], rtol=1e-4)


def five_tokens():
    """A model of five tokens with two heads: d = 4, f = 3."""
    d, f = 4, 3
    shapes = {"E": (5, d), "Wq": (d, d), "Wk": (d, d), "Wv": (d, d), "Wo": (d, d), "W1": (d, f), "b1": (f,)}
    shapes |= {"W2": (f, d), "b2": (d,), "gamma1": (d,), "beta1": (d,), "gamma2": (d,), "beta2": (d,)}
    params = {}
    for i, (key, shape) in enumerate(shapes.items(), start=1):
        params[key] = np.sin(2.7 * i * np.arange(1.0, 1.0 + np.prod(shape))).reshape(shape)
    params["gamma1"] += 1.5
    params["gamma2"] += 1.5
    return params | {"heads": 2}


@test_case(name="a model of five tokens with two heads", points=2)
def two_heads(next_token_distribution):
    one = next_token_distribution([4], five_tokens())
    three = next_token_distribution([4, 2, 0], five_tokens())
    np.testing.assert_allclose(
        one, [0.0096626663, 0.1362371381, 0.8077116407, 0.0286839527, 0.0177046022], rtol=1e-6
    )
    np.testing.assert_allclose(
        three, [0.1010601302, 0.4558545969, 0.0136719318, 0.0118443414, 0.4175689997], rtol=1e-6
    )


def random_model(seed, V, d, f, h, scale=1.0, heat=1.0):
    """A random model in which every parameter matters."""
    rng = np.random.default_rng(seed)
    params = {key: rng.normal(size=(d, d)) * heat / np.sqrt(d) for key in ("Wq", "Wk")}
    params |= {key: 1.5 * rng.normal(size=(d, d)) / np.sqrt(d) for key in ("Wv", "Wo")}
    params |= {
        "W1": 1.5 * rng.normal(size=(d, f)) / np.sqrt(d),
        "W2": 1.5 * rng.normal(size=(f, d)) / np.sqrt(f),
    }
    params |= {"b1": 0.5 * rng.normal(size=f), "b2": 0.5 * rng.normal(size=d)}
    for layer in "12":
        params[f"gamma{layer}"] = 1.0 + 0.4 * rng.normal(size=d)
        params[f"beta{layer}"] = 0.4 * rng.normal(size=d)
    return params | {"E": scale * rng.normal(size=(V, d)), "heads": h}


def copied(params):
    """A model of its own for each call."""
    return {key: value if isinstance(value, int) else value.copy() for key, value in params.items()}


def compare_all(next_token_distribution, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [next_token_distribution(list(ids), copied(params)) for ids, params in inputs]
    for p, (ids, params) in zip(results, inputs, strict=True):
        assert isinstance(p, np.ndarray), "the result is a NumPy array"
        assert p.shape == params["E"].shape[:1], "the result has the wrong shape"
        assert p.dtype == np.float64, "the result is float64"
        np.testing.assert_allclose(p, reference.next_token_distribution(ids, params), rtol=1e-6, atol=1e-12)


@test_case(
    name="other models",
    points=2,
    hidden=True,
    failure_message="For some model the distribution is wrong. Go through the table at the top, row by "
    "row. The sizes V, d, f, the number of heads and the number of tokens may all differ or agree; every "
    "parameter has its place; one head and many heads are possible.",
)
def other_models(next_token_distribution):
    inputs = [
        ([2, 0, 3, 1], random_model(401, 4, 4, 4, 1, heat=2.0)),
        ([5, 1, 6, 2, 0], random_model(402, 7, 6, 10, 3, heat=2.0)),
        ([1, 2], random_model(403, 3, 8, 5, 4, heat=2.0)),
        ([8, 3, 0], random_model(404, 9, 12, 6, 2, heat=3.0)),
        ([4], random_model(405, 6, 6, 8, 3)),
        ([1, 0, 1, 1, 0, 1], random_model(406, 2, 4, 7, 4, heat=2.0)),
    ]
    compare_all(next_token_distribution, inputs)


@test_case(
    name="long texts, and the order of tokens",
    points=1,
    hidden=True,
    failure_message="The last token should see all tokens before it, each with the position at which it "
    "stands, counted from 0. In a longer text, or with the same tokens in another order, the result is "
    "wrong.",
)
def long_texts(next_token_distribution):
    params = random_model(411, 6, 8, 9, 2, heat=2.0)
    ids = np.random.default_rng(411).integers(6, size=40).tolist()
    inputs = [(ids, params), (ids[::-1], params), (ids[1:] + ids[:1], params), ([3] * 12, params)]
    compare_all(next_token_distribution, inputs)


@test_case(
    name="large logits and large scores",
    points=1,
    hidden=True,
    failure_message="With large embeddings the logits or the attention scores are in the thousands, and "
    "the result is wrong, inf or nan. Both softmaxes have to be stable.",
)
def large_numbers(next_token_distribution):
    output, scores = random_model(421, 5, 6, 4, 2), random_model(422, 5, 6, 4, 2, heat=60.0)
    output["gamma2"] = 900.0 * output["gamma2"]
    output["beta2"] = 900.0 * output["beta2"]
    inputs = [([1, 4, 2], output), ([0, 3], output), ([2, 2, 4, 0], scores), ([3, 1, 0], scores)]
    compare_all(next_token_distribution, inputs)


@test_case(
    name="rows that hardly vary",
    points=1,
    hidden=True,
    failure_message="When the numbers of a row are nearly equal, the layer norm divides by almost "
    "nothing, and epsilon decides. It is 1e-5, is added to the biased variance, and stands inside the root.",
)
def hardly_any_variance(next_token_distribution):
    small = random_model(431, 4, 4, 5, 2)
    for key in ("Wv", "Wo", "W2", "b2", "beta1"):
        small[key] = 0.002 * small[key]
    first = np.array([0.0, 1.0, 0.0, 1.0])  # the encoding of position 0
    small["E"] = 0.7 - first + 0.003 * np.random.default_rng(431).normal(size=(4, 4))
    second = random_model(432, 4, 4, 5, 2)
    second["gamma1"] = 0.003 * second["gamma1"]
    for key in ("W2", "b2", "beta1"):
        second[key] = 0.003 * second[key]
    compare_all(next_token_distribution, [([1], small), ([3], small), ([2, 0], second), ([1], second)])


@test_case(
    name="ids and parameters are left unchanged",
    points=1,
    hidden=True,
    failure_message="The result is wrong, or your function wrote into the ids or into one of the "
    "parameters. A model whose parameters change with every call gives another answer each time.",
)
def left_unchanged(next_token_distribution):
    params, ids = random_model(441, 6, 6, 4, 3, heat=2.0), [4, 0, 5]
    given, given_ids = copied(params), list(ids)
    p = next_token_distribution(given_ids, given)
    assert given_ids == ids, "the ids have changed"
    assert given.keys() == params.keys(), "the parameters have changed"
    for key, value in params.items():
        np.testing.assert_array_equal(given[key], value, err_msg=f"{key} has changed")
    np.testing.assert_allclose(p, reference.next_token_distribution(ids, params), rtol=1e-6, atol=1e-12)
