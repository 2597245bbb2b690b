"""A course folder: what is read of it, and one clear error for each thing that can be broken."""

import sys

import pytest

from autograder.course import CourseError, find_course, load_course, load_public_course
from autograder.overrides import override_source
from tests.engine.small_course import COURSE, POINTS, TINY, TINY_MISTAKES, TINY_TOTAL, write_files


def names(course):
    return {topic: [exercise.name for exercise in value.exercises] for topic, value in course.topics.items()}


def test_a_course_is_read_whole(mini_course):
    assert names(mini_course) == {"double": ["double"], "tiny": ["total", "mean_of"]}
    tiny = mini_course.topics["tiny"]
    assert tiny.title == "Tiny sums"
    assert tiny.possible == 6
    assert {
        exercise.name: exercise.possible for t in mini_course.topics.values() for exercise in t.exercises
    } == POINTS
    assert [mistake.id for mistake in tiny.mistakes] == [
        "first_left_out",
        "absolute",
        "pops_the_list",
        "identity",
    ]
    assert tiny.mistakes[1].source == "https://example.org/1"
    assert [entry.id for entry in tiny.alternatives] == ["recursive"]
    assert tiny.reference_function("total")([1, 2]) == 3.0
    assert "numpy" in mini_course.preload
    assert not {"otter", "solutions", "autograder"} & {name.partition(".")[0] for name in mini_course.preload}


def test_the_public_course_knows_only_what_students_have(mini_course):
    public = load_public_course(mini_course.path / "exercises")
    assert names(public) == names(mini_course)
    tiny = public.topics["tiny"]
    assert (tiny.reference, tiny.mistakes, tiny.alternatives, tiny.mistakes_source) == (None, (), (), "")
    assert [case.name for case in tiny.exercises[0].tests.test_cases] == ["two numbers"]
    assert "solutions" not in sys.modules


def test_the_nearest_course_is_found(mini_course, tmp_path):
    inside = mini_course.path / "solutions" / "tests" / "tiny"
    assert find_course(inside) == find_course(mini_course.path) == mini_course.path
    assert find_course(tmp_path) is None


def test_a_second_course_does_not_see_the_first(mini_course, tmp_path):
    other = write_files(
        tmp_path / "other", COURSE | {"solutions/tiny.py": TINY.replace("np.sum(", "100 + np.sum(")}
    )
    assert load_course(other).topics["tiny"].reference_function("total")([1]) == 101
    assert mini_course.topics["tiny"].reference_function("total")([1]) == 1
    again = load_course(mini_course.path)
    assert again.topics["tiny"].reference_function("total")([1]) == 1
    for case in again.topics["tiny"].exercises[0].tests.test_cases:  # its tests ask its own reference
        case.body.test_func(again.topics["tiny"].reference.total)


TESTS = "solutions/tests/tiny/total.py"
MISTAKES = "solutions/mistakes/tiny.py"


def after(source):
    """The number of the line after the last."""
    return source.count("\n") + 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"solutions/tiny.py": "def total(:"}, "tiny.py, line 1: SyntaxError: invalid syntax"),
        ({"solutions/tiny.py": TINY + "1 / 0\n"}, f"tiny.py, line {after(TINY)}: ZeroDivisionError: division by zero"),
        ({"solutions/tiny.py": TINY + "raise SystemExit(0)\n"}, f"tiny.py, line {after(TINY)}: SystemExit: 0"),
        ({"solutions/tiny.py": b"x = '\xff'"}, "tiny.py, line 1: SyntaxError"),
        ({"solutions/tiny.py": TINY + "x = '\0'"}, "tiny.py: "),
        ({"solutions/tiny.py": TINY.replace("def total", "def sums")}, "total.py: tiny.py has no function `total`"),
        ({"solutions/tiny.py": "import nowhere_at_all"}, "tiny.py, line 1: ModuleNotFoundError: No module named"),
        ({"solutions/tiny.py": None}, "tests of a topic without a master"),
        ({TESTS: TINY_TOTAL.replace('"total"', '"sum"')}, "total.py: its name is 'sum', but its file says 'total'"),
        ({TESTS: TINY_TOTAL.replace("\nname =", "\nnot_name =")}, "total.py: ValueError: Test file"),
        ({TESTS: "def broken(:"}, "total.py, line 1: SyntaxError"),
        ({TESTS: TINY_TOTAL + "1 / 0\n"}, f"total.py, line {after(TINY_TOTAL)}: ZeroDivisionError"),
        ({TESTS: TINY_TOTAL + "raise SystemExit\n"}, f"total.py, line {after(TINY_TOTAL)}: SystemExit"),
        ({TESTS: TINY_TOTAL.replace("tiny as", "nowhere as")}, "total.py, line 6: ModuleNotFoundError"),
        ({TESTS: 'OK_FORMAT = False\nname = "total"\npoints = None\n'}, "total.py: it holds no test case"),
        ({TESTS: TINY_TOTAL.replace("points=1", "points='1'")}, "total.py: AssertionError: Invalid point type"),
        ({TESTS: TINY_TOTAL.replace("points = None", "points = 1")}, "total.py: ValueError: More points specified"),
        ({TESTS: TINY_TOTAL.replace("def negative(", "def two_numbers(")}, "total.py: `two_numbers` is there twice"),
        ({TESTS: TINY_TOTAL.replace("negative numbers", "two numbers")}, "total.py: `two numbers` is there twice"),
        ({TESTS: b"\xff"}, "total.py: "),
        ({"solutions/tests/tiny/tiny.py": TINY_TOTAL}, "tiny.py: tiny.py has no function `tiny`"),
        ({TESTS: None, "solutions/tests/tiny/mean_of.py": None}, "no test file for any function of tiny.py"),
        ({MISTAKES: "def broken(:"}, "mistakes/tiny.py, line 1: SyntaxError"),
        ({MISTAKES: TINY_MISTAKES + "raise SystemExit\n"}, f"tiny.py, line {after(TINY_MISTAKES)}: SystemExit"),
        ({MISTAKES: TINY_MISTAKES.replace('@mistake("total"', '@mistake("sum"', 1)}, "`first_left_out` is of `sum`"),
        ({MISTAKES: TINY_MISTAKES.replace("def absolute", "def first_left_out")}, "`first_left_out` is there twice"),
        ({MISTAKES: TINY_MISTAKES.replace('hint="Apply the function."', "")}, "mistakes/tiny.py, line 42: TypeError"),
        ({MISTAKES: TINY_MISTAKES.replace("Apply the function.", " ")}, "line 42: ValueError: a mistake needs a hint"),
    ],
)  # fmt: skip
def test_a_broken_course_is_one_clear_error(course_folder, changes, says):
    for name, content in changes.items():
        if content is None:
            (course_folder / name).unlink()
        else:
            write_files(course_folder, {name: content})
    with pytest.raises(CourseError) as caught:
        load_course(course_folder)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("files", [{}, {"solutions/tiny.py": TINY}, {"solutions/tests/readme.txt": ""}])
def test_a_folder_that_is_no_course(tmp_path, files):
    with pytest.raises(CourseError, match="not a course folder|it holds no topic"):
        load_course(write_files(tmp_path, files))
    with pytest.raises(CourseError, match="it holds no exercises with tests"):
        load_public_course(tmp_path)


def test_folders_that_are_no_topics_are_passed_over(course_folder):
    write_files(course_folder, {f"solutions/tests/{name}/x.py": "" for name in ("__pycache__", ".hidden")})
    write_files(course_folder, {"solutions/tests/notes.txt": ""})
    assert list(load_course(course_folder).topics) == ["double", "tiny"]


def test_a_function_that_is_there_twice_is_one_exercise(course_folder):
    write_files(
        course_folder,
        {"solutions/tiny.py": TINY + "\n\ndef total(values):\n    return float(np.sum(values))\n"},
    )
    assert names(load_course(course_folder))["tiny"] == ["total", "mean_of"]


@pytest.mark.parametrize("work", ["def total(:\n", "x = 1\n", b"\xff", b"\0", None, "'\\d'\n"])
def test_a_students_own_file_does_not_break_the_public_course(course_folder, work):
    path = course_folder / "exercises" / "tiny.py"
    if work is None:
        path.unlink()
    else:
        write_files(course_folder, {"exercises/tiny.py": work})
    public = load_public_course(course_folder / "exercises")
    assert list(public.topics) == ["double", "tiny"]
    assert sorted(exercise.name for exercise in public.topics["tiny"].exercises) == ["mean_of", "total"]


def test_modules_to_preload_are_those_that_the_notebook_imports(course_folder):
    head = "from __future__ import annotations\nimport math, json\nimport os.path as p\n"
    head += "from genai_course import plots, kernels\n"
    write_files(course_folder, {"solutions/tiny.py": head + TINY})
    preload = load_course(course_folder).topics["tiny"].preload
    assert preload == (
        "math",
        "os.path",
        "genai_course",
        "genai_course.plots",
        "genai_course.kernels",
        "numpy",
    )


# Mistakes as what a student would hand in.


def run_override(topic, name):
    entry = next(entry for entry in (*topic.mistakes, *topic.alternatives) if entry.id == name)
    namespace = {}
    exec(topic.source, namespace)
    source = override_source(topic, entry)
    assert "autograder" not in source
    assert "solutions" not in source
    exec(source, namespace)
    return namespace


@pytest.mark.parametrize(
    ("name", "answer"),
    [("first_left_out", 1.0), ("absolute", 7.0), ("pops_the_list", 3.0), ("recursive", 3.0)],
)
def test_an_override_stands_in_for_the_exercise(mini_course, name, answer):
    namespace = run_override(mini_course.topics["tiny"], name)
    assert namespace["total"]([2.0, -2.0, 3.0]) == answer


EXTRA = '''
# Form feeds and odd separators do not count as lines: \x0c \x1c \u2028.
from functools import wraps
import autograder.author
import solutions.tiny as reference

TABLE = {"a": 1}  # a helper constant


class Helper:
    value = 5


def loud(function):
    @wraps(function)
    def inner(values):
        return function(values) + Helper.value
    return inner


@autograder.author.mistake("total", hint="Loud.")
@loud
def   too_loud (values):
    """Text: def too_loud(values)."""
    return sum(values) + TABLE["a"]
'''


def test_helpers_and_decorators_come_along(course_folder):
    write_files(course_folder, {MISTAKES: TINY_MISTAKES + EXTRA})
    topic = load_course(course_folder).topics["tiny"]
    assert run_override(topic, "too_loud")["total"]([1]) == 7
    assert run_override(topic, "absolute")["total"]([-1]) == 1
