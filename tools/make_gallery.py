"""Draws the documentation's gallery: every picture of the notebooks, from the reference solutions.

python tools/make_gallery.py

writes docs/images/gallery/*.png and docs/gallery.md. It takes some minutes, and needs `pip install ".[instructor]"`.
"""

from __future__ import annotations

import base64
import html
import io
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "images" / "gallery"
PICTURE = re.compile(r'<img alt="(?P<alt>[^"]*)" src="data:image/png;base64,(?P<data>[^"]+)">')
COLOURS = 200
ORDER = [
    "symbolic_ai",
    "generative_models",
    "tokenization",
    "sequence_probability",
    "nll_loss",
    "sampling",
    "embeddings",
    "image_patches",
    "positional_encoding",
    "attention",
    "transformer",
    "diffusion",
    "kernels",
    "capstone",
]
HEAD = """\
# Gallery

Every notebook draws what the student's own functions compute. These pictures are drawn by the reference solutions, each
with the words that somebody hears who cannot see it. They are all there is: open a notebook, write its functions, and
they appear below your code.
"""


def drawn(topic: str, folder: Path) -> tuple[str, list[tuple[str, bytes]]]:
    """The title of a topic, and the pictures of its notebook: what each shows, and its PNG."""
    notebook = jupytext.read(ROOT / "solutions" / f"{topic}.py")
    title = next(line for line in notebook.cells[0].source.splitlines() if line.startswith("# "))
    os.symlink(ROOT / "exercises" / "tests", folder / "tests", target_is_directory=True)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    pictures = [
        (html.unescape(found["alt"]), base64.b64decode(found["data"]))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for found in PICTURE.finditer(output.get("data", {}).get("text/html", ""))
    ]
    return title.removeprefix("# "), pictures


def smaller(png: bytes) -> bytes:
    """The picture with a palette: a third of the size, and nobody sees it."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    out = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return min(out.getvalue(), png, key=len)


def main() -> None:
    topics = sorted((path.stem for path in (ROOT / "exercises").glob("*.ipynb")), key=_place)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        places = [Path(folder) / topic for topic in topics]
        for place in places:
            place.mkdir()
        results = list(pool.map(drawn, topics, places))
    page, written = [HEAD], set()
    for topic, (title, pictures) in zip(topics, results, strict=True):
        page.append(f"## {title}\n")
        for number, (alt, png) in enumerate(pictures, 1):
            name = f"{topic}-{number}.png"
            (PICTURES / name).write_bytes(smaller(png))
            written.add(name)
            page.append(
                f":::{{figure}} images/gallery/{name}\n:alt: {' '.join(alt.split())}\n:loading: lazy\n:::\n"
            )
    for old in PICTURES.glob("*.png"):
        if old.name not in written:
            old.unlink()
    (ROOT / "docs" / "gallery.md").write_text("\n".join(page), encoding="utf-8")
    size = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(f"docs/gallery.md: {len(written)} pictures, {size >> 10} kB")


def _place(topic: str) -> int:
    """In the order of the lecture; what it does not know, last."""
    return ORDER.index(topic) if topic in ORDER else len(ORDER)


if __name__ == "__main__":
    sys.exit(main())
