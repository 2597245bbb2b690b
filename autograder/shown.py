"""What a student is shown of a public test case that failed: the call, what came out, what should have.

Everything here is plain data with fixed bounds, so that results stay small whatever a submission returns. Arrays are
thinned out to at most ``MAX_NUMBERS`` numbers, the largest differences kept. Nothing of a hidden case may come here.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import itertools
import math
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from autograder.results import Argument, Part, Shown, Value, clean_text
from autograder.transcript import Asked, Call, Outcome, ask, same, same_outcome

__all__ = ["parameters_in", "show_call", "show_comparison", "show_value"]

MAX_NUMBERS = 576
"""Most numbers of one array that are kept; 24 by 24 is about what a picture of it can show."""
_MAX_SIDE = 24
_MAX_IMAGES = 6
_MAX_TOKENS, _MAX_TOKEN = 80, 30
_MAX_TEXT, _MAX_ARGUMENT_TEXT = 1200, 400
_MAX_COMPARED = 1 << 20
_MAX_PARTS = 3
_MAX_ARGUMENTS = 8
MAX_BYTES = 24_000
"""Most bytes of one case; of a larger one, the pictures are left out."""


class _Short(reprlib.Repr):
    """Python's own notation within bounds, without addresses and without the names of classes that are ours."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxdict, self.maxset, self.maxlist, self.maxtuple = 5, 24, 24, 60, 60
        self.maxstring, self.maxlong, self.maxother = 300, 60, 200

    def repr_ndarray(self, value: np.ndarray, level: int) -> str:
        with np.printoptions(precision=5, threshold=80, edgeitems=3, linewidth=88, suppress=True):
            return repr(value)

    def repr_instance(self, value: Any, level: int) -> str:
        if callable(value):
            name = getattr(value, "__name__", "")
            return name if isinstance(name, str) and name.isidentifier() else "a function"
        if isinstance(value, np.generic):
            return repr(value.item())
        return super().repr_instance(value, level)

    repr_function = repr_Stub = repr_Remote = repr_builtin_function_or_method = repr_instance


_short = _Short()


def _text_of(value: object, limit: int) -> str:
    try:
        text = _short.repr(value)
    except (ValueError, RecursionError, MemoryError):  # an integer of a million digits, a list in itself
        text = "(too large to be written out)"
    return clean_text(text, limit)


def _type_of(value: object) -> str:
    if isinstance(value, np.ndarray):
        shape = "×".join(map(str, value.shape)) if value.ndim else "no axes"
        return clean_text(f"array, {shape}, {value.dtype}", 200)
    if isinstance(value, (list, tuple, dict, set, frozenset, str, bytes)):
        what = {str: "character", bytes: "byte"}.get(type(value), "item")
        return f"{type(value).__name__}, {len(value)} {what}{'s' * (len(value) != 1)}"
    return "function" if callable(value) else type(value).__name__


def _as_array(value: object) -> np.ndarray | None:
    """An array that a picture can be made of: of numbers, at least one of them."""
    if isinstance(value, np.ndarray):
        array = value
    elif isinstance(value, (list, tuple)) and value and all(type(item) is float for item in value):
        array = np.array(value)
    else:
        return None
    if (
        array.dtype.kind not in "biuf"
        or not 1 <= array.ndim <= 4
        or array.size == 0
        or array.dtype.itemsize > 8
    ):
        return None
    return array


def _as_images(array: np.ndarray) -> np.ndarray:
    """An array of three or four axes as a row of images: the last two axes are rows and columns.

    One of three axes whose last has one place is a single picture with one channel.
    """
    if array.ndim == 3 and array.shape[-1] == 1:
        return array[..., 0]
    return array.reshape(-1, *array.shape[-2:]) if array.ndim > 2 else array


def _kept(length: int, most: int) -> np.ndarray:
    """At which places along an axis blocks begin, at most so many."""
    return np.unique(np.linspace(0, length, min(length, most), endpoint=False).astype(np.intp))


def _places(shape: Sequence[int]) -> list[np.ndarray]:
    if len(shape) == 1:
        return [_kept(shape[0], 96)]
    if len(shape) == 2:
        return [_kept(side, _MAX_SIDE) for side in shape]
    images = min(shape[0], _MAX_IMAGES)
    side = math.isqrt(MAX_NUMBERS // images)
    return [_kept(shape[0], _MAX_IMAGES), _kept(shape[1], side), _kept(shape[2], side)]


def _rounded(array: np.ndarray) -> list[float | None]:
    return [float(f"{x:.5g}") if math.isfinite(x) else None for x in array.ravel().tolist()]


def _tokens_of(value: object) -> list[str]:
    if not isinstance(value, (list, tuple)) or not value:
        return []
    if not all(type(item) in (str, bytes, int) for item in itertools.islice(value, _MAX_TOKENS)):
        return []
    texts = [
        item.decode("utf-8", "backslashreplace")
        if isinstance(item, bytes)
        else _text_of(item, _MAX_TOKEN)
        if isinstance(item, int)
        else item
        for item in value[:_MAX_TOKENS]
    ]
    more = [f"… {len(value) - _MAX_TOKENS} more"] if len(value) > _MAX_TOKENS else []
    return [clean_text(text, _MAX_TOKEN).replace("\n", "⏎") for text in texts] + more


def show_value(value: object, limit: int = _MAX_TEXT) -> Value:
    """A value within bounds."""
    array = _as_array(value)
    if array is None:
        return Value(type=_type_of(value), text=_text_of(value, limit), tokens=_tokens_of(value))
    images = _as_images(array)
    thin = images[np.ix_(*_places(images.shape))].astype(np.float64)
    return Value(
        type=_type_of(value), text=_text_of(value, limit), grid=list(thin.shape), numbers=_rounded(thin)
    )


def _difference(got: object, expected: object) -> tuple[list[float | None], str]:
    """How far two arrays of one shape are apart: the most in each block of the picture, and where it is most."""
    left, right = _as_array(got), _as_array(expected)
    if left is None or right is None or left.shape != right.shape or left.size > _MAX_COMPARED:
        return [], ""
    left, right = left.astype(np.float64), right.astype(np.float64)
    with np.errstate(all="ignore"):
        apart = np.abs(left - right)
    apart[(left == right) | (np.isnan(left) & np.isnan(right))] = 0
    at = np.unravel_index(np.argmax(np.where(np.isnan(apart), np.inf, apart)), apart.shape)
    place = ", ".join(str(int(index)) for index in at)
    largest = f"at [{place}]: got {left[at]:.6g}, expected {right[at]:.6g}"
    blocks = _as_images(apart)
    for axis, places in enumerate(_places(blocks.shape)):
        blocks = np.maximum.reduceat(blocks, places, axis=axis)
    return _rounded(blocks), largest


def _part(name: str, got: object, expected: object) -> Part:
    alike = same(got, expected, strict=True)
    difference, largest = ([], "") if alike else _difference(got, expected)
    return Part(
        name=name,
        got=show_value(got),
        expected=show_value(expected),
        same=alike,
        difference=difference,
        largest=largest,
    )


def _parts(name: str, got: object, expected: object) -> list[Part]:
    """A pair of results in parts, if both are short tuples of the same length, and not of plain numbers."""
    if (
        isinstance(got, (tuple, list))
        and isinstance(expected, tuple)
        and len(got) == len(expected) <= _MAX_PARTS
        and any(isinstance(item, (np.ndarray, list, tuple, dict)) for item in expected)
    ):
        return [_part(f"{name}[{i}]", a, b) for i, (a, b) in enumerate(zip(got, expected, strict=True))]
    return [_part(name, got, expected)]


def _parameters(function: Callable[..., Any]) -> list[str]:
    """The names of a function's parameters that can be given by place."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [item.name for item in inspect.signature(function).parameters.values() if item.kind in kinds]


def parameters_in(source: str) -> dict[str, list[str]]:
    """The same for each function at the top of some source; of one that cannot be read, nothing."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {
        node.name: [item.arg for item in (*node.args.posonlyargs, *node.args.args)]
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def _names(parameters: Sequence[str], call: Call) -> list[str]:
    """The arguments' names: those of the parameters, where they are known."""
    count = len(call.asked.args)
    names = [f"argument {index + 1}" for index in range(count)]
    if len(parameters) >= count:
        names = list(parameters[:count])
    return [clean_text(name, 60) for name in (*names, *call.asked.kwargs)]


def _arguments(names: Sequence[str], call: Call) -> list[Argument]:
    values = [*call.asked.args, *call.asked.kwargs.values()]
    return [
        Argument(name=name, value=show_value(value, _MAX_ARGUMENT_TEXT))
        for name, value in itertools.islice(zip(names, values, strict=True), _MAX_ARGUMENTS)
    ]


def _bounded(shown: Shown) -> Shown:
    """The same without its pictures, if they are too much."""

    def plain(value: Value) -> Value:
        return Value(type=value.type, text=value.text)

    if len(msgspec.json.encode(shown)) <= MAX_BYTES:
        return shown
    return msgspec.structs.replace(
        shown,
        arguments=[Argument(name=item.name, value=plain(item.value)) for item in shown.arguments],
        parts=[
            Part(
                name=part.name,
                got=plain(part.got),
                expected=plain(part.expected) if part.expected else None,
                same=part.same,
                largest=part.largest,
            )
            for part in shown.parts
        ],
    )


def show_call(
    calls: Sequence[Call],
    references: Mapping[str, Callable[..., Any]],
    ask: Callable[[Callable[..., Any], Asked], Outcome] = ask,
) -> Shown | None:
    """The first call of a failed case that came out otherwise than the reference's, or else the last one.

    Args:
        calls: those of one public test case.
        references: the reference solution of each exercise of the topic.
        ask: puts a question to one of them.
    """
    if not calls:
        return None
    chosen, right = calls[-1], Outcome()
    for call in calls:
        right = ask(references[call.asked.function], call.asked)
        if not same_outcome(call.outcome, right):
            chosen = call
            break
    got = chosen.outcome
    names = _names(_parameters(references[chosen.asked.function]), chosen)
    arguments = _arguments(names, chosen)
    parts: list[Part] = []
    if right.raised and not (got.ended or got.raised):
        parts = [Part(name="result", got=show_value(got.value))]
    elif not (got.ended or got.raised):
        parts = _parts("result", got.value, right.value)
        changed = [
            _part(f"{name} after the call", mine, theirs)
            for name, mine, theirs in zip(
                names,
                [*got.args, *(got.kwargs or {}).values()],
                [*right.args, *(right.kwargs or {}).values()],
                strict=False,
            )
            if not same(mine, theirs, False)
        ]
        parts = (parts + changed)[:_MAX_PARTS]
    return _bounded(
        Shown(
            function=chosen.asked.function,
            arguments=arguments,
            parts=parts,
            raised=clean_text(got.raised, 100),
            expects=right.raised,
            ended=got.ended,
        )
    )


def _spoken_of(calls: Sequence[Call], compared: tuple[object, object] | None, message: str) -> Call:
    """The call whose result the test complains of, as far as that can be told; else the last one."""
    for call in calls:
        value = call.outcome.value
        if compared is None:
            if re.search(rf"got {re.escape(_text_of(value, _MAX_TEXT))}(?!\w|\.\d)", message):
                return call
        elif any(
            same(item, compared[0], False) for item in (value, *(value if type(value) is tuple else ()))
        ):
            return call
    return calls[-1]


def show_comparison(
    calls: Sequence[Call],
    compared: tuple[object, object] | None,
    parameters: Mapping[str, Sequence[str]],
    message: str = "",
) -> Shown | None:
    """A call of a failed case where there is no reference: with the two values that the test held side by side.

    Args:
        calls: those of one public test case.
        compared: what the test compared when it failed, the student's value first, if that is known.
        parameters: the names of each function's parameters, as far as they are known.
        message: what the test says.
    """
    if not calls:
        return None
    call = _spoken_of(calls, compared, message)
    parts: list[Part] = []
    if compared is not None:
        # numpy.testing makes arrays of numbers.
        got, expected = (
            value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value for value in compared
        )
        if isinstance(got, np.ndarray) and isinstance(expected, (list, tuple)):
            with contextlib.suppress(ValueError):  # rows of different lengths
                expected = np.array(expected)
        parts = [_part("compared", got, expected)]
    elif not (call.outcome.ended or call.outcome.raised):
        parts = [Part(name="result", got=show_value(call.outcome.value))]
    return _bounded(
        Shown(
            function=call.asked.function,
            arguments=_arguments(_names(parameters.get(call.asked.function, ()), call), call),
            parts=parts,
            raised=clean_text(call.outcome.raised, 100),
            ended=call.outcome.ended,
        )
    )
