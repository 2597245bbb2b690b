"""Makes what students and other tools get from the masters: notebooks, stubs, public tests, bundles.

Everything is made in memory first, so that ``verify`` can compare and ``release`` can write the same bytes.
"""

from __future__ import annotations

import ast
import io
import json
import re
import symtable
import tomllib
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbgrader.preprocessors import ClearSolutions

from autograder.course import Course, CourseError, Exercise, Topic

__all__ = [
    "exercise_files",
    "otter_bundle",
    "public_file",
    "public_tests",
    "shipped_files",
    "stale_files",
    "student_bundle",
    "write_exercises",
    "zip_archive",
]

_SKIPPED = ("__pycache__", ".ipynb_checkpoints", "build", "dist")
_NOT_SHIPPED = (".pyc", ".so", ".pyd", ".dylib", ".o", ".orig")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class _Statement:
    """A top-level statement of a test file: the names that it binds, and the file's names that it needs."""

    node: ast.stmt
    makes: frozenset[str]
    needs: frozenset[str]
    is_case: bool
    is_hidden: bool


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for inner in table.get_children():
        yield from _scopes(inner)


def _marks(node: ast.AST) -> list[ast.expr]:
    """The ``test_case`` decorators in a statement, whatever the name they are reached by ends in."""
    decorators = [item for inner in ast.walk(node) for item in getattr(inner, "decorator_list", [])]
    called = [(item, item.func if isinstance(item, ast.Call) else item) for item in decorators]
    return [
        item for item, name in called if "test_case" in (getattr(name, "id", ""), getattr(name, "attr", ""))
    ]


def _is_public(mark: ast.expr) -> bool:
    """Whether a decorator says, in so many words, that its case is not hidden."""
    if not isinstance(mark, ast.Call) or any(isinstance(item, ast.Starred) for item in mark.args):
        return False
    given = mark.args[2:3] + [item.value for item in mark.keywords if item.arg in ("hidden", None)]
    return all(isinstance(value, ast.Constant) and value.value is False for value in given)


def _statement(node: ast.stmt) -> _Statement:
    makes: set[str] = set()
    needs: set[str] = set()
    for table in _scopes(symtable.symtable(ast.unparse(node), "tests", "exec")):
        for symbol in table.get_symbols():
            outside = table.get_type() == "module" or symbol.is_global()
            if outside and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
                makes.add(symbol.get_name())
            if outside and symbol.is_referenced():
                needs.add(symbol.get_name())
    marks = _marks(node)
    is_function = isinstance(node, ast.FunctionDef)
    return _Statement(
        node=node,
        makes=frozenset(makes),
        needs=frozenset(needs),
        is_case=is_function and bool(marks),
        is_hidden=bool(marks) and not (is_function and all(map(_is_public, marks))),
    )


_FORMAT_NAMES = frozenset({"OK_FORMAT", "name", "points", "all_or_nothing"})


def _public_statements(tree: ast.Module) -> list[_Statement]:
    """The statements that public cases are made of: all but hidden cases and what only they need."""
    statements = [item for item in map(_statement, tree.body) if not item.is_hidden]
    needed = _FORMAT_NAMES.union(*(item.needs for item in statements if item.is_case))
    while True:
        kept = [item for item in statements if item.is_case or item.makes & needed]
        more = needed.union(*(item.needs for item in kept))
        if more == needed:
            return kept
        needed = more


def public_tests(source: str) -> str:
    """Cut a test file down to what students may see.

    Hidden cases go, and with them every import, constant and helper that no public case uses, and the comments above
    what goes. A case whose decorator does not say in so many words that it is public counts as hidden.
    """
    tree = ast.parse(source)
    kept = {id(item.node) for item in _public_statements(tree)}
    if tree.body and ast.get_docstring(tree) is not None:
        kept.add(id(tree.body[0]))
    lines = source.split("\n")
    pieces: list[str] = []
    end = 0
    for node in tree.body:
        start = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
        above = [line for line in lines[end : start - 1] if not line[:1].isspace()]
        shares_a_line = start == end or any(
            item.lineno == node.end_lineno for item in tree.body if item is not node
        )
        end = node.end_lineno or node.lineno
        if id(node) in kept:
            text = [ast.unparse(node)] if shares_a_line else lines[start - 1 : end]
            pieces.append("\n".join([*above, *text]))
    return "\n".join(pieces).strip() + "\n"


def public_file(exercise: Exercise) -> str:
    """The public part of an exercise's test file.

    Raises:
        CourseError: it would not hold just the public cases.
    """
    path = Path(exercise.tests.path)
    public = public_tests(path.read_text(encoding="utf-8"))
    if "solutions" in public or "hidden=True" in public:
        raise CourseError(f"{path}: its public part still speaks of the solutions")
    left = sum(item.is_case for item in map(_statement, ast.parse(public).body))
    if left != sum(not case.hidden for case in exercise.tests.test_cases):
        raise CourseError(
            f"{path}: public cases cannot be told from hidden ones; write them as functions at the top of the file, "
            "under @test_case(...) with hidden=True, hidden=False or neither"
        )
    return public


def _cutter() -> ClearSolutions:
    """What cuts solutions: nbgrader's own, with a stub whose error reads as what it means."""
    stub = '# YOUR CODE HERE\nraise NotImplementedError("not done yet")'
    return ClearSolutions(enforce_metadata=False, code_stub={"python": stub})


def _check_markers(topic: Topic) -> None:
    """Refuse a master with a solution region that has no beginning or no end in its cell: the error names its line."""
    begun = 0
    for number, line in enumerate([*topic.source.splitlines(), "# %%"], 1):
        if begun and (line.startswith("# %%") or "BEGIN SOLUTION" in line):
            raise CourseError(
                f"{topic.name}.py, line {begun}: this solution region has no `### END SOLUTION` in its cell"
            )
        if "BEGIN SOLUTION" in line:
            begun = number
        elif "END SOLUTION" in line:
            if not begun:
                raise CourseError(
                    f"{topic.name}.py, line {number}: this solution region has no `### BEGIN SOLUTION` in its cell"
                )
            begun = 0


def _cleared_notebook(topic: Topic, source: str) -> nbformat.NotebookNode:
    """The master as a notebook with its solution regions cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            notebook: nbformat.NotebookNode = jupytext.reads(source, fmt="py:percent")
            notebook, _ = _cutter().preprocess(notebook, {})
        except Exception as error:  # a header that is no notebook's, a region without an end
            raise CourseError(f"{topic.name}: {str(error).strip().partition(chr(10))[0]}") from None
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


def _functions(source: str) -> dict[str, str]:
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.dump(node) for node in nodes}


def _check_cut(topic: Topic, script: str) -> None:
    """Refuse an exercise that still holds its reference solution."""
    before, after = _functions(topic.source), _functions(script)
    for exercise in topic.exercises:
        if before[exercise.name] == after.get(exercise.name):
            raise CourseError(f"{topic.name}: `{exercise.name}` has no solution region to cut")


def exercise_files(course: Course) -> dict[str, bytes]:
    """What ``exercises/`` should hold: paths below it, and contents."""
    files: dict[str, bytes] = {}
    for topic in course.topics.values():
        if topic.native is not None:
            files |= {path: text.encode() for path, text in topic.native.files.items()}
            files[topic.native.source_name] = _cut_cpp(topic.source, topic.native.source_name).encode()
            for exercise in topic.exercises:
                files[f"tests/{topic.name}/{exercise.name}.py"] = public_file(exercise).encode()
            continue
        _check_markers(topic)
        notebook = _cleared_notebook(topic, topic.source)
        files[f"{topic.name}.ipynb"] = (nbformat.writes(notebook, indent=1).rstrip() + "\n").encode()
        notebook.metadata["jupytext"] = {
            "notebook_metadata_filter": "-all",
            "cell_metadata_filter": "tags,-all",
        }
        script = jupytext.writes(notebook, fmt="py:percent").strip()
        script = f"{_header(topic.source)}{script}\n"
        _check_cut(topic, script)
        files[f"{topic.name}.py"] = script.encode()
        for exercise in topic.exercises:
            files[f"tests/{topic.name}/{exercise.name}.py"] = public_file(exercise).encode()
    return files


_CPP_SOLUTION = re.compile(
    r"^(?P<indent> *)// BEGIN SOLUTION\n.*?^ *// END SOLUTION\n", re.MULTILINE | re.DOTALL
)


def _cut_cpp(source: str, name: str) -> str:
    """A C++ master without its solutions: in a function, what it throws until it is written stands in their place."""

    def stub(found: re.Match[str]) -> str:
        indent = found["indent"]
        return (
            f"{indent}// YOUR CODE HERE\n{indent}throw NotDoneYet();\n" if indent else "// YOUR CODE HERE\n"
        )

    cut, count = _CPP_SOLUTION.subn(stub, source)
    if not count or "SOLUTION" in cut:
        raise CourseError(f"{name}: a solution region was left in the exercise; look at its markers")
    return cut


def stale_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Paths below ``folder`` that are missing, differ, or should not be there."""
    stale = [name for name, data in files.items() if not _holds(folder / name, data)]
    extra = [
        path
        for pattern in ("*.py", "*.ipynb", "*.cpp", "*.hpp", "native/*/*", "tests/**/*.py")
        for path in folder.glob(pattern)
    ]
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


def zip_archive(entries: Mapping[str, bytes], executable: Iterable[str] = ()) -> bytes:
    """A zip archive whose bytes depend on its contents alone."""
    programs = set(executable)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # Unix, on every system
            info.external_attr = (0o755 if name in programs else 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entries[name])
    return out.getvalue()


def otter_bundle(topic: Topic, container: Mapping[str, bytes] | None = None) -> bytes:
    """``autograder.zip`` for ``otter run``: every test, and the reference that hidden ones ask.

    With what ``otter_container`` gives, ``otter grade`` takes it as well.
    """
    entries = {
        **(container or {}),
        "otter_config.json": json.dumps({"show_hidden": False, "show_stdout": False}, indent=2).encode(),
        f"files/solutions/{topic.name}.py": topic.source.encode(),
    }
    for exercise in topic.exercises:
        entries[f"tests/{exercise.name}.py"] = Path(exercise.tests.path).read_bytes()
    return zip_archive(entries)


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


def _project(course: Course) -> dict[str, Any]:
    """The course's pyproject.toml; empty where there is none."""
    project = course.path / "pyproject.toml"
    return tomllib.loads(project.read_text(encoding="utf-8")) if project.is_file() else {}


def shipped_files(course: Course) -> dict[str, bytes]:
    """What students get beside the exercises: ``[tool.autograder.student]`` in pyproject.toml names it.

    Raises:
        CourseError: a file of it is missing, or would give solutions away.
    """
    settings = _project(course).get("tool", {}).get("autograder", {}).get("student", {})
    files = settings.get("files", [])
    entries = _shipped(course.path, [str(item) for item in files] if isinstance(files, list) else [])
    readme = settings.get("readme")
    if isinstance(readme, str):
        entries["README.md"] = (course.path / readme).read_bytes()
    if secret := [path for path in entries if "solutions" in Path(path).parts]:
        raise CourseError(f"{course.path / 'pyproject.toml'}: the student's bundle would hold {secret[0]}")
    return entries


def student_bundle(course: Course, exercises: Mapping[str, bytes]) -> bytes:
    """``student.zip``: the exercises, and what students get beside them."""
    name = _project(course).get("project", {}).get("name", course.path.resolve().name)
    entries = shipped_files(course) | {f"exercises/{path}": data for path, data in exercises.items()}
    return zip_archive({f"{name}/{path}": data for path, data in entries.items()})
