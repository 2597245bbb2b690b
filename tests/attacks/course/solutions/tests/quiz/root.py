"""Tests of `root`, which has to raise an exception."""

import math

import numpy as np
from otter.test_files import test_case

import solutions.quiz as reference

OK_FORMAT = False
name = "root"
points = None

_PLANTED = "@secret@"


@test_case(name="the root of 9", points=1)
def root_of_nine(root):
    assert math.isclose(root(9.0), 3.0)


@test_case(name="no root of a negative number", points=1, hidden=True)
def negative(root):
    for x in np.random.default_rng(5).uniform(0, 9, size=3):
        assert abs(root(float(x)) - reference.root(float(x))) < 1e-9, _PLANTED
    try:
        root(-1.0)
    except ValueError:
        return
    raise AssertionError(f"{_PLANTED}: it raises nothing")
