"""What the report tells of a topic beside the results: titles, formulas, sources. Kept in ``topics.json`` beside them.

It is read from the masters' text when submissions are graded, so that the report can be built again from its folder
alone. Nothing of a solution, a test or a mistake is in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.course import Course, Topic
from autograder.results import write_atomically

__all__ = ["ExerciseFacts", "FactsError", "TopicFacts", "facts_of", "read_facts", "write_facts"]

FILE_NAME = "topics.json"
_SECTION = re.compile(r"^# ## .*?`(?P<name>\w+)`", re.MULTILINE)
_DISPLAY = re.compile(r"\$\$(?P<formula>.+?)\$\$", re.DOTALL)
_EXAMPLE = re.compile(r"^(?:\*\*)?A small example", re.MULTILINE)
_SOURCE = re.compile(r"^ +Source: (?P<text>.+?)(?:\n\s*\n|\"\"\")", re.MULTILINE | re.DOTALL)

_SOLUTION = re.compile(
    r"^ *(?:###|//) BEGIN SOLUTION.*?(?:###|//) END SOLUTION *\n", re.MULTILINE | re.DOTALL
)


class FactsError(Exception):
    """A file of facts that cannot be read."""


class ExerciseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise: its formula as LaTeX, and where its idea comes from."""

    formula: str = ""
    source: str = ""


class TopicFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One topic: its title, and its exercises by name.

    ``handed_out`` is the code that every student starts from.
    """

    title: str
    handed_out: str = ""
    exercises: dict[str, ExerciseFacts] = {}


def _markdown(source: str) -> str:
    """A master's comment lines without their comment signs, code left as it is."""
    return re.sub(r"^# ?", "", source, flags=re.MULTILINE)


def _formula(text: str) -> str:
    """The first displayed formula of a text, up to the exercise's example with its numbers."""
    example = _EXAMPLE.search(text)
    found = _DISPLAY.search(text, 0, example.start() if example else len(text))
    return " ".join(found["formula"].split()) if found else ""


def _topic_facts(topic: Topic) -> TopicFacts:
    heads = list(_SECTION.finditer(topic.source))
    intro = topic.source[: heads[0].start()] if heads else topic.source
    exercises = {}
    names = {exercise.name for exercise in topic.exercises}
    ends = [head.start() for head in heads[1:]] + [len(topic.source)]
    for head, end in zip(heads, ends, strict=False):
        if head["name"] not in names:
            continue
        section = topic.source[head.end() : end]
        text, _, code = section.partition("\ndef ")
        source = _SOURCE.search(code)
        formula = _formula(_markdown(text))
        if not formula and head["name"] == topic.name:  # what the topic is about
            formula = _formula(_markdown(intro))
        exercises[head["name"]] = ExerciseFacts(
            formula=formula, source=" ".join(source["text"].split()) if source else ""
        )
    return TopicFacts(
        title=topic.title,
        exercises=exercises,
        handed_out=_handed_out(topic.source),
    )


def _handed_out(source: str) -> str:
    """A master's code without its solutions, and with what only the notebook runs."""
    cells = []
    before, *rest = re.split(r"^# %%", _SOLUTION.sub("", source), flags=re.MULTILINE)
    if not rest:
        return before  # not in Python
    for cell in rest:
        head, _, body = cell.partition("\n")
        if "[markdown]" not in head:
            cells.append(_markdown(body) if "active-ipynb" in head else body)
    return "\n".join(cells)


def facts_of(course: Course, names: Sequence[str]) -> dict[str, TopicFacts]:
    """Facts of some of a course's topics, from the text of their masters."""
    return {name: _topic_facts(course.topics[name]) for name in names if name in course.topics}


def write_facts(folder: Path, facts: Mapping[str, TopicFacts]) -> None:
    """Write ``topics.json``; what it told of other topics stays."""
    try:
        before = read_facts(folder)
    except FactsError:
        before = {}
    write_atomically(folder / FILE_NAME, msgspec.json.format(msgspec.json.encode(before | dict(facts))))


def read_facts(folder: Path) -> dict[str, TopicFacts]:
    """Read ``topics.json``; empty when there is none.

    Raises:
        FactsError: it is there but cannot be read; the message names the file.
    """
    path = folder / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, TopicFacts])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise FactsError(f"{path}: {error}; remove it, or grade again") from None
