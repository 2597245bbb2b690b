"""Photographs the class page and a student's page for the README, in Chromium.

    python tools/make_screenshots.py

The class is examples/submissions, graded on the spot. Needs the extra ``instructor``, playwright, and Chromium on the
PATH or named by CHROMIUM.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
_SHOTS = (
    ("class-page", "index.html", 1180, 1560),
    ("feedback-page", "feedback/student-005/attention.html", 980, 1300),
)
_COLOURS = 128
"""Flat pages need no more, and a smaller file."""


def main() -> None:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        out = Path(scratch) / "grading"
        command = [sys.executable, "-m", "autograder", "grade", "examples/submissions", "--out", str(out)]
        subprocess.run([*command, "--quiet"], cwd=ROOT, check=False)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        IMAGES.mkdir(parents=True, exist_ok=True)
        for name, page, width, height in _SHOTS:
            tab = browser.new_page(viewport={"width": width, "height": height})
            tab.goto((out / page).as_uri())
            file = IMAGES / f"{name}.png"
            tab.screenshot(path=file)
            with Image.open(file) as image:
                small = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=_COLOURS)
            small.save(file, optimize=True)
            print(file.relative_to(ROOT))
        browser.close()


if __name__ == "__main__":
    main()
