"""The card of some exercises' public cases: rich HTML for a notebook or a file, and the same as plain text."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.report.rendering import environment, is_long, policy_of, text_file
from autograder.report.states import ABSENT, state_of
from autograder.results import ExerciseResult, Part, Shown, TestResult, Value

__all__ = ["Card", "case_text"]

_SIGNS = {"good": "✔", "bad": "✘", "warn": "○"}


@functools.cache
def _scoped_style() -> str:
    """The pages' style for an element in somebody else's page."""
    style = text_file("style.css").replace(":root", ":scope").replace("\nbody {", "\n:scope {")
    return f"@scope (.autograder) {{\n{style}}}\n"


def _value_text(name: str, value: Value) -> Iterator[str]:
    yield f"{name} ({value.type}):"
    yield textwrap.indent(value.text, "    ")


def _part_text(part: Part, alone: bool) -> Iterator[str]:
    if part.name not in ("result", "compared"):
        yield f"{part.name}: as expected" if part.same else f"{part.name}:"
        if part.same:
            return
    if part.same and not alone:
        return
    yield from _value_text("got", part.got)
    if part.expected is not None and not part.same:
        yield from _value_text("expected", part.expected)
    if part.largest:
        yield f"farthest apart {part.largest}"


def shown_text(shown: Shown) -> str:
    """What the card shows of a call, as lines of text."""
    lines = [f"{shown.function}({', '.join(argument.name for argument in shown.arguments)})"]
    for argument in shown.arguments:
        text = f"{argument.name} = {argument.value.text}"
        lines.append(textwrap.indent(text, "    "))
    if shown.ended:
        lines.append("did not come back")
    elif shown.raised:
        lines.append(f"raised {shown.raised}" + (f", expected {shown.expects}" if shown.expects else ""))
    elif shown.expects:
        lines.append(f"expected {shown.expects} to be raised")
    for part in shown.parts:
        lines += _part_text(part, len(shown.parts) == 1)
    return "\n".join(lines)


def case_text(test: TestResult) -> str:
    """A case that does not pass, as text: what the test says, in short where the call shows it better, and the call."""
    message = test.message.partition("\n")[0] if is_long(test) else test.message
    return f"{message}\n{shown_text(test.shown)}" if test.shown is not None else message


@dataclass(frozen=True)
class Card:
    """Exercises and their public cases. A notebook shows it as HTML; printed, it is text."""

    exercises: Sequence[ExerciseResult]

    @property
    def passed(self) -> bool:
        """Whether all cases pass."""
        return all(test.passed for exercise in self.exercises for test in exercise.tests)

    def _repr_html_(self) -> str:
        exercises = [
            {"result": exercise, "state": state, "word": word}
            for exercise in self.exercises
            for state, word in [state_of(exercise)]
        ]
        page: str = (
            environment()
            .get_template("check.html.j2")
            .render(exercises=exercises, scoped_style=Markup(_scoped_style()))
        )
        return page

    def page(self, title: str) -> str:
        """A whole page with the card on it."""
        head = Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{}</title>\n</head>\n'
        ).format(policy_of(_scoped_style()), title)
        return f"{head}<body>\n<main>\n{self._repr_html_()}</main>\n</body>\n</html>\n"

    def __repr__(self) -> str:
        lines = []
        for exercise in self.exercises:
            state, word = state_of(exercise)
            lines.append(f"{_SIGNS[state]} {exercise.name}: {word}")
            if word == ABSENT:
                lines.append(f"    there is no function `{exercise.name}`: run the cell that defines it")
                continue
            for test in exercise.tests if state == "bad" else ():
                lines.append(f"    {_SIGNS['good' if test.passed else 'bad']} {test.name}")
                if not test.passed:
                    lines.append(textwrap.indent(case_text(test), " " * 8))
        return "\n".join(lines)
