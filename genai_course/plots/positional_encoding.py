"""Pictures of the topic `positional_encoding`: the table, its products, and what adding it does."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from genai_course.plots import DIVERGING, SEQUENTIAL, new_figure, styled


@styled
def heatmap(pe: NDArray[np.float64], width: float = 8.0, height: float = 4.5) -> Figure:
    """The table as an image: a row for each position, a column for each dimension, colour for the value."""
    fig, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    image = ax.imshow(pe, cmap=DIVERGING, vmin=-1.0, vmax=1.0, aspect="auto")
    ax.set_title("Positional encoding: left columns turn fast, right columns slowly")
    ax.set_xlabel("dimension (even: sine, odd: cosine)")
    ax.set_ylabel("position")
    fig.colorbar(image, ax=ax, label="value")
    return fig


@styled
def similarity(pe: NDArray[np.float64], width: float = 6.0, height: float = 5.0) -> Figure:
    """Dot products of all pairs of positions as an image: stripes along the diagonal."""
    fig, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    image = ax.imshow(pe @ pe.T, cmap=SEQUENTIAL)
    ax.set_title("Dot products of position vectors depend on distance only")
    ax.set_xlabel("position")
    ax.set_ylabel("position")
    fig.colorbar(image, ax=ax, label="dot product")
    return fig


@styled
def before_and_after(
    x: NDArray[np.float64], x_with_positions: NDArray[np.float64], width: float = 8.0, height: float = 3.2
) -> Figure:
    """Two images with one colour scale: embeddings (tokens are rows) before and after positions are added."""
    fig, axes = new_figure(1, 2, width=width, height=height, sharey=True)
    largest = float(max(np.abs(x).max(), np.abs(x_with_positions).max()))
    titles = ("Without positions", "With positions added")
    for ax, values, title in zip(axes[0], (x, x_with_positions), titles, strict=True):
        image = ax.imshow(values, cmap=DIVERGING, vmin=-largest, vmax=largest, aspect="auto")
        ax.set_title(title)
        ax.set_xlabel("dimension")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_yticks(range(len(values)))
    axes[0][0].set_ylabel("position of the token")
    fig.colorbar(image, ax=axes[0], label="value")
    return fig
