"""The course's own tests: no answer that holds nothing, and no spoiled argument, is worth a point.

``numpy.testing`` takes an empty array for any number, and NaN for NaN; and a test that asks the reference after it has
asked the submission, with the same arrays, asks it what the submission wrote into them.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import Course, load_course
from autograder.grading import _Progress
from autograder.sandbox import wire
from autograder.sandbox.client import StudentError, apply_change
from autograder.transcript import ask, same

_Answer = Callable[[Callable[..., Any], list[Any], dict[str, Any]], Any]


class Pretended:
    """Stands where a session does, with a submission that gives ``answer`` to everything, in this process."""

    broken = None
    flood = ""
    received = 0

    def __init__(self, answer: _Answer, references: Mapping[str, Callable[..., Any]]) -> None:
        self.answer, self.references = answer, references
        self.changes: list[tuple[Any, Any]] = []
        self.tools = {"sanitized": lambda exercise: "not looked at"}

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given = [value if callable(value) else wire.decode(wire.encode(value)) for value in args]
        try:
            with np.errstate(all="ignore"):
                value = self.answer(self.references[name], given, kwargs)
        except Exception as error:
            raise StudentError(str(error)) from None
        for mine, theirs in zip(args, given, strict=True):
            if isinstance(mine, (np.ndarray, list, dict)):
                self.changes.append((mine, copy.deepcopy(mine)))
                apply_change(mine, theirs)
        return wire.decode(wire.encode(value))

    def undo_changes(self) -> None:
        while self.changes:
            argument, before = self.changes.pop()
            apply_change(argument, before)


def always(value: object) -> _Answer:
    return lambda reference, args, kwargs: value


def arrays(value: object) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray) and value.size and value.flags.writeable:
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from arrays(item)


def spoiled(number: float) -> _Answer:
    """Writes one number into all arrays that it is given, and is right about those."""

    def answer(reference: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
        found = [array for value in args for array in arrays(value)]
        if not found:
            raise ValueError("there is nothing to spoil")
        for array in found:
            array[...] = number if array.dtype.kind in "fc" else 0
        return reference(*args, **kwargs)

    return answer


ANSWERS = {
    "an empty list": always([]),
    "an empty array": always(np.zeros(0)),
    "empty arrays": always((np.zeros(0), np.zeros(0))),
    "no rows": always(np.zeros((0, 3))),
    "nan": always(float("nan")),
    "zeros for zeros": spoiled(0.0),
    "nan for nan": spoiled(float("nan")),
}


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_case_passes(course: Course, answer: str):
    gained = []
    for topic in course.topics.values():
        references = {item.name: topic.reference_function(item.name) for item in topic.exercises}
        for exercise in topic.exercises:
            for index, case in enumerate(exercise.tests.test_cases):
                progress = _Progress(exercise)
                progress.run(index, topic, Pretended(ANSWERS[answer], references))  # type: ignore[arg-type]
                wrong = [
                    call
                    for call in progress.passed
                    if not same(
                        call.outcome.value, ask(references[call.asked.function], call.asked).value, False
                    )
                ]
                if wrong:
                    gained.append(f"{topic.name}, {exercise.name}: {case.name}")
    assert not gained
