"""A class of 30 in nbgrader's own folders, graded by its own commands with this engine behind them."""

from __future__ import annotations

import ast
import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.commands.common import find_protections
from autograder.course import Course, Topic, load_course
from autograder.nbgrader.sources import write_sources
from autograder.overrides import override_source
from autograder.pool import grade_all
from autograder.results import Result
from autograder.sandbox.limits import Limits
from autograder.submissions import find_submissions

ROOT = Path(__file__).resolve().parents[2]
TOPIC = "attention"
SECRET_IN_TESTS = "masks of all kinds"
"""Stands in the source of the hidden tests alone, as a case's name; and this in the reference."""
SECRET_IN_REFERENCE = "position[None, :]"


@dataclass(frozen=True)
class Nbgrader:
    """A folder of nbgrader's, and its commands in it."""

    folder: Path
    home: Path
    logs: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the user's own settings, and this Python's programs first: nbgrader starts alembic by its name."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))
        }
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        return kept | {"PATH": path, "HOME": str(self.home), "IPYTHONDIR": str(self.home / "ipython")}

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def submitted(self, student: str) -> Path:
        return self.folder / "submitted" / student / TOPIC / f"{TOPIC}.ipynb"

    def autograded(self, student: str) -> Path:
        return self.folder / "autograded" / student / TOPIC / f"{TOPIC}.ipynb"

    def copy(self, to: Path) -> Nbgrader:
        shutil.copytree(self.folder, to, symlinks=True)
        return Nbgrader(to, self.home)


def scores(folder: Path) -> dict[str, dict[str, float]]:
    """What the gradebook holds: points by student and cell."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        found = {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(TOPIC)
        }
    assert not any(manual for grades in found.values() for _, manual in grades.values())
    return {
        student: {name: score for name, (score, _) in grades.items()} for student, grades in found.items()
    }


def comment(folder: Path, student: str, cell: str) -> str:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return str(gradebook.find_comment(cell, TOPIC, TOPIC, student).comment or "")


def reference_answer(topic: Topic, exercise: str) -> str:
    (function,) = (
        node
        for node in ast.parse(topic.source).body
        if isinstance(node, ast.FunctionDef) and node.name == exercise
    )
    lines = topic.source.splitlines()[function.lineno - 1 : function.end_lineno]
    return "\n".join(line for line in lines if not line.strip().startswith("### "))


def grade_id(cell: Mapping[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def with_answers(released: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """The released notebook with some solution cells filled in."""
    notebook = copy.deepcopy(dict(released))
    for cell in notebook["cells"]:
        if grade_id(cell) in answers:
            cell["source"] = answers[grade_id(cell)]
    return notebook


RAISES_HTML = """
def attention(Q, K, V, mask=None):
    script = "<script>document.title = 'taken'</script> ![x](http://127.0.0.1:1/x)"
    raise ValueError(script + " $$ \\\\href{javascript:x}{y} $$")
"""
LEAVES = "import os\n\n\ndef causal_mask(n):\n    os._exit(0)\n"
LOOPS = "def causal_mask(n):\n    while True:\n        pass\n"
NOISY = "import sys\n\nprint('to standard error', file=sys.stderr)\n\n\n"
TELLS_ALL = """
import numpy as np


def causal_mask(n):
    found = [str(value) for value in globals().values()] + list(globals())
    raise ValueError("found: " + " ".join(text for text in found if "masks of" in text or "_hidden" in text))
"""
FULL_MARKS = {
    "output_type": "execute_result",
    "execution_count": 1,
    "metadata": {},
    "data": {"text/plain": "np.float64(0.5)"},
}


def _strange(released: Mapping[str, Any], right: Mapping[str, str]) -> dict[str, bytes]:
    """What makes nbgrader stumble, or tries to."""
    whole = with_answers(released, right)

    def changed(change: Callable[[list[dict[str, Any]]], object], base: Mapping[str, Any] = whole) -> bytes:
        notebook = copy.deepcopy(dict(base))
        change(notebook["cells"])
        return json.dumps(notebook).encode()

    def solution(cells: list[dict[str, Any]], name: str) -> dict[str, Any]:
        (found,) = (cell for cell in cells if grade_id(cell) == name)
        return found

    def twice(cells: list[dict[str, Any]]) -> None:
        again = copy.deepcopy(solution(cells, "causal_mask"))
        cells.insert(2, again | {"source": "causal_mask = None"})  # the cell's own id is there twice, too

    def without_tests(cells: list[dict[str, Any]]) -> None:
        cells[:] = [cell for cell in cells if not cell["metadata"].get("nbgrader", {}).get("grade")]

    def without_metadata(cells: list[dict[str, Any]]) -> None:
        for cell in cells:
            cell["metadata"] = {}

    def generous(cells: list[dict[str, Any]]) -> None:
        """Points of one's own, no tests, and outputs that say it all passed."""
        for cell in cells:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["metadata"]["nbgrader"]["points"] = 1000
                cell["metadata"]["nbgrader"]["locked"] = False
                cell["source"] = "import numpy as np\nnp.float64(0.5)"
                cell["outputs"] = [FULL_MARKS]

    def old_metadata(cells: list[dict[str, Any]]) -> None:
        for cell in cells:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"]["schema_version"] = 1
        cells[0]["metadata"]["nbgrader"] = {}
        cells[1]["metadata"]["nbgrader"] = "no such thing"

    nothing = with_answers(released, {})
    return {
        "twice": changed(twice),
        "without-tests": changed(without_tests),
        "without-metadata": changed(without_metadata),
        "generous": changed(generous, nothing),
        "old-metadata": changed(old_metadata),
        "no-json": b"{ this is no notebook",
        "empty": b"",
        "no-notebook": b'{"nbformat": 4, "cells": 5}',
        "syntax": json.dumps(
            with_answers(released, {"attention": "def attention(:\n", "causal_mask": right["causal_mask"]})
        ).encode(),
        "html": json.dumps(with_answers(released, right | {"attention": RAISES_HTML})).encode(),
        "leaves": json.dumps(with_answers(released, right | {"causal_mask": LEAVES})).encode(),
        "loops": json.dumps(with_answers(released, right | {"causal_mask": LOOPS})).encode(),
        "noisy": json.dumps(
            with_answers(released, right | {"attention": NOISY + right["attention"]})
        ).encode(),
        "tells": json.dumps(with_answers(released, right | {"causal_mask": TELLS_ALL})).encode(),
    }


@pytest.fixture(scope="session")
def course() -> Course:
    return load_course(ROOT)


@pytest.fixture(scope="session")
def assigned(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Nbgrader:
    """The assignment in nbgrader's hands, and 30 submissions of it; nothing is graded yet."""
    nbgrader = Nbgrader(tmp_path_factory.mktemp("nbgrader") / "course", tmp_path_factory.mktemp("home"))
    write_sources(course, nbgrader.folder)
    with open(nbgrader.folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write("c.ConfinedExecute.call_seconds = 1.0\n")
    nbgrader("generate_assignment", TOPIC)
    topic = course.topics[TOPIC]
    released = json.loads((nbgrader.folder / "release" / TOPIC / f"{TOPIC}.ipynb").read_bytes())
    right = {exercise.name: reference_answer(topic, exercise.name) for exercise in topic.exercises}
    handed: dict[str, bytes] = {"right": json.dumps(with_answers(released, right)).encode()}
    handed["untouched"] = json.dumps(with_answers(released, {})).encode()
    handed |= _strange(released, right)
    named = [entry for entry in topic.mistakes if entry.id in ("missing_scale", "without_diagonal")]
    others = [entry for entry in topic.mistakes if entry not in named]
    entries = [*named, *topic.alternatives[:4], *others[:: max(len(others) // 8, 1)]]
    for entry in entries[: 30 - len(handed)]:
        answers = right | {entry.exercise: override_source(topic, entry)}
        handed[f"{entry.id.replace('_', '-')}"] = json.dumps(with_answers(released, answers)).encode()
    assert len(handed) == 30
    for student, data in handed.items():
        path = nbgrader.submitted(student)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    return nbgrader


@pytest.fixture(scope="session")
def graded(assigned: Nbgrader, tmp_path_factory: pytest.TempPathFactory) -> Nbgrader:
    """The class after one ``nbgrader autograde``, in whose way lies what a killed one left."""
    nbgrader = assigned.copy(tmp_path_factory.mktemp("graded") / "course")
    nbgrader.autograded("untouched").parent.mkdir(parents=True)
    half = nbgrader.autograded("right")
    half.parent.mkdir(parents=True)
    half.write_bytes(nbgrader.submitted("right").read_bytes())
    torn = nbgrader.autograded("without-tests")
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b'{"cells": [], "metadata": {"autograder": {"graded": tr')
    nbgrader.logs["autograde"] = nbgrader("autograde", TOPIC)
    return nbgrader


@pytest.fixture(scope="session")
def computed(course: Course, assigned: Nbgrader) -> dict[str, Result]:
    """The same files, as ``autograder grade submitted/`` grades them."""
    limits = Limits(call_seconds=1.0)
    submissions, _ = find_submissions(assigned.folder / "submitted", course.topics)
    protections = find_protections(limits, None, True)
    results = grade_all(course, submissions, limits=limits, workers=1, protections=protections)
    return {result.student: result for result in results}
