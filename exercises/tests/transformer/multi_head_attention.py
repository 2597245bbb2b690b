"""Tests of `multi_head_attention`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "multi_head_attention"
points = None


@test_case(name="two heads, as in the example, and a Wo that turns them round", points=1)
def two_heads(multi_head_attention):
    x = np.array([[1.0, 1.0, 0.0, 0.0]])
    mem = np.array([[2.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 4.0]])
    same, turned = np.eye(4), np.eye(4)[::-1]
    out = multi_head_attention(x, mem, same, same, same, turned, 2)
    assert isinstance(out, np.ndarray), f"got {type(out).__name__}, expected a NumPy array"
    assert out.shape == (1, 4), f"got an array of shape {out.shape}, expected (1, 4)"
    np.testing.assert_allclose(out, [[2.0, 1.0, 0.0, 1.6088592478]], rtol=1e-6, atol=1e-9)


@test_case(name="a text that looks at itself, without and with a causal mask", points=1)
def itself_with_mask(multi_head_attention):
    x = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 1.0, 0.0, 2.0], [1.0, 1.0, -1.0, 1.0]])
    Wq = np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]])
    Wk = np.array([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 2.0, 0.0], [1.0, 0.0, 0.0, 1.0]])
    Wv = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    Wo = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]])
    free = multi_head_attention(x, x, Wq, Wk, Wv, Wo, 2)
    masked = multi_head_attention(x, x, Wq, Wk, Wv, Wo, 2, np.tri(3, dtype=bool))
    np.testing.assert_allclose(
        free,
        [
            [4.1963135137, 5.6590647531, 4.8560533791, 3.9733546203],
            [3.3802946698, 4.9898359604, 1.0242452306, 3.3228587897],
            [3.6488695851, 5.2584108756, 0.4438071697, 3.5914337050],
        ],
        rtol=1e-6,
        atol=1e-9,
    )
    np.testing.assert_allclose(
        masked,
        [
            [7.0, 6.0, 5.0, 4.0],
            [3.2805240731, 4.2238882360, 0.9778515875, 3.1955703175],
            [3.6488695851, 5.2584108756, 0.4438071697, 3.5914337050],
        ],
        rtol=1e-6,
        atol=1e-9,
    )
