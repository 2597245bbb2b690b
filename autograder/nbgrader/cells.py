"""The cells of an exercise in nbgrader: their ids, and the text of the one with its public tests."""

from __future__ import annotations

from autograder.course import Exercise

__all__ = ["case_points", "hidden_id", "public_id", "public_tests_cell", "told_points"]


def public_id(exercise: str) -> str:
    """The grade id of the cell with an exercise's public tests."""
    return f"{exercise}-public"


def hidden_id(exercise: str) -> str:
    """The grade id of the cell with an exercise's hidden tests."""
    return f"{exercise}-hidden"


def case_points(exercise: Exercise, *, hidden: bool) -> float:
    """The points of an exercise's hidden cases, or of its public ones."""
    points: list[float] = [case.points for case in exercise.tests.test_cases if bool(case.hidden) is hidden]
    return sum(points)


def told_points(points: float) -> str:
    return f"{points:g} {'point' if points == 1 else 'points'}"


def public_tests_cell(topic: str, exercise: Exercise) -> str:
    """The cell that runs an exercise's public tests, from a file beside the notebook. Its value is the points."""
    path = f"tests/{topic}/{exercise.name}.py"
    points = case_points(exercise, hidden=False)
    if points:
        value = f"float({points!r} * _tests.grade)"
    else:
        value = 'assert _tests.passed_all, "not all of them pass"'
    return f'''# Public tests of `{exercise.name}`: {told_points(points)}. They are in {path}.
from otter.test_files.exception_test import ExceptionTestFile as _Tests

_tests = _Tests.from_file("{path}")
_tests.run(globals())
print(_tests.summary())
{value}'''
