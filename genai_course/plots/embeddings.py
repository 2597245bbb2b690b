"""Pictures of the topic `embeddings`: vectors as coloured columns, their similarities, and parallel steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from genai_course.plots import (
    BLUE,
    DIVERGING,
    GREEN,
    ORANGE,
    RED,
    SEQUENTIAL,
    SMALL_SIZE,
    new_figure,
    styled,
)

__all__ = ["heatmap", "parallel_arrows", "similarity_matrix"]


@styled
def heatmap(
    words: Sequence[str], vectors: NDArray[np.float64], width: float = 8.0, height: float = 5.5
) -> Figure:
    """The vectors as columns of coloured cells, one column for each word, as on the slide.

    Args:
        words: one for each vector.
        vectors: (n, d), a row for each word; drawn as columns.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    # A few entries are far larger than the rest: let the colours show the others.
    largest = float(np.quantile(np.abs(vectors), 0.98))
    image = ax.imshow(np.transpose(vectors), cmap=DIVERGING, vmin=-largest, vmax=largest, aspect="auto")
    ax.set_xticks(range(len(words)), words)
    ax.set_xticks(np.arange(len(words) - 1) + 0.5, minor=True)
    ax.grid(which="minor", axis="x", color="white", linewidth=2)
    ax.tick_params(which="minor", length=0)
    ax.set_xlabel("word")
    ax.set_ylabel("dimension")
    ax.set_title("Each word is a column: words that are used alike look alike")
    figure.colorbar(image, ax=ax, label="value", extend="both")
    return figure


@styled
def similarity_matrix(
    words: Sequence[str], similarity: NDArray[np.float64], width: float = 7.0, height: float = 5.6
) -> Figure:
    """Cosine similarities of all pairs of words, as a square of coloured cells with their numbers.

    Args:
        words: n of them.
        similarity: (n, n), from -1 to 1.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    image = ax.imshow(similarity, cmap=SEQUENTIAL, vmin=min(0.0, float(np.min(similarity))), vmax=1.0)
    middle = 0.55
    for i, line in enumerate(similarity):
        for j, value in enumerate(line):
            colour = "black" if value > middle else "white"
            ax.text(j, i, f"{value:.2f}", ha="center", va="center", size=SMALL_SIZE, color=colour)
    ax.set_xticks(range(len(words)), words, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(words)), words)
    ax.set_xlabel("word")
    ax.set_ylabel("word")
    ax.set_title("Cosine similarity of words")
    figure.colorbar(image, ax=ax, label="cosine similarity")
    return figure


def _principal(vectors: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Coordinates (n, count) of the vectors (n, d) along the directions in which they differ most."""
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    # Either sign of a direction is right: take the one that does not depend on the machine.
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    projected: NDArray[np.float64] = centred @ (directions * np.sign(largest))[:count].T
    return projected


@styled
def parallel_arrows(
    pairs: Sequence[tuple[str, str]],
    vectors: NDArray[np.float64],
    found: Sequence[bool],
    view: tuple[float, float] = (28.0, -30.0),
    width: float = 8.0,
    height: float = 6.5,
) -> Figure:
    """An arrow from the first word of each pair to the second, in three dimensions (principal components).

    Args:
        pairs: n pairs of words.
        vectors: (n, 2, d), the vectors of both words of each pair.
        found: for each pair, whether the second word was found by analogy: its arrow is green and solid, or
            else red and dashed.
        view: from where one looks: degrees above the floor, and degrees around it.
        width: inches.
        height: inches.
    """
    flat = vectors.reshape(-1, vectors.shape[-1])
    places = _principal(flat, 3).reshape(len(pairs), 2, 3)
    figure, axes = new_figure(width=width, height=height, subplot_kw={"projection": "3d"})
    ax: Any = axes[0][0]  # matplotlib's types know nothing of three axes here
    for (first, second), (start, end), right in zip(pairs, places, found, strict=True):
        colour = GREEN if right else RED
        style = "-" if right else "--"
        ax.quiver(*start, *(end - start), color=colour, linestyle=style, arrow_length_ratio=0.08, linewidth=2)
        ax.scatter(*start, color=ORANGE, s=18, depthshade=False)
        ax.scatter(*end, color=BLUE, s=18, depthshade=False)
        ax.text(*start, f"{first} ", size=SMALL_SIZE, ha="right", va="center")
        ax.text(*end, f"  {second}", size=SMALL_SIZE, va="center")
    for number, set_label in enumerate((ax.set_xlabel, ax.set_ylabel, ax.set_zlabel), start=1):
        set_label(f"component {number}")
    ax.set_title(f"Nearly parallel steps: {sum(found)} of {len(found)} found by analogy")
    ax.view_init(*view)
    ax.set_box_aspect(None, zoom=1.1)
    if not all(found):
        lines = [
            Line2D([], [], color=GREEN, label="found"),
            Line2D([], [], color=RED, linestyle="--", label="not found"),
        ]
        ax.legend(handles=lines, loc="upper left")
    return figure
