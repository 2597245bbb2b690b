"""What an author of exercises writes with: decorators that mark known mistakes and alternative solutions.

A file ``solutions/mistakes/<topic>.py`` holds plain functions. Each one is a complete answer to one exercise,
marked with what it is::

    from autograder.author import mistake, right_another_way

    @mistake("attention", hint="The scores are used as they are. What does equation 1 divide them by?")
    def missing_scale(Q, K, V, mask=None): ...

    @right_another_way("attention")
    def scaled_query(Q, K, V, mask=None): ...

The name of the function is the mistake's id, unique within its topic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["KnownMistake", "RightAnotherWay", "mistake", "right_another_way"]


@dataclass(frozen=True)
class KnownMistake:
    """A wrong solution of one exercise: what goes wrong, and the hint that a student reads."""

    id: str
    exercise: str
    hint: str
    source: str
    function: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


@dataclass(frozen=True)
class RightAnotherWay:
    """A correct solution in another style than the reference; it must get full points."""

    id: str
    exercise: str
    function: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


def mistake(exercise: str, *, hint: str, source: str = "") -> Callable[[Callable[..., Any]], KnownMistake]:
    """Mark a function as a known mistake of ``exercise``.

    Args:
        exercise: name of the exercise function that this one stands in for.
        hint: what a student reads; says what is wrong, not which line to type.
        source: where the mistake was seen (a public issue, say), or empty.

    Raises:
        ValueError: there is no hint.
    """
    if not hint.strip():
        raise ValueError("a mistake needs a hint, which is what a student reads who makes it")

    def mark(function: Callable[..., Any]) -> KnownMistake:
        return KnownMistake(function.__name__, exercise, hint, source, function)

    return mark


def right_another_way(exercise: str) -> Callable[[Callable[..., Any]], RightAnotherWay]:
    """Mark a function as a correct solution of ``exercise`` in another style than the reference."""

    def mark(function: Callable[..., Any]) -> RightAnotherWay:
        return RightAnotherWay(function.__name__, exercise, function)

    return mark
