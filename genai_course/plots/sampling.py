"""Pictures of the topic `sampling`: temperature, what top-k and top-p keep, and the staircase of the draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genai_course.plots import BLACK, BLUE, GREY, OKABE_ITO, ORANGE, RED, SMALL_SIZE, new_figure, styled

__all__ = ["staircase", "temperature_bars", "what_stays"]


def _percentages(ax: Axes, places: Sequence[float], values: NDArray[np.float64]) -> None:
    """Write above each bar how high it is."""
    for place, value in zip(places, values, strict=True):
        ax.annotate(
            f"{value:.1%}",
            (place, float(value)),
            (0, 2),
            textcoords="offset points",
            ha="center",
            size=SMALL_SIZE,
        )


@styled
def temperature_bars(
    tokens: Sequence[str],
    taus: Sequence[float],
    probabilities: Sequence[NDArray[np.float64]],
    width: float = 9.0,
    height: float = 3.2,
) -> Figure:
    """Bars for each temperature side by side: the probabilities of the named tokens; the others' as a number.

    Args:
        tokens: names of the first tokens of the vocabulary, one bar each.
        taus: the temperatures.
        probabilities: for each temperature the whole distribution (V,), with V at least the number of names.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(1, len(taus), width=width, height=height, sharey=True)
    named = len(tokens)
    places = list(range(named))
    for number, (ax, tau, p) in enumerate(zip(axes[0], taus, probabilities, strict=True)):
        ax.bar(places, p[:named], color=OKABE_ITO[number % len(OKABE_ITO)], width=0.75)
        _percentages(ax, places, p[:named])
        ax.set_title(f"temperature {tau:g}")
        ax.set_xticks(places, tokens)
        ax.set_xlabel("next token")
        if len(p) > named:
            ax.text(
                0.97,
                0.95,
                f"the {len(p) - named} others\nshare {float(np.sum(p[named:])):.0%}",
                transform=ax.transAxes,
                ha="right",
                va="top",
            )
    highest = max(float(np.max(p[:named])) for p in probabilities)
    axes[0][0].set_ylim(0, 1.12 * highest)
    axes[0][0].set_ylabel("probability")
    return figure


@styled
def what_stays(
    examples: Mapping[str, tuple[Sequence[str], NDArray[np.float64]]],
    kept: Mapping[str, Sequence[NDArray[np.float64]]],
    width: float = 9.0,
    height: float = 5.2,
) -> Figure:
    """A grid of bars, a row for each distribution and a column for each way to cut it.

    Wide pale bars are the probabilities before the cut, narrow dark ones those after it; a token that is cut
    off has a cross instead.

    Args:
        examples: for each row its name, its tokens and their probabilities (V,).
        kept: for each column its name, and for each row the probabilities (V,) after the cut.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(len(examples), len(kept), width=width, height=height, sharey="row")
    for column, (way, results) in enumerate(kept.items()):
        for row, ((example, (tokens, before)), after) in enumerate(
            zip(examples.items(), results, strict=True)
        ):
            ax = axes[row][column]
            places = np.arange(len(tokens))
            stays = np.asarray(after) > 0
            ax.bar(places, before, color="#CCCCCC", width=0.8, label="before")
            ax.bar(places[stays], after[stays], color=BLUE, width=0.45, label="after")
            _percentages(ax, [float(place) for place in places[stays]], after[stays])
            ax.plot(
                places[~stays],
                before[~stays] + 0.04 * float(np.max(after)),
                "x",
                color=RED,
                markersize=7,
                markeredgewidth=2,
                label="cut off",
            )
            ax.set_title(f"{way}: {int(stays.sum())} of {len(tokens)} stay")
            ax.set_xticks(places, tokens)
            ax.set_ylim(0, 1.15 * float(max(np.max(before), *(np.max(ways[row]) for ways in kept.values()))))
            if column == 0:
                ax.set_ylabel(f"{example}\nprobability")
            if row == len(examples) - 1:
                ax.set_xlabel("next token")
    axes[0][-1].legend(loc="upper right")
    return figure


@styled
def staircase(
    tokens: Sequence[str],
    p: NDArray[np.float64],
    u: float,
    token: int,
    width: float = 7.0,
    height: float = 4.2,
) -> Figure:
    """The running sums of the probabilities as a staircase, with an arrow from u to the step it lands on.

    Args:
        tokens: the names of the tokens.
        p: (V,), their probabilities.
        u: the random number.
        token: the token that was drawn with it.
        width: inches.
        height: inches.
    """
    tops = np.cumsum(p)
    bottoms = tops - p
    figure, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    places = np.arange(len(tokens))
    colours = [ORANGE if place == token else "#CCCCCC" for place in places]
    ax.bar(places, p, bottom=bottoms, color=colours, width=1.0)
    edges = np.concatenate([[-0.5], np.repeat(places[:-1] + 0.5, 2), [len(tokens) - 0.5]])
    ax.plot(edges, np.repeat(tops, 2), color=BLUE, linewidth=2)
    for place, top in zip(places, tops, strict=True):
        ax.annotate(
            f"{top:.2f}",
            (float(place), float(top)),
            (0, 3),
            textcoords="offset points",
            ha="center",
            size=SMALL_SIZE,
            color=BLUE,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
        )
    arrow = {"arrowstyle": "-|>", "color": RED, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (token, u), (-0.5, u), arrowprops=arrow)
    ax.annotate("", (token, 0), (token, u), arrowprops=arrow)
    ax.annotate(f"u = {u:g}", (-0.5, u), (4, 4), textcoords="offset points", color=RED)
    ax.axhline(1, color=GREY, linestyle="--", linewidth=1, zorder=0)
    ax.set_xlim(-0.5, len(tokens) - 0.5)
    ax.set_ylim(0, 1.08)
    ax.set_xticks(places, tokens)
    ax.get_xticklabels()[token].set_fontweight("bold")
    ax.tick_params(axis="x", colors=BLACK)
    ax.set_xlabel("token, in the order of the vocabulary")
    ax.set_ylabel("sum of probabilities up to here")
    ax.set_title(f"u = {u:g} lands on the step of “{tokens[token]}”")
    return figure
