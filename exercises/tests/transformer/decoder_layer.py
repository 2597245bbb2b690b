"""Tests of `decoder_layer`."""

import numpy as np
from otter.test_files import test_case

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
