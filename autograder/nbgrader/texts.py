"""What nbgrader shows of a result: the comment on a solution cell, and what a cell of tests has printed.

nbgrader takes comments for Markdown in which HTML and formulas are live, and shows them to students; what comes from a
submission therefore stands in code blocks, which mean nothing but themselves. The formgrader shows the same text as it
is written, so that it should read well there, too.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from autograder.nbgrader.cells import hidden_id, public_id, told_points
from autograder.results import ExerciseResult, Result, TestResult

__all__ = ["comments", "scores", "told_cases"]

_LINE_ENDS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029\u2424]")  # the last is one to mistune 2
_MAX_HIDDEN, _MAX_LINES, _MAX_LINE = 2, 16, 200


def _prose(text: str) -> str:
    """An author's sentences, with their code spans and formulas, but without HTML."""
    return re.sub(r"(`[^`\n]*`)|([<&])", lambda found: found[1] or f"\\{found[2]}", " ".join(text.split()))


def _block(text: str) -> str:
    """Text of any origin as a code block: every line of it indented."""
    lines = [line[:_MAX_LINE] for line in _LINE_ENDS.split(text.strip("\n"))]
    if len(lines) > _MAX_LINES:
        lines[_MAX_LINES:] = ["…"]
    return "\n".join(f"    {line}" for line in lines).rstrip()


def _failures(tests: Sequence[TestResult]) -> list[str]:
    """The first things to mend: one public test with what it says, and what authors say of hidden ones."""
    failed = [test for test in tests if not test.passed]
    parts: list[str] = []
    for test in [test for test in failed if not test.hidden][:1]:
        parts += [f"Test: {_prose(test.name)}.", *([_block(test.message)] if test.message.strip() else [])]
    hidden = dict.fromkeys(_prose(test.message) for test in failed if test.hidden and test.message)
    parts += list(hidden)[:_MAX_HIDDEN]
    if len(failed) > 1:
        parts.append(f"{len(failed)} of {len(tests)} tests do not pass; they are listed below.")
    return parts


def _comment(exercise: ExerciseResult, error: str) -> str:
    whole = exercise.score >= exercise.possible
    if whole and not error:
        return ""
    parts = [f"{exercise.score:g} of {told_points(exercise.possible)}."]
    if exercise.mistake is not None and not whole:
        name = exercise.mistake.id.replace("_", " ").capitalize()
        parts.append(f"{_prose(name)}: {_prose(exercise.mistake.hint)}")
    parts += _failures(exercise.tests)
    if error:
        parts += ["While the notebook ran:" if exercise.tests else "Not graded:", _block(error)]
    return "\n\n".join(parts)


def comments(result: Result) -> dict[str, str]:
    """A comment for each solution cell, by its id; empty where there is nothing to say.

    What kept the notebook from running stands in the first one.
    """
    found: dict[str, str] = {}
    for exercise in result.exercises:
        found[exercise.name] = _comment(exercise, "" if found else result.error)
    if found and result.adjustment is not None and result.adjustment.text:
        first = next(iter(found))
        found[first] = "\n\n".join(filter(None, ["Adjusted:", _block(result.adjustment.text), found[first]]))
    return found


def scores(exercise: ExerciseResult) -> dict[str, float]:
    """An exercise's points as its public and its hidden tests gave them, by the ids of their cells."""
    parts = [
        sum(test.points for test in exercise.tests if test.passed and test.hidden is hidden)
        for hidden in (False, True)
    ]
    earned = sum(parts)
    share = exercise.score / earned if earned else 0.0  # 0 for an exercise of which all has to be right
    scaled = parts if abs(exercise.score - earned) < 1e-9 else [part * share for part in parts]
    return dict(zip((public_id(exercise.name), hidden_id(exercise.name)), scaled, strict=True))


def told_cases(exercise: ExerciseResult, *, hidden: bool) -> str:
    """What a cell of tests has printed: a line for each case, and what there is to say of those that failed."""
    lines: list[str] = []
    for test in exercise.tests:
        if test.hidden is hidden:
            lines.append(f"{'passed' if test.passed else 'failed'}: {test.name} ({told_points(test.points)})")
            if not test.passed:
                told = textwrap.wrap(test.message, 96) if hidden else _LINE_ENDS.split(test.message.strip())
                lines += [f"    {line}" for line in told]
    return "".join(f"{line}\n" for line in lines) or "not run\n"
