"""otter-grader: its own table, what its container is built from, and its notebooks where students run them."""

import asyncio
import fnmatch
import io
import os
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from otter import grade as otter_grade
from otter.grade.utils import merge_scores_to_df
from otter.test_files import GradingResults
from otter.test_files import abstract_test as otter_tests

from autograder.course import load_course
from autograder.formats import ExportRequest, find_format
from autograder.otter_container import otter_container
from autograder.release import otter_bundle
from tests.formats.classes import exercise, result

ROOT = Path(__file__).resolve().parents[2]


class _File(otter_tests.TestFile):
    """A test file of otter's that has been run, with one case of so many points."""

    @classmethod
    def from_file(cls, path, *arguments, **settings):
        raise NotImplementedError

    @classmethod
    def from_metadata(cls, s, path):
        raise NotImplementedError

    def run(self, environment):
        raise NotImplementedError


def ours(tmp_path, results):
    (written,) = find_format("otter").export(ExportRequest(results=results, out=tmp_path / "f.csv")).files
    return written.read_text(encoding="utf-8").splitlines()


def otters(scores):
    """The table that otter itself writes for such scores: (file, {question: (score, possible)})."""
    graded = []
    for file, questions in scores:
        files = []
        for name, (score, possible) in questions.items():
            made = _File(name, f"{name}.py", [], False)
            for points, passed in ((score, True), (possible - score, False)):
                if points:
                    case = otter_tests.TestCase(
                        name=f"{name} {points}",
                        body=None,
                        hidden=False,
                        points=points,
                        success_message="",
                        failure_message="",
                    )
                    made.test_cases.append(case)
                    made.test_case_results.append(otter_tests.TestCaseResult(case, "", passed))
            files.append(made)
        whole = GradingResults(files)
        whole.file = file
        graded.append(whole)
    return merge_scores_to_df(graded).to_csv(index=False).splitlines()


def plain(line):
    """A line's cells, numbers as numbers: pandas writes 1 where we write 1.0."""
    return [float(cell) if re.fullmatch(r"[\d.]+", cell) else cell for cell in line.split(",")]


def test_the_table_is_otters(tmp_path):
    exercises = [exercise("b", 1.0, 4.0), exercise("a", 2.0, 2.0)]
    results = [
        result("zoe", total=3.0, possible=6.0, exercises=exercises),
        result("ada", total=3.0, possible=6.0, exercises=exercises),
    ]
    scores = [(f"{name}/tiny.py", {"b": (1.0, 4.0), "a": (2.0, 2.0)}) for name in ("zoe", "ada")]
    assert list(map(plain, ours(tmp_path, results))) == list(map(plain, otters(scores)))


def test_names_that_are_formulas(tmp_path):
    assert ours(tmp_path, [result("=1+1")])[2].startswith("'=1+1/tiny.py,")


@pytest.fixture(scope="module")
def course():
    if not (ROOT / "solutions").is_dir():
        pytest.skip("needs the course's solutions")
    return load_course(ROOT)


def test_otter_grade_finds_all_that_its_dockerfile_copies(course):
    """Without Docker: every file that otter's own Dockerfile adds to the image is in the bundle."""
    container = otter_container(course)
    with zipfile.ZipFile(io.BytesIO(otter_bundle(course.topics["attention"], container))) as bundle:
        names = bundle.namelist()
        tops = {name.partition("/")[0] for name in names}
        dockerfile = (Path(otter_grade.__file__).parent / "Dockerfile").read_text(encoding="utf-8")
        added = [
            word for line in re.findall(r"^ADD (.*)$", dockerfile, re.MULTILINE) for word in line.split()[:-1]
        ]
        assert len(added) >= 8
        assert [pattern for pattern in added if not fnmatch.filter(tops, pattern)] == []
        environment = bundle.read("environment.yml").decode()
        assert "/autograder/source/requirements.zip" in environment and "otter-grader" in environment
        with zipfile.ZipFile(io.BytesIO(bundle.read("requirements.zip"))) as package:
            packed = set(package.namelist())
        assert {"package/pyproject.toml", "package/README.md", "package/csrc/bindings.cpp"} <= packed
        assert not any("solutions" in name for name in packed)
    assert otter_container(course) == container


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that runs the tests."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(resource_dir="", **get_kernel_dict())


class ThisKernel(AsyncKernelManager):
    """Starts that kernel."""

    def __init__(self, **settings):
        super().__init__(**settings, kernel_spec_manager=ThisPython())


AS_IN_COLAB = """\
class Shell(type(get_ipython())):
    pass

Shell.__module__ = "google.colab._shell"
get_ipython().__class__ = Shell
"""
SOLVED = "def causal_mask(n):\n    return np.tril(np.ones((n, n), dtype=bool))\n"


@pytest.mark.parametrize("unpacked", [True, False])
def test_a_notebook_as_in_colab(tmp_path, unpacked):
    """The kernel calls itself Colab's, has no notebook file, and works in a folder of its own."""
    content = tmp_path / "content"
    content.mkdir()
    if unpacked:
        shutil.copytree(ROOT / "exercises" / "tests" / "attention", content / "tests" / "attention")
    notebook = nbformat.read(ROOT / "exercises" / "attention.ipynb", as_version=4)
    setup = [cell for cell in notebook.cells if cell.cell_type == "code"][:2]
    check = next(cell for cell in notebook.cells if 'grader.check("causal_mask")' in cell.source)
    wrong = new_code_cell("def causal_mask(n):\n    return np.zeros((n, n), dtype=bool)")
    again = new_code_cell(check.source)
    notebook.cells = [new_code_cell(AS_IN_COLAB), *setup, wrong, check, new_code_cell(SOLVED), again]
    client = NotebookClient(
        notebook, kernel_manager_class=ThisKernel, timeout=120, allow_errors=True,
        resources={"metadata": {"path": str(content)}},
    )  # fmt: skip
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython"), "OPENBLAS_NUM_THREADS": "1"}
    asyncio.run(client.async_execute(env=environment))
    shown = [str(cell.get("outputs", "")) for cell in notebook.cells]
    if unpacked:
        assert "causal_mask" in shown[4] and "failed" in shown[4]
        assert "passed" in shown[6] and "failed" not in shown[6]
    else:
        assert "Tests directory tests/attention does not exist" in shown[2]
