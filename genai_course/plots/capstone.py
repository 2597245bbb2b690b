"""Pictures of the topic `capstone`: what may come next, and how sure the model was of each token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from genai_course.plots import BLUE, BODY_SIZE, GREY, SEQUENTIAL, SMALL_SIZE, new_figure, styled

__all__ = ["coloured_text", "next_token_bars"]


def _shown(token: bytes) -> str:
    """A token with its spaces and line breaks made visible."""
    return token.decode("utf-8", errors="replace").replace(" ", "␣").replace("\n", "↵")


@styled
def next_token_bars(
    p: NDArray[np.float64],
    vocab: Mapping[int, bytes],
    prompt: str,
    most: int = 15,
    width: float = 7.0,
) -> Figure:
    """Bars: the most probable next tokens after a prompt, the first on top, and one bar for all the others.

    Args:
        p: (V,), the probability of each token.
        vocab: the bytes of each token.
        prompt: the text before; its last lines are in the title.
        most: how many tokens have a bar of their own.
        width: inches.
    """
    best = np.argsort(-p, kind="stable")[:most]
    names = [_shown(vocab[int(token)]) for token in best]
    values = [float(p[token]) for token in best]
    rest = len(p) - len(best)
    if rest:
        names.append(f"all {rest} others")
        values.append(max(1.0 - sum(values), 0.0))
    figure, axes = new_figure(width=width, height=1.1 + 0.24 * len(names))
    ax = axes[0][0]
    ax.barh(range(len(best)), values[: len(best)], color=BLUE, height=0.7)
    ax.barh(range(len(best), len(names)), values[len(best) :], color=GREY, height=0.7)
    for row, value in enumerate(values):
        ax.annotate(
            f"{100 * value:.1f} %",
            (value, row),
            (4, 0),
            textcoords="offset points",
            va="center",
            size=SMALL_SIZE,
        )
    ax.set_yticks(range(len(names)), names, size=BODY_SIZE)
    for label in ax.get_yticklabels()[: len(best)]:
        label.set_fontfamily("monospace")
    ax.set_xlim(0.0, max(values) * 1.12)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlabel("probability")
    ax.set_ylabel("next token")
    tail = prompt if len(prompt) <= 40 else "…" + prompt[-40:]
    ax.set_title(f"What comes after “{_shown(tail.encode()).replace('␣', ' ')}”?")
    return figure


@styled
def coloured_text(
    ids: Sequence[int],
    vocab: Mapping[int, bytes],
    sure: Sequence[float],
    columns: int = 60,
    width: float = 6.6,
) -> Figure:
    """A text in which each new token has the colour of its probability; the prompt before it is grey.

    Args:
        ids: the whole text, prompt and new tokens.
        vocab: the bytes of each token.
        sure: the probability that the model gave to each new token, for the last tokens of `ids`.
        columns: characters on a line.
        width: inches.
    """
    prompt = len(ids) - len(sure)
    spans, line, column = [], 0, 0
    for place, token in enumerate(ids):
        text = _shown(vocab[token])
        if column + len(text) > columns:
            line, column = line + 1, 0
        spans.append((line, column, text, place))
        column += len(text)
        if "↵" in text:
            line, column = line + 1, 0
    height = 0.9 + 0.27 * (line + 1)
    figure, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    colours = matplotlib.colormaps[SEQUENTIAL]
    for row, start, text, place in spans:
        chance = sure[place - prompt] if place >= prompt else 1.0
        back = to_hex(colours(chance)) if place >= prompt else "#e6e6e6"
        front = "white" if chance < 0.6 else "black"
        ax.add_patch(Rectangle((start, row - 0.45), len(text) - 0.08, 0.9, facecolor=back, linewidth=0))
        for i, character in enumerate(text):
            ax.text(
                start + i + 0.46,
                row,
                character.replace("␣", " "),
                ha="center",
                va="center_baseline",
                family="monospace",
                size=BODY_SIZE - 1,
                color=front,
            )
    ax.set_xlim(-0.5, columns + 2)
    ax.set_ylim(line + 0.6, -0.6)
    ax.set_axis_off()
    ax.set_title("The model's own text (the prompt is grey)")
    mappable = ScalarMappable(Normalize(0.0, 1.0), colours)
    figure.colorbar(mappable, ax=ax, label="probability of the token", fraction=0.04, pad=0.02)
    return figure
