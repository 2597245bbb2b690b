"""The authors' guide, followed to the letter: its commands are run, its files written, its output compared."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.new_topic import places_to_edit, topic_files

GUIDE = Path(__file__).parents[1] / "docs" / "author.md"
BLOCK = re.compile(
    r'^```(?P<kind>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL
)


def plain(text):
    """Text without the rules of tables, and with single spaces."""
    return " ".join(text.replace("│", " ").split())


def autograder(folder, *arguments):
    """Run the command as an author does; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "150"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert "Traceback" not in done.stderr
    return done


def follow(page, folder):
    """Do what a page says, from its first block to its last; returns the folder it ends in."""
    printed = ""
    for block in BLOCK.finditer(page):
        if block["kind"] == "sh":
            printed = ""
            for line in block["body"].splitlines():
                name, *arguments = shlex.split(line)
                if name == "cd":
                    folder /= arguments[0]
                else:
                    assert name == "autograder", line
                    done = autograder(folder, *arguments)
                    assert done.returncode in (0, 1), done.stderr
                    printed += done.stdout
        elif block["kind"] == "text":
            for line in block["body"].splitlines():
                assert plain(line) in plain(printed), printed
        elif block["title"]:
            name, _, where = block["title"].partition(", ")
            assert where in ("", "at its end")
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") if where else ""
            path.write_text(before + block["body"], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    page = GUIDE.read_text(encoding="utf-8").partition("## In detail")[0]
    return follow(page.partition("## From an idea")[2], tmp_path_factory.mktemp("guide"))


def test_the_guide_ends_with_a_grade_and_the_mistake_by_name(followed):
    (line,) = (followed / "grading" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    result = json.loads(line)
    assert (result["total"], result["possible"]) == (1, 4)
    (exercise,) = result["exercises"]
    assert exercise["mistake"]["id"] == "natural_logarithm"
    assert f"*{exercise['mistake']['hint']}*" in plain(GUIDE.read_text(encoding="utf-8"))


def test_the_guide_ends_with_a_picture(followed, monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(pyplot, "show", lambda: None)
    before = set(pyplot.get_fignums())
    cells = json.loads((followed / "exercises" / "entropy.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    master = (followed / "solutions" / "entropy.py").read_text(encoding="utf-8")
    pyplot.switch_backend("agg")
    drawn = {}
    for solved in (False, True):
        names = {}
        for cell in code:
            if "otter" in cell or "grader" in cell:
                continue
            exec(master if solved and "def entropy" in cell else cell, names)
            names["plt"] = pyplot
            names.setdefault("contextlib", __import__("contextlib"))
        drawn[solved] = set(pyplot.get_fignums()) - before
        for number in drawn[solved]:
            (line,) = pyplot.figure(number).axes[0].lines
            assert (max(line.get_ydata()), line.get_ydata()[0]) == (pytest.approx(1), 0)
            pyplot.close(number)
    assert not drawn[False] and len(drawn[True]) == 1


def test_a_new_topic_in_a_course_that_is_there(followed):
    done = autograder(followed / "solutions", "new", "surprise", "--exercise", "bits")
    assert done.returncode == 0, done.stderr
    for path, line, what in places_to_edit(topic_files("surprise", "bits")):
        assert f"{path}:{line} {what}" in plain(done.stdout)
    done = autograder(followed, "verify", "--topic", "surprise", "--no-mutants")
    assert done.returncode == 0, done.stdout
    again = autograder(followed, "new", "surprise")
    assert again.returncode == 2 and "surprise.py: it is there already" in again.stderr


@pytest.mark.parametrize(
    "name", ["Entropy", "top-k", "my topic", "class", "tests", "solutions", "entropy_cpp", "random", "numpy"]
)
def test_a_name_that_would_be_taken_for_something_else(tmp_path, name):
    done = autograder(tmp_path, "new", name, "--course", "course")
    assert done.returncode == 2 and f"a topic cannot be called {name!r}" in plain(done.stderr)
    assert not (tmp_path / "course").exists()
