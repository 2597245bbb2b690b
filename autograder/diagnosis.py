"""Names the mistake behind wrong answers: the known mistake that gives the same ones."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.course import Topic
from autograder.results import Mistake
from autograder.transcript import Asked, Call, Outcome, ask, same_outcome

__all__ = ["diagnose", "diagnose_consequence"]

_Ask = Callable[[Callable[..., Any], Asked], Outcome]


def _gives(
    function: Callable[..., Any],
    calls: Sequence[Call],
    expected: Sequence[Outcome],
    strict: bool,
    ask: _Ask,
) -> bool:
    """Whether ``function`` answers every call as the student's did, and one at least otherwise than expected."""
    differs = False
    for call, right in zip(calls, expected, strict=True):
        outcome = ask(function, call.asked)
        if not same_outcome(outcome, call.outcome, strict):
            return False
        differs = differs or not same_outcome(outcome, right, strict)
    return differs


def _has_wrong_value(calls: Sequence[Call], expected: Sequence[Outcome]) -> bool:
    """Whether one of the calls came back with a value, and not the expected one."""
    return any(
        not (call.outcome.raised or call.outcome.ended or same_outcome(call.outcome, right))
        for call, right in zip(calls, expected, strict=True)
    )


def diagnose(
    topic: Topic, exercise: str, failed: Sequence[Sequence[Call]], passed: Sequence[Call]
) -> Mistake | None:
    """The known mistake of ``exercise`` that gives the student's answers.

    A mistake that answers all calls of the failed test cases as the student did, and one of them at least otherwise
    than the reference, is the diagnosis; one that also gives the answers of the passed cases goes before one that does
    not. Where a submission makes two mistakes at once, no single one explains every case: then it is the one that
    explains most cases, and at least two of them by wrong values: a single one, or an exception, is too easily the
    same by chance.

    Args:
        topic: with its reference and mistakes.
        exercise: the function's name.
        failed: the calls in each test case that failed.
        passed: the calls in test cases that passed.
    """
    ask = topic.memory.ask
    reference = topic.reference_function(exercise)
    cases = [own for case in failed if (own := [call for call in case if call.asked.function == exercise])]
    passed = [call for call in passed if call.asked.function == exercise]
    if not cases:
        return None
    calls = [call for case in cases for call in case]
    expected = [ask(reference, call.asked) for call in calls]
    candidates = [mistake for mistake in topic.mistakes if mistake.exercise == exercise]
    for strict in (True, False):
        found = [item for item in candidates if _gives(item.function, calls, expected, strict, ask)]
        for item in found:
            if all(same_outcome(ask(item.function, call.asked), call.outcome, strict) for call in passed):
                return Mistake(id=item.id, hint=item.hint)
        if found:
            return Mistake(id=found[0].id, hint=found[0].hint)
    by_case = [(case, [ask(reference, call.asked) for call in case]) for case in cases]
    telling = [(case, right) for case, right in by_case if _has_wrong_value(case, right)]
    explained = [
        sum(_gives(item.function, case, right, True, ask) for case, right in telling) for item in candidates
    ]
    most = max(explained, default=0)
    if most < 2:
        return None
    best = candidates[explained.index(most)]
    return Mistake(id=best.id, hint=best.hint)


@contextlib.contextmanager
def _with_mistake(topic: Topic, exercise: str, function: Callable[..., Any]) -> Iterator[None]:
    """The reference solution with one of its functions replaced."""
    original = topic.reference_function(exercise)
    setattr(topic.reference, exercise, function)
    try:
        yield
    finally:
        setattr(topic.reference, exercise, original)


def diagnose_consequence(
    topic: Topic, exercise: str, failed: Sequence[Sequence[Call]], named: dict[str, Mistake]
) -> Mistake | None:
    """A mistake already named in another function of the topic that explains the wrong answers of this one."""
    calls = [call for case in failed for call in case if call.asked.function == exercise]
    reference = topic.reference_function(exercise)
    expected = [ask(reference, call.asked) for call in calls]
    for other, mistake in named.items():
        for known in topic.mistakes:
            if known.id == mistake.id and known.exercise == other:
                with _with_mistake(topic, other, known.function):
                    follows = _gives(reference, calls, expected, strict=False, ask=ask)
                if calls and follows:
                    hint = f"This follows from your `{other}`, which it uses. {mistake.hint}"
                    return Mistake(id=mistake.id, hint=hint)
    return None
