"""Tests of `answer_distribution`."""

import numpy as np
from otter.test_files import test_case

import solutions.generative_models as reference

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


def _joint(seed, shape):
    """A random joint distribution; its contexts differ in how likely they are."""
    rng = np.random.default_rng(seed)
    table = rng.random(shape) * rng.random((shape[0], 1))
    return table / table.sum()


def _raises_value_error(function, *args):
    """Whether the call raises ValueError; any other exception goes on."""
    try:
        function(*args)
    except ValueError:
        return True
    return False


@test_case(
    name="a given context in other tables",
    points=1,
    hidden=True,
    failure_message="A given context picks its row, and the row is divided by its own sum. Try the first row "
    "and the last one, tables of more columns than rows and of more rows than columns, and a very rare "
    "context.",
)
def given_context(answer_distribution):
    rare = np.array([[0.5, 0.0, 0.5 - 4e-12], [3e-12, 1e-12, 0.0]])
    asked = [(_joint(31, (3, 5)), 0), (_joint(32, (5, 2)), 4), (_joint(33, (3, 3)), 1), (rare, 1), (rare, 0)]
    got = [answer_distribution(joint.copy(), context) for joint, context in asked]
    for (joint, context), answer in zip(asked, got, strict=True):
        assert np.shape(answer) == joint.shape[1:], "there must be one probability for each answer"
        np.testing.assert_allclose(
            answer, reference.answer_distribution(joint, context), rtol=1e-6, atol=1e-12
        )


@test_case(
    name="no context in other tables",
    points=1,
    hidden=True,
    failure_message="Without a context, each context counts as much as it is likely, and one of probability "
    "0 counts nothing. The result has one entry for each answer and sums to 1.",
)
def no_context(answer_distribution):
    empty = np.array([[0.1, 0.2, 0.3], [0.0, 0.0, 0.0], [0.25, 0.15, 0.0], [0.0, 0.0, 0.0]])
    joints = [_joint(34, (3, 5)), _joint(35, (4, 2)), _joint(36, (3, 3)), empty, np.array([[0.4, 0.6]])]
    got = [answer_distribution(joint.copy(), None) for joint in joints]
    for joint, answer in zip(joints, got, strict=True):
        assert np.shape(answer) == joint.shape[1:], "there must be one probability for each answer"
        np.testing.assert_allclose(answer, reference.answer_distribution(joint, None), rtol=1e-6, atol=1e-12)


@test_case(
    name="a context that never occurs",
    points=1,
    hidden=True,
    failure_message="A context of probability 0 raises ValueError when the prompt gives it, and only then: "
    "neither another context nor none at all minds it.",
)
def impossible_context(answer_distribution):
    joint = np.array([[0.0, 0.0, 0.0], [0.1, 0.3, 0.2], [0.0, 0.0, 0.0], [0.0, 0.4, 0.0]])
    raised = [_raises_value_error(answer_distribution, joint.copy(), context) for context in (0, 2)]
    got = [answer_distribution(joint.copy(), context) for context in (1, 3, None)]
    assert raised == [True, True], "a context of probability 0 must raise ValueError"
    for context, answer in zip((1, 3, None), got, strict=True):
        np.testing.assert_allclose(
            answer, reference.answer_distribution(joint, context), rtol=1e-6, atol=1e-12
        )


@test_case(
    name="the answers add up, and the table is left unchanged",
    points=1,
    hidden=True,
    failure_message="Weighted by how likely each context is, the answers for the contexts add up to the "
    "answer without one. And the array that was given has to stay as it was.",
)
def adds_up(answer_distribution):
    joint = _joint(37, (4, 3))
    given = joint.copy()
    parts = [answer_distribution(given, context) for context in range(4)]
    whole = answer_distribution(given, None)
    expected = [reference.answer_distribution(joint, context) for context in range(4)]
    np.testing.assert_allclose(parts, expected, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(joint.sum(axis=1) @ np.array(parts), whole, rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(given, joint, err_msg="the array that was given has changed")
