"""What was asked of a function and what it answered, so that the same can be asked of another one."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.sandbox import wire

__all__ = ["Asked", "Call", "Outcome", "ask", "same_outcome"]

_RTOL, _ATOL = 1e-6, 1e-9


@dataclass(frozen=True)
class Outcome:
    """What came of a call: a value, or the type of the exception; and the arguments as the call left them.

    ``ended`` marks a call that did not come back at all.
    """

    value: Any = None
    raised: str = ""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] | None = None
    ended: bool = False


@dataclass(frozen=True)
class Asked:
    """A function's name and the arguments of one call, copied before the call could change them."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One question and its answer."""

    asked: Asked
    outcome: Outcome


def copy_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Copies that later changes in place do not reach; functions stay themselves."""
    return copy.deepcopy(args), copy.deepcopy(kwargs)


def ask(function: Callable[..., Any], asked: Asked) -> Outcome:
    """Put a recorded question to a trusted function, in this process."""
    args, kwargs = copy_arguments(asked.args, asked.kwargs)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = wire.decode(wire.encode(function(*args, **kwargs)))
        except wire.NotPlainError:
            return Outcome(raised="NotPlainError", args=args, kwargs=kwargs)
        except Exception as error:
            return Outcome(raised=type(error).__name__, args=args, kwargs=kwargs)
    return Outcome(value=value, args=args, kwargs=kwargs)


def _same_array(a: Any, b: Any, strict: bool) -> bool:
    left, right = np.asarray(a), np.asarray(b)
    if left.shape != right.shape or (strict and left.dtype.kind != right.dtype.kind):
        return False
    if left.dtype.kind in "biufc" and right.dtype.kind in "biufc":
        if strict and left.dtype.kind == "f" and left.dtype != right.dtype:
            return False
        if left.dtype.kind in "biu" and right.dtype.kind in "biu":
            return bool(np.array_equal(left, right))
        with np.errstate(all="ignore"):
            return bool(np.allclose(left, right, rtol=_RTOL, atol=_ATOL, equal_nan=True))
    return bool(np.array_equal(left, right))


def same(a: Any, b: Any, strict: bool) -> bool:
    """Whether two plain values are the same: to within rounding, and, if ``strict``, of the same types."""
    if callable(a) or callable(b):
        return callable(a) and callable(b)
    if strict and (isinstance(a, np.ndarray) != isinstance(b, np.ndarray)):
        return False
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        try:
            return _same_array(a, b, strict)
        except (TypeError, ValueError):
            return False
    if strict and type(a) is not type(b) and not _float_like(a, b):
        return False
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], strict) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y, strict) for x, y in zip(a, b, strict=True))
    if isinstance(a, (bool, np.bool_)) or isinstance(b, (bool, np.bool_)):
        return bool(a == b)
    numbers = (int, float, complex, np.number)
    if isinstance(a, numbers) and isinstance(b, numbers):
        if isinstance(a, (int, np.integer)) and isinstance(b, (int, np.integer)):
            return int(a) == int(b)
        return _same_array(a, b, False)
    return bool(a == b)


def _float_like(a: Any, b: Any) -> bool:
    return isinstance(a, (float, np.float64)) and isinstance(b, (float, np.float64))


def same_outcome(a: Outcome, b: Outcome, strict: bool = True) -> bool:
    """Whether two calls with equal arguments came to the same, changes of the arguments included."""
    if a.ended or b.ended or a.raised != b.raised:
        return False
    try:
        if not a.raised and not same(a.value, b.value, strict):
            return False
        return same(a.args, b.args, False) and same(a.kwargs or {}, b.kwargs or {}, False)
    except (RecursionError, MemoryError):  # too deep or too large to be looked at: nothing is known of it
        return False
