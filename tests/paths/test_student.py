"""A student's path: from the zip alone to what is handed in, as docs/student.md says it."""

import asyncio
import csv
import re
import shutil
import subprocess
import sys

import jupytext
import pytest

from autograder.course import load_course
from autograder.release import exercise_files, student_bundle
from tests.paths.jupyter import Server
from tests.paths.pages import ROOT, Shell, blocks, environment, same_output

if not (ROOT / "solutions").is_dir():
    pytest.skip("needs the course's solutions", allow_module_level=True)

PAGE = ROOT / "docs" / "student.md"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def written(topic, source, *, without=()):
    """A cell of an exercise with its answer in it, as the master has it."""
    if "YOUR CODE HERE" not in source:
        return source
    name = re.search(r"^def (\w+)", source, re.MULTILINE)[1]
    master = jupytext.read(ROOT / "solutions" / f"{topic}.py")
    answers = {
        re.search(r"^def (\w+)", cell.source, re.MULTILINE)[1]: cell.source
        for cell in master.cells
        if "BEGIN SOLUTION" in cell.source
    }
    return source if name in without else answers[name]


def commands():
    """The page's commands."""
    return [block for block in blocks(PAGE) if block.language == "sh"]


class Student:
    """Someone with a shell, a notebook server, and the page."""

    def __init__(self, folder):
        self.folder = folder
        self.home = environment(folder / "home")
        work = folder / "work"
        work.mkdir()
        course = load_course(ROOT)
        self.course = work / "genai-course"
        (work / "student.zip").write_bytes(student_bundle(course, exercise_files(course)))
        self.shell = Shell(work, self.home)
        self.done = []
        self.server = None

    def follow(self, wanted, code=0):
        """Run the page's next block of commands, which must be the one that is wanted, and give what it prints."""
        block = commands()[len(self.done)]
        assert wanted in block.text, block
        self.done.append(block)
        ended, printed = self.shell.run(block.text)
        assert ended == code, f"{block}\n\n{printed}"
        return printed

    def shown(self):
        """The output that the page shows below the last commands."""
        return next(
            block.text
            for block in blocks(PAGE)
            if block.language == "text" and block.line > self.done[-1].line
        )

    def start_jupyter(self):
        """Run the page's command, but for the browser."""
        block = commands()[len(self.done)]
        assert block.text.startswith("jupyter lab")
        self.done.append(block)
        command = f"{block.text.strip()} --no-browser --port=0 --allow-root"
        ended, printed = self.shell.run(f"({command} >../jupyter.log 2>&1 &)")
        assert ended == 0, printed
        self.server = Server(self.folder / "home" / "jupyter_runtime_dir")
        return self.server

    def close(self):
        if self.server is not None:
            self.server.ask("POST", "api/shutdown")
        self.shell.close()


def text_of(cell):
    return "".join(item.get("text") or item.get("data", {}).get("text/plain", "") for item in cell["outputs"])


def solve(server, path, topic, *, without=()):
    """What a student does in the browser: write the answers and save."""
    model = server.ask("GET", f"api/contents/{path}")
    for cell in model["content"]["cells"]:
        cell["source"] = written(topic, cell["source"], without=without)
    server.ask("PUT", f"api/contents/{path}", {"type": "notebook", "content": model["content"]})


def answered(topic, script):
    """A script of an exercise with its answers."""
    first, *cells = script.split("\n# %%")
    heads, sources = zip(*(cell.split("\n", 1) for cell in cells), strict=True)
    answers = [written(topic, source) for source in sources]
    return "\n# %%".join([first, *(f"{head}\n{source}" for head, source in zip(heads, answers, strict=True))])


@pytest.fixture
def student(tmp_path):
    student = Student(tmp_path)
    yield student
    student.close()


def test_from_the_zip_alone_to_what_is_graded(student):
    student.follow("pip install")
    assert not (student.course / "solutions").exists()
    # Also in the folder of the sources, which hides what was installed.
    ended, printed = student.shell.run(
        'python -c "from genai_course.kernels import _core; print(_core.__file__)"'
    )
    assert ended == 0, printed
    assert ".venv" in printed

    ended, printed = student.shell.run('python -c "from autograder.notebook import check"')
    assert ended == 0, printed

    server = student.start_jupyter()
    assert "JupyterLab" in server.ask("GET", "lab/tree/attention.ipynb")
    untouched = asyncio.run(server.run_all("attention.ipynb"))
    checks = [cell for cell in untouched if cell["source"].startswith("grader.check(")]
    assert len(checks) == 2
    assert all("not done yet" in text_of(cell) for cell in checks)

    solve(server, "attention.ipynb", "attention", without=["causal_mask"])
    printed = student.follow("autograder check exercises/attention.ipynb", code=1)
    assert same_output(printed, student.shown()), printed

    solve(server, "attention.ipynb", "attention")
    solved = asyncio.run(server.run_all("attention.ipynb"))
    assert not [item for cell in solved for item in cell["outputs"] if item["output_type"] == "error"]
    checks = [cell for cell in solved if cell["source"].startswith("grader.check(")]
    assert all("All test cases passed!" in text_of(cell) for cell in checks)
    shown = [item.get("data", {}).get("text/html", "") for cell in solved for item in cell["outputs"]]
    pictures = [html for html in shown if "<img" in html]
    assert len(pictures) == 3
    assert all(re.match(r'<img alt="[^"]{20,}" src="data:image/png;base64,', picture) for picture in pictures)

    script = student.course / "exercises" / "nll_loss.py"
    script.write_text(answered("nll_loss", script.read_text(encoding="utf-8")), encoding="utf-8")
    printed = student.follow("python exercises/nll_loss.py")
    assert "3 of 3 exercises pass their public tests" in printed

    printed = student.follow("autograder progress")
    functions = sum(len(topic.exercises) for topic in load_course(ROOT).topics.values())
    assert f"5 of {functions} functions pass their public tests; the picture: progress.png" in printed
    assert (student.course / "progress.png").read_bytes().startswith(b"\x89PNG")

    printed = student.follow("autograder submit-check exercises/attention.ipynb")
    assert same_output(printed, student.shown()), printed
    assert len(student.done) == len(commands())
    assert graded_as_handed_in(student) == ["graded", "14", "14"]


def graded_as_handed_in(student):
    """What the instructor finds for the packed file: its status, points, and possible points."""
    downloads, out = student.folder / "downloads", student.folder / "grading"
    (downloads / "student-001").mkdir(parents=True)
    shutil.copy(student.course / "attention.zip", downloads / "student-001")
    command = [sys.executable, "-m", "autograder", "grade", downloads, "--course", ROOT, "--out", out]
    subprocess.run(command, check=True, capture_output=True)
    with open(out / "grades.csv", encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    return [row["status"], row["total"], row["possible"]]
