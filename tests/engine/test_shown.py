"""What results show of public cases and of the notebook: the right call, within bounds, and nothing that is hidden."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import load_course, load_public_course
from autograder.grading import grade_cells, grade_submission
from autograder.results import Shown
from autograder.sandbox.protocol import Cell
from autograder.shown import MAX_BYTES, MAX_NUMBERS, parameters_in, show_call, show_comparison, show_value
from autograder.submissions import Submission
from autograder.transcript import Asked, Call, Outcome
from tests.engine.small_course import COURSE, MEAN_OF, RIGHT, TINY_MEAN_OF, notebook, write_files

PROTECTIONS = {"tier": "A"}


def call(value, *args, raised="", function="f", after=None, **kwargs):
    outcome = Outcome(value=value, raised=raised, args=after if after is not None else args, kwargs=kwargs)
    return Call(Asked(function, args, kwargs), outcome)


@pytest.fixture
def grade(launcher, tmp_path):
    def run(topic, *cells):
        path = write_files(tmp_path, {"tiny.ipynb": notebook(*cells)}) / "tiny.ipynb"
        return grade_submission(Submission("s/tiny.ipynb", "s", "tiny", path), topic, launcher, PROTECTIONS)

    return run


@pytest.fixture(scope="module")
def tiny(mini_course):
    return mini_course.topics["tiny"]


def shown_in(result):
    return {test.name: test.shown for exercise in result.exercises for test in exercise.tests}


def test_a_public_case_is_shown_with_names_got_and_expected(tiny, grade):
    result = grade(tiny, "def total(values):\n    return sum(values) - values[0]", MEAN_OF)
    shown = shown_in(result)["two numbers"]
    assert (shown.function, [item.name for item in shown.arguments]) == ("total", ["values"])
    assert shown.arguments[0].value.text == "[1.0, 2.0]"
    (part,) = shown.parts
    assert (part.got.text, part.expected.text, part.same) == ("2.0", "3.0", False)
    assert shown_in(result)["negative numbers"] is None, "a hidden case"
    assert not any(shown_in(grade(tiny, RIGHT)).values()), "nothing fails"


def test_what_was_raised_and_what_ended_is_told(tiny, grade):
    shown = shown_in(grade(tiny, "def total(values):\n    raise KeyError('no')", MEAN_OF))["two numbers"]
    assert (shown.raised, shown.expects, shown.ended, shown.parts) == ("KeyError", "", False, [])
    shown = shown_in(grade(tiny, "import os\ndef total(values):\n    os._exit(3)", MEAN_OF))["two numbers"]
    assert shown.ended


def test_the_hidden_is_not_asked_before_the_public_is_shown(launcher, tmp_path):
    """A public case may hand the student's own function to the reference: by then it knows nothing worth telling."""
    case = """

@test_case(name="totals", points=1)
def totals(mean_of, total):
    np.testing.assert_allclose(mean_of(total, [[1.0], [2.0]]), 1.5)
"""
    files = COURSE | {"solutions/tests/tiny/mean_of.py": TINY_MEAN_OF + case}
    topic = load_course(write_files(tmp_path / "course", files)).topics["tiny"]
    spy = (
        "SEEN = []\n"
        "def total(values):\n"
        "    SEEN.extend(float(value) for value in values)\n"
        "    print('saw', max(SEEN))\n"
        "    return max(SEEN)\n"
        "def mean_of(function, values):\n"
        "    return -1.0\n"
    )
    path = write_files(tmp_path, {"tiny.py": spy}) / "tiny.py"
    result = grade_submission(Submission("s", "s", "tiny", path), topic, launcher, PROTECTIONS)
    shown = shown_in(result)["totals"]
    assert shown.parts[0].expected.text == "2.0", "the reference did ask the submission"
    told = msgspec.json.encode(result)
    assert b"13.25" not in told and b"-7.5" not in told


def test_the_notebook_is_kept_with_what_each_cell_printed(tiny, grade):
    result = grade(
        tiny, "print('one')", RIGHT, "print('two'); 1 / 0", "import os; os._exit(1)", "print('five')"
    )
    assert [cell.output for cell in result.cells] == ["one\n", "", "two\n", "", "five\n"]
    assert [cell.error.partition(":")[0] for cell in result.cells] == [
        *("", "", "ZeroDivisionError", "ended its own process", "")
    ]
    assert result.cells[1].source == RIGHT.strip("\n")


def test_what_a_notebook_prints_is_bounded_and_printable(tiny, grade):
    cells = ["print('<' * 9000)"] * 8 + ["print('\\x1b[31mred\\u202e')", RIGHT]
    result = grade(tiny, *cells)
    assert sum(len(cell.output) for cell in result.cells) < 22_000
    assert all(len(cell.output) < 4100 for cell in result.cells)
    assert "bytes left out" in result.cells[0].output
    assert "\x1b" not in result.cells[8].output and "\u202e" not in result.cells[8].output
    long = grade(tiny, *["#" + "x" * 30_000] * 5, RIGHT)
    assert sum(len(cell.source) for cell in long.cells) < 66_000
    assert long.total == long.possible


def test_cells_that_grading_leaves_out_are_told_so(tiny, grade):
    result = grade(tiny, RIGHT, 'grader.check("total")')
    assert [cell.ran for cell in result.cells] == [True, False]


def test_the_first_call_that_differs_is_shown():
    calls = [call(2.0, 1.0), call(5.0, 2.0), call(0.0, 3.0)]
    shown = show_call(calls, {"f": lambda x: 2 * x})
    assert shown.arguments[0].value.text == "2.0" and shown.parts[0].expected.text == "4.0"
    shown = show_call(calls[:1], {"f": lambda x: 2 * x})
    assert shown.parts[0].same, "the case looks at something else"
    assert show_call([], {}) is None


def test_arguments_that_were_changed_are_shown():
    def pops(values):
        return 1

    shown = show_call([call(1, [1, 2], after=([1],))], {"f": pops})
    assert [part.name for part in shown.parts] == ["result", "values after the call"]
    assert shown.parts[1].got.tokens == ["1"] and shown.parts[1].expected.tokens == ["1", "2"]


def test_a_result_where_an_error_is_expected():
    def refuses(x):
        raise ValueError

    shown = show_call([call(7, 1)], {"f": refuses})
    assert shown.expects == "ValueError" and shown.parts[0].got.text == "7"


def test_a_pair_is_shown_in_parts_with_the_place_of_the_largest_difference():
    right = np.arange(6.0).reshape(2, 3), np.ones(3)
    wrong = right[0].copy(), right[1]
    wrong[0][1, 2] = 50
    shown = show_call([call(wrong, 1)], {"f": lambda x: right})
    first, second = shown.parts
    assert (first.name, first.largest) == ("result[0]", "at [1, 2]: got 50, expected 5")
    assert first.difference[-1] == 45 and second.same


def test_a_thinned_out_difference_keeps_its_largest():
    left, right = np.zeros((500, 500)), np.zeros((500, 500))
    left[321, 123] = 7
    part = show_call([call(left, 1)], {"f": lambda x: right}).parts[0]
    assert max(part.difference) == 7 and len(part.difference) == len(part.got.numbers) <= MAX_NUMBERS


def test_without_a_reference_the_tests_own_comparison_is_shown(tiny, launcher, tmp_path, mini_course):
    public = load_public_course(mini_course.path / "exercises").topics["tiny"]
    source = "def total(values):\n    return 0.5\n" + MEAN_OF
    exercises, _ = grade_cells(public, [Cell("cell 1", source)], launcher)
    shown = exercises[0].tests[0].shown
    assert [item.name for item in shown.arguments] == ["values"]
    assert (shown.parts[0].name, shown.parts[0].got.text, shown.parts[0].expected.text) == (
        "compared",
        "0.5",
        "3.0",
    )


def test_a_list_that_an_array_is_compared_with_is_shown_as_one():
    shown = show_comparison([call(np.eye(2), 1)], (np.eye(2), [[1, 1], [1, 1]]), {"f": ["n"]})
    assert shown.parts[0].expected.grid == [2, 2] and shown.arguments[0].name == "n"
    assert show_comparison([call(3, 1)], None, {}).parts[0].expected is None


def test_without_a_reference_the_call_is_the_one_that_the_test_complains_of():
    calls = [call(number, number) for number in (1, 12, 5)]

    def asked_with(*complaint):
        return show_comparison(calls, complaint[0], {}, complaint[1]).arguments[0].value.text

    assert asked_with(None, "expected 3, got 12") == "12"
    assert asked_with((np.array(1), 3), "") == "1"
    assert asked_with(None, "something is wrong") == "5", "the last one"
    calls[1] = call((np.eye(2), [12]), 7)
    assert asked_with((np.eye(2), np.ones((2, 2))), "") == "7", "a part of what it gave"


def test_parameters_are_read_from_source_that_may_be_broken():
    assert parameters_in("def f(a, b=1, *, c): ...\nx = 1") == {"f": ["a", "b"]}
    assert parameters_in("def f(a:") == {} == parameters_in("\x00")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.sampled_from([np.zeros((0, 3)), np.float32(1), np.array(5), np.ones((2, 2, 2, 2)), np.eye(40), len]),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, VALUES)
def test_whatever_comes_back_is_shown_within_bounds(got, expected):
    shown = show_call([call(got, got)], {"f": lambda x: expected})
    data = msgspec.json.encode(shown)
    assert len(data) <= MAX_BYTES + 12_000
    assert msgspec.json.decode(data, type=Shown) == shown
    text = data.decode()
    assert not any(character in text for character in "\x1b\u202e\x00")
    assert " at 0x" not in text


HUGE = {
    "integer": 10**5000,
    "text": "x" * 10**6,
    "nested": [["y" * 500] * 500] * 500,
    "array": np.full(10**6, 1e300),
    "dictionary": {str(n): n for n in range(10**4)},
}


@pytest.mark.parametrize("name", HUGE)
def test_what_is_huge_is_shown_small(name):
    assert len(msgspec.json.encode(show_value(HUGE[name]))) < 12_000


@pytest.mark.parametrize("lie", ["-10**18", "10**18", "'much'", "10**30"])
def test_a_submission_that_lies_about_what_it_printed_harms_its_own_page_alone(tiny, grade, lie):
    patch = f"import autograder.sandbox.runner as runner\nrunner._printed = lambda: {lie}\nprint('here')"
    result = grade(tiny, RIGHT, patch, "print('there')")
    assert sum(len(cell.output) for cell in result.cells) < 200
    assert (result.total, result.status) == (result.possible, "graded" if lie[-2:] == "18" else "crashed")
