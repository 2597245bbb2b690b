"""Tests of `joint_from_counts`."""

import numpy as np
from otter.test_files import test_case

OK_FORMAT = False
name = "joint_from_counts"
points = None


@test_case(name="the forty e-mails", points=1)
def emails(joint_from_counts):
    joint = joint_from_counts(np.array([[12, 4], [1, 15], [8, 0]]))
    assert isinstance(joint, np.ndarray), f"expected an array, got {type(joint).__name__}"
    assert joint.dtype == np.float64, f"expected float64, got {joint.dtype}"
    np.testing.assert_allclose(joint, [[0.3, 0.1], [0.025, 0.375], [0.2, 0.0]], rtol=1e-9)
