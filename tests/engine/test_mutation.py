"""Mutants of reference functions: how they are made, listed and judged."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.course import CourseError, Topic, load_course
from autograder.mutation import line_key, make_mutants, read_equivalents
from autograder.verify import TopicReport, strength_tables, verify_course

FUNCTION = '''
def f(x: "int", scale: float = 2.5) -> "list[int]":
    """Text with 1 + 1 in it."""
    total: int = 0
    for i in range(len(x)):
        if x[i] > 0 and not i == 3:
            total += x[i]
    if total < 0:
        raise ValueError(f"{total} < 0")
    return np.where(x > 1, sorted(x[1:], reverse=True), scale)
'''


def lines(source: str, name: str = "f") -> set[str]:
    return {mutant.line for mutant in make_mutants(Topic("t", "T", (), (), source), name)}


def test_the_changes_that_are_made() -> None:
    assert lines(FUNCTION) >= {
        "def f(x, scale=3.5):",
        "def f(x, scale=0.0):",
        "def f(x, scale=-2.5):",
        "dropped: total = 0",
        "total = 1",
        "total = -1",
        "dropped: for i in range(len(x)):",
        "for i in range(len(x) - 1):",
        "for i in range(len(x) + 1):",
        "if x[i] > 0 or not i == 3:",
        "if x[i] > 0:",
        "if not i == 3:",
        "if x[i] > 0 and i == 3:",
        "if x[i] >= 0 and (not i == 3):",
        "if x[i] > 0 and (not i != 3):",
        "total -= x[i]",
        "total = x[i]",
        "dropped: total += x[i]",
        "if total <= 0:",
        "if total >= 0:",
        "dropped: raise ValueError(f'{total} < 0')",
        "raise RuntimeError",
        "return np.where(sorted(x[1:], reverse=True), x > 1, scale)",
        "return np.where(x > 1, sorted(x[1:]), scale)",
        "return np.where(x > 1, sorted(x[1:], reverse=False), scale)",
        "return np.where(x > 1, sorted(x[0:], reverse=True), scale)",
        "return np.where(x > 1, sorted(x[2:], reverse=True), scale)",
        "return np.where(x > 1, sorted(x[1:-1], reverse=True), scale)",
        "return np.where(x > 1, sorted(x, reverse=True), scale)",
        "return np.where(x > 1, x[1:], scale)",
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("return a / b", {"return a * b", "return a", "return b", "return b / a"}),
        (
            "return a if c else b",
            {"return a", "return b", "return a if not c else b"},
        ),
        ("return a.mean(axis=-1)", {"return a.mean()", "return a", "return a.mean(axis=-2)"}),
        ("return [a for a in b if c]", {"return [a for a in b if not c]"}),
        ("return any(a)", {"return all(a)", "return a"}),
        ("return np.sin(a)", {"return np.cos(a)", "return a"}),
        ("return (a, b)", {"return (b, a)"}),
        ("return a in b", {"return a not in b"}),
        ("return -a", {"return a"}),
    ],
)
def test_the_changes_of_an_expression(source: str, expected: set[str]) -> None:
    made = lines(f"import numpy as np\n\ndef f(a, b, c):\n    {source}\n")

    assert made >= expected


def test_no_docstring_annotation_or_text_of_an_error_is_changed() -> None:
    mutants = make_mutants(Topic("t", "T", (), (), FUNCTION), "f")

    assert not any("1 + 1" in mutant.source or "int" in mutant.source for mutant in mutants)
    raised = {line for line in lines(FUNCTION) if line.startswith("raise")}
    assert raised == {"raise RuntimeError"}


def test_every_mutant_is_python_and_differs_from_all_others() -> None:
    mutants = make_mutants(Topic("t", "T", (), (), FUNCTION), "f")

    trees = [ast.dump(ast.parse(mutant.source)) for mutant in mutants]
    assert len(set(trees)) == len(trees) > 40
    bare = (
        FUNCTION.replace(': "int"', "")
        .replace(": float", "")
        .replace(": int", "")
        .replace(' -> "list[int]"', "")
    )
    assert ast.dump(ast.parse(bare.replace('    """Text with 1 + 1 in it."""\n', ""))) not in trees


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("x = f( a,b )", "x = f(a, b)", True),
        ("if x :", "if x:", True),
        ("elif x:", "if x:", True),
        ("return (a, b)", "return a, b", True),
        ("dropped: x = 1", "dropped:  x=1", True),
        ("dropped: x = 1", "x = 1", False),
        ("x = a + b", "x = b + a", False),
    ],
)
def test_lines_are_compared_by_what_they_say(a: str, b: str, same: bool) -> None:
    assert (line_key(a) == line_key(b)) is same


EQUIVALENT = """\
[[total]]
reason = "A NumPy scalar is a number, too."
mutants = ['return np.sum(values)']
"""


def verified(folder: Path, topic: str = "tiny") -> TopicReport:
    (report,) = verify_course(load_course(folder), [topic], workers=1)
    return report


def list_equivalents(folder: Path, text: str) -> None:
    (folder / "solutions" / "equivalent").mkdir(exist_ok=True)
    (folder / "solutions" / "equivalent" / "tiny.toml").write_text(text)


def test_survivors_are_breaches_until_they_are_listed(course_folder: Path) -> None:
    before = verified(course_folder)

    survivors = [item.survivors for item in before.strength]
    assert survivors == [["return np.sum(values)"], []]
    assert before.breaches == ["a mutant of `total` gets full points: return np.sum(values)"]

    list_equivalents(course_folder, EQUIVALENT)
    after = verified(course_folder)

    assert after.breaches == []
    mutants, caught, equivalent = after.mutants
    assert (mutants, equivalent) == (caught + 1, 1)
    total = after.strength[0]
    assert f"| `total` | 3 | 3 | 1 | {total.mutants} | {total.mutants - 1} | 1 |" in strength_tables([after])


def test_a_test_that_is_too_weak_lets_mutants_live(course_folder: Path) -> None:
    list_equivalents(course_folder, EQUIVALENT)
    tests = course_folder / "solutions" / "tests" / "tiny" / "mean_of.py"
    tests.write_text(
        tests.read_text().replace("[1.0, 3.0]), 4.0)", "[2.0]), 4.0)").replace("[-1.5, 2.0, 4.0]", "[2.0]")
    )

    assert (
        "return total([function(value) for value in values])" in verified(course_folder).strength[1].survivors
    )


def test_what_is_listed_must_exist_and_live(course_folder: Path) -> None:
    more = EQUIVALENT.replace("values)'", "values)', 'return float(np.prod(values))', 'return 7'")
    list_equivalents(course_folder, more)

    assert verified(course_folder).breaches == [
        "a mutant of `total` is listed as equivalent, but fails `two numbers`: return float(np.prod(values))",
        "a mutant of `total` is listed as equivalent, but there is none like it: return 7",
    ]


def test_mutants_can_be_left_out(course_folder: Path) -> None:
    (report,) = verify_course(load_course(course_folder), ["tiny"], mutants=False, workers=1)

    assert report.breaches == []
    assert report.mutants == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[total]\n", "tiny.toml"),
        ("[[total]]\nmutants = ['x']\n", "reason"),
        ("[[total]]\nreason = ' '\nmutants = ['x']\n", "a reason is empty"),
        ("[[gone]]\nreason = 'r'\nmutants = ['x']\n", "`gone` is no exercise"),
    ],
)
def test_a_list_that_cannot_be_read_is_told(course_folder: Path, text: str, told: str) -> None:
    list_equivalents(course_folder, text)
    course = load_course(course_folder)

    with pytest.raises(CourseError, match=told):
        read_equivalents(course_folder, course.topics["tiny"])
