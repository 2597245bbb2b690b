"""Pictures of the topic `attention`: weights with their words, and what a mask does to them."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from numpy.typing import NDArray

from genai_course.plots import BLUE, SEQUENTIAL, SMALL_SIZE, new_figure, styled

_HIDDEN = "#dddddd"  # what a mask hides; lighter than any weight's colour but the largest


def _label(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Put a word at each row and at each column."""
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    ax.set_xlabel("looked at (key)")
    ax.spines[:].set_visible(False)


def _weights(
    ax: Axes, weights: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]
) -> AxesImage:
    """Weights as an image, light grey where they are exactly 0, with a number where there is much."""
    colours = matplotlib.colormaps[SEQUENTIAL].with_extremes(bad=_HIDDEN)
    image = ax.imshow(np.ma.masked_equal(weights, 0.0), cmap=colours, vmin=0.0, vmax=1.0)
    for (i, j), weight in np.ndenumerate(weights):
        if weight >= 0.1:
            colour = "black" if weight > 0.55 else "white"
            ax.text(j, i, f"{weight:.1f}", ha="center", va="center", color=colour, fontsize=SMALL_SIZE - 1)
    _label(ax, rows, columns)
    return image


@styled
def weights_heatmap(
    weights: NDArray[np.float64],
    queries: Sequence[str],
    keys: Sequence[str],
    width: float = 6.5,
    height: float = 5.5,
) -> Figure:
    """Attention weights as an image: a row for each word that looks, a column for each word looked at."""
    fig, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    image = _weights(ax, weights, queries, keys)
    ax.set_title("Attention weights: each row adds up to 1")
    ax.set_ylabel("looking (query)")
    fig.colorbar(image, ax=ax, label="weight")
    return fig


@styled
def mask_picture(
    mask: NDArray[np.bool_], tokens: Sequence[str], width: float = 6.0, height: float = 4.5
) -> Figure:
    """A mask as an image: blue where a word may attend, light grey where the key is hidden."""
    fig, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    ax.imshow(mask, cmap=ListedColormap([_HIDDEN, BLUE]), vmin=0, vmax=1)
    _label(ax, tokens, tokens)
    ax.set_title("The causal mask: who may look at whom")
    ax.set_ylabel("looking (query)")
    ax.legend(
        handles=[Patch(color=BLUE, label="True: may attend"), Patch(color=_HIDDEN, label="False: hidden")],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )
    return fig


@styled
def with_and_without_mask(
    weights: NDArray[np.float64],
    masked_weights: NDArray[np.float64],
    tokens: Sequence[str],
    width: float = 10.0,
    height: float = 5.0,
) -> Figure:
    """Two images side by side with one colour scale: the weights without a mask, and with the causal mask.

    What the mask hides is light grey.
    """
    fig, axes = new_figure(1, 2, width=width, height=height, sharey=True)
    image = _weights(axes[0][0], weights, tokens, tokens)
    _weights(axes[0][1], masked_weights, tokens, tokens)
    axes[0][0].set_title("Without a mask")
    axes[0][1].set_title("With the causal mask")
    axes[0][0].set_ylabel("looking (query)")
    fig.colorbar(image, ax=axes[0], label="weight")
    return fig
