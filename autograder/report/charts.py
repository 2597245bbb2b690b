"""The class page's charts, as SVG whose colours the page's style decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import svg
from markupsafe import Markup, escape

from autograder.report.figures import ExerciseFigures
from autograder.report.pictures import drawing

__all__ = ["item_chart", "score_chart"]

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 440, 240, 44, 40, 26


def _label(x: float, y: float, text: str, anchor: Literal["start", "middle", "end"] = "middle") -> svg.Text:
    return svg.Text(x=round(x, 2), y=round(y, 2), text=escape(text), text_anchor=anchor, class_=["label"])


def _line(x1: float, y1: float, x2: float, y2: float, name: str) -> svg.Line:
    return svg.Line(x1=round(x1, 2), y1=round(y1, 2), x2=round(x2, 2), y2=round(y2, 2), class_=[name])


def score_chart(percents: Sequence[float]) -> Markup:
    """How many submissions got how much: ten bars, and one for full marks."""
    counts = [0] * 11
    for percent in percents:
        counts[10 if percent >= 100 else max(int(percent // 10), 0)] += 1
    most = max(*counts, 1)
    slot = (_WIDTH - _LEFT - 4) / 11
    floor = _HEIGHT - _BOTTOM
    elements: list[svg.Element] = []
    for share in (0.0, 0.5, 1.0):
        if most * share == int(most * share):
            y = floor - share * (floor - _TOP)
            elements += [
                _line(_LEFT, y, _WIDTH, y, "axis" if share == 0 else "grid"),
                _label(_LEFT - 6, y + 4, str(int(most * share)), "end"),
            ]
    for index, count in enumerate(counts):
        name = f"{index * 10}" if index < 10 else "100"
        span = "all points" if index == 10 else f"{index * 10} to {index * 10 + 10} %"
        height = count / most * (floor - _TOP)
        x = _LEFT + index * slot
        elements.append(
            svg.Rect(
                x=round(x + 2, 2),
                y=round(floor - height, 2),
                width=round(slot - 4, 2),
                height=round(height, 2),
                class_=["full" if index == 10 else "bar"],
                elements=[svg.Title(text=f"{span}: {count}")],
            )
        )
        elements.append(_label(x + slot / 2 if index == 10 else x, floor + 16, name))
    elements.append(_label((_LEFT + _WIDTH) / 2, _HEIGHT - 6, "percent of the points"))
    told = ", ".join(
        f"{'all points' if i == 10 else f'{i * 10} to {i * 10 + 10} percent'}: {count}"
        for i, count in enumerate(counts)
        if count
    )
    return drawing(_WIDTH, _HEIGHT, f"Submissions by share of the points. {told}", elements)


def item_chart(figures: Sequence[ExerciseFigures]) -> Markup:
    """Each exercise by facility and discrimination; empty where nothing is known of the second."""
    known = [(item, item.discrimination) for item in figures if item.discrimination is not None]
    if not known:
        return Markup("")
    low = min(0.0, *(value for _, value in known)) - 0.05
    floor = _HEIGHT - _BOTTOM

    def place(facility: float, discrimination: float) -> tuple[float, float]:
        x = _LEFT + 8 + facility * (_WIDTH - _LEFT - 24)
        return x, floor - (discrimination - low) / (1 - low) * (floor - _TOP)

    elements: list[svg.Element] = [_line(_LEFT, floor, _WIDTH, floor, "axis")]
    for value in (0.0, 0.5, 1.0):
        x, y = place(value, value)
        elements += [
            _line(_LEFT, y, _WIDTH, y, "axis" if value == 0 else "grid"),
            _label(_LEFT - 6, y + 4, f"{value:g}", "end"),
            _label(x, floor + 16, f"{value:.0%}"),
        ]
    for item, discrimination in known:
        x, y = place(item.facility, discrimination)
        told = f"{item.topic}, {item.name}: facility {item.facility:.0%}, discrimination {discrimination:.2f}"
        elements.append(
            svg.Circle(
                cx=round(x, 2),
                cy=round(y, 2),
                r=5,
                class_=["point", "odd"] if item.remark else ["point"],
                elements=[svg.Title(text=escape(told))],
            )
        )
        if item.remark:
            right = x < _WIDTH * 0.6
            elements.append(_label(x + (9 if right else -9), y + 4, item.name, "start" if right else "end"))
    elements.append(_label((_LEFT + _WIDTH) / 2, _HEIGHT - 6, "facility: mean share of its points"))
    elements.append(_label(4, 10, "discrimination", "start"))
    return drawing(
        _WIDTH, _HEIGHT, "Exercises by facility and discrimination; the table below has the figures", elements
    )
