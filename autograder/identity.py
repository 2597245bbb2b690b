"""Says what a grade depends on: the submission's bytes, the topic's files, the engine and its limits.

Two gradings under equal conditions give equal grades, so that one of them can be skipped.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import platform
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from autograder import __version__
from autograder.course import Course
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission

__all__ = ["Conditions", "conditions_of", "content_digest", "engine_identity"]

_SKIPPED = ("__pycache__",)


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but the submission that a grade depends on.

    Attributes:
        topic: its name; empty where the submission names none.
        files: digests of the topic's master, tests, mistakes and data, and of all that they import, by path.
        engine: version and digest of the grader, and versions of what it stands on.
        limits: of a submission, and the tier of its confinement.
    """

    topic: str
    files: dict[str, str]
    engine: str
    limits: dict[str, Any]

    @property
    def digest(self) -> str:
        return _digest(msgspec.json.encode(self, order="sorted"))


def _digest(*parts: bytes) -> str:
    hashed = hashlib.blake2b(digest_size=16)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "little") + part)
    return hashed.hexdigest()


def content_digest(submission: Submission) -> str:
    """The digest of what a student handed in: the file's bytes, or why it has none, and what it is called."""
    texts = (submission.file_name, submission.topic, submission.problem)
    return _digest(submission.data or b"", *(text.encode("utf-8", "surrogatepass") for text in texts))


def _imports(source: bytes, package: str) -> Iterator[str]:
    """The modules that a file imports, anywhere in it; of ``from a import b``, both ``a`` and ``a.b``."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


class _Closure:
    """The files below one package's folder that some of them need, and what they import from elsewhere."""

    def __init__(self, package: str, folder: Path) -> None:
        self.package, self.folder = package, folder
        self.files: dict[str, str] = {}
        self.others: set[str] = set()

    def add(self, path: Path) -> None:
        name = path.relative_to(self.folder).as_posix()
        if name in self.files:
            return
        data = path.read_bytes()
        self.files[name] = _digest(data)
        if path.suffix == ".py":
            parents = path.relative_to(self.folder).parent.parts
            for module in _imports(data, ".".join([self.package, *parents])):
                self._follow(module)

    def _follow(self, module: str) -> None:
        top, *rest = module.split(".")
        if top != self.package:
            self.others.add(top)
            return
        place = self.folder.joinpath(*rest)
        if rest and place.with_suffix(".py").is_file():
            self.add(place.with_suffix(".py"))
        elif rest and (place / "__init__.py").is_file():
            for file in _files(place):  # its data too
                self.add(file)


def _files(folder: Path) -> Iterable[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and not set(path.parts) & set(_SKIPPED)
    )


@cache
def _installed(name: str) -> str:
    """The version of what is installed under a module's name; empty when that cannot be told."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _package(name: str) -> dict[str, str]:
    """The digests of a package's files, as it would be imported."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return {}
    if spec is None:
        return {}
    found: dict[str, str] = {}
    for folder in map(Path, spec.submodule_search_locations or ()):
        found |= {
            f"{name}/{file.relative_to(folder).as_posix()}": _digest(file.read_bytes())
            for file in _files(folder)
        }
    if not found and spec.origin:
        found[f"{name}.py"] = _digest(Path(spec.origin).read_bytes())
    return found


def _topic_files(course: Course, topic: str, packages: dict[str, dict[str, str]]) -> dict[str, str]:
    """Digests of the files of a topic and of all that they import of the course; versions of what is not its own."""
    solutions = course.path / "solutions"
    closure = _Closure("solutions", solutions)
    for path in (solutions / f"{topic}.py", solutions / "mistakes" / f"{topic}.py"):
        if path.is_file():
            closure.add(path)
    for path in _files(solutions / "tests" / topic):  # data that the tests read may lie there
        closure.add(path)
    files = {f"solutions/{name}": digest for name, digest in closure.files.items()}
    for name in sorted(closure.others - {"autograder", "otter", "solutions"} - sys.stdlib_module_names):
        if (course.path / name).exists() or (course.path / f"{name}.py").exists():
            if name not in packages:
                packages[name] = _package(name)
            files |= packages[name]
        elif installed := _installed(name):
            files[name] = installed
    return dict(sorted(files.items()))


@cache
def engine_identity() -> str:
    """The grader's version, a digest of the modules that decide over a grade, and versions of what they stand on."""
    folder = Path(__file__).resolve().parent
    closure = _Closure("autograder", folder)
    closure.add(folder / "grading.py")
    for path in sorted((folder / "sandbox").glob("*.py")):
        closure.add(path)
    digest = _digest(msgspec.json.encode(sorted(closure.files.items())))
    versions = [f"{name} {_installed(name)}" for name in ("numpy", "otter-grader")]
    python = ".".join(platform.python_version_tuple()[:2])
    return ", ".join([f"autograder {__version__} ({digest[:12]})", f"Python {python}", *versions])


def conditions_of(course: Course, limits: Limits, tier: str) -> dict[str, Conditions]:
    """The conditions of each topic, and of submissions that name none (under the empty name).

    Args:
        course: with its solutions.
        limits: of a submission.
        tier: of its confinement.
    """
    engine = engine_identity()
    settings = {**msgspec.to_builtins(limits), "tier": tier}
    packages: dict[str, dict[str, str]] = {}
    conditions = {
        topic: Conditions(
            topic=topic, files=_topic_files(course, topic, packages), engine=engine, limits=settings
        )
        for topic in course.topics
    }
    conditions[""] = Conditions(topic="", files={}, engine=engine, limits=settings)
    return conditions
