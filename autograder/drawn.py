"""Pictures that a submission drew, from the pixels that its sandbox sent to files that a page can hold."""

from __future__ import annotations

import io
from collections.abc import Sequence

from autograder.results import NotebookPicture, clean_text
from autograder.sandbox.protocol import Picture

__all__ = ["MAX_PNG_BYTES", "as_png"]

MAX_PNG_BYTES = 200_000
"""Bound on what one submission's pictures take, in bytes of PNG files."""
_COLOURS = 64


def as_png(pictures: Sequence[Picture], budget: int) -> list[NotebookPicture]:
    """Encode pictures, in order, while they fit into ``budget`` bytes.

    Nothing that a submission encoded is decoded: pixels are numbers, whatever they are.
    """
    from PIL import Image  # matplotlib's own; loaded only where something was drawn

    encoded: list[NotebookPicture] = []
    for picture in pictures:
        file = io.BytesIO()
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.pixels)
        image.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        budget -= len(file.getbuffer())
        if budget < 0:
            break
        alt = clean_text(picture.alt, 300)
        encoded.append(
            NotebookPicture(png=file.getvalue(), width=picture.width, height=picture.height, alt=alt)
        )
    return encoded
