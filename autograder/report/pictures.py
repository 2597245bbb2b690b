"""Pictures of values: heatmaps, bars, rows of images and coloured tokens, as SVG, small PNG images and HTML."""

from __future__ import annotations

import base64
import difflib
import functools
import io
import math
import zlib
from collections.abc import Sequence

import numpy as np
import svg
from markupsafe import Markup, escape
from PIL import Image

from autograder.results import Part, Value

__all__ = ["bars", "drawing", "heatmap", "images", "is_whole", "kind_of", "tokens"]

_VIRIDIS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
_SIGNED = ((33, 102, 172), (146, 197, 222), (247, 247, 247), (244, 165, 130), (178, 24, 43))
_DIFFERENCE = ((250, 250, 250), (253, 204, 138), (252, 141, 89), (215, 48, 31), (127, 0, 0))
_NOTHING = (128, 128, 128)
"""For nan and the infinities."""
_NUMBERS_UP_TO = 8
_CELL_WIDTH, _CELL_HEIGHT = 52, 28


def is_whole(value: Value) -> bool:
    """Whether a heatmap of the value shows all its numbers."""
    return len(value.grid) == 2 and max(value.grid) <= _NUMBERS_UP_TO


def kind_of(part: Part) -> str:
    """How to draw a part: by what was expected, or by what came where nothing is known of that."""
    value = part.expected if part.expected is not None else part.got
    if value.tokens:
        return "tokens"
    if len(value.grid) == 3:
        return "images"
    if len(value.grid) == 2:
        return "heatmap"
    if len(value.grid) == 1 and value.grid[0] > 1:
        return "bars"
    return ""


def _array(numbers: Sequence[float | None], grid: Sequence[int]) -> np.ndarray | None:
    """The numbers in their shape, nan for None; None if they do not fit it."""
    if not numbers or math.prod(grid) != len(numbers) or not 1 <= len(grid) <= 3:
        return None
    return np.array([math.nan if x is None else x for x in numbers], dtype=float).reshape(grid)


def _scale(*values: Sequence[float | None]) -> tuple[float, float, tuple[tuple[int, int, int], ...]]:
    """The range that pictures side by side share, and their colours: those for signed values around 0."""
    known = [x for numbers in values for x in numbers if x is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if low < 0 < high:
        most = max(-low, high)
        return -most, most, _SIGNED
    return low, high, _VIRIDIS


def _colours(
    array: np.ndarray, low: float, high: float, anchors: Sequence[tuple[int, int, int]]
) -> np.ndarray:
    """Red, green and blue of each number."""
    span = high - low
    place = (array - low) / span if span > 0 and math.isfinite(span) else np.full(array.shape, 0.5)
    known = np.isfinite(place)
    steps = np.linspace(0, 1, len(anchors))
    safe = np.where(known, place, 0)
    channels = [np.interp(safe, steps, [anchor[i] for anchor in anchors]) for i in range(3)]
    colours = np.stack(channels, axis=-1).round().astype(np.uint8)
    colours[~known] = _NOTHING
    return colours


def png_url(png: bytes) -> str:
    """A PNG file as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _png(pixels: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels, "RGB").save(file, "PNG", optimize=True)
    return png_url(file.getvalue())


def _image(pixels: np.ndarray, label: str, side: int) -> Markup:
    """An image whose longer side is so many pixels of the screen."""
    rows, columns = pixels.shape[:2]
    scale = side / max(rows, columns)
    return Markup('<img class="pixels" src="{}" width="{}" height="{}" alt="{}">').format(
        _png(pixels), max(round(columns * scale), 4), max(round(rows * scale), 4), label
    )


def _short(number: float) -> str:
    """A number in at most seven characters, which is what a cell has room for."""
    if not math.isfinite(number):
        return "nan"
    if number == int(number) and abs(number) < 1e5:
        return str(int(number))
    if 0.001 <= abs(number) < 10:
        return f"{number:.3f}"
    text = f"{number:.3g}"
    if "e" not in text and len(text) <= 7:
        return text
    digits, exponent = f"{number:.1e}".split("e")
    text = f"{digits}e{int(exponent)}"
    return text if len(text) <= 7 else f"{float(digits):.0f}e{int(exponent)}"


def _table_of_colours(array: np.ndarray, colours: np.ndarray, label: str) -> Markup:
    """A small heatmap with its numbers in it."""
    rows, columns = array.shape
    width, height = columns * _CELL_WIDTH, rows * _CELL_HEIGHT
    elements: list[svg.Element] = []
    for i in range(rows):
        for j in range(columns):
            red, green, blue = colours[i, j].tolist()
            light = 0.299 * red + 0.587 * green + 0.114 * blue > 140
            x, y = j * _CELL_WIDTH, i * _CELL_HEIGHT
            elements.append(
                svg.Rect(
                    x=x, y=y, width=_CELL_WIDTH, height=_CELL_HEIGHT, fill=f"#{red:02x}{green:02x}{blue:02x}"
                )
            )
            elements.append(
                svg.Text(
                    x=x + _CELL_WIDTH / 2,
                    y=y + _CELL_HEIGHT / 2 + 4,
                    text=_short(float(array[i, j])),
                    fill="#111" if light else "#fff",
                    text_anchor="middle",
                )
            )
    return drawing(width, height, label, elements)


def drawing(width: float, height: float, label: str, elements: list[svg.Element]) -> Markup:
    """An SVG element that stands in a page, with what a reader who does not see it is told."""
    picture = svg.SVG(
        width=width,
        height=height,
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        class_=["drawing"],
        elements=elements,
        # svg.py writes texts as they are; all others in these drawings are numbers.
        extra={"role": "img", "aria-label": escape(label)},
    )
    return Markup(picture.as_str())


def heatmap(
    value: Value, other: Value | None, label: str, difference: Sequence[float | None] | None = None
) -> Markup:
    """A two-dimensional array in colours.

    Args:
        value: the array.
        other: the array beside it, which shares its colours.
        label: what a reader who does not see it is told.
        difference: draw these numbers instead, in colours of their own.
    """
    array = _array(value.numbers if difference is None else difference, value.grid)
    if array is None or array.ndim != 2:
        return Markup("")
    if difference is not None:
        known = [x for x in difference if x is not None]
        low, high = 0.0, max(known, default=0.0) or 1.0
        anchors: Sequence[tuple[int, int, int]] = _DIFFERENCE
    else:
        low, high, anchors = _scale(value.numbers, other.numbers if other is not None else ())
    colours = _colours(array, low, high, anchors)
    if max(array.shape) <= _NUMBERS_UP_TO:
        return _table_of_colours(array, colours, label)
    return _image(colours, label, 220)


def images(value: Value, other: Value | None, label: str) -> Markup:
    """A row of small images: each of an array's first slices."""
    array = _array(value.numbers, value.grid)
    if array is None or array.ndim != 3:
        return Markup("")
    low, high, anchors = _scale(value.numbers, other.numbers if other is not None else ())
    row = [
        _image(_colours(slice_, low, high, anchors), f"{label}, image {number + 1}", 72)
        for number, slice_ in enumerate(array)
    ]
    return Markup('<span class="strip">{}</span>').format(Markup("").join(row))


def bars(got: Value | None, expected: Value | None, label: str) -> Markup:
    """One bar for each number, got beside expected."""
    series = [
        (name, array)
        for name, value in (("got", got), ("expected", expected))
        if value is not None and (array := _array(value.numbers, value.grid)) is not None and array.ndim == 1
    ]
    if not series:
        return Markup("")
    count = max(len(array) for _, array in series)
    known = np.concatenate([array for _, array in series])
    known = known[np.isfinite(known)]
    low, high = min(0.0, float(known.min(initial=0.0))), max(0.0, float(known.max(initial=0.0)))
    span = (high - low) or 1.0
    height, slot = 96.0, max(min(480 / count, 44), 5)
    width = max(count * slot, 60)
    bar = slot * 0.84 / len(series)
    zero = height * high / span
    elements: list[svg.Element] = []
    for which, (name, array) in enumerate(series):
        for index, number in enumerate(array.tolist()):
            x = index * slot + slot * 0.08 + which * bar
            if not math.isfinite(number):
                elements.append(svg.Text(x=x, y=zero - 3, text="nan", class_=["label"]))
                continue
            size = height * abs(number) / span
            elements.append(
                svg.Rect(
                    x=round(x, 2),
                    y=round(zero - size if number > 0 else zero, 2),
                    width=round(bar, 2),
                    height=round(max(size, 0.8), 2),
                    class_=[name],
                    elements=[svg.Title(text=f"{name} [{index}]: {number:.5g}")],
                )
            )
    elements.append(svg.Line(x1=0, x2=round(width, 2), y1=round(zero, 2), y2=round(zero, 2), class_=["axis"]))
    if count <= 16:
        elements += [
            svg.Text(
                x=round((index + 0.5) * slot, 2),
                y=height + 14,
                text=str(index),
                text_anchor="middle",
                class_=["label"],
            )
            for index in range(count)
        ]
    return drawing(round(width, 2), height + 18, label, elements)


@functools.lru_cache(maxsize=4096)
def _colour_class(token: str) -> str:
    return f"t{zlib.crc32(token.encode()) % 8}"


def tokens(value: Value, other: Value | None) -> Markup:
    """A list of tokens as coloured spans, the same colour for the same token.

    Those that the other list has not, in this order, are marked: one token too many is one mark.
    """
    matcher = difflib.SequenceMatcher(None, value.tokens, other.tokens if other else value.tokens, False)
    alike = {i for start, _, count in matcher.get_matching_blocks() for i in range(start, start + count)}
    spans = []
    for index, token in enumerate(value.tokens):
        right = index in alike
        spans.append(
            Markup('<span class="{}">{}</span>').format(
                _colour_class(token) + ("" if right else " off"), escape(token.replace(" ", "␣")) or "∅"
            )
        )
    return Markup('<span class="tokens">{}</span>').format(Markup(" ").join(spans))
