"""Tests of `decoder_layer`."""

import numpy as np
from otter.test_files import test_case

import solutions.transformer as reference

OK_FORMAT = False
name = "decoder_layer"
points = None


@test_case(name="two tokens and a memory of three, as in the example", points=1)
def two_tokens(decoder_layer):
    def mean_of_seen(q, kv, mask):
        seen = np.ones((len(q), len(kv))) if mask is None else np.where(mask, 1.0, 0.0)
        return seen @ kv / np.maximum(seen.sum(axis=1, keepdims=True), 1.0)

    y = np.array([[2.0, 4.0], [6.0, 8.0]])
    memory = np.array([[1.0, 1.0], [3.0, 5.0], [5.0, 0.0]])
    norms = [lambda a: a / 2.0, lambda a: a - 1.0, lambda a: a / 3.0]
    out = decoder_layer(y, memory, mean_of_seen, mean_of_seen, lambda a: 2.0 * a, norms)
    assert isinstance(out, np.ndarray), f"got {type(out).__name__}, expected a NumPy array"
    assert out.shape == (2, 2), f"got an array of shape {out.shape}, expected (2, 2)"
    np.testing.assert_allclose(out, [[4.0, 5.0], [7.0, 8.0]], rtol=1e-9)


@test_case(name="what the two attentions are asked", points=2)
def what_is_asked(decoder_layer):
    asked = {}

    def attention(name):
        def function(q, kv, mask):
            asked.setdefault(name, (np.array(q), np.array(kv), mask))  # asking twice does no harm
            hidden = np.zeros((len(q), len(kv)), dtype=bool) if mask is None else ~mask
            return np.where(hidden, 0.0, 1.0) @ kv

        return function

    y = np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]])
    memory = np.array([[1.0, 0.0], [0.0, 10.0]])
    norms = [lambda a: a / 2.0, lambda a: a + 1.0, lambda a: a - 7.0]
    decoder_layer(y, memory, attention("self"), attention("cross"), lambda a: -a, norms)
    assert list(asked) == ["self", "cross"], f"asked were {list(asked)}, expected self, then cross"
    q, kv, mask = asked["self"]
    np.testing.assert_allclose(q, y, rtol=1e-9, err_msg="self_attn: who looks")
    np.testing.assert_allclose(kv, y, rtol=1e-9, err_msg="self_attn: who is looked at")
    assert isinstance(mask, np.ndarray), f"self_attn: got the mask {mask}, expected an array"
    assert mask.dtype == np.bool_, f"self_attn: got a mask of {mask.dtype}, expected booleans"
    expected = [[True, False, False], [True, True, False], [True, True, True]]
    np.testing.assert_array_equal(mask, expected, err_msg="self_attn: the mask")
    q, kv, mask = asked["cross"]
    expected = [[1.0, 2.0], [3.5, 6.0], [2.0, 4.5]]
    np.testing.assert_allclose(q, expected, rtol=1e-9, err_msg="cross_attn: who looks")
    np.testing.assert_allclose(kv, memory, rtol=1e-9, err_msg="cross_attn: who is looked at")
    assert mask is None, f"cross_attn: got the mask {mask}, expected None"


def looking(sharpness):
    """An attention that, like real ones, turns the mask round to hide; two of them differ by sharpness."""

    def function(q, kv, mask):
        hidden = np.zeros((len(q), len(kv)), dtype=bool) if mask is None else ~mask
        weights = np.where(hidden, 0.0, np.exp(sharpness * np.tanh(q @ np.roll(kv, 1, axis=1).T)))
        return weights @ np.sin(kv) / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)

    return function


def ffn(x):
    """A function of each token by itself."""
    return np.maximum(1.5 * x - 0.3, 0.0) - 0.2 * x * x


def three_norms():
    """Three functions that all differ."""
    return [
        lambda x: np.arctan(x) + 0.5 * x,
        lambda x: 3.0 * x / (1.0 + np.abs(x)) + 0.2,
        lambda x: np.sinh(0.3 * x) - 0.1,
    ]


def layer_norm(x):
    """A real normalisation, of which all norms may be one."""
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)


def texts(seed, n, m, d):
    """A text that is being written, and one that has been read."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(m, d))


@test_case(
    name="parts of all kinds",
    points=3,
    hidden=True,
    failure_message="The output is wrong. Follow one token by hand: which arrays go into each function, in "
    "which order, and what is added to what comes out? The text and the memory may have different lengths, "
    "or equal ones.",
)
def parts_of_all_kinds(decoder_layer):
    inputs = [texts(1021, 3, 3, 4), texts(1022, 4, 2, 3), texts(1023, 2, 5, 2), texts(1024, 1, 3, 5)]
    parts = (looking(1.0), looking(-2.0), ffn, three_norms())
    results = [decoder_layer(y.copy(), memory.copy(), *parts) for y, memory in inputs]
    for (y, memory), out in zip(inputs, results, strict=True):
        assert out.shape == y.shape
        np.testing.assert_allclose(out, reference.decoder_layer(y, memory, *parts), rtol=1e-6, atol=1e-9)


@test_case(
    name="nothing comes from the future",
    points=1,
    hidden=True,
    failure_message="When a token is changed, the outputs of the tokens before it must stay as they were, "
    "and those from it on must change. When a token of the memory is changed, all outputs change.",
)
def nothing_from_the_future(decoder_layer):
    y, memory = texts(1031, 4, 3, 3)
    other, other_memory = y.copy(), memory.copy()
    other[2] += 1.0
    other_memory[2] += 1.0
    parts = (looking(1.0), looking(-2.0), ffn, three_norms())
    out = decoder_layer(y.copy(), memory.copy(), *parts)
    of_other = decoder_layer(other.copy(), memory.copy(), *parts)
    of_other_memory = decoder_layer(y.copy(), other_memory.copy(), *parts)
    changed = np.abs(of_other - out).max(axis=1) > 1e-6
    np.testing.assert_array_equal(changed, [False, False, True, True])
    assert np.all(np.abs(of_other_memory - out).max(axis=1) > 1e-6)
    np.testing.assert_allclose(of_other, reference.decoder_layer(other, memory, *parts), rtol=1e-6, atol=1e-9)


@test_case(
    name="a real normalisation, and the arguments afterwards",
    points=1,
    hidden=True,
    failure_message="With a real layer normalisation for all three norms the output is wrong, or your "
    "function wrote into y or memory. `y += ...` changes the caller's array; `y = y + ...` makes a new one.",
)
def arguments_unchanged(decoder_layer):
    y, memory = texts(1041, 3, 5, 4)
    given = y.copy(), memory.copy()
    parts = (looking(0.5), looking(2.0), ffn, (layer_norm, layer_norm, layer_norm))
    out = decoder_layer(*given, *parts)
    np.testing.assert_array_equal(given[0], y)
    np.testing.assert_array_equal(given[1], memory)
    np.testing.assert_allclose(out, reference.decoder_layer(y, memory, *parts), rtol=1e-6, atol=1e-9)
