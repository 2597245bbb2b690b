"""A student's progress over all topics, as one picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.own_work import State

__all__ = ["TopicProgress", "draw", "in_words"]

_COLOURS = {"passed": "#2a7f4f", "not right yet": "#c0392b", "not done yet": "#e3e5e8"}
_INK = {"passed": "white", "not right yet": "white", "not done yet": "#555b66"}
_SIGNS = {"passed": "✔", "not right yet": "✘", "not done yet": "○"}
_LONGEST_NAME = 26


@dataclass(frozen=True)
class TopicProgress:
    """How far each exercise of a topic is, in its better file if there are two."""

    topic: str
    title: str
    states: tuple[tuple[str, State], ...]
    problem: str = ""
    """Why there is nothing to say: no file, or one that cannot be read."""

    @property
    def passed(self) -> int:
        return sum(state == "passed" for _, state in self.states)


def in_words(progress: Sequence[TopicProgress]) -> str:
    """The picture's first line, which is also its description for who cannot see it."""
    passed = sum(topic.passed for topic in progress)
    return f"{passed} of {sum(len(topic.states) for topic in progress)} functions pass their public tests"


def draw(progress: Sequence[TopicProgress], file: Path) -> bytes:
    """The picture, in the format that the file's suffix names: a row a topic, a tile a function.

    Colour is never alone: each tile has a sign as well.

    Raises:
        ValueError: there is no such format.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    tile, gap, left = 2.6, 0.12, 3.6
    width = left + (tile + gap) * max((len(topic.states) for topic in progress), default=1)
    figure = Figure(figsize=(width * 0.62, 0.42 * len(progress) + 1.0))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(-0.2, width + 0.1), ylim=(len(progress) + 0.85, -1.35))
    axes.axis("off")
    axes.text(0, -0.8, in_words(progress), fontsize=13, fontweight="bold", va="center")
    for row, topic in enumerate(progress):
        axes.text(0, row, topic.topic.replace("_", " "), fontsize=9.5, va="center")
        if topic.problem:
            after = left + (tile + gap) * len(topic.states) + gap
            axes.text(after, row, topic.problem, fontsize=8, va="center", color="#555b66")
        for column, (name, state) in enumerate(topic.states):
            start = left + column * (tile + gap)
            axes.add_patch(
                FancyBboxPatch(
                    (start + 0.06, row - 0.34),
                    tile - 0.12,
                    0.68,
                    boxstyle="round,pad=0.0,rounding_size=0.12",
                    facecolor=_COLOURS[state],
                    edgecolor="none",
                )
            )
            label = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
            size = 8.0 if len(label) <= 17 else 8.0 * 17 / len(label)
            axes.text(start + 0.2, row, _SIGNS[state], fontsize=8.5, va="center", color=_INK[state])
            axes.text(start + 0.5, row, label, fontsize=size, va="center", color=_INK[state])
    key = "     ".join(f"{sign} {state}" for state, sign in _SIGNS.items())
    axes.text(0, len(progress) + 0.25, key, fontsize=9, va="center", color="#555b66")
    out = io.BytesIO()
    suffix = file.suffix.lower().removeprefix(".") or "png"
    metadata = {"Title": in_words(progress)} if suffix in ("png", "svg", "pdf") else {}
    if suffix == "svg":
        metadata["Date"] = None  # type: ignore[assignment] # the same work gives the same file
    with rc_context({"svg.hashsalt": "progress", "font.family": "DejaVu Sans", "svg.fonttype": "path"}):
        figure.savefig(out, format=suffix, dpi=160, metadata=metadata)
    return out.getvalue()
