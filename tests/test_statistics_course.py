"""A course of another kind: it holds, a class is graded on it, and the engine knows neither of the two."""

import ast
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.course import load_course

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "examples" / "statistics-course"

RIGHT = """
import numpy as np

def sample_variance(values):
    if len(values) < 2:
        raise ValueError("too few")
    return np.var(values, ddof=1)

def correlation(x, y):
    if len(x) != len(y) or min(x) == max(x) or min(y) == max(y):
        raise ValueError("no correlation")
    return np.corrcoef(x, y)[0, 1]
"""
RESAMPLE = """
import numpy as np

def bootstrap_interval(values, statistic, draws, level):
    if level <= 0 or level >= 1:
        raise ValueError("no such level")
    found = [statistic(values[draw]) for draw in draws]
    return np.quantile(found, 0.5 - level / 2), np.quantile(found, 0.5 + level / 2)
"""
CLASS = {
    "student-001/describe.py": RIGHT,
    "student-001/resample.py": RESAMPLE,
    "student-002/describe.py": RIGHT.replace(", ddof=1", ""),
    "student-002/resample.py": RESAMPLE.replace("level / 2", "level"),
    "student-003/resample.py": RESAMPLE.replace("(1 - level) / 2", "1 - level").replace("0.5 - level / 2", "1 - level")
    .replace("0.5 + level / 2", "level"),
    "student-004/describe.py": "import os\nos._exit(3)\n",
}  # fmt: skip


def command(*arguments, code=0):
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("statistics")
    for name, source in CLASS.items():
        path = folder / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    untouched = folder / "class" / "student-004" / "resample.ipynb"
    untouched.write_bytes((COURSE / "exercises" / "resample.ipynb").read_bytes())
    command("grade", folder / "class", "--course", COURSE, "--out", folder / "out")
    lines = (folder / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {item["submission"]: item for item in map(json.loads, lines)}


def test_a_class_is_graded(graded):
    points = {
        name: (result["status"], result["total"], result["possible"]) for name, result in graded.items()
    }
    assert points == {
        "student-001/describe.py": ("graded", 8, 8),
        "student-001/resample.py": ("graded", 5, 5),
        "student-002/describe.py": ("graded", 5, 8),
        "student-002/resample.py": ("graded", 1, 5),
        "student-003/resample.py": ("graded", 1, 5),
        "student-004/describe.py": ("crashed", 0, 8),
        "student-004/resample.ipynb": ("graded", 0, 5),
    }


def test_mistakes_are_named(graded):
    named = {
        (name, exercise["name"]): exercise["mistake"]["id"]
        for name, result in graded.items()
        for exercise in result["exercises"]
        if exercise["mistake"]
    }
    assert named == {
        ("student-002/describe.py", "sample_variance"): "divided_by_n",
        ("student-003/resample.py", "bootstrap_interval"): "too_much_cut_off",
    }


def test_the_course_holds():
    assert "everything holds" in command("verify", "--course", COURSE)


def strings_and_names(tree):
    """What a module's code says, its docstrings and the texts of its help left out."""
    prose = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            prose.add(id(node.body[0].value))
        if isinstance(node, ast.keyword) and node.arg in ("epilog", "help"):
            prose |= {id(inner) for inner in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_engine_knows_no_topic():
    courses = [load_course(ROOT), load_course(COURSE)]
    topics = {name for course in courses for name in course.topics}
    functions = {
        exercise.name
        for course in courses
        for topic in course.topics.values()
        for exercise in topic.exercises
    }
    known = topics | functions | {f"solutions.{name}" for name in topics} | {"genai_course"}
    for path in sorted((ROOT / "autograder").rglob("*.py")):
        said = set(strings_and_names(ast.parse(path.read_text(encoding="utf-8"))))
        assert not {text for text in said if text in known or text.startswith("genai_course.")}, path
