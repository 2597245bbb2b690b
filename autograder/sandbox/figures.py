"""A matplotlib backend for a notebook without a screen: figures become pixels, and are closed, as in a notebook.

matplotlib imports it by the name in ``MPLBACKEND``. It runs beside the submission, so what it collects is worth no
more trust than the submission; the trusted side counts, measures and encodes it.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import numpy as np
from matplotlib import pyplot
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from autograder.sandbox.protocol import MAX_PICTURE_SIDE, MAX_PICTURES_A_CELL, Picture

__all__ = ["FigureCanvas", "draw", "take_pictures"]

_DPI = 90.0
_drawn: list[Picture] = []


def draw(figure: Any) -> None:
    """Keep a figure's pixels, at most ``MAX_PICTURE_SIDE`` a side, and close it."""
    pyplot.close(figure)
    if len(_drawn) >= MAX_PICTURES_A_CELL:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what does not fit is to be seen in the picture
        if figure.get_layout_engine() is None:
            figure.set_layout_engine("tight")
        figure.set_dpi(min(_DPI, MAX_PICTURE_SIDE / max(figure.get_size_inches())))
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
    red_green_blue = np.asarray(canvas.buffer_rgba())[:MAX_PICTURE_SIDE, :MAX_PICTURE_SIDE, :3]
    height, width = red_green_blue.shape[:2]
    alt = str(figure.get_label())[:300].encode("utf-8", "replace").decode()
    _drawn.append(Picture(width, height, red_green_blue.tobytes(), alt))


def _show_all() -> None:
    """Draw and close pyplot's open figures."""
    for number in pyplot.get_fignums():
        draw(pyplot.figure(number))


def take_pictures() -> list[Picture]:
    """The figures that were shown since the last time, and those that are open; they are closed."""
    with contextlib.suppress(Exception):
        _show_all()
    taken = _drawn[:]
    _drawn.clear()
    return taken


class _Manager(FigureManagerBase):
    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """What ``pyplot.show()`` does."""
        _show_all()

    def show(self) -> None:
        """What ``figure.show()`` does."""
        draw(self.canvas.figure)


class FigureCanvas(FigureCanvasAgg):
    """The canvas of a new figure, as matplotlib asks a backend for it."""

    manager_class = _Manager
