"""Pictures of the topic `image_patches`: a pixel, a cat in pieces, a jigsaw, and patches as vectors."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from genai_course.plots import BLUE, DIVERGING, GREEN, RED, SMALL_SIZE, new_figure, styled

__all__ = ["cut_into_patches", "embeddings", "one_pixel", "shuffled_and_rebuilt"]


def _bytes(picture: ArrayLike) -> NDArray[np.uint8]:
    """Numbers from 0 to 255 as a picture that can be shown."""
    clipped: NDArray[np.uint8] = np.clip(np.rint(np.asarray(picture, dtype=np.float64)), 0, 255).astype(
        np.uint8
    )
    return clipped


def _show(axes: Axes, picture: ArrayLike, title: str) -> None:
    axes.imshow(_bytes(picture))
    axes.set_title(title)
    axes.set_axis_off()


@styled
def one_pixel(pixel: tuple[int, int, int], width: float = 6.0, height: float = 1.9) -> Figure:
    """One pixel: its colour as a square, and its red, green and blue as three bars from 0 to 255."""
    figure, [[square, bars]] = new_figure(1, 2, width=width, height=height, width_ratios=[1, 3])
    _show(square, [[pixel]], "the pixel")
    bars.set_title(f"its numbers: ({', '.join(map(str, pixel))})")
    bars.barh([2, 1, 0], pixel, color=[RED, GREEN, BLUE], height=0.7)
    bars.set_yticks([2, 1, 0], ["R (red)", "G (green)", "B (blue)"])
    for y, value in zip([2, 1, 0], pixel, strict=True):
        bars.text(value + 3, y, str(value), va="center")
    bars.set_xlim(0, 255)
    bars.set_xticks([0, 64, 128, 192, 255])
    return figure


@styled
def cut_into_patches(
    picture: NDArray[np.uint8],
    patches: NDArray[np.uint8],
    p: int,
    per_row: int = 18,
    width: float = 9.0,
    photo_height: float = 2.7,
) -> Figure:
    """A photo with the lines along which it is cut; below, its patches as a sequence, numbered from 0.

    The sequence is broken into lines of `per_row` patches, like a text.
    """
    rows, columns, channels = picture.shape
    pieces = _bytes(patches).reshape(-1, p, p, channels)
    lines = -(-len(pieces) // per_row)
    gap, line_height = 1.12, 1.45  # in patches: from one to the next, and from a line to the next
    sequence_height = width / (per_row * gap) * lines * line_height
    figure, [[photo], [sequence]] = new_figure(
        2,
        1,
        width=width,
        height=photo_height + sequence_height + 0.6,
        height_ratios=[photo_height, sequence_height],
    )
    _show(photo, picture, f"{rows} x {columns} pixels, cut into squares of {p} x {p}")
    photo.vlines(np.arange(0, columns + 1, p) - 0.5, -0.5, rows - 0.5, color="white", linewidth=1.2)
    photo.hlines(np.arange(0, rows + 1, p) - 0.5, -0.5, columns - 0.5, color="white", linewidth=1.2)
    for number, piece in enumerate(pieces):
        line, place = divmod(number, per_row)
        x, y = place * gap, line * line_height
        sequence.imshow(piece, extent=(x, x + 1, y + 1, y))
        sequence.text(x + 0.5, y + 1.04, str(number), ha="center", va="top", fontsize=SMALL_SIZE - 1)
    sequence.set_xlim(-0.1, per_row * gap)
    sequence.set_ylim(lines * line_height, -0.1)
    sequence.set_title(f"the same as a sequence: {len(pieces)} patches of {pieces[0].size} numbers")
    sequence.set_axis_off()
    return figure


@styled
def shuffled_and_rebuilt(
    picture: ArrayLike, jumbled: ArrayLike, rebuilt: ArrayLike, width: float = 10.0, height: float = 2.7
) -> Figure:
    """Three pictures: the photo, its patches put together in a random order, and in the right one.

    The third title says whether every number is the photo's.
    """
    figure, [row] = new_figure(1, 3, width=width, height=height)
    same = np.array_equal(np.asarray(picture), np.asarray(rebuilt))
    _show(row[0], picture, "the photo")
    _show(row[1], jumbled, "patches shuffled")
    _show(row[2], rebuilt, "sorted again: " + ("every number is right" if same else "not the photo!"))
    return figure


@styled
def embeddings(
    colours: NDArray[np.float64],
    vectors: NDArray[np.float64],
    rows: int,
    columns: int,
    width: float = 9.0,
    height: float = 3.3,
) -> Figure:
    """Left, three numbers a patch painted as its colour: a mosaic. Right, longer vectors, one row a patch.

    Args:
        colours: (rows * columns, 3), from 0 to 255.
        vectors: (rows * columns, d_model).
        rows: patches below each other.
        columns: patches side by side.
        width: inches.
        height: inches.
    """
    figure, [[mosaic, table]] = new_figure(1, 2, width=width, height=height, width_ratios=[1.5, 1])
    _show(mosaic, colours.reshape(rows, columns, 3), "3 numbers a patch, its mean colour")
    limit = float(np.abs(vectors).max())
    image = table.imshow(
        vectors, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest"
    )
    table.set_title(f"{vectors.shape[1]} numbers a patch, by random weights")
    table.set_xlabel("dimension")
    table.set_ylabel("patch")
    figure.colorbar(image, ax=table)
    return figure
