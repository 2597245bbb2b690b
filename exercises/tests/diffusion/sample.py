"""Tests of `sample`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "sample"
points = None


@test_case(name="one step, as in the example", points=1)
def one_step(sample):
    noise = np.array([[[5.0, 5.0]]])
    x = sample(lambda x, t: np.ones(x.shape), np.array([[1.4, 0.6]]), np.array([0.36]), noise)
    assert isinstance(x, np.ndarray), f"got {type(x).__name__}, expected a NumPy array"
    np.testing.assert_allclose(x, [[1.0, 0.0]], rtol=1e-9, atol=1e-12)


@test_case(name="two steps: the denoiser is asked at t = 2, then at t = 1", points=2)
def two_steps(sample):
    asked = []

    def denoiser(x, t):
        time = np.array(t).tolist()
        if asked[-1:] != [time]:  # asking twice about one step does no harm
            asked.append(time)
        return np.full(x.shape, 1.0 if t == 2 else 0.5)

    noise = np.array([[[7.0, 7.0]], [[0.0, 2.0]]])
    x = sample(denoiser, np.array([[1.4, 1.4]]), np.array([0.36, 0.4375]), noise)
    assert asked == [2, 1], f"the denoiser was asked at t = {asked}, expected [2, 1]"
    np.testing.assert_allclose(x, [[1.046875, 2.7004695694]], rtol=1e-9)
