"""How an exercise went, in a colour and a word or two: the same on every page and card."""

from __future__ import annotations

from autograder.results import ExerciseResult

__all__ = ["ABSENT", "state_of"]

ABSENT = "not found"
"""The word for an exercise of which the submission has no function."""


def state_of(exercise: ExerciseResult) -> tuple[str, str]:
    """The class of its colour (good, warn or bad), and a word or two."""
    if not exercise.tests:
        return "bad", "not graded"
    if all(test.passed for test in exercise.tests):
        return "good", "solved"
    public = [test for test in exercise.tests if not test.hidden]
    if public and all(test.message.startswith("NotImplementedError") for test in public):
        return "warn", "not done yet"
    absent = f"NameError: `{exercise.name}` is not defined in this"
    if public and all(any(line.startswith(absent) for line in test.message.splitlines()) for test in public):
        return "bad", ABSENT
    return "bad", "partly right" if exercise.score > 0 else "not right yet"
