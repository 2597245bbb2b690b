"""Pictures of the topic `positional_encoding`: the table, its products, and what adding it does."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


def heatmap(pe: NDArray[np.float64], width: float = 8.0, height: float = 4.5) -> Figure:
    """The table as an image: a row for each position, a column for each dimension, colour for the value."""
    fig, ax = plt.subplots(figsize=(width, height), facecolor="white", layout="constrained")
    image = ax.imshow(pe, cmap="cividis", vmin=-1.0, vmax=1.0, aspect="auto", interpolation="nearest")
    ax.set_title("Positional encoding: left columns turn fast, right columns slowly")
    ax.set_xlabel("dimension (even: sine, odd: cosine)")
    ax.set_ylabel("position")
    fig.colorbar(image, ax=ax, label="value")
    return fig


def similarity(pe: NDArray[np.float64], width: float = 6.0, height: float = 5.0) -> Figure:
    """Dot products of all pairs of positions as an image: stripes along the diagonal."""
    fig, ax = plt.subplots(figsize=(width, height), facecolor="white", layout="constrained")
    image = ax.imshow(pe @ pe.T, cmap="viridis", interpolation="nearest")
    ax.set_title("Dot products of position vectors depend on distance only")
    ax.set_xlabel("position")
    ax.set_ylabel("position")
    fig.colorbar(image, ax=ax, label="dot product")
    return fig


def before_and_after(
    x: NDArray[np.float64], x_with_positions: NDArray[np.float64], width: float = 8.0, height: float = 3.2
) -> Figure:
    """Two images with one colour scale: embeddings (tokens are rows) before and after positions are added."""
    fig, axes = plt.subplots(
        1, 2, figsize=(width, height), facecolor="white", layout="constrained", sharey=True
    )
    largest = float(max(np.abs(x).max(), np.abs(x_with_positions).max()))
    titles = ("Without positions", "With positions added")
    for ax, values, title in zip(axes, (x, x_with_positions), titles, strict=True):
        image = ax.imshow(
            values, cmap="cividis", vmin=-largest, vmax=largest, aspect="auto", interpolation="nearest"
        )
        ax.set_title(title)
        ax.set_xlabel("dimension")
        ax.set_yticks(range(len(values)))
    axes[0].set_ylabel("position of the token")
    fig.colorbar(image, ax=axes, label="value")
    return fig
