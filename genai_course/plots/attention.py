"""Pictures of the topic `attention`: weights with their words, and what a mask does to them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from genai_course.plots import SEQUENTIAL, SMALL_SIZE, new_figure, styled


def _label(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Put a word at each row and at each column."""
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    ax.set_xlabel("looked at (key)")
    ax.spines[:].set_visible(False)


def _weights(
    ax: Axes, weights: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]
) -> AxesImage:
    """One image of weights, a number in each cell that is worth one."""
    image = ax.imshow(weights, cmap=SEQUENTIAL, vmin=0.0, vmax=1.0)
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
    mask: NDArray[np.bool_], tokens: Sequence[str], width: float = 5.0, height: float = 4.5
) -> Figure:
    """A mask as an image: yellow where a word may attend, dark where the key is hidden."""
    fig, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    image = ax.imshow(mask, cmap=SEQUENTIAL, vmin=0, vmax=1)
    _label(ax, tokens, tokens)
    ax.set_title("The causal mask: who may look at whom")
    ax.set_ylabel("looking (query)")
    bar = fig.colorbar(image, ax=ax, boundaries=[0.0, 0.5, 1.0], ticks=[0.25, 0.75])
    bar.set_ticklabels(["False: hidden", "True: may attend"])
    return fig


@styled
def with_and_without_mask(
    weights: NDArray[np.float64],
    masked_weights: NDArray[np.float64],
    tokens: Sequence[str],
    width: float = 10.0,
    height: float = 5.0,
) -> Figure:
    """Two images side by side with one colour scale: the weights without a mask, and with the causal mask."""
    fig, axes = new_figure(1, 2, width=width, height=height, sharey=True)
    image = _weights(axes[0][0], weights, tokens, tokens)
    _weights(axes[0][1], masked_weights, tokens, tokens)
    axes[0][0].set_title("Without a mask")
    axes[0][1].set_title("With the causal mask")
    axes[0][0].set_ylabel("looking (query)")
    fig.colorbar(image, ax=axes[0], label="weight")
    return fig
