"""Photographs for the README, in Chromium: the class page, a student's page, a notebook, the documentation.

    python tools/make_screenshots.py [name ...]

The class is examples/submissions, graded on the spot; the notebook is an exercise with a mistake in it, run and opened
in JupyterLab. Needs the extra ``instructor``, the group ``docs``, jupyterlab, playwright, and Chromium on the PATH or
named by CHROMIUM.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
_SHOTS = (
    ("class-page", "index.html", 1180, 1560),
    ("feedback-page", "feedback/student-005/attention.html", 980, 1300),
)
_COLOURS = 128
"""Flat pages need no more, and a smaller file."""


_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
"""Of JupyterLab: no questions, and cells are there before one scrolls to them."""

_MISTAKE = "    return np.tril(np.ones((n, n), dtype=bool), k=-1)"
_CHECK = 'from autograder.notebook import check\n\ncheck("causal_mask")'


def save(page: Page, name: str, **clip: object) -> None:
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file, **clip)
    with Image.open(file) as image:
        small = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=_COLOURS)
    small.save(file, optimize=True)
    print(file.relative_to(ROOT))


def photograph_report(browser: Browser, out: Path, wanted: set[str]) -> None:
    command = [sys.executable, "-m", "autograder", "grade", "examples/submissions", "--out", str(out)]
    subprocess.run([*command, "--quiet"], cwd=ROOT, check=False)
    for name, path, width, height in _SHOTS:
        if name in wanted:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto((out / path).as_uri())
            save(page, name)


def photograph_docs(browser: Browser, out: Path) -> None:
    subprocess.run([sys.executable, "-m", "sphinx", "-W", "-q", str(ROOT / "docs"), str(out)], check=True)
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.goto((out / "index.html").as_uri())
    page.wait_for_timeout(500)
    save(page, "docs-page")


def half_solved(folder: Path) -> Path:
    """The topic `attention`, with the first function as the reference has it and a mistake in the second; run."""
    shutil.copytree(ROOT / "exercises", folder, dirs_exist_ok=True)
    file = folder / "attention.ipynb"
    notebook = nbformat.read(file, as_version=4)
    for cell, answer in zip(
        notebook.cells, jupytext.read(ROOT / "solutions" / "attention.py").cells, strict=True
    ):
        if cell.source.startswith("def attention"):
            cell.source = answer.source
        elif cell.source.startswith("def causal_mask"):
            cell.source = re.sub(r" *# YOUR CODE HERE\n.*", _MISTAKE, cell.source)
        elif cell.source.startswith('grader.check("causal_mask")'):
            cell.source = _CHECK
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.write(notebook, file)
    return file


@contextlib.contextmanager
def jupyter(file: Path, scratch: Path) -> Iterator[str]:
    """JupyterLab on a notebook that it trusts; the address of the page with nothing but the notebook."""
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{name}": str(scratch / name.lower()) for name in names}
    settings = scratch / "settings"
    for name, value in _SETTINGS.items():
        path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    environment = {**os.environ, **own, "JUPYTERLAB_SETTINGS_DIR": str(settings)}
    trust = [sys.executable, "-m", "jupyter", "trust", str(file)]
    subprocess.run(trust, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"]
    with open(scratch / "log", "w") as log:
        server = subprocess.Popen(command, cwd=file.parent, env=environment, stdout=log, stderr=log)
    try:
        while not (found := list((scratch / "runtime_dir").glob("jpserver-*.json"))):
            if server.poll() is not None:
                raise SystemExit((scratch / "log").read_text())
            time.sleep(0.2)
        about = json.loads(found[0].read_text())
        yield f"{about['url']}doc/tree/{file.name}?token={about['token']}"
    finally:
        server.terminate()
        server.wait()


def photograph_notebook(browser: Browser, scratch: Path) -> None:
    file = half_solved(scratch / "exercises")
    with jupyter(file, scratch) as address:
        page = browser.new_page(viewport={"width": 1080, "height": 1960})
        page.goto(address)
        heading = page.get_by_role("heading", name="2. causal_mask")
        heading.wait_for(timeout=60_000)
        page.wait_for_timeout(3_000)
        page.locator("details", has_text="Hint").nth(-1).evaluate("details => details.open = true")
        heading.evaluate("heading => heading.scrollIntoView()")
        page.wait_for_timeout(1_500)
        save(page, "notebook")


def main() -> None:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    names = [name for name, *_ in _SHOTS] + ["notebook", "docs-page"]
    wanted = set(sys.argv[1:]) or set(names)
    if unknown := wanted - set(names):
        raise SystemExit(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(names)}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        if wanted & {name for name, *_ in _SHOTS}:
            photograph_report(browser, Path(scratch) / "grading", wanted)
        if "notebook" in wanted:
            photograph_notebook(browser, Path(scratch))
        if "docs-page" in wanted:
            photograph_docs(browser, Path(scratch) / "docs")
        browser.close()


if __name__ == "__main__":
    main()
