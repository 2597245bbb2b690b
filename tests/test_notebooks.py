"""Every notebook, run from top to bottom in a kernel: as students get it, and with the reference solutions."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
import pytest
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

COURSE = Path(__file__).resolve().parents[1]
if not (COURSE / "solutions").is_dir():
    pytest.skip("needs the course's solutions", allow_module_level=True)
TOPICS = sorted(path.stem for path in (COURSE / "exercises").glob("*.ipynb"))
CELL_SECONDS = 120  # a minute, on a machine that has other things to do as well


class ThisPython(KernelSpecManager):  # type: ignore[misc]
    """Knows one kernel: the Python that runs the tests."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir="", **get_kernel_dict())


class ThisKernel(AsyncKernelManager):  # type: ignore[misc]
    """Starts that kernel."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings, kernel_spec_manager=ThisPython())


def run(notebook: nbformat.NotebookNode, folder: Path) -> list[nbformat.NotebookNode]:
    """Run all cells in a copy of exercises/ and give the code cells, with their outputs."""
    shutil.copytree(COURSE / "exercises", folder / "exercises")
    client = NotebookClient(
        notebook,
        kernel_manager_class=ThisKernel,
        timeout=CELL_SECONDS,
        allow_errors=True,
        resources={"metadata": {"path": str(folder / "exercises")}},
    )
    environment = {**os.environ, "IPYTHONDIR": str(folder / "ipython"), "OPENBLAS_NUM_THREADS": "1"}
    asyncio.run(client.async_execute(env=environment))
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def untouched(topic: str) -> nbformat.NotebookNode:
    return nbformat.read(COURSE / "exercises" / f"{topic}.ipynb", as_version=4)


def solved(topic: str) -> nbformat.NotebookNode:
    return jupytext.read(COURSE / "solutions" / f"{topic}.py")


NOTEBOOKS = {"untouched": untouched, "solved": solved}


class Runs:
    """Runs the notebooks that tests will ask for, two at a time."""

    def __init__(self, wanted: list[tuple[str, str]], folder: Path) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._folder = folder
        self._runs = {key: self._pool.submit(self._run, *key) for key in wanted}

    def _run(self, topic: str, state: str) -> list[nbformat.NotebookNode]:
        return run(NOTEBOOKS[state](topic), self._folder / f"{topic}-{state}")

    def cells(self, topic: str, state: str) -> list[nbformat.NotebookNode]:
        future: Future[list[nbformat.NotebookNode]] = self._runs[topic, state]
        return future.result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    wanted = [
        (item.callspec.params["topic"], item.callspec.params["state"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and "runs" in item.fixturenames
    ]
    kept = Runs(list(dict.fromkeys(wanted)), tmp_path_factory.mktemp("notebooks"))
    yield kept
    kept.close()


def is_check(cell: nbformat.NotebookNode) -> bool:
    return cell.source.startswith("grader.check(")


def text_of(cell: nbformat.NotebookNode) -> str:
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
    )


def pictures_of(cell: nbformat.NotebookNode) -> list[str]:
    shown = [output.get("data", {}) for output in cell.outputs]
    assert not any("image/png" in data for data in shown), f"a picture without alt text: {cell.source}"
    return [data["text/html"] for data in shown if "<img" in data.get("text/html", "")]


def assert_no_trouble(cells: list[nbformat.NotebookNode]) -> None:
    """No cell ends with an error, or writes to the error stream."""
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", f"{cell.source}\n\n{output.ename}: {output.evalue}"
            assert output.get("name") != "stderr", f"{cell.source}\n\n{output.text}"


@pytest.mark.parametrize("state", ["untouched"])
@pytest.mark.parametrize("topic", TOPICS)
def test_an_untouched_notebook_says_what_is_not_done_yet(topic: str, state: str, runs: Runs) -> None:
    cells = runs.cells(topic, state)

    assert_no_trouble(cells)
    checks = [cell for cell in cells if is_check(cell)]
    pictures = [cell for cell in cells if 'when_done("' in cell.source]
    assert checks
    assert pictures
    for cell in checks:
        assert "not done yet" in text_of(cell), cell.source
        assert "Traceback" not in text_of(cell)
    for cell in pictures:
        assert "is not done yet" in text_of(cell), cell.source
        assert not pictures_of(cell), cell.source


@pytest.mark.parametrize("state", ["solved"])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_solved_notebook_passes_its_checks_and_draws(topic: str, state: str, runs: Runs) -> None:
    cells = runs.cells(topic, state)

    assert_no_trouble(cells)
    for cell in cells:
        if is_check(cell):
            assert "All test cases passed!" in text_of(cell), text_of(cell)
        if "when_done(" in cell.source:
            assert cell.outputs, cell.source
            assert "not done yet" not in text_of(cell), cell.source
    asked = [cell for cell in cells if "plots." in cell.source.replace("plots.when_done", "")]
    assert asked
    for cell in asked:
        assert pictures_of(cell), cell.source
        for picture in pictures_of(cell):  # who cannot see it is told what it shows
            assert re.match(
                r'<img alt="[A-Z0-9][^"]{20,}[.;:]" src="data:image/png;base64,\S{1000,}">$', picture
            )


def test_every_topic_has_a_notebook() -> None:
    topics = {path.name for path in (COURSE / "solutions" / "tests").iterdir() if path.is_dir()}
    assert {topic for topic in topics if not topic.endswith("_cpp")} == set(TOPICS)
