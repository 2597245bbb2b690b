"""What was asked and answered, and the mistake that gives the same answers."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import transcript
from autograder.author import KnownMistake
from autograder.diagnosis import diagnose, diagnose_consequence
from autograder.results import Mistake
from autograder.transcript import Asked, Call, Memory, Outcome, ask, copy_arguments, same, same_outcome

NAN = float("nan")


@pytest.mark.parametrize(
    ("a", "b", "strict", "loose"),
    [
        (1, 1, True, True),
        (1, 2, False, False),
        (1, 1.0, False, True),
        (1, True, False, True),
        (1, np.int64(1), False, True),
        (1.0, np.float64(1.0), True, True),
        (1.0, np.float32(1.0), False, True),
        (1.0, 1.0 + 1e-9, True, True),
        (1.0, 1.001, False, False),
        (NAN, NAN, True, True),
        (NAN, 1.0, False, False),
        (float("inf"), float("inf"), True, True),
        (float("inf"), -float("inf"), False, False),
        (1j, 1j, True, True),
        (10**400, 10**400, True, True),
        (10**400, 10**400 + 1, False, False),
        (10**400, 1.5, False, False),
        ("a", "a", True, True),
        ("a", b"a", False, False),
        ("1", 1, False, False),
        (None, None, True, True),
        (None, 0, False, False),
        ([1, 2], [1, 2], True, True),
        ([1, 2], (1, 2), False, True),
        ([1, 2], [1], False, False),
        ([1, 2], np.array([1, 2]), False, True),
        ([1.0, [2.0, NAN]], [1.0 + 1e-10, [2.0, NAN]], True, True),
        ([[1], [1, 2]], np.array([1.0, 2.0]), False, False),
        ({"a": [1.0]}, {"a": [1.0]}, True, True),
        ({"a": 1}, {"a": 1, "b": 2}, False, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, True),
        ({1, 2}, {2, 1}, True, True),
        ({1}, frozenset({1}), False, True),
        ({1}, [1], False, False),
        (np.zeros(2), np.zeros(2), True, True),
        (np.zeros(2), np.zeros(3), False, False),
        (np.zeros((1, 2)), np.zeros(2), False, False),
        (np.zeros(2), np.zeros(2, np.float32), False, True),
        (np.zeros(2), np.zeros(2, int), False, True),
        (np.array([1, 2]), np.array([1, 3]), False, False),
        (np.array([1 << 53]), np.array([(1 << 53) + 1]), False, False),
        (np.array([1.0, NAN]), np.array([1.0 + 1e-9, NAN]), True, True),
        (np.array([True]), np.array([1]), False, True),
        (np.array(["a"]), np.array(["a"]), True, True),
        (np.array(["a"]), np.array(["b"]), False, False),
        (np.array(["a"]), np.array([1]), False, False),
        (np.array(1.0), 1.0, False, True),
        (np.zeros((0, 3)), np.zeros((0, 3)), True, True),
        (np.zeros((0, 3)), np.zeros((3, 0)), False, False),
        (len, max, True, True),
        (len, 1, False, False),
    ],
)
def test_sameness(a, b, strict, loose):
    assert same(a, b, True) is strict
    assert same(b, a, True) is strict
    assert same(a, b, False) is loose
    assert same(b, a, False) is loose


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=2), inner)
    ),
    max_leaves=6,
)


@given(values, values)
def test_any_two_values_can_be_compared(a, b):
    for strict in (True, False):
        assert same(a, a, strict)
        assert isinstance(same(a, b, strict), bool)
        assert same(a, b, strict) == same(b, a, strict)
    assert same(a, b, False) or not same(a, b, True)


def test_values_nested_too_deep_are_not_the_same():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    assert not same_outcome(Outcome(value=deep), Outcome(value=[deep]))


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        (Outcome(value=1), Outcome(value=1), True),
        (Outcome(raised="ValueError"), Outcome(raised="ValueError"), True),
        (Outcome(raised="ValueError"), Outcome(raised="KeyError"), False),
        (Outcome(raised="ValueError"), Outcome(value=None), False),
        (Outcome(ended=True), Outcome(ended=True), False),
        (Outcome(value=1, args=([1],)), Outcome(value=1, args=([2],)), False),
        (Outcome(value=1, kwargs={"x": [1]}), Outcome(value=1, kwargs={"x": [1.0]}), True),
        (Outcome(value=1, kwargs={}), Outcome(value=1), True),
    ],
)
def test_outcomes(a, b, result):
    assert same_outcome(a, b) is result
    assert same_outcome(b, a) is result


def test_asking_leaves_the_question_as_it_was():
    values = [3, 1, 2]
    question = Asked("f", (values,), {"key": {"a": [1]}})

    def changes(x, key):
        x.sort()
        key["a"].append(2)
        return x

    outcome = ask(changes, question)
    assert values == [3, 1, 2]
    assert question.kwargs == {"key": {"a": [1]}}
    assert outcome == Outcome(value=[1, 2, 3], args=([1, 2, 3],), kwargs={"key": {"a": [1, 2]}})


def test_what_a_trusted_function_may_do():
    def raises(x):
        raise KeyError(x)

    def warns(x):
        warnings.warn("careful", stacklevel=1)
        return np.zeros(1) / np.zeros(1)

    class Own(dict):
        pass

    assert ask(raises, Asked("f", (1,), {})).raised == "KeyError"
    assert np.isnan(ask(warns, Asked("f", (1,), {})).value[0])
    assert ask(lambda x: object(), Asked("f", (1,), {})).raised == "NotPlainError"
    assert ask(lambda x: lambda: 1, Asked("f", (1,), {})).raised == "NotPlainError"
    assert type(ask(lambda x: Own(a=x), Asked("f", (1,), {})).value) is dict  # as a submission's arrives
    assert ask(lambda: 1, Asked("f", (1,), {})).raised == "TypeError"


def test_functions_in_arguments_stay_themselves():
    (copied,), named = copy_arguments(([len, [1]],), {"f": max})
    assert copied[0] is len
    assert named["f"] is max


# Diagnosis.


def calls(function, name, *argument_lists):
    """The calls that a test would have made of a submission's ``function``."""
    questions = [Asked(name, args, {}) for args in argument_lists]
    return [Call(question, ask(function, question)) for question in questions]


def right(values):
    return float(np.sum(values))


@pytest.fixture
def tiny(mini_course):
    return mini_course.topics["tiny"]


def named(topic, failed, passed=(), exercise="total"):
    mistake = diagnose(topic, exercise, failed, passed)
    return mistake.id if mistake else None


def test_the_mistake_that_gives_the_same_answers_is_named(tiny):
    for wrong, name in [
        (lambda v: float(sum(v[1:])), "first_left_out"),
        (lambda v: float(sum(abs(x) for x in v)), "absolute"),
    ]:
        assert named(tiny, [calls(wrong, "total", ([1.0, -2.0, 3.0],), ([5.0, -1.0],))]) == name
    assert (
        diagnose(tiny, "total", [calls(lambda v: 3.0, "total", ([1.0, 3.0],))], []).hint
        == "The first number counts too."
    )


def test_a_mistake_must_explain_every_call(tiny):
    assert named(tiny, [calls(lambda v: 3.0, "total", ([1.0, 3.0],), ([1.0, 4.0],))]) is None


def test_right_answers_are_no_mistake(tiny):
    assert named(tiny, [calls(right, "total", ([1.0, -2.0],))]) is None
    assert named(tiny, [calls(right, "total", ([1.0, 2.0],))]) is None  # where `absolute` is right too
    assert named(tiny, []) is None
    assert named(tiny, [[]]) is None


def test_calls_of_other_functions_do_not_count(tiny):
    wrong = calls(lambda v: float(sum(v[1:])), "total", ([1.0, 2.0],))
    assert named(tiny, [wrong], exercise="mean_of") is None
    assert named(tiny, [wrong + calls(len, "mean_of", ([1],))]) == "first_left_out"


def test_an_ended_call_is_no_mistake(tiny):
    ended = [Call(Asked("total", ([1.0, 2.0],), {}), Outcome(ended=True))]
    assert named(tiny, [ended]) is None


def test_a_change_in_place_can_be_the_mistake(tiny):
    def pops(values):
        result = 0.0
        while values:
            result += values.pop()
        return result

    assert named(tiny, [calls(pops, "total", ([1.0, -2.0],))]) == "pops_the_list"


def test_one_that_explains_the_passed_cases_too_goes_first(tiny):
    def first_too(values):
        return float(sum(values[1:])) if len(values) > 1 else float(sum(values))

    both = replace(
        tiny, mistakes=(*tiny.mistakes, KnownMistake("precise", "total", "Precise.", "", first_too))
    )
    failed = [calls(first_too, "total", ([1.0, 2.0],))]
    assert named(both, failed, calls(first_too, "total", ([4.0],))) == "precise"
    assert named(both, failed) == "first_left_out"


def test_a_mistake_in_another_type_is_found_too(tiny):
    assert (
        named(tiny, [calls(lambda v: np.array(sum(v[1:])), "total", ([1.0, 2.0, 4.0],))]) == "first_left_out"
    )


def test_a_mistake_that_raises(tiny):
    def fails(values):
        raise IndexError("list index out of range")

    known = replace(tiny, mistakes=(KnownMistake("fails", "total", "It fails.", "", fails),))
    assert named(known, [calls(fails, "total", ([],), ([1.0],))]) == "fails"
    assert named(tiny, [calls(fails, "total", ([],), ([1.0],))]) is None


def test_a_wrong_answer_that_follows_from_another_function(tiny):
    def mean_of(function, values):
        return float(np.sum(np.abs([function(value) for value in values]))) / len(values)

    failed = [calls(mean_of, "mean_of", (lambda x: -x, [1.0, -3.0]))]
    absolute = Mistake(id="absolute", hint="A negative number makes the sum smaller.")
    assert named(tiny, failed, exercise="mean_of") is None
    mistake = diagnose_consequence(tiny, "mean_of", failed, {"total": absolute})
    assert mistake.id == "absolute"
    assert mistake.hint == f"This follows from your `total`, which it uses. {absolute.hint}"
    other = Mistake(id="first_left_out", hint="")
    assert diagnose_consequence(tiny, "mean_of", failed, {"total": other}) is None
    assert diagnose_consequence(tiny, "mean_of", [], {"total": absolute}) is None
    assert tiny.reference_function("total")([-1.0]) == -1.0  # the reference is itself again


def test_the_same_question_is_put_once():
    asked_of = []

    def first(values):
        asked_of.append(list(values))
        return values[0]

    memory = Memory()
    for _ in range(3):
        assert memory.ask(first, Asked("first", ([1, 2],), {})).value == 1
    assert memory.ask(first, Asked("first", ([2, 2],), {})).value == 2
    assert memory.ask(first, Asked("first", ((1, 2),), {})).value == 1
    assert memory.ask(min, Asked("first", ([1, 2],), {})).value == 1
    assert asked_of == [[1, 2], [2, 2], [1, 2]]


def test_a_question_with_a_function_in_it_is_put_each_time():
    calls = []
    memory = Memory()
    for _ in range(2):
        memory.ask(lambda function: calls.append(function(1)), Asked("apply", (lambda x: x + 1,), {}))
    assert calls == [2, 2]
    assert Asked("f", (np.zeros(1 << 16),), {}).key is None


def test_memory_has_a_bound(monkeypatch):
    monkeypatch.setattr(transcript, "_MAX_REMEMBERED_BYTES", 500)
    asked_of = []
    memory = Memory()
    for number in [*range(100), 0, 99]:
        memory.ask(asked_of.append, Asked("f", (number,), {}))
    assert asked_of == [*range(100), 0]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1.0, 1 + 1e-8),
        (np.nan, np.nan),
        (np.inf, np.inf),
        (1e300, 1e300 * (1 + 1e-8)),
        (0.0, 1e-10),
        (1j, 1j),
    ],
)
def test_numbers_that_are_close(a, b):
    assert same(np.array([a, 1]), np.array([b, 1]), True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1.0, 1.001),
        (np.nan, 1.0),
        (1.0, np.nan),
        (np.inf, -np.inf),
        (1.0, np.inf),
        (np.inf, 1.0),
        (0.0, 1e-8),
    ],
)
def test_numbers_that_are_not(a, b):
    assert not same(np.array([a, 1]), np.array([b, 1]), True)
