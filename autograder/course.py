"""Reads a course folder: topics, exercises, their tests, references and known mistakes.

A course is a folder with ``solutions/`` (masters, tests, mistakes: instructors only) and ``exercises/`` (what students
see). ``load_course`` reads the first, ``load_public_course`` the second.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import importlib.util
import re
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeGuard

from otter.nbmeta_config import NBMetadataConfig
from otter.test_files import TestFile, create_test_file
from otter.test_files.exception_test import ExceptionTestFile

from autograder.author import KnownMistake, RightAnotherWay, mistake, right_another_way
from autograder.native import Native, is_native, read_native
from autograder.sandbox.client import StudentError
from autograder.transcript import Memory

__all__ = [
    "Course",
    "CourseError",
    "Exercise",
    "Topic",
    "find_course",
    "is_mark",
    "is_marked",
    "load_course",
    "load_public_course",
]

_IMPORT = re.compile(r"^(?:# )?(?:import (?P<plain>[\w.]+)|from (?P<base>[\w.]+) import (?P<names>[\w, ]+))")
_TITLE = re.compile(r"^# # (?P<title>.+)$", re.MULTILINE)


class CourseError(Exception):
    """A course folder that cannot be read; the message names the file and what is wrong with it."""


def _compared(error: BaseException) -> tuple[Any, Any] | None:
    """What a comparison of ``numpy.testing`` held side by side when it failed: actual, desired."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "numpy.testing._private.utils":
            values = trace.tb_frame.f_locals
            if "actual" in values and "desired" in values:
                return values["actual"], values["desired"]
        trace = trace.tb_next
    return None


class _ShortMessages(ExceptionTestFile):  # type: ignore[misc]
    """otter's test file, with messages that do not quote the test's source.

    Attributes:
        compared: the two values that ``numpy.testing`` found to differ, of the case that was run last.
    """

    compared: tuple[Any, Any] | None = None

    def _generate_error_message(self, excp: Exception, context: int = 0) -> str:
        text = str(excp).strip()
        self.compared = _compared(excp)
        if isinstance(excp, AssertionError):
            return text or "an assertion of the test does not hold"
        if type(excp) is StudentError or (
            isinstance(excp, StudentError) and type(excp).__name__ != excp.kind
        ):
            return text  # it names its own type
        return f"{type(excp).__name__}: {text}" if text else type(excp).__name__


class _AuthorMessages(_ShortMessages):
    """The same for the test's author: with the exception's type and the line of the file."""

    def _generate_error_message(self, excp: Exception, context: int = 0) -> str:
        text = super()._generate_error_message(excp)
        where = [frame for frame in traceback.extract_tb(excp.__traceback__) if frame.filename == self.path]
        if where:
            text = f"line {where[-1].lineno} of the test file, {where[-1].line}: {text}"
        return " ".join(text.split())


@dataclass(frozen=True)
class Exercise:
    """One function that students write, and its tests."""

    name: str
    tests: TestFile

    @property
    def possible(self) -> float:
        possible: float = self.tests.possible
        return possible


@dataclass(frozen=True)
class Topic:
    """One notebook of exercises.

    ``reference``, ``mistakes`` and ``alternatives`` are empty in a public course.
    """

    name: str
    title: str
    exercises: tuple[Exercise, ...]
    preload: tuple[str, ...]
    source: str
    reference: types.ModuleType | None = None
    mistakes: tuple[KnownMistake, ...] = ()
    alternatives: tuple[RightAnotherWay, ...] = ()
    mistakes_source: str = ""
    native: Native | None = None
    """What belongs to a topic in C++, whose ``source`` is a C++ file and its ``reference`` still a Python module."""
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    @property
    def possible(self) -> float:
        return sum(exercise.possible for exercise in self.exercises)

    def for_its_author(self) -> Topic:
        """The same topic with nothing hidden: every failed case tells what was raised, and in which line."""
        exercises = []
        for exercise in self.exercises:
            tests = copy.copy(exercise.tests)
            if isinstance(tests, ExceptionTestFile):
                tests.__class__ = _AuthorMessages
            tests.test_cases = [
                replace(case, hidden=False, failure_message=None) for case in exercise.tests.test_cases
            ]
            exercises.append(Exercise(exercise.name, tests))
        return replace(self, exercises=tuple(exercises))

    def reference_function(self, exercise: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(self.reference, exercise)
        return function


@dataclass(frozen=True)
class Course:
    """Topics by name, and the folder they come from."""

    path: Path
    topics: Mapping[str, Topic] = field(default_factory=dict)

    @property
    def preload(self) -> list[str]:
        """Modules that submissions are likely to import."""
        names = {"numpy": None, "matplotlib.pyplot": None}
        for topic in self.topics.values():
            names.update(dict.fromkeys(topic.preload))
        return list(names)


def find_course(start: Path) -> Path | None:
    """The nearest folder at or above ``start`` that holds ``solutions/tests``."""
    for folder in (start, *start.parents):
        if (folder / "solutions" / "tests").is_dir():
            return folder
    return None


def _imports(source: str) -> tuple[str, ...]:
    """Modules that a master imports at its top level, in the notebook too."""
    names: dict[str, None] = {}
    for line in source.splitlines():
        if found := _IMPORT.match(line):
            if found["plain"]:
                names[found["plain"]] = None
            else:
                names[found["base"]] = None
                names.update(
                    dict.fromkeys(f"{found['base']}.{name.strip()}" for name in found["names"].split(","))
                )
    own = {"otter", "solutions", "autograder", "__future__"}
    return tuple(name for name in names if name.partition(".")[0] not in own)


def _broken(path: Path, error: BaseException) -> CourseError:
    names = ("<string>", str(path), str(path.resolve()))  # the first is what otter runs a test file as
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in names]
    line = error.lineno if isinstance(error, SyntaxError) else own[-1].lineno if own else None
    place = f"{path}, line {line}" if line else f"{path}"
    text = error.msg if isinstance(error, SyntaxError) else str(error).strip().partition("\n")[0]
    return CourseError(f"{place}: {type(error).__name__}: {text}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: {error}") from None


def _load_tests(path: Path) -> TestFile:
    try:
        tests = create_test_file(str(path), NBMetadataConfig())
    except (Exception, SystemExit) as error:
        raise _broken(path, error) from None
    if isinstance(tests, ExceptionTestFile):
        tests.__class__ = _ShortMessages
    if not tests.test_cases:
        raise CourseError(f"{path}: it holds no test case")
    if twice := _twice(path, [case.name for case in tests.test_cases]):
        raise CourseError(
            f"{path}: `{twice}` is there twice; each case has a name, and a function, of its own"
        )
    if tests.name != path.stem:
        raise CourseError(f"{path}: its name is {tests.name!r}, but its file says {path.stem!r}")
    return tests


def _twice(path: Path, names: list[str]) -> str:
    """A name that two test cases have, or two functions, of which Python keeps the last."""
    functions = [node.name for node in ast.parse(_read(path)).body if isinstance(node, ast.FunctionDef)]
    return next((name for group in (names, functions) for name in group if group.count(name) > 1), "")


def _functions(source: str, path: Path) -> list[str]:
    """The names of the functions at the top of ``source``, in its order."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they say of it is no matter here
            tree = ast.parse(source)
    except SyntaxError as error:
        raise CourseError(f"{path}, line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise CourseError(f"{path}: {error}") from None
    return list(dict.fromkeys(node.name for node in tree.body if isinstance(node, ast.FunctionDef)))


def _topic(path: Path, source: str, tests: Sequence[Path]) -> Topic:
    """A topic with these test files; its exercises are in their order."""
    title = _TITLE.search(source)
    return Topic(
        name=path.stem,
        title=title["title"].strip() if title else path.stem,
        exercises=tuple(Exercise(file.stem, _load_tests(file)) for file in tests),
        preload=_imports(source),
        source=source,
    )


def _master(path: Path, tests: Path) -> Topic:
    """The topic of a master, with the exercises in its order."""
    source = _read(path)
    functions = _functions(source, path)
    files = {file.stem: file for file in sorted(tests.glob("*.py"))}
    if unknown := sorted(files.keys() - set(functions)):
        raise CourseError(f"{files[unknown[0]]}: {path.name} has no function `{unknown[0]}`")
    if not files:
        raise CourseError(f"{tests}: no test file for any function of {path.name}")
    return _topic(path, source, [files[name] for name in functions if name in files])


def _in_cpp(topic: Topic, folder: Path, needs_source: bool) -> Topic:
    """A topic that is handed in as a C++ file, with what belongs to it in ``folder``."""
    path = folder / f"{topic.name}.cpp"
    try:
        native = read_native(folder, topic.name)
        # Among the exercises it is the student's own, and whether that can be read is another question.
        errors = "strict" if needs_source else "replace"
        source = path.read_text(encoding="utf-8", errors=errors) if needs_source or path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{folder}: the topic `{topic.name}`, in C++, is not whole: {error}") from None
    return replace(topic, source=source, native=native, preload=_imports(native.glue))


def _open_solutions(folder: Path) -> None:
    """Make ``import solutions.<topic>`` find this course's masters, in this process."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "solutions"]:
        del sys.modules[name]
    package = types.ModuleType("solutions")
    package.__path__ = [str(folder)]
    sys.modules["solutions"] = package


def _import(name: str, path: Path) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise _broken(path, error) from error


def is_mark(decorator: ast.expr) -> bool:
    """Whether a decorator in a mistakes file is one of those in ``author``."""
    names = (mistake.__name__, right_another_way.__name__)
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(called, "id", None) in names or getattr(called, "attr", None) in names


def is_marked(node: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    """Whether a statement of a mistakes file is a known mistake or an alternative."""
    return isinstance(node, ast.FunctionDef) and any(map(is_mark, node.decorator_list))


def load_course(path: Path) -> Course:
    """Read a course with its solutions.

    The masters, tests and mistakes are run: they are the instructor's own code.

    Raises:
        CourseError: the folder is no course, or a file of it is broken.
    """
    solutions = path / "solutions"
    if not (solutions / "tests").is_dir():
        raise CourseError(f"{path}: not a course folder (it has no solutions/tests); name one with --course")
    _open_solutions(solutions.resolve())
    topics = {}
    for folder in sorted((solutions / "tests").iterdir()):
        if not folder.is_dir() or folder.name.startswith((".", "_")):
            continue
        master = solutions / f"{folder.name}.py"
        if not master.is_file():
            raise CourseError(f"{folder}: tests of a topic without a master ({master} is missing)")
        reference = _import(f"solutions.{folder.name}", master)
        topic = _master(master, folder)
        mistakes: list[KnownMistake] = []
        alternatives: list[RightAnotherWay] = []
        known = solutions / "mistakes" / f"{folder.name}.py"
        if known.is_file():
            module = _import(f"solutions.mistakes.{folder.name}", known)
            mistakes = [value for value in vars(module).values() if isinstance(value, KnownMistake)]
            alternatives = [value for value in vars(module).values() if isinstance(value, RightAnotherWay)]
            marked = [node.name for node in ast.parse(_read(known)).body if is_marked(node)]
            if twice := sorted(name for name in set(marked) if marked.count(name) > 1):
                raise CourseError(f"{known}: `{twice[0]}` is there twice; the name is the mistake's id")
            names = {exercise.name for exercise in topic.exercises}
            entries: list[KnownMistake | RightAnotherWay] = [*mistakes, *alternatives]
            for entry in entries:
                if entry.exercise not in names:
                    raise CourseError(f"{known}: `{entry.id}` is of `{entry.exercise}`, which is no exercise")
        if is_native(topic.name):
            topic = _in_cpp(topic, solutions, needs_source=True)
        topics[topic.name] = replace(
            topic,
            reference=reference,
            mistakes=tuple(mistakes),
            alternatives=tuple(alternatives),
            mistakes_source=_read(known) if known.is_file() else "",
        )
    if not topics:
        raise CourseError(f"{solutions / 'tests'}: it holds no topic")
    return Course(path, topics)


def load_public_course(exercises: Path) -> Course:
    """Read what students have: ``exercises/`` with its public tests.

    A topic's ``.py`` file is the student's own by now. It tells the order of the exercises if it can, and nothing more.
    """
    topics = {}
    for folder in sorted(exercises.glob("tests/*/")):
        files = {file.stem: file for file in sorted(folder.glob("*.py"))}
        path = exercises / f"{folder.name}.py"
        source, order = "", []
        with contextlib.suppress(CourseError):
            source = _read(path)
            order = _functions(source, path)
        names = [*(name for name in order if name in files), *(name for name in files if name not in order)]
        if names:
            topic = _topic(path, source, [files[name] for name in names])
            topics[folder.name] = _in_cpp(topic, exercises, False) if is_native(folder.name) else topic
    if not topics:
        raise CourseError(f"{exercises}: it holds no exercises with tests")
    with contextlib.suppress(KeyError):
        del sys.modules["solutions"]
    return Course(exercises, topics)
