"""A student's check inside a notebook: the public tests on the functions as they are now, as a card.

::

    from autograder.notebook import check

    check("attention")

The card is rich HTML where the notebook can show it, and plain text elsewhere. The functions run right here, in the
notebook's own process: this is for one's own work, on one's own machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course import Topic, load_public_course
from autograder.grading import Session, run_tests
from autograder.own_work import exercises_folder
from autograder.report.card import Card
from autograder.sandbox import protocol
from autograder.sandbox.client import raise_failure
from autograder.sandbox.protocol import Failure

__all__ = ["check"]


class _Here(Session):
    """In the place of a submission's process: functions of this one."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self.functions = functions
        self.received = 0

    def call(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            if function not in self.functions:
                raise NameError(f"`{function}` is not defined in this notebook")
            return self.functions[function](*args, **kwargs)
        except Exception as error:
            base = next((kind.__name__ for kind in type(error).__mro__ if kind in protocol.MIRRORED), "")
            failure = Failure(type(error).__name__[:300], str(error)[:2000], "", base)
        raise_failure(failure)

    def undo_changes(self) -> None:
        """Nothing is undone: tests of a notebook's own are run once."""


def _find(name: str, topic: str | None, folder: Path | None) -> tuple[Topic, str]:
    """The topic that has an exercise of this name."""
    place = folder if folder is not None else exercises_folder(Path.cwd())
    if place is None:
        raise FileNotFoundError(f"the exercises and their tests are not at or above {Path.cwd()}")
    topics = load_public_course(place).topics
    found = [
        item
        for item in topics.values()
        if topic in (None, item.name) and any(exercise.name == name for exercise in item.exercises)
    ]
    if len(found) > 1:  # `softmax` is an exercise of two topics, say
        raise LookupError(f"`{name}` is in {', '.join(item.name for item in found)}; say which with topic=")
    if not found:
        raise LookupError(f"there is no exercise `{name}`" + (f" in {topic}" if topic else ""))
    return found[0], name


def check(exercise: str | Callable[..., Any], topic: str | None = None, folder: Path | None = None) -> Card:
    """Run an exercise's public tests on the function of that name in this notebook.

    Args:
        exercise: the exercise's name, or the function itself.
        topic: its topic, where two topics have an exercise of that name.
        folder: the folder with the exercises and their tests; by default the nearest at or above this one.

    Returns:
        A card: what was called, got and expected in each case that does not pass.

    Raises:
        FileNotFoundError: there are no exercises here.
        LookupError: there is no such exercise, or more than one.
    """
    name = exercise if isinstance(exercise, str) else exercise.__name__
    found, name = _find(name, topic, folder)
    functions = dict(vars(sys.modules["__main__"]))
    if not isinstance(exercise, str):
        functions[name] = exercise
    known = {
        item.name: functions[item.name] for item in found.exercises if callable(functions.get(item.name))
    }
    graded = run_tests(found, _Here(known))
    return Card([result for result, _, _ in graded if result.name == name])
