"""How an exercise went, in a colour and a word or two: the same on every page and card."""

from __future__ import annotations

from autograder.results import ExerciseResult

__all__ = ["state_of"]


def state_of(exercise: ExerciseResult) -> tuple[str, str]:
    """The class of its colour (good, warn or bad), and a word or two."""
    if not exercise.tests:
        return "bad", "not graded"
    if all(test.passed for test in exercise.tests):
        return "good", "solved"
    public = [test for test in exercise.tests if not test.hidden]
    if public and all(test.message.startswith("NotImplementedError") for test in public):
        return "warn", "not done yet"
    return "bad", "partly right" if exercise.score > 0 else "not right yet"
