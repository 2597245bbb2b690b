"""Tests of `encoder_layer`."""

import numpy as np
from otter.test_files import test_case

import solutions.transformer as reference

OK_FORMAT = False
name = "encoder_layer"
points = None


@test_case(name="two tokens, as in the example", points=1)
def two_tokens(encoder_layer):
    def mean(x):
        return np.repeat(x.mean(axis=0, keepdims=True), len(x), axis=0)

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    y = encoder_layer(x, mean, lambda a: a * a, lambda a: a - 1.0, lambda a: a / 2.0)
    assert isinstance(y, np.ndarray), f"got {type(y).__name__}, expected a NumPy array"
    assert y.shape == (2, 2), f"got an array of shape {y.shape}, expected (2, 2)"
    np.testing.assert_allclose(y, [[3.0, 10.0], [10.0, 21.0]], rtol=1e-9)


@test_case(name="what the four functions are asked, and in which order", points=1)
def what_is_asked(encoder_layer):
    asked = []

    def part(name, result):
        def function(a):
            if name not in [before for before, _ in asked]:  # asking twice does no harm
                asked.append((name, np.array(a).tolist()))
            return result(a)

        return function

    encoder_layer(
        np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]]),
        part("attn", lambda a: a[::-1] + 10.0),
        part("ffn", lambda a: a * a),
        part("norm1", lambda a: a / 2.0),
        part("norm2", lambda a: a - 100.0),
    )
    names = [name for name, _ in asked]
    order = ["attn", "norm1", "ffn", "norm2"]
    assert names == order, f"the functions were asked in the order {names}, expected {order}"
    expected = [
        [[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]],
        [[11.0, 13.0], [16.0, 20.0], [11.0, 13.0]],
        [[5.5, 6.5], [8.0, 10.0], [5.5, 6.5]],
        [[35.75, 48.75], [72.0, 110.0], [35.75, 48.75]],
    ]
    for (name, got), right in zip(asked, expected, strict=True):
        assert got == right, f"{name} was asked about {got}, expected {right}"


def attn(x):
    """A mixing of tokens without any meaning."""
    weights = np.exp(np.tanh(x @ x[::-1].T))
    return weights / weights.sum(axis=1, keepdims=True) @ np.sin(x)


def ffn(x):
    """A function of each token by itself."""
    return np.maximum(1.5 * x - 0.3, 0.0) - 0.2 * x * x


def norm1(x):
    """A function that differs from `norm2`, and whose result differs from its argument."""
    return np.arctan(x) + 0.5 * x


def norm2(x):
    return 3.0 * x / (1.0 + np.abs(x)) + 0.2


def layer_norm(x):
    """A real normalisation, of which both norms may be one."""
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)


@test_case(
    name="parts of all kinds",
    points=3,
    hidden=True,
    failure_message="The output is wrong. Follow one token by hand: which array goes into each of the four "
    "functions, and what is added to what comes out? The sum is what is normalised, and the second sum adds "
    "what went into the second sublayer.",
)
def parts_of_all_kinds(encoder_layer):
    rng = np.random.default_rng(1001)
    inputs = [rng.normal(size=shape) for shape in [(3, 4), (5, 2), (1, 6), (4, 4)]]
    results = [encoder_layer(x.copy(), attn, ffn, norm1, norm2) for x in inputs]
    for x, y in zip(inputs, results, strict=True):
        assert y.shape == x.shape
        np.testing.assert_allclose(
            y, reference.encoder_layer(x, attn, ffn, norm1, norm2), rtol=1e-6, atol=1e-9
        )


@test_case(
    name="a real normalisation, and the input afterwards",
    points=1,
    hidden=True,
    failure_message="With a real layer normalisation for both norms the output is wrong, or your function "
    "wrote into x. `x += ...` changes the caller's array; `x = x + ...` makes a new one.",
)
def input_unchanged(encoder_layer):
    x = np.random.default_rng(1011).normal(size=(4, 5))
    given = x.copy()
    y = encoder_layer(given, attn, ffn, layer_norm, layer_norm)
    np.testing.assert_array_equal(given, x)
    expected = reference.encoder_layer(x, attn, ffn, layer_norm, layer_norm)
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-9)
