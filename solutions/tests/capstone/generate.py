"""Tests of `generate`."""

import numpy as np
from otter.test_files import test_case

import solutions.capstone as reference

OK_FORMAT = False
name = "generate"
points = None


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


@test_case(name="six new tokens of a small model", points=1)
def six_new(generate):
    text = generate([3, 0], five_tokens(), 6, 3)
    assert text == [3, 0, 4, 4, 4, 1, 2, 2], f"got {text}, expected [3, 0, 4, 4, 4, 1, 2, 2]"


@test_case(name="the same, until token 1 ends it", points=1)
def until_one(generate):
    text = generate([3, 0], five_tokens(), 6, 1)
    assert text == [3, 0, 4, 4, 4, 1], f"got {text}, expected [3, 0, 4, 4, 4, 1]"


def random_model(seed, V, d, f, h):
    """A random model whose greedy text is no mere repetition."""
    rng = np.random.default_rng(seed)
    params = {key: 3.0 * rng.normal(size=(d, d)) / np.sqrt(d) for key in ("Wq", "Wk", "Wv", "Wo")}
    params |= {"W1": 2 * rng.normal(size=(d, f)) / np.sqrt(d), "W2": 2 * rng.normal(size=(f, d)) / np.sqrt(f)}
    params |= {"b1": rng.normal(size=f), "b2": rng.normal(size=d)}
    for layer in "12":
        params[f"gamma{layer}"] = 1.0 + 0.4 * rng.normal(size=d)
        params[f"beta{layer}"] = 0.4 * rng.normal(size=d)
    return params | {"E": rng.normal(size=(V, d)), "heads": h}


def copied(params):
    """A model of its own for each call."""
    return {key: value if isinstance(value, int) else value.copy() for key, value in params.items()}


def compare_all(generate, inputs):
    """Call first (on copies), then compare, so that one wrong answer does not hide the next."""
    results = [generate(list(ids), copied(params), max_new, eos) for ids, params, max_new, eos in inputs]
    for text, arguments in zip(results, inputs, strict=True):
        assert list(text) == reference.generate(*arguments), "the text is wrong"
        assert isinstance(text, list), "the result is a list"


@test_case(
    name="other models and prompts",
    points=1,
    hidden=True,
    failure_message="The text is wrong. Each new token is the most probable one after everything before "
    "it: the whole prompt and all new tokens, in their order.",
)
def other_models(generate):
    inputs = [
        ([7, 2, 4], random_model(541, 9, 8, 6, 2), 12, 99),
        ([1], random_model(500, 8, 6, 10, 3), 12, 99),
        ([3, 0, 5, 5, 1, 2, 4, 0, 3, 1, 2, 5, 0, 4], random_model(596, 6, 8, 8, 4), 10, 99),
    ]
    compare_all(generate, inputs)


@test_case(
    name="where it stops",
    points=1,
    hidden=True,
    failure_message="The text stops in the wrong place. It ends with the first new eos, which belongs to "
    "it, or after max_new new tokens, whichever comes first. An eos in the prompt ends nothing, and 0 new "
    "tokens are allowed.",
)
def where_it_stops(generate):
    params, prompt = random_model(541, 9, 8, 6, 2), [7, 2, 4]
    free = reference.generate(prompt, params, 8, 99)[3:]
    later = next(token for token in free[2:] if token not in free[:2])
    inputs = [
        (prompt, params, 8, later),
        (prompt, params, 8, free[0]),
        (prompt, params, free.index(later) + 1, later),
        (prompt, params, free.index(later), later),
        ([7, 2, later, 4], params, 6, later),
        ([7, 2, 4, 0], params, 4, 0),
        (prompt, params, 0, 0),
        (prompt, params, 1, 99),
    ]
    compare_all(generate, inputs)


@test_case(
    name="Python ints, and arguments left unchanged",
    points=2,
    hidden=True,
    failure_message="The text is wrong, holds something other than Python ints, or the prompt or the "
    "parameters have changed. The result is a new list; the prompt still belongs to whoever called you.",
)
def ints_and_unchanged(generate):
    params, prompt = random_model(625, 8, 6, 10, 3), [5, 1]
    given, given_prompt = copied(params), list(prompt)
    text = generate(given_prompt, given, 5, 99)
    nothing = generate(given_prompt, given, 0, 99)
    assert all(type(token) is int for token in text), "the tokens are Python ints"
    assert text == reference.generate(prompt, params, 5, 99), "the text is wrong"
    assert nothing == prompt, "the text is wrong"
    assert given_prompt == prompt, "the prompt has changed"
    for key, value in params.items():
        np.testing.assert_array_equal(given[key], value, err_msg=f"{key} has changed")
