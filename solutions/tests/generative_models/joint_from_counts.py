"""Tests of `joint_from_counts`."""

import numpy as np
from otter.test_files import test_case

import solutions.generative_models as reference

OK_FORMAT = False
name = "joint_from_counts"
points = None


@test_case(name="the forty e-mails", points=1)
def emails(joint_from_counts):
    joint = joint_from_counts(np.array([[12, 4], [1, 15], [8, 0]]))
    assert isinstance(joint, np.ndarray), f"expected an array, got {type(joint).__name__}"
    assert joint.dtype == np.float64, f"expected float64, got {joint.dtype}"
    np.testing.assert_allclose(joint, [[0.3, 0.1], [0.025, 0.375], [0.2, 0.0]], rtol=1e-9)


@test_case(
    name="other tables",
    points=2,
    hidden=True,
    failure_message="Each count is divided by one and the same number, the sum of all of them, whatever the "
    "shape of the table. A pair that was never seen has probability 0, also when its whole row or column is "
    "empty.",
)
def other_tables(joint_from_counts):
    rng = np.random.default_rng(201)
    tables = [
        rng.integers(0, 30, size=(3, 5)),
        rng.integers(1, 9, size=(4, 4)),
        np.array([[7, 0, 2], [0, 0, 0], [1, 0, 3]]),
        np.array([[5, 1, 10, 4]]),
        np.array([[3], [1]]),
        np.array([[6]]),
        rng.integers(0, 10**9, size=(2, 3)),
    ]
    got = [joint_from_counts(counts.copy()) for counts in tables]
    for counts, joint in zip(tables, got, strict=True):
        assert np.shape(joint) == counts.shape, "the result must have the shape of the counts"
        np.testing.assert_allclose(joint, reference.joint_from_counts(counts), rtol=1e-6, atol=1e-12)


@test_case(
    name="counts that are floats, left unchanged",
    points=1,
    hidden=True,
    failure_message="The counts may be stored as floats as well as integers, and the array that was given "
    "has to stay as it was. Twice as many of everything are the same probabilities.",
)
def floats_unchanged(joint_from_counts):
    rng = np.random.default_rng(202)
    counts = rng.integers(0, 20, size=(5, 2)).astype(np.float64)
    whole = rng.integers(0, 20, size=(2, 4))
    given, given_whole = counts.copy(), whole.copy()
    joint, doubled, third = (
        joint_from_counts(given),
        joint_from_counts(2 * counts),
        joint_from_counts(given_whole),
    )
    np.testing.assert_allclose(joint, reference.joint_from_counts(counts), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(doubled, joint, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(third, reference.joint_from_counts(whole), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(given, counts, err_msg="the counts that were given have changed")
    np.testing.assert_array_equal(given_whole, whole, err_msg="the counts that were given have changed")
