"""Pictures of the topic `sequence_probability`: how many texts there are, and the chain rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from genai_course.plots import BLUE, GREY, OKABE_ITO, ORANGE, RED, SMALL_SIZE, WIDTH, new_figure, styled

__all__ = ["chain", "space_growth", "token_bars", "totals_by_length"]

_ATOMS = 80  # log10 of the usual estimate for the atoms in the observable universe
_DARK = "#555555"
_POINTS: dict[str, Any] = {"textcoords": "offset points", "size": SMALL_SIZE}


@styled
def space_growth(sizes: Mapping[str, Sequence[int]], width: float = WIDTH, height: float = 4.0) -> Figure:
    """Lines of |X| against the largest length on a logarithmic scale, one for each vocabulary.

    Args:
        sizes: for each vocabulary the number of sequences of at most 0, 1, 2, ... tokens, of any size.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    styles = ("-", "--", "-.", ":")
    for number, (name, values) in enumerate(sizes.items()):
        exponents = [math.log10(max(value, 1)) for value in values]
        ax.plot(
            range(len(exponents)),
            exponents,
            styles[number % len(styles)],
            color=OKABE_ITO[number % len(OKABE_ITO)],
            linewidth=2,
            label=name,
        )
        above = next((n for n, exponent in enumerate(exponents) if exponent > _ATOMS), None)
        if above is not None:
            ax.plot(above, exponents[above], "o", color=OKABE_ITO[number % len(OKABE_ITO)])
            ax.annotate(f"n = {above}", (above, exponents[above]), (-4, 6), **_POINTS, ha="right")
    ax.axhline(_ATOMS, color=GREY, linestyle=":", linewidth=1.2)
    right = max((len(values) for values in sizes.values()), default=1) - 1
    ax.annotate(
        "about as many atoms as in the observable universe",
        (right, _ATOMS),
        (0, -4),
        **_POINTS,
        ha="right",
        va="top",
        color=_DARK,
    )
    ax.yaxis.set_major_formatter(FuncFormatter(lambda exponent, _: f"$10^{{{exponent:.0f}}}$"))
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("length n of the longest sequences")
    ax.set_ylabel("number of sequences |X|")
    ax.set_title("The space of texts: no table can hold it")
    ax.legend(loc="upper left")
    return figure


@styled
def token_bars(
    p: npt.NDArray[np.float64],
    words: Sequence[str],
    best: npt.NDArray[np.float64],
    favourites: Sequence[str],
    width: float = WIDTH,
    height: float = 3.6,
) -> Figure:
    """Two bars for each token: its own probability, and that of the model's favourite at this place.

    Args:
        p: (k,), the probability of each token of the text.
        words: the k tokens.
        best: (k,), the largest probability at each position.
        favourites: the token that it belongs to.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    places = np.arange(len(words))
    ax.bar(places - 0.2, p, color=BLUE, width=0.38, label="the token of the text")
    ax.bar(places + 0.2, best, color=ORANGE, width=0.38, label="the model's favourite")
    for place, value, favourite in zip(places, best, favourites, strict=True):
        ax.annotate(favourite, (float(place) + 0.2, float(value)), (0, 3), **_POINTS, ha="center")
    ax.set_xticks(places, words)
    ax.margins(y=0.12)
    ax.set_xlabel("token that stands in the text")
    ax.set_ylabel("p(token | tokens before it)")
    ax.set_title("What the model expected, and what came")
    ax.legend(loc="upper left")
    return figure


@styled
def chain(
    p: npt.NDArray[np.float64],
    running: Sequence[float],
    words: Sequence[str],
    width: float = WIDTH,
    height: float = 5.0,
) -> Figure:
    """Above, a bar for each factor of the chain rule; below, the logarithm of the product so far.

    Args:
        p: (k,), the probability of each token, given those before it.
        running: the log-probability of the first 0, 1, ..., k tokens.
        words: the k tokens.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(2, 1, width=width, height=height, sharex=True)
    factors, product = axes[0][0], axes[1][0]
    places = np.arange(1, len(words) + 1)
    factors.bar(places, p, color=BLUE, width=0.7)
    for place, value in zip(places, p, strict=True):
        factors.annotate(f"{value:.3g}", (float(place), float(value)), (0, 2), **_POINTS, ha="center")
    factors.margins(y=0.15)
    factors.set_ylabel("p(token | tokens before it)")
    factors.set_title("The chain rule: factors above, the logarithm of their product below")
    finite = [value if math.isfinite(value) else math.nan for value in running]
    product.plot(range(len(finite)), finite, color=RED, marker="o", markersize=4)
    for count, value in enumerate(finite):
        if math.isfinite(value):
            product.annotate(f"{value:.1f}", (count, value), (5, 3), **_POINTS)
    if running and not math.isfinite(running[-1]):
        first = next(i for i, value in enumerate(running) if not math.isfinite(value))
        product.axvline(first, color=GREY, linestyle=":")
        product.annotate("−∞ from here on", (first, 0), (4, -10), **_POINTS, color=_DARK)
    product.set_xticks(range(len(words) + 1), ["(start)", *words])
    product.margins(y=0.15)
    product.set_xlabel("token")
    product.set_ylabel("log p(text so far)")
    return figure


@styled
def totals_by_length(
    without_end: Sequence[float], with_end: Sequence[float], width: float = WIDTH, height: float = 3.4
) -> Figure:
    """Bars for each length, and their running sum: without an end token it grows, with one it stays below 1.

    Args:
        without_end: the probability of all sequences of length 0, 1, ... together, when nothing ends them.
        with_end: the same when each sequence closes with an end token.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(1, 2, width=width, height=height)
    both = ((without_end, "Without an end token"), (with_end, "With an end token"))
    for ax, (totals, title) in zip(axes[0], both, strict=True):
        _bars_and_sum(ax, totals)
        ax.set_title(f"{title}: {float(np.sum(totals)):.3f} in all")
    axes[0][0].legend(loc="upper left")
    axes[0][1].axhline(1.0, color=GREY, linestyle=":", linewidth=1.2)
    axes[0][0].set_ylabel("probability")
    axes[0][1].set_ylim(0, 1.1)
    return figure


def _bars_and_sum(ax: Axes, totals: Sequence[float]) -> None:
    """Bars of the totals, and a line of their sums so far."""
    ax.bar(range(len(totals)), totals, color=BLUE, width=0.7, label="this length")
    ax.plot(
        range(len(totals)), np.cumsum(totals), color=RED, marker="o", markersize=4, label="all lengths so far"
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("length of the sequences")
