"""Tests of `answer_distribution`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "answer_distribution"
points = None


@test_case(name="chips, with the city in the prompt", points=1)
def city_in_prompt(answer_distribution):
    joint = np.array([[0.36, 0.04], [0.06, 0.54]])
    london, new_york = answer_distribution(joint, 0), answer_distribution(joint, 1)
    assert isinstance(london, np.ndarray), f"expected an array, got {type(london).__name__}"
    np.testing.assert_allclose(london, [0.9, 0.1], rtol=1e-9)
    np.testing.assert_allclose(new_york, [0.1, 0.9], rtol=1e-9)


@test_case(name="chips, and the city left out", points=1)
def city_left_out(answer_distribution):
    answer = answer_distribution(np.array([[0.36, 0.04], [0.06, 0.54]]), None)
    assert isinstance(answer, np.ndarray), f"expected an array, got {type(answer).__name__}"
    np.testing.assert_allclose(answer, [0.42, 0.58], rtol=1e-9)
