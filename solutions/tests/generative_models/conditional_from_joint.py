"""Tests of `conditional_from_joint`."""

import numpy as np
from otter.test_files import test_case

import solutions.generative_models as reference

OK_FORMAT = False
name = "conditional_from_joint"
points = None


@test_case(name="the labels of the e-mails, given the word", points=1)
def emails(conditional_from_joint):
    conditional = conditional_from_joint(np.array([[0.3, 0.1], [0.025, 0.375], [0.2, 0.0]]))
    assert isinstance(conditional, np.ndarray), f"expected an array, got {type(conditional).__name__}"
    assert conditional.dtype == np.float64, f"expected float64, got {conditional.dtype}"
    np.testing.assert_allclose(conditional, [[0.75, 0.25], [0.0625, 0.9375], [1.0, 0.0]], rtol=1e-9)


@test_case(name="a word that never occurs", points=1)
def empty_row(conditional_from_joint):
    conditional = conditional_from_joint(np.array([[0.3, 0.1], [0.0, 0.0], [0.0, 0.6]]))
    np.testing.assert_allclose(conditional, [[0.75, 0.25], [0.0, 0.0], [0.0, 1.0]], rtol=1e-9)


def _joint(seed, shape):
    """A random joint distribution."""
    table = np.random.default_rng(seed).random(shape)
    return table / table.sum()


@test_case(
    name="tables of other shapes",
    points=2,
    hidden=True,
    failure_message="Every row is divided by its own sum. Try more columns than rows, as many columns as "
    "rows, a single row and a single column; a wrong axis may go unnoticed in a symmetric table.",
)
def other_shapes(conditional_from_joint):
    joints = [_joint(i, shape) for i, shape in enumerate([(2, 5), (4, 4), (6, 3), (1, 4), (3, 1), (2, 2)])]
    got = [conditional_from_joint(joint.copy()) for joint in joints]
    for joint, conditional in zip(joints, got, strict=True):
        assert np.shape(conditional) == joint.shape, (
            "the result must have the shape of the joint distribution"
        )
        np.testing.assert_allclose(
            conditional, reference.conditional_from_joint(joint), rtol=1e-6, atol=1e-12
        )


@test_case(
    name="zeros, and very rare rows",
    points=1,
    hidden=True,
    failure_message="Only rows that are exactly 0 throughout stay zeros. A row may be as rare as it likes, "
    "it still sums to 1 afterwards; a zero among other numbers is nothing special; an empty column is none "
    "either.",
)
def zeros_and_rare_rows(conditional_from_joint):
    rare = np.array([[0.5, 0.25, 0.25], [3e-13, 0.0, 1e-13], [2e-300, 6e-300, 0.0]])
    empty = np.array([[0.0, 0.1, 0.3, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.1, 0.0]])
    first = np.array([[0.0, 0.0], [0.0, 0.0], [0.2, 0.8]])
    joints = [rare, empty, first]
    got = [conditional_from_joint(joint.copy()) for joint in joints]
    for joint, conditional in zip(joints, got, strict=True):
        assert np.shape(conditional) == joint.shape, (
            "the result must have the shape of the joint distribution"
        )
        np.testing.assert_allclose(
            conditional, reference.conditional_from_joint(joint), rtol=1e-6, atol=1e-12
        )


@test_case(
    name="the product rule, and the joint distribution left unchanged",
    points=1,
    hidden=True,
    failure_message="Each row times its p(x) must give the joint distribution back, and the array that was "
    "given has to stay as it was.",
)
def product_rule(conditional_from_joint):
    joint = _joint(9, (5, 3))
    joint[3] = 0.0
    joint /= joint.sum()
    given = joint.copy()
    conditional = conditional_from_joint(given)
    again = conditional_from_joint(joint.T.copy())
    np.testing.assert_allclose(conditional, reference.conditional_from_joint(joint), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(conditional * joint.sum(axis=1, keepdims=True), joint, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(again, reference.conditional_from_joint(joint.T), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(given, joint, err_msg="the array that was given has changed")
