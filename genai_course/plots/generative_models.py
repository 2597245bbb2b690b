"""Pictures of the topic `generative_models`: a joint distribution, its margins, its conditionals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from genai_course.plots import BLUE, OKABE_ITO, SEQUENTIAL, SMALL_SIZE, WIDTH, new_figure, styled

__all__ = ["answers_by_prompt", "joint_with_margins", "letter_pairs", "three_tables"]


@styled
def joint_with_margins(
    joint: npt.NDArray[np.float64],
    xs: Sequence[str],
    ys: Sequence[str],
    width: float = 6.0,
    height: float = 4.5,
) -> Figure:
    """An image of the joint distribution with its numbers; bars of p(y) above it, and of p(x) beside it.

    Args:
        joint: (n_x, n_y), p(x, y).
        xs: a name for each row.
        ys: a name for each column.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(
        2, 2, width=width, height=height, width_ratios=[2.2, 1.2], height_ratios=[1.0, 2.2]
    )
    (above, corner), (middle, beside) = axes
    corner.set_axis_off()
    _table(middle, joint, xs, ys, top=float(np.max(joint)))
    middle.set_title("p(x, y)", size=10)
    p_y, p_x = np.sum(joint, axis=0), np.sum(joint, axis=1)
    above.bar(range(len(ys)), p_y, color=BLUE, width=0.7)
    above.set_xlim(middle.get_xlim())
    above.set_xticks([])
    above.set_ylim(0, 1.25 * float(np.max(p_y)))
    for column, p in enumerate(p_y):
        above.annotate(f"{p:.3f}", (column, float(p)), (0, 2), **_BESIDE, ha="center", va="bottom")
    above.set_ylabel("p(y)")
    beside.barh(range(len(xs)), p_x, color=BLUE, height=0.7)
    beside.set_ylim(middle.get_ylim())
    beside.set_yticks([])
    beside.set_xlim(0, 1.4 * float(np.max(p_x)))
    for row, p in enumerate(p_x):
        beside.annotate(f"{p:.3f}", (float(p), row), (3, 0), **_BESIDE, ha="left", va="center")
    beside.set_xlabel("p(x)")
    figure.suptitle(f"A joint distribution and its margins; all cells add up to {float(np.sum(joint)):.3f}")
    return figure


@styled
def three_tables(
    joint: npt.NDArray[np.float64],
    y_given_x: npt.NDArray[np.float64],
    x_given_y: npt.NDArray[np.float64],
    xs: Sequence[str],
    ys: Sequence[str],
    width: float = 9.5,
    height: float = 3.2,
) -> Figure:
    """Three images with one colour scale: p(x, y), p(y | x) and p(x | y), all of them with x in rows.

    Args:
        joint: (n_x, n_y), p(x, y).
        y_given_x: (n_x, n_y), each row a distribution.
        x_given_y: (n_x, n_y), each column a distribution.
        xs: a name for each row.
        ys: a name for each column.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(1, 3, width=width, height=height, sharey=True)
    titles = (
        "p(x, y): all cells sum to 1",
        "p(y | x): each row sums to 1",
        "p(x | y): each column sums to 1",
    )
    tables = (joint, y_given_x, x_given_y)
    for ax, table, title in zip(axes[0], tables, titles, strict=True):
        image = _table(ax, table, xs, ys, top=1.0)
        ax.set_title(title, size=10)
    for ax in axes[0][1:]:
        ax.set_ylabel("")
    figure.colorbar(image, ax=axes[0], label="probability")
    return figure


@styled
def letter_pairs(
    joint: npt.NDArray[np.float64],
    conditional: npt.NDArray[np.float64],
    letters: Sequence[str],
    width: float = 10.0,
    height: float = 4.8,
) -> Figure:
    """Two images side by side: how likely each pair of letters is, and each second letter after a first one.

    Args:
        joint: (n, n), p(first, second).
        conditional: (n, n), p(second | first).
        letters: the n letters.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(1, 2, width=width, height=height)
    both = ((joint, "p(x, y): the whole pair"), (conditional, "p(y | x): the second, given the first"))
    for ax, (table, title) in zip(axes[0], both, strict=True):
        image = ax.imshow(table, cmap=SEQUENTIAL, vmin=0.0, vmax=float(np.max(table)))
        ax.set_xticks(range(len(letters)), list(letters), size=SMALL_SIZE - 1)
        ax.set_yticks(range(len(letters)), list(letters), size=SMALL_SIZE - 1)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_xlabel("second letter, y")
        ax.set_ylabel("first letter, x")
        ax.set_title(title)
        figure.colorbar(image, ax=ax, label="probability", shrink=0.8)
    return figure


@styled
def answers_by_prompt(
    rows: Mapping[str, Sequence[npt.NDArray[np.float64]]],
    prompts: Sequence[str],
    answers: Sequence[str],
    width: float = WIDTH,
    height: float = 5.0,
) -> Figure:
    """Bars split between the answers: a panel for each model, and in it a bar for each prompt.

    Args:
        rows: for each model, named by its training data, a distribution over the answers for each prompt.
        prompts: the prompts; the first one leaves the context out.
        answers: a name for each answer.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(len(rows), 1, width=width, height=height, sharex=True)
    for (ax,), (model, distributions) in zip(axes, rows.items(), strict=True):
        table = np.array(distributions)
        left = np.zeros(len(prompts))
        for number, answer in enumerate(answers):
            colour = OKABE_ITO[number % len(OKABE_ITO)]
            share = table[:, number]
            ax.barh(range(len(prompts)), share, left=left, color=colour, height=0.72, label=answer)
            for row, p in enumerate(share):
                if p >= 0.08:
                    middle = float(left[row] + p / 2)
                    ax.text(middle, row, f"{p:.0%}", ha="center", va="center", color="white", weight="bold")
            left = left + share
        ax.set_yticks(range(len(prompts)), list(prompts))
        ax.tick_params(axis="y", length=0)
        ax.invert_yaxis()
        ax.set_xlim(0, 1)
        ax.set_title(model, size=10, loc="left")
    axes[-1][0].set_xlabel("p(answer)")
    handles, names = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(answers))
    figure.suptitle("What the prompt leaves out, the training data decides")
    return figure


_BESIDE: dict[str, Any] = {"textcoords": "offset points", "size": SMALL_SIZE}


def _table(
    ax: Axes, table: npt.NDArray[np.float64], xs: Sequence[str], ys: Sequence[str], top: float
) -> AxesImage:
    """A table as an image with its numbers; the colours go from 0 to `top`."""
    image = ax.imshow(table, cmap=SEQUENTIAL, vmin=0.0, vmax=top, aspect="auto")
    for (row, column), p in np.ndenumerate(table):
        colour = "black" if p > 0.6 * top else "white"
        ax.text(column, row, f"{p:.3f}", ha="center", va="center", color=colour)
    ax.set_xticks(range(len(ys)), list(ys))
    ax.set_yticks(range(len(xs)), list(xs))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("y")
    ax.set_ylabel("x")
    return image
