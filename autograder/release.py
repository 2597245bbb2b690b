"""Makes what students and other tools get from the masters: notebooks, stubs, public tests, bundles.

Everything is made in memory first, so that ``verify`` can compare and ``release`` can write the same bytes.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tomllib
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import jupytext
import nbformat
from nbgrader.preprocessors import ClearSolutions

from autograder.course import Course, CourseError, Topic

__all__ = [
    "exercise_files",
    "otter_bundle",
    "public_tests",
    "stale_files",
    "student_bundle",
    "write_exercises",
]

_SKIPPED = ("__pycache__", ".ipynb_checkpoints", "build", "dist")
_NOT_SHIPPED = (".pyc", ".so", ".pyd", ".dylib", ".o", ".orig")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def _names_used(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


def _names_made(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return {
        item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }


def _is_hidden_case(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "test_case":
            for keyword in decorator.keywords:
                if keyword.arg == "hidden":
                    return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    return False


def _is_case(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        "test_case" in _names_used(decorator) for decorator in node.decorator_list
    )


_FORMAT_NAMES = {"OK_FORMAT", "name", "points", "all_or_nothing"}


def public_tests(source: str) -> str:
    """Cut a test file down to what students may see.

    Hidden cases go, and with them every import, constant and helper that no public case uses, and the comments above
    what goes.
    """
    tree = ast.parse(source)
    kept = {index for index, node in enumerate(tree.body) if not _is_hidden_case(node)}
    needed: set[str] = set(_FORMAT_NAMES)
    for index in kept:
        if _is_case(tree.body[index]):
            needed |= _names_used(tree.body[index])
    grows = True
    while grows:
        before = len(needed)
        for index in kept:
            node = tree.body[index]
            if not _is_case(node) and _names_made(node) & needed:
                needed |= _names_used(node)
        grows = len(needed) > before
    lines = source.splitlines()
    pieces: list[str] = []
    previous_end = 0
    for index, node in enumerate(tree.body):
        start = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
        above = lines[previous_end : start - 1]
        previous_end = node.end_lineno or node.lineno
        docstring = index == 0 and isinstance(node, ast.Expr)
        if index in kept and (docstring or _is_case(node) or _names_made(node) & needed):
            pieces.append("\n".join([*above, *lines[start - 1 : previous_end]]))
    text = "\n".join(pieces).strip() + "\n"
    return re.sub(r"\n{4,}", "\n\n\n", text)


def _cleared_notebook(topic: Topic, source: str) -> nbformat.NotebookNode:
    """The master as a notebook with its solution regions cut."""
    notebook = jupytext.reads(source, fmt="py:percent")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook, _ = ClearSolutions(enforce_metadata=False).preprocess(notebook, {})
    notebook.metadata = nbformat.from_dict({"kernelspec": _KERNEL, "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"{topic.name.replace('_', '-')}-{index:03d}"
        cell.metadata = nbformat.from_dict(
            {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        )
    if "SOLUTION" in nbformat.writes(notebook):
        raise CourseError(f"{topic.name}: a solution region was left in the exercise; look at its markers")
    return notebook


def _header(source: str) -> str:
    """The master's jupytext header, kept so that Python never takes a title for an encoding declaration."""
    found = re.match(r"# ---\n(?:#.*\n)*?# ---\n", source)
    return f"{found[0]}\n" if found else "# ---\n# ---\n\n"


def exercise_files(course: Course) -> dict[str, bytes]:
    """What ``exercises/`` should hold: paths below it, and contents."""
    files: dict[str, bytes] = {}
    for topic in course.topics.values():
        notebook = _cleared_notebook(topic, topic.source)
        files[f"{topic.name}.ipynb"] = (nbformat.writes(notebook, indent=1).rstrip() + "\n").encode()
        notebook.metadata["jupytext"] = {
            "notebook_metadata_filter": "-all",
            "cell_metadata_filter": "tags,-all",
        }
        script = jupytext.writes(notebook, fmt="py:percent").strip()
        files[f"{topic.name}.py"] = f"{_header(topic.source)}{script}\n".encode()
        for exercise in topic.exercises:
            source = Path(exercise.tests.path).read_text(encoding="utf-8")
            public = public_tests(source)
            if "solutions" in public or "hidden=True" in public:
                raise CourseError(f"{exercise.tests.path}: its public part still speaks of the solutions")
            files[f"tests/{topic.name}/{exercise.name}.py"] = public.encode()
    return files


def stale_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Paths below ``folder`` that are missing, differ, or should not be there."""
    stale = [name for name, data in files.items() if not _holds(folder / name, data)]
    extra = [path for pattern in ("*.py", "*.ipynb", "tests/**/*.py") for path in folder.glob(pattern)]
    stale += [name for path in extra if (name := path.relative_to(folder).as_posix()) not in files]
    return sorted(stale)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def write_exercises(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Make ``folder`` hold exactly these files; returns the paths that changed."""
    changed = stale_files(folder, files)
    for name in changed:
        path = folder / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        else:
            path.unlink()
    return changed


def _zip(entries: Mapping[str, bytes]) -> bytes:
    """A zip archive whose bytes depend on its contents alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entries[name])
    return out.getvalue()


def otter_bundle(topic: Topic) -> bytes:
    """``autograder.zip`` for ``otter run`` and Gradescope: every test, and the reference that hidden ones ask."""
    entries = {
        "otter_config.json": json.dumps({"show_hidden": False, "show_stdout": False}, indent=2).encode(),
        f"files/solutions/{topic.name}.py": topic.source.encode(),
    }
    for exercise in topic.exercises:
        entries[f"tests/{exercise.name}.py"] = Path(exercise.tests.path).read_bytes()
    return _zip(entries)


def _shipped(root: Path, names: Iterable[str]) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    for name in names:
        path = root / name
        if not path.exists():
            raise CourseError(f"{path}: named in pyproject.toml as part of the student's bundle, but missing")
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            relative = file.relative_to(root)
            if file.is_file() and not set(relative.parts) & set(_SKIPPED) and file.suffix not in _NOT_SHIPPED:
                entries[relative.as_posix()] = file.read_bytes()
    return entries


def student_bundle(course: Course, exercises: Mapping[str, bytes]) -> bytes:
    """``student.zip``: the exercises, and what ``[tool.autograder.student]`` in pyproject.toml names beside them."""
    settings: dict[str, object] = {}
    project = course.path / "pyproject.toml"
    name = course.path.resolve().name
    if project.is_file():
        parsed = tomllib.loads(project.read_text(encoding="utf-8"))
        settings = parsed.get("tool", {}).get("autograder", {}).get("student", {})
        name = parsed.get("project", {}).get("name", name)
    files = settings.get("files", [])
    entries = _shipped(course.path, [str(item) for item in files] if isinstance(files, list) else [])
    readme = settings.get("readme")
    if isinstance(readme, str):
        entries["README.md"] = (course.path / readme).read_bytes()
    entries |= {f"exercises/{path}": data for path, data in exercises.items()}
    return _zip({f"{name}/{path}": data for path, data in entries.items()})
