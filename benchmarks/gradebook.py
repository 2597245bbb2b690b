"""Measures `nbgrader autograde` with its own executor and with this engine, and the export of a graded class.

    python benchmarks/gradebook.py --count 30 --many 1000

Both executors get the same notebooks, made from the assignment that `autograder release --to nbgrader` makes: right and
wrong work of one topic. Their scores are compared, too. Needs the extra ``instructor``.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from nbgrader.api import Gradebook

from autograder.commands.common import find_protections
from autograder.course import Topic, load_course
from autograder.formats import ExportRequest
from autograder.formats.nbgrader import export_to_gradebook
from autograder.nbgrader.sources import write_sources
from autograder.overrides import override_source
from autograder.pool import grade_all
from autograder.sandbox.limits import Limits
from autograder.submissions import find_submissions

ROOT = Path(__file__).resolve().parent.parent


def nbgrader(folder: Path, *arguments: str) -> float:
    """Run a command of nbgrader's; the seconds that it took."""
    # It starts `alembic` by its bare name, which lies beside this Python, on the path or not.
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": search},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"nbgrader {' '.join(arguments)} failed:\n{done.stderr}")
    return time.perf_counter() - start


def handed_in(topic: Topic, released: Mapping[str, Any], count: int) -> list[bytes]:
    """Notebooks of the reference, the alternatives and the known mistakes, over and over."""
    right = {}
    for node in ast.parse(topic.source).body:
        if isinstance(node, ast.FunctionDef):
            lines = topic.source.splitlines()[node.lineno - 1 : node.end_lineno]
            right[node.name] = "\n".join(line for line in lines if not line.strip().startswith("### "))
    entries = [*topic.alternatives, *topic.mistakes]
    notebooks = []
    for number in range(count):
        answers = dict(right)
        if number % (len(entries) + 1):
            entry = entries[number % (len(entries) + 1) - 1]
            answers[entry.exercise] = override_source(topic, entry)
        notebook = json.loads(json.dumps(released))
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        notebooks.append(json.dumps(notebook).encode())
    return notebooks


def scores(folder: Path, topic: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {row.student.id: round(row.score, 6) for row in gradebook.assignment_submissions(topic)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--topic", default="attention")
    parser.add_argument("--count", type=int, default=30, help="submissions for both executors")
    parser.add_argument("--many", type=int, default=1000, help="submissions for the export")
    arguments = parser.parse_args()
    course = load_course(ROOT)
    topic = course.topics[arguments.topic]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        ours, theirs = Path(name) / "ours", Path(name) / "theirs"
        write_sources(course, ours)
        nbgrader(ours, "generate_assignment", topic.name)
        released = json.loads((ours / "release" / topic.name / f"{topic.name}.ipynb").read_bytes())
        for number, data in enumerate(handed_in(topic, released, arguments.count)):
            place = ours / "submitted" / f"student-{number:03d}" / topic.name
            place.mkdir(parents=True)
            (place / f"{topic.name}.ipynb").write_bytes(data)
        shutil.copytree(ours, theirs)
        (theirs / "nbgrader_config.py").write_text("get_config().CourseDirectory.course_id = 'theirs'\n")
        bulk = Path(name) / "bulk"
        shutil.copytree(ours, bulk)

        rows = [("this engine", nbgrader(ours, "autograde", topic.name))]
        rows.append(("nbgrader's own executor", nbgrader(theirs, "autograde", topic.name)))
        for title, seconds in rows:
            rate = arguments.count / seconds
            print(f"nbgrader autograde, {title}: {seconds:.1f} s for {arguments.count}, {rate:.2f} a second")
        print(f"ratio: {rows[1][1] / rows[0][1]:.1f}")
        print(
            "scores: " + ("the same" if scores(ours, topic.name) == scores(theirs, topic.name) else "DIFFER")
        )

        limits = Limits()
        submissions, _ = find_submissions(bulk / "submitted", course.topics)
        protections = find_protections(limits, None, False)
        results = list(grade_all(course, submissions, limits=limits, workers=1, protections=protections))
        many = [
            msgspec.structs.replace(results[number % len(results)], student=f"many-{number:04d}")
            for number in range(arguments.many)
        ]
        start = time.perf_counter()
        export_to_gradebook(ExportRequest(results=many, out=bulk))
        print(f"export to the gradebook: {time.perf_counter() - start:.1f} s for {arguments.many}")


if __name__ == "__main__":
    main()
