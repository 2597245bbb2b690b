"""Tests of `next_token_distribution`."""

import numpy as np
from otter.test_files import test_case

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
