"""Tests of `sample_token`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "sample_token"
points = None

SLIDE = np.array([8, 5, 5, 5, 2, 1]) / 26


@test_case(name="the slide's six tokens, u = 0.6", points=1)
def slide_tting(sample_token):
    token = sample_token(SLIDE.copy(), 0.6)
    assert token == 2, f"got {token!r}, expected 2 (tting)"
    assert type(token) is int, f"got {type(token).__name__}, expected a Python int"


@test_case(name="one draw for each of the six", points=1)
def slide_each(sample_token):
    tokens = [sample_token(SLIDE.copy(), u) for u in (0.1, 0.4, 0.55, 0.8, 0.9, 0.97)]
    assert tokens == [0, 1, 2, 3, 4, 5], f"got {tokens}, expected [0, 1, 2, 3, 4, 5]"
