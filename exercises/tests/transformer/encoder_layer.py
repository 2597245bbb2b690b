"""Tests of `encoder_layer`."""

import numpy as np
from otter.test_files import test_case

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
