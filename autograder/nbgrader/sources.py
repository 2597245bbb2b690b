"""Makes nbgrader's source notebooks from the masters: solution cells, and after each its public and hidden tests.

An exercise ``causal_mask`` becomes three cells with these ids: ``causal_mask`` (the solution), ``causal_mask-public``
and ``causal_mask-hidden`` (tests, locked, each with the points of its cases). They also run without this package: a
student's ``nbgrader validate`` runs the public ones from files beside the notebook, nbgrader's own executor the hidden
ones, which carry the reference they compare with.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from autograder.course import Course, CourseError, Exercise, Topic
from autograder.nbgrader.cells import case_points, hidden_id, public_id, public_tests_cell, told_points
from autograder.release import public_file
from autograder.results import write_atomically

__all__ = ["CONFIG_NAME", "assignment_files", "config_file", "write_sources"]

CONFIG_NAME = "nbgrader_config.py"

_ID = re.compile(r"[A-Za-z0-9_-]+")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def _metadata(grade_id: str, *, points: float | None = None) -> dict[str, Any]:
    """nbgrader's metadata of a solution cell or, with points, of a cell with tests."""
    grade = points is not None
    found: dict[str, Any] = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": grade,
        "schema_version": 3,
        "solution": not grade,
        "task": False,
    }
    return {"nbgrader": found | ({"points": points} if grade else {})}


def _without_texts(source: str) -> str:
    """A module's code without comments and docstrings, and so without the markers of solution regions."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _solutions_named(source: str) -> Iterator[str]:
    """The modules of ``solutions`` that a module imports, by their names below it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "solutions":
            names = [f"solutions.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name.partition(".")[2] for name in names if name.startswith("solutions."))


def _references(course: Course, source: str, path: Path) -> dict[str, str]:
    """Every master that a test file needs, also through others, each after those that it imports itself."""
    found: dict[str, str] = {}
    for name in _solutions_named(source):
        topic = course.topics.get(name)
        if topic is None:
            raise CourseError(f"{path}: it imports solutions.{name}, which is no topic's master")
        if name not in found:
            found |= _references(course, topic.source, path) | {name: _without_texts(topic.source)}
    return found


def _literal(text: str, indent: str) -> str:
    """A string as Python writes it, a line of it in a line."""
    lines = [f"{indent}    {json.dumps(line, ensure_ascii=False)}" for line in text.splitlines(keepends=True)]
    return "(\n" + "\n".join(lines) + f"\n{indent})"


def _hidden_cell(course: Course, exercise: Exercise) -> str:
    path = Path(exercise.tests.path)
    source = path.read_text(encoding="utf-8")
    modules = "".join(
        f'        "solutions.{name}": {_literal(text, "        ")},\n'
        for name, text in _references(course, source, path).items()
    )
    points = told_points(case_points(exercise, hidden=True))
    return f"""# Hidden tests of `{exercise.name}`: {points}. They run when your work is graded.
### BEGIN HIDDEN TESTS
def _hidden_points(environment):
    import sys
    import types

    from otter.test_files.exception_test import ExceptionTestFile

    modules = {{
{modules}    }}
    tests = {_literal(_without_texts(source), "    ")}
    package = types.ModuleType("solutions")
    package.__path__ = []
    before = {{name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "solutions"}}
    sys.modules["solutions"] = package
    try:
        for name, source in modules.items():
            module = sys.modules[name] = types.ModuleType(name)
            setattr(package, name.partition(".")[2], module)
            exec(compile(source, "<reference>", "exec"), module.__dict__)
        file = ExceptionTestFile.from_string(tests)
        file.test_cases = [case for case in file.test_cases if case.hidden]
        file.run(environment)
    finally:
        for name in ["solutions", *modules]:
            sys.modules.pop(name, None)
        sys.modules.update(before)
    for result in file.test_case_results:
        print("passed:" if result.passed else "failed:", result.test_case.name)
    return float(sum(result.test_case.points for result in file.test_case_results if result.passed))


_hidden_points(globals())
### END HIDDEN TESTS"""


def _exercises_in(source: str, topic: Topic) -> list[Exercise]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except SyntaxError:  # a magic
        return []
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return [exercise for exercise in topic.exercises if exercise.name in names]


def _check_ids(topic: Topic) -> None:
    for name in (topic.name, *(exercise.name for exercise in topic.exercises)):
        if not _ID.fullmatch(name):
            raise CourseError(
                f"{topic.name}: {name!r} cannot be an id in nbgrader; use ASCII letters, digits and _"
            )


def _cell(kind: str, source: str, cell_id: str, metadata: dict[str, Any]) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": cell_id, "metadata": metadata, "source": source}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _cells(course: Course, topic: Topic) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook = jupytext.reads(topic.source, fmt="py:percent")
    checks = {f'grader.check("{exercise.name}")' for exercise in topic.exercises}
    cells: list[dict[str, Any]] = []
    for index, cell in enumerate(notebook.cells):
        if cell.source.strip() in checks:
            continue  # the public tests do that
        cell_id = f"{topic.name.replace('_', '-')}-{index:03d}"
        tags = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        exercises = _exercises_in(cell.source, topic) if cell.cell_type == "code" else []
        if len(exercises) > 1:
            both = " and ".join(f"`{exercise.name}`" for exercise in exercises[:2])
            raise CourseError(
                f"{topic.name}: {both} are in one cell; nbgrader needs a cell for each exercise"
            )
        if not exercises:
            region = "### BEGIN SOLUTION" in cell.source
            solution = _metadata(f"solution-{index}") if region else {}
            cells.append(_cell(cell.cell_type, cell.source, cell_id, tags | solution))
            continue
        (exercise,) = exercises
        if "### BEGIN SOLUTION" not in cell.source:
            raise CourseError(f"{topic.name}: `{exercise.name}` has no solution region to cut")
        cells.append(_cell("code", cell.source, cell_id, tags | _metadata(exercise.name)))
        hidden = {bool(case.hidden) for case in exercise.tests.test_cases}
        if False in hidden:
            metadata = _metadata(public_id(exercise.name), points=case_points(exercise, hidden=False))
            cells.append(
                _cell("code", public_tests_cell(topic.name, exercise), f"{cell_id}-public", metadata)
            )
        if True in hidden:
            metadata = _metadata(hidden_id(exercise.name), points=case_points(exercise, hidden=True))
            cells.append(_cell("code", _hidden_cell(course, exercise), f"{cell_id}-hidden", metadata))
    return cells


def assignment_files(course: Course, topic: Topic) -> dict[str, bytes]:
    """What nbgrader's ``source/<topic>/`` should hold: paths below it, and contents; the same each time.

    Raises:
        CourseError: the master cannot be an assignment of nbgrader's; says where and what to do.
    """
    if topic.native is not None:
        raise CourseError(f"{topic.name}: its exercises are no Python, and nbgrader grades notebooks")
    _check_ids(topic)
    notebook = nbformat.from_dict(
        {
            "cells": _cells(course, topic),
            "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
    files = {f"{topic.name}.ipynb": (nbformat.writes(notebook, indent=1).rstrip() + "\n").encode()}
    for exercise in topic.exercises:
        files[f"tests/{topic.name}/{exercise.name}.py"] = public_file(exercise).encode()
    return files


def config_file(course: Course, folder: Path) -> bytes:
    """An ``nbgrader_config.py`` for a folder of nbgrader's, with which it grades by this engine."""
    inside = course.path.resolve() in folder.resolve().parents
    place = "" if inside else f", course={str(course.path.resolve())!r}"
    text = f'''"""nbgrader's settings; `autograder release --to nbgrader` made them once and leaves them alone."""

from autograder.nbgrader.executor import configure

c = get_config()
c.CourseDirectory.course_id = {course.path.resolve().name!r}
configure(c{place})
'''
    return text.encode()


def write_sources(course: Course, folder: Path) -> list[str]:
    """Make ``source/`` in a folder of nbgrader's, and settings where there are none; what else lies there stays.

    Topics whose exercises are no Python are left out: nbgrader grades notebooks.

    Returns:
        The paths below the folder that changed.

    Raises:
        CourseError: a master cannot be an assignment of nbgrader's. Then nothing is written.
        OSError: a file cannot be written.
    """
    files = {
        f"source/{topic.name}/{path}": data
        for topic in course.topics.values()
        if topic.native is None
        for path, data in assignment_files(course, topic).items()
    }
    if not (folder / CONFIG_NAME).exists():
        files[CONFIG_NAME] = config_file(course, folder)
    changed = []
    for name, data in files.items():
        path = folder / name
        if not (path.is_file() and path.read_bytes() == data):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
            changed.append(name)
    for topic in course.topics:
        for path in sorted((folder / "source" / topic / "tests" / topic).glob("*.py")):
            name = path.relative_to(folder).as_posix()
            if name not in files:  # of an exercise that is there no more
                path.unlink()
                changed.append(name)
    return changed
