"""Verifying a course: it holds as it is, and not once anything in it is weakened."""

import contextlib
import shutil

import pytest

from autograder import pool, verify
from autograder.course import CourseError, load_course
from autograder.release import exercise_files, write_exercises
from autograder.verify import verify_course
from tests.engine.small_course import TINY, TINY_MEAN_OF, TINY_MISTAKES, TINY_TOTAL, write_files


@pytest.fixture(autouse=True)
def _in_this_process(launcher, monkeypatch):
    """Starting workers for each verification would take longer than all the rest."""

    def work_here(course, function, tasks, **_):
        return ((task, function(course, launcher, task)) for task in tasks)

    monkeypatch.setattr(verify, "open_launcher", lambda *args, **kwargs: contextlib.nullcontext(launcher))
    monkeypatch.setattr(verify, "spread", work_here)


@pytest.fixture
def breaches(course_folder):
    """Change files of the course, release it anew, and verify."""

    def run(changes=None, release=True, topics=("tiny",)):
        write_files(course_folder, changes or {})
        course = load_course(course_folder)
        if release:
            write_exercises(course_folder / "exercises", exercise_files(course))
        return [
            breach for report in verify_course(course, topics, mutants=False) for breach in report.breaches
        ]

    return run


def test_a_course_that_holds(mini_course):
    done = []
    reports = verify_course(mini_course, mutants=False, progress=lambda *counts: done.append(counts))
    assert done == [(count, 4) for count in range(1, 5)]  # two tasks a topic
    assert [(report.topic, report.breaches) for report in reports] == [("double", []), ("tiny", [])]
    tiny = reports[1]
    assert (tiny.exercises, tiny.possible, tiny.reference, tiny.untouched) == (2, 6, 6, 0)
    assert (tiny.alternatives, tiny.mistakes, tiny.caught, tiny.named) == ((1, 1), 4, 4, 4)


TOTAL_TESTS, MEAN_TESTS = "solutions/tests/tiny/total.py", "solutions/tests/tiny/mean_of.py"
MASTER, MISTAKES = "solutions/tiny.py", "solutions/mistakes/tiny.py"


def weakened(case, left="pass"):
    """The tests of `total`, with one of its cases asserting nothing any more."""
    head, _, tail = TINY_TOTAL.partition(f"def {case}(total):\n")
    assert tail
    return f"{head}def {case}(total):\n    {left}\n    return\n{tail}"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({TOTAL_TESTS: weakened("negative")}, "the untouched exercise gets points: `total`: negative numbers"),
        ({TOTAL_TESTS: TINY_TOTAL.replace("-2.0", "2.0").replace("-7.5", "7.5")}, "`absolute` of `total` gets full"),
        ({TOTAL_TESTS: weakened("unchanged", "total([1.0])")}, "`pops_the_list` of `total` gets full points"),
        ({TOTAL_TESTS: TINY_TOTAL.replace("(total(SMALL), 3", "(total(SMALL), 4")}, "the reference loses points"),
        ({TOTAL_TESTS: TINY_TOTAL.replace("\nOK_FORMAT", "\nTABLE = np.eye(2)\nOK_FORMAT")}, None),
        ({MEAN_TESTS: TINY_MEAN_OF.replace("points=1)", "points=1, hidden=True)")}, "has no public test case"),
        ({MASTER: TINY.replace("return float(np.sum(", "return float(len(")}, "the reference loses points"),
        ({MASTER: TINY.replace("    ### BEGIN", "    return 3.0\n    ### BEGIN", 1)}, "the untouched exercise gets"),
        ({MASTER: TINY + "\n# %%\nif __name__ == '__main__':\n    1 / 0\n"}, "loses points:\n    ZeroDivisionError"),
        ({MISTAKES: TINY_MISTAKES.replace("np.abs(values)", "values")}, "`absolute` of `total` gets full points"),
        ({MISTAKES: TINY_MISTAKES.replace("np.sum(values[1:])", "len(values) / 0")}, None),
        ({MISTAKES: TINY_MISTAKES.replace("np.sum(values[1:])", "sums(values)")}, "of `total` always raises"),
        ({MISTAKES: TINY_MISTAKES.replace("np.abs(values)", "values[1:]")}, "`absolute` of `total` is named"),
        ({MISTAKES: TINY_MISTAKES.replace("len(values) else 0.0", "len(values) else 1.0")}, "alternative `recursive`"),
        ({MISTAKES: TINY_MISTAKES.partition('@mistake("mean_of"')[0]}, "`mean_of` has no known mistake"),
    ],
)  # fmt: skip
def test_a_weakened_course_does_not_hold(breaches, changes, says):
    found = breaches(changes)
    if says is None:
        assert found == []
    else:
        assert [breach for breach in found if says in breach], found


def a_cell(*lines, tags='tags=["active-ipynb"]'):
    return "\n".join([f"{TINY}\n# %% {tags}", *(f"# {line}" for line in lines)]) + "\n"


@pytest.mark.parametrize(
    ("master", "says"),
    [
        (a_cell("draw = total", "draw([1.0], width=3)"), "the notebook's cell `draw = total` … raises TypeError: "),
        (a_cell("x = = 1"), "the notebook's cell `x = = 1` … raises SyntaxError: invalid syntax (the cell, line 1)"),
        (a_cell("grader.check('totals')"), "grader.check('totals'): there is no such exercise"),
        (TINY.replace("tests/tiny", "tests/tinny"), "tests_dir='tests/tinny'): students have them in 'tests/tiny'"),
        (a_cell("$$", r"\frac{1}{2 + x", "$$", tags="[markdown]"), r"\frac{1}{2 + x cannot be shown: its braces do"),
        (a_cell("Some $x_$.", tags="[markdown]"), "formula x_ cannot be shown: missing super script or subscript"),
        (a_cell(r"It is $\farc{1}{2}$.", tags="[markdown]"), r"cannot be shown: pages know no \farc"),
        (a_cell("$$", "x = 1", tags="[markdown]"), "the formula that begins with $$ has no $$ at its end"),
        (a_cell("grader.check('total')", "# no", "total([2.0])"), None),
        (a_cell(r"$$ \arg\max_i x_i $$", "It costs 3 $ or `$x_$`, or $a$-$b$.", tags="[markdown]"), None),
    ],
)  # fmt: skip
def test_a_notebook_that_would_not_work(breaches, master, says):
    found = breaches({MASTER: master})
    assert [says in breach and "\n" not in breach for breach in found] == ([True] if says else []), found


def test_the_line_of_a_broken_formula_is_told(breaches):
    (breach,) = breaches({MASTER: a_cell("Text", "", "and $a_$", tags="[markdown]")})
    assert breach.startswith(f"line {TINY.count(chr(10)) + 5}: ")


def test_public_tests_that_need_what_was_cut(breaches):
    star = TINY_TOTAL.replace("import numpy as np\n", "from numpy import *\nimport numpy as np\n")
    found = breaches(
        {TOTAL_TESTS: star.replace("close(total(SMALL), 3.0)", "assert array_equal(total(SMALL), 3.0)")}
    )
    assert [breach for breach in found if "does not pass the public tests alone" in breach], found


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("tiny.py", "x = 1\n", "is not what its master makes; run `autograder release`"),
        ("tiny.ipynb", "{}", "is not what its master makes; run `autograder release`"),
        ("tests/tiny/total.py", "", "is not what its master makes; run `autograder release`"),
        ("tests/tiny/total.py", None, "is missing; run `autograder release`, which writes it"),
        ("tests/tiny/old.py", "", "belongs to no exercise; run `autograder release`, which removes it"),
    ],
)
def test_stale_exercises(breaches, course_folder, name, content, says):
    if content is None:
        (course_folder / "exercises" / name).unlink()
    else:
        write_files(course_folder / "exercises", {name: content})
    assert breaches(release=False) == [f"exercises/{name} {says}"]
    assert breaches() == []


def test_an_author_is_told_what_a_test_raised_and_where(breaches):
    wrong = TINY_TOTAL.replace("reference.total(SECRET))", "reference.totl(SECRET))")
    (breach,) = (item for item in breaches({TOTAL_TESTS: wrong}) if item.startswith("the reference loses"))
    line = 1 + wrong[: wrong.index("reference.totl")].count("\n")
    assert f"`total`, negative numbers: line {line} of the test file, secretly_close(" in breach
    assert "AttributeError: module 'solutions.tiny' has no attribute 'totl'" in breach
    assert "Negative numbers count too" not in breach
    (breach,) = breaches({TOTAL_TESTS: TINY_TOTAL, MISTAKES: TINY_MISTAKES.replace("else 0.0", "else 1.0")})
    assert "the alternative `recursive` loses points:\n    `total`, two numbers: line " in breach
    assert "array(3.)" in breach and "array(2.)" in breach


def test_a_reference_that_runs_for_ever(breaches, monkeypatch):
    monkeypatch.setattr(verify, "spread", pool.spread)  # a worker that can be ended
    monkeypatch.setattr(verify, "_REFERENCE_SECONDS", 0.5)
    endless = TINY_TOTAL.replace("(total):\n", "(total):\n    while True:\n        pass\n")
    with pytest.raises(
        CourseError, match="tiny: its tests have not come to an end on the reference within 0.5 s"
    ):
        breaches({TOTAL_TESTS: endless})


def test_exercises_that_are_missing_or_of_no_topic(breaches, course_folder):
    write_files(course_folder / "exercises", {"other.py": "", "tests/old/f.py": ""})
    found = breaches(release=False, topics=())
    assert found == [
        "exercises/other.py belongs to no topic; run `autograder release`",
        "exercises/tests/old/f.py belongs to no topic; run `autograder release`",
    ]
    shutil.rmtree(course_folder / "exercises")
    assert len(breaches(release=False, topics=())) == 7
    assert len(breaches(release=False, topics=("double",))) == 3


def test_only_the_topics_that_were_asked_for(mini_course):
    assert [report.topic for report in verify_course(mini_course, ["double"], mutants=False)] == ["double"]
