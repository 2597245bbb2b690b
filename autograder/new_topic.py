"""Writes a new topic: a small exercise that holds as it is, with the places that its author changes marked ``EDIT``."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from importlib.resources import files
from pathlib import Path

from autograder.course import CourseError, load_course
from autograder.release import exercise_files

__all__ = ["EDIT", "places_to_edit", "topic_files", "write_exercises_of", "write_topic"]

EDIT = "EDIT: "
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = ("tests", "mistakes", "equivalent", "native", "solutions", "otter")


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in _TAKEN:
        raise CourseError(
            f"{kind} cannot be called {name!r}: a name is of lower-case letters, digits and _, as a Python function's "
            f"(and not {', '.join(_TAKEN)})"
        )


def _check_file_name(topic: str) -> None:
    """Refuse names whose file would be taken for another one, or for a master in C++."""
    if topic in sys.stdlib_module_names or topic in packages_distributions():
        raise CourseError(
            f"a topic cannot be called {topic!r}: what is run in the folder of {topic}.py would import that in place "
            f"of Python's own {topic}; choose another name, and keep this one for the function (--exercise)"
        )
    if topic.endswith("_cpp"):
        raise CourseError(
            f"a topic cannot be called {topic!r}: a name with _cpp at its end is that of a topic in C++, which has "
            "other files; the guide for authors says which"
        )


def topic_files(topic: str, exercise: str) -> dict[str, str]:
    """The files of a new topic with one exercise: paths below the course folder, and contents.

    Raises:
        CourseError: one of the names cannot be used.
    """
    _check_name("a topic", topic)
    _check_name("an exercise", exercise)
    _check_file_name(topic)
    skeleton = files("autograder") / "skeleton"
    made = {
        f"solutions/{topic}.py": "master.py.txt",
        f"solutions/tests/{topic}/{exercise}.py": "tests.py.txt",
        f"solutions/mistakes/{topic}.py": "mistakes.py.txt",
    }
    values = {"topic": topic, "exercise": exercise, "title": topic.replace("_", " ").capitalize()}
    texts = {}
    for path, source in made.items():
        text = (skeleton / source).read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
        texts[path] = text
    return texts


def write_topic(course: Path, topic: str, exercise: str) -> dict[str, str]:
    """Write the files of a new topic into a course folder, which is made if there is none; returns them.

    Raises:
        CourseError: a name cannot be used, or a file is there already.
        OSError: a file cannot be written.
    """
    texts = topic_files(topic, exercise)
    tests = course / "solutions" / "tests" / topic
    for path in [*(course / path for path in texts), tests]:
        if path.exists():
            raise CourseError(f"{path}: it is there already; choose another name for the topic")
    for name, text in texts.items():
        path = course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return texts


def write_exercises_of(course: Path, topic: str) -> list[str]:
    """Write what students get of one topic; returns the paths, below the course folder.

    Raises:
        CourseError: the course cannot be read.
    """
    mine = (f"{topic}.", f"tests/{topic}/")
    written = []
    for name, data in exercise_files(load_course(course)).items():
        if name.startswith(mine):
            path = course / "exercises" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written.append(f"exercises/{name}")
    return written


def places_to_edit(texts: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """Every place that is marked for its author: the file, the line, and what belongs there."""
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            if EDIT in line:
                yield path, number, line.partition(EDIT)[2].removesuffix("-->").strip()
