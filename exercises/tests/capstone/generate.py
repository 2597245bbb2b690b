"""Tests of `generate`."""

import numpy as np
from otter.test_files import test_case

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
