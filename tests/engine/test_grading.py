"""One submission, graded: points, messages, mistakes, and what became of its processes."""

import json
import os
import signal

import msgspec
import numpy as np
import pytest

from autograder.course import load_course, load_public_course
from autograder.formats.gradescope import results_document
from autograder.formats.sheets import feedback
from autograder.grading import (
    Session,
    _error_text,
    _hidden_endings,
    grade_cells,
    grade_submission,
    not_graded,
)
from autograder.nbgrader.texts import comments
from autograder.overrides import override_source
from autograder.report.site import feedback_html
from autograder.report.topics import TopicFacts
from autograder.sandbox.launchers import SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import Cell
from autograder.submissions import Submission, find_submissions, script_cells
from tests.engine.small_course import (
    COURSE,
    MEAN_OF,
    RIGHT,
    TINY_MEAN_OF,
    TINY_TOTAL,
    TOTAL,
    notebook,
    write_files,
)

PROTECTIONS = {"tier": "A", "files": True}
LOOP = "while True: pass"


@pytest.fixture(params=["A", "B"])
def quick(request, launchers):
    """A launcher with short time limits, on tiers A and B."""
    return launchers.get(request.param, call_seconds=0.4, cell_seconds=0.4)


@pytest.fixture
def tiny(mini_course):
    return mini_course.topics["tiny"]


@pytest.fixture
def grade(tiny, quick, tmp_path):
    """Grade cells (as a notebook) or one text (as a script) of the topic `tiny`."""

    def run(*cells, topic=tiny):
        data = notebook(*cells) if len(cells) != 1 else cells[0]
        path = write_files(tmp_path, {"tiny.ipynb" if len(cells) != 1 else "tiny.py": data}) / (
            "tiny.ipynb" if len(cells) != 1 else "tiny.py"
        )
        return grade_submission(Submission("s/tiny", "s", "tiny", path), topic, quick, PROTECTIONS)

    return run


def scores(result):
    return {exercise.name: exercise.score for exercise in result.exercises}


def messages(result, name):
    (exercise,) = (item for item in result.exercises if item.name == name)
    return {test.name: test.message for test in exercise.tests}


def mistakes(result):
    return {exercise.name: exercise.mistake.id for exercise in result.exercises if exercise.mistake}


def test_a_right_submission(grade):
    for result in (grade(RIGHT), grade("import numpy as np", TOTAL, MEAN_OF)):
        assert scores(result) == {"total": 4, "mean_of": 2}
        assert (result.total, result.possible, result.percent) == (6, 6, 100)
        assert (result.status, result.error) == ("graded", "")
        assert mistakes(result) == {}
        assert result.protections == PROTECTIONS
        assert (result.submission, result.student, result.topic) == ("s/tiny", "s", "tiny")
        assert result.seconds > 0
        assert [test.name for test in result.exercises[0].tests] == [
            "two numbers",
            "negative numbers",
            "the list stays as it is",
        ]
        assert [test.hidden for test in result.exercises[0].tests] == [False, True, True]


def test_the_reference_and_the_untouched_exercise(grade, tiny, mini_course):
    assert grade(tiny.source).total == 6
    untouched = (mini_course.path / "exercises" / "tiny.ipynb").read_bytes()
    path = mini_course.path / "exercises" / "tiny.ipynb"
    assert b"NotImplementedError" in untouched
    script = (mini_course.path / "exercises" / "tiny.py").read_text()
    result = grade(script)
    assert (result.total, result.status, result.error) == (0, "graded", "")
    assert messages(result, "total")["two numbers"].startswith("NotImplementedError")
    assert path.exists()


def test_each_mistake_is_named(grade, tiny):
    for mistake in tiny.mistakes:
        result = grade(tiny.source + "\n\n# %%\n" + override_source(tiny, mistake))
        assert mistakes(result)[mistake.exercise] == mistake.id
    for alternative in tiny.alternatives:
        assert grade(tiny.source + "\n\n# %%\n" + override_source(tiny, alternative)).total == 6


def test_half_of_it(grade):
    result = grade(TOTAL)
    assert scores(result) == {"total": 4, "mean_of": 0}
    assert messages(result, "mean_of") == {
        "twice the numbers": "NameError: `mean_of` is not defined in this submission",
        "other functions": PUBLIC_FIRST,
    }


def test_what_follows_from_another_function(grade, tiny):
    wrong = "def total(values):\n    return float(np.sum(np.abs(values)))\n"
    result = grade(tiny.source + "\n\n# %%\n" + wrong)
    assert scores(result) == {"total": 1, "mean_of": 1}
    assert mistakes(result) == {"total": "absolute", "mean_of": "absolute"}
    assert result.exercises[1].mistake.hint.startswith("This follows from your `total`")


PUBLIC_FIRST = "All public tests of this exercise end in an error, see there: that comes first."
WRONG = [
    "def total(values): return 7.25",
    "def total(values): return None",
    "def total(values): return list(values)",
    "def total(values): raise ValueError(f'got {list(values)}')",
    "def total(values): raise KeyError(str(values))",
    "def total(values): raise AssertionError(f'{values} {float(sum(values))}')",
    "def total(values): print(values); return 0",
    "def total(values): import warnings; warnings.warn(str(values)); return 0",
    "def total(values): return {tuple(values): sum(values)}",
    "def total(values):\n    values = list(values)\n    values.undefined",
    "import os\ndef total(values):\n    if min(values) < 0: os._exit(1)\n    return float(sum(values))",
    "def total(values):\n    if min(values) < 0:\n        while True: pass\n    return float(sum(values))",
    "kept = []\ndef total(values):\n    kept.append([float(v) for v in values])\n    return 0.5\n"
    "def mean_of(function, values): raise ValueError(str(kept))",
]


@pytest.mark.parametrize("source", WRONG)
def test_nothing_hidden_is_told(grade, source):
    result = grade(source)
    told = msgspec.json.encode(result).decode()
    for secret in ("13.25", "5.75", "-7.5", "SECRET"):
        assert secret not in told
    assert messages(result, "total")["negative numbers"] in ("Negative numbers count too.", PUBLIC_FIRST)
    assert messages(result, "total")["the list stays as it is"] in (
        "A hidden test of this exercise does not pass.",
        PUBLIC_FIRST,
        "",
    )


def test_what_a_public_case_tells(grade):
    assert "ACTUAL: array(7.25)\n DESIRED: array(3.)" in messages(grade(WRONG[0]), "total")["two numbers"]
    assert messages(grade(WRONG[2]), "total")["two numbers"] == "expected a number, got the shape (2,)"
    assert messages(grade(WRONG[3]), "total")["two numbers"] == "ValueError: got [1.0, 2.0] (tiny.py, line 1)"
    assert messages(grade(WRONG[4]), "total")["two numbers"] == "KeyError: '[1.0, 2.0]' (tiny.py, line 1)"


def test_text_of_a_submission_is_made_plain(grade):
    result = grade("def total(values): raise ValueError('\\x1b[31m\\u202e' + 'x' * 9000)")
    message = messages(result, "total")["two numbers"]
    assert "\x1b" not in message
    assert "\u202e" not in message
    assert len(message) < 2100


# Cells that fail, end or do not end.


def test_a_failing_cell_leaves_the_others(grade):
    result = grade("1 / 0", TOTAL, "def mean_of(:", MEAN_OF, "x = undefined")
    assert (result.total, result.status) == (6, "graded")
    assert result.error == (
        "ZeroDivisionError: division by zero (cell 1, line 1); SyntaxError: invalid syntax (cell 3, line 1); "
        "NameError: name 'undefined' is not defined (cell 5, line 1)"
    )


def test_many_failing_cells_are_counted(grade):
    result = grade(*["1 / 0", "[][0]", "{}[0]", "undefined", "int('x')"], RIGHT)
    assert result.error.endswith("(and 2 more)")


@pytest.mark.parametrize(
    ("cell", "status", "error"),
    [
        ("import os\nos._exit(0)", "crashed", "cell 2 ended its own process"),
        ("import ctypes\nctypes.string_at(0)", "crashed", "cell 2 crashed with SIGSEGV"),
        (LOOP, "timeout", "cell 2 took longer than 0.4 s"),
        (
            "import time\nwhile True:\n    try: time.sleep(1)\n    except BaseException: pass",
            "timeout",
            "cell 2 took",
        ),
    ],
)
def test_a_cell_that_ends_the_process_leaves_the_others(grade, cell, status, error):
    result = grade(TOTAL, cell, MEAN_OF, "x = 1")
    assert (result.total, result.status) == (6, status)
    assert result.error.startswith(error)


def test_a_cell_that_ends_the_process_in_a_script_says_where(grade):
    result = grade(f"{TOTAL}\n# %%\nimport os\nos._exit(0)\n\n# %%\n{MEAN_OF}")
    assert (result.total, result.status) == (6, "crashed")
    assert result.error == "tiny.py from line 4 ended its own process"


def test_several_cells_that_end_the_process(grade):
    result = grade("import os\nos._exit(1)", TOTAL, LOOP, MEAN_OF, "import os\nos._exit(2)")
    assert (result.total, result.status) == (6, "timeout")
    assert (
        result.error
        == "cell 1 ended its own process; cell 3 took longer than 0.4 s; cell 5 ended its own process"
    )


def test_every_cell_ends_the_process(grade):
    result = grade("import os\nos._exit(1)", "import os\nos._exit(1)")
    assert (result.total, result.status) == (0, "crashed")
    assert "is not defined" in messages(result, "total")["two numbers"]


def test_a_cell_that_ends_the_process_later(grade):
    result = grade(
        RIGHT,
        "import threading, os, time\nthreading.Thread(target=lambda: (time.sleep(.05), os._exit(1))).start()",
    )
    assert result.status in ("crashed", "graded")  # whichever is first
    assert result.possible == 6


# Functions that end or do not end.


def test_a_crash_costs_its_own_tests_only(grade):
    result = grade(
        "import os\ndef total(values):\n    if isinstance(values, list): os._exit(3)\n    return sum(values)\n"
        + MEAN_OF
    )
    assert scores(result) == {"total": 2, "mean_of": 2}
    assert (result.status, result.error) == ("crashed", "`total` ended its own process")
    assert messages(result, "total")["two numbers"] == "`total` ended its own process"


def test_a_segmentation_fault(grade):
    result = grade("import ctypes\ndef total(values): ctypes.string_at(0)\n" + MEAN_OF)
    assert scores(result) == {"total": 0, "mean_of": 2}
    assert result.error == "`total` crashed with SIGSEGV"


def test_an_endless_function(grade):
    result = grade(f"def total(values):\n    {LOOP}\n" + MEAN_OF)
    assert scores(result) == {"total": 0, "mean_of": 2}
    assert (result.status, result.error) == ("timeout", "`total` took longer than 0.4 s")
    assert messages(result, "total")["two numbers"] == "`total` took longer than 0.4 s"
    assert result.seconds < 10  # the third case is not tried any more


def test_an_endless_callback_loop(grade):
    result = grade(TOTAL + "def mean_of(function, values):\n    while True: function(1.0)\n")
    assert scores(result) == {"total": 4, "mean_of": 0}
    assert result.status == "timeout"


def test_students_are_not_told_how_a_hidden_case_ended(grade):
    """It could choose among the ways, one for each answer to something that it asks of the hidden input."""
    endings = {
        "os._exit(3)": "`total` ended its own process",
        "ctypes.string_at(0)": "`total` crashed with SIGSEGV",
        LOOP: "`total` took longer than 0.4 s",
    }
    told = set()
    for ending, text in endings.items():
        source = "import ctypes, os\ndef total(values):\n    if list(values) == [1, 2]: return 3.0\n"
        result = grade(f"{source}    {ending}\n{MEAN_OF}")
        assert scores(result) == {"total": 1, "mean_of": 2}
        assert (result.hidden_endings, result.status) == (text, "timeout" if ending == LOOP else "crashed")
        assert text in result.error_in_full and text not in result.error
        result = msgspec.structs.replace(result, cells=[], seconds=0.0)
        document = results_document(result)
        del document["extra_data"]  # for the instructor
        page = feedback_html(result, TopicFacts(title="Tiny"))
        told.add((page, feedback(result), json.dumps(document), str(comments(result))))
    assert len(told) == 1 and "in a hidden test it took too long, or ended its process" in page


@pytest.mark.parametrize(
    "public", ["raise ValueError", "sys.exit(0)", "raise NotImplementedError", "return 4.0"]
)
def test_hidden_cases_have_no_other_cause_than_was_seen_in_public(grade, public):
    """What the public cases ended with decides alone: as for the hidden ones, they end in one way, or in another."""
    told = set()
    for hidden in (public, "return 7.0", "raise IndexError"):
        source = "import sys\ndef total(values):\n    if list(values) == [1, 2]:\n        {}\n    {}\n"
        result = grade(source.format(public, hidden) + MEAN_OF)
        told.add(messages(result, "total")["negative numbers"])
    assert told == {"Negative numbers count too." if "return" in public else PUBLIC_FIRST}


@pytest.mark.parametrize("where", ["== [1, 2]", "!= [1, 2]"])
def test_a_flood_of_output_is_told(tiny, launchers, where):
    """To the student only if it came in a public case."""
    flood = (
        f"def total(values):\n    if list(values) {where}: print('x' * 2_000_000)\n    return sum(values)\n"
    )
    results, session = grade_cells(tiny, [Cell("cell 1", flood)], launchers.get(output_megabytes=1))
    text = "more than 1 MB were printed by the end of a call of `total`; a flood of output becomes an error"
    public = where.startswith("=")
    assert [test.passed for test in results[0].tests] == [True, True, True]
    assert session.status == "graded"
    assert (_error_text(session), _hidden_endings(session)) == ((text, "") if public else ("", text))


def test_a_flood_is_named_beside_the_message_of_a_hidden_case(tiny, launchers):
    for where, more in (("== [1, 2]", ["Or the output is the reason: more than 1 M"]), ("!= [1, 2]", [])):
        source = f"def total(values):\n    if list(values) {where}: print('x' * 2_000_000)\n    return 3.0\n"
        results, _ = grade_cells(tiny, [Cell("cell 1", source)], launchers.get(output_megabytes=1))
        first, *others = results[0].tests[1].message.splitlines()
        assert first == "Negative numbers count too."
        assert [line[:42] for line in others] == more


def test_what_cells_do_after_a_hidden_case_is_not_told(quick):
    """They are run again when a function has ended the process, and could tell by the clock when that was."""
    session = Session(quick, [Cell("cell 1", "x = 1"), Cell("cell 2", "def total(values): return x")])
    with pytest.raises(NameError):
        session.call("other", (), {})
    session.hidden = True
    for later in ("raise ValueError('told')", "import os\nos._exit(3)"):
        session.close()
        session.cells[0] = Cell("cell 1", later)
        with pytest.raises(NameError):
            session.call("total", ([],), {})
    assert session.failures == session.ended_cells == {} and session.endings == []
    assert session.hidden_endings == [("crashed", "cell 1 ended its own process")]
    session.close()


def test_endless_recursion(grade):
    result = grade("def total(values): return total(values)\n" + MEAN_OF)
    assert scores(result) == {"total": 0, "mean_of": 2}
    assert result.status == "graded"
    assert messages(result, "total")["two numbers"].startswith(
        "RecursionError: maximum recursion depth exceeded"
    )


def test_the_whole_submission_has_a_time_limit(tiny, launchers):
    launcher = launchers.get("A", call_seconds=0.3, total_seconds=0.8)
    cells = [Cell("cell 1", f"def total(values):\n    {LOOP}\ndef mean_of(function, values):\n    {LOOP}")]
    results, session = grade_cells(tiny, cells, launcher)
    assert sum(result.score for result in results) == 0
    assert session.status == "timeout"
    last = results[1].tests[1]
    assert not last.passed


def test_a_process_that_ends_too_often(tiny, launcher, monkeypatch):
    monkeypatch.setattr("autograder.grading._MAX_RESTARTS", 2)
    cells = [Cell("cell", "import os\ndef total(values): os._exit(1)\n" + MEAN_OF)]
    results, session = grade_cells(tiny, cells, launcher)
    assert [result.score for result in results] == [0, 1]
    assert session.status == "crashed"
    assert session.restarts == 3
    assert results[1].tests[1].message == "Any function will do."  # not run, and hidden


# Lies.


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nclass Liar(np.ndarray):\n    def __eq__(self, other): return True\n"
        "    def __array_ufunc__(self, *a, **k): return np.array(True)\n"
        "def total(values): return np.zeros(()).view(Liar)",
        "class Liar(float):\n    def __eq__(self, other): return True\n    def __float__(self): return 3.0\n"
        "def total(values): return Liar(0)",
        "import numpy as np, builtins, unittest\nnp.testing.assert_allclose = lambda *a, **k: None\n"
        "np.allclose = builtins.abs = lambda *a, **k: True\ndef total(values): return 0.0",
        "print('{\"score\": 4}')\nopen('results.json', 'w').write('{\"total\": 4}')\ndef total(values): return 0.0",
        "import sys\ndef total(values):\n    f = sys._getframe()\n    while f:\n"
        "        if 'right' in f.f_locals: return f.f_locals['right']\n        f = f.f_back\n    return 0.0",
        "import sys\ndef total(values):\n    import solutions.tiny\n    return solutions.tiny.total(values)",
        "def total(values): raise SystemExit(0)",
        "def total(values): raise StopIteration(3.0)",
        "import os\ndef total(values): os._exit(0)",
        "total = property(lambda self: 3.0)",
        "def total(values, *, __class__=float): return values",
    ],
)  # fmt: skip
def test_lies_get_no_points(grade, source):
    assert scores(grade(source))["total"] == 0


def test_the_same_lies_work_in_one_process(tiny, monkeypatch):
    """The positive control: the test, on the function itself, takes the patched library's word."""
    case = tiny.exercises[0].tests.test_cases[0].body.test_func
    with pytest.raises(AssertionError):
        case(lambda values: 0.0)
    monkeypatch.setattr(np.testing, "assert_allclose", lambda *args, **kwargs: None)
    case(lambda values: 0.0)


# Tests in every shape.


def course_with(folder, **tests):
    """The small course with other test files of `total`."""
    files = {f"solutions/tests/tiny/{name}.py": text for name, text in tests.items()}
    return load_course(write_files(folder / "changed", COURSE | files)).topics["tiny"]


CASES = """

@test_case(points=1)
def swallows_everything(total):
    try:
        total([1.0])
    except Exception:
        pass


@test_case(points=1)
def wants_a_value_error(total):
    try:
        total([])
    except ValueError as error:
        assert "empty" in str(error)
    else:
        raise AssertionError("no ValueError for an empty list")


@test_case(points=1)
def warns(total):
    import warnings
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        total([1.0])
    assert [str(item.message) for item in seen] == ["careful"]


@test_case(points=1)
def has_no_attributes(total):
    assert not [name for name in ("__globals__", "__code__", "__wrapped__", "__self__") if hasattr(total, name)]
    assert repr(total) == "<function total of the submission>"


@test_case(points=1)
def needs_no_function():
    pass


@test_case(points=1)
def not_plain(total):
    total(object())


@test_case(points=1)
def composed(total, mean_of):
    assert mean_of(total, [[1.0, 2.0], [4.0]]) == 3.5


SHARED = [3.0]


@test_case(points=1, hidden=True)
def shared_once(total):
    total(SHARED)


@test_case(points=1, hidden=True)
def shared_twice(total):
    assert SHARED == [3.0]
"""

HEAD = TINY_TOTAL.partition("# What the public")[0]


def test_test_cases_in_every_shape(grade, tmp_path):
    topic = course_with(tmp_path, total=HEAD + CASES)
    source = (
        "import warnings\ndef total(values):\n    if not values: raise ValueError('empty')\n"
        "    warnings.warn('careful')\n    result = float(sum(values))\n    values.append(0.0)\n    return result\n"
    )
    result = grade(source + MEAN_OF, topic=topic)
    tests = {test.name: test for test in result.exercises[0].tests}
    failed = {name: test.message for name, test in tests.items() if not test.passed}
    assert list(failed) == ["total - 6"]
    assert "a value of type object is not plain data" in failed["total - 6"]
    assert result.exercises[0].score == 8
    assert [test.points for test in tests.values()] == [1] * 9
    assert (result.status, result.error) == ("graded", "")


def test_a_test_that_swallows_everything_does_not_pass_a_crash(grade, tmp_path):
    topic = course_with(tmp_path, total=HEAD + CASES)
    for source in ("import os\ndef total(values): os._exit(0)", f"def total(values):\n    {LOOP}"):
        result = grade(source, topic=topic)
        passed = [test.name for test in result.exercises[0].tests if test.passed]
        assert "total - 1" not in passed
        assert "total - 5" not in passed or result.status == "crashed"


def test_a_mistake_in_a_function_that_is_an_argument(grade, tmp_path):
    composed = (
        HEAD.replace('"total"', '"mean_of"') + CASES[CASES.index("@test_case(points=1)\ndef composed") :]
    )
    topic = course_with(tmp_path, mean_of=composed.partition("SHARED")[0])
    wrong = "def mean_of(function, values): return sum(values[0]) / len(values)\n"
    result = grade(TOTAL + wrong, topic=topic)
    assert scores(result)["mean_of"] == 0
    assert result.status == "graded"


def test_points_as_otter_shares_them_out(grade, tmp_path):
    case = '\n@test_case(name="{0}"{1})\ndef case_{0}(total):\n    assert total([1.0, 2.0]) == {2}\n'
    shared = (
        HEAD.replace("points = None", "points = 3")
        + case.format("a", "", 3)
        + case.format("b", ", points=1", 0)
    )
    all_or_nothing = HEAD + "all_or_nothing = True\n" + case.format("a", "", 3) + case.format("b", "", 0)
    for text, score, possible in ((shared, 2, 3), (all_or_nothing, 0, 1)):
        result = grade(TOTAL, topic=course_with(tmp_path, total=text))
        assert (result.exercises[0].score, result.exercises[0].possible) == (score, possible)


def test_a_public_course_names_no_mistakes(mini_course, launcher):
    public = load_public_course(mini_course.path / "exercises").topics["tiny"]
    cells = script_cells(b"def total(values): return float(sum(values[1:]))", "tiny.py")
    results, _ = grade_cells(public, cells, launcher)
    assert [len(result.tests) for result in results] == [1, 1]
    assert [result.mistake for result in results] == [None, None]


def test_a_messages_of_its_own_in_a_public_case(grade, tmp_path):
    text = TINY_MEAN_OF.replace(
        '"twice the numbers", points=1', '"twice", points=1, failure_message="Mind the order."'
    )
    text = text.replace('"other functions", points=1', '"other", points=1, success_message="Well done."')
    topic = course_with(tmp_path, mean_of=text)
    told = messages(grade("def mean_of(f, v): return 0", topic=topic), "mean_of")
    assert told["twice"].startswith("Mind the order.\n")
    assert messages(grade(RIGHT, topic=topic), "mean_of") == {"twice": "", "other": "Well done."}


# What cannot be graded.


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"# coding: idna\n"])
def test_an_unreadable_file(grade, data):
    result = grade(data)
    assert (result.status, result.total, result.possible) == ("unreadable", 0, 6)
    assert [exercise.name for exercise in result.exercises] == ["total", "mean_of"]
    assert result.error
    assert not result.was_run


def test_students_are_not_told_of_the_instructors_options(tmp_path):
    found, _ = find_submissions(write_files(tmp_path, {"s/x.py": "x = 1"}) / "s", ["tiny"])
    assert [item.problem for item in found] == ["its name tells no topic; name it after one of tiny"]


def test_a_file_of_no_topic(tmp_path, launcher):
    path = write_files(tmp_path, {"x.py": "x = 1"}) / "x.py"
    result = grade_submission(
        Submission("x.py", "s", "", path, "its name tells no topic"), None, launcher, PROTECTIONS
    )
    assert (result.status, result.possible, result.exercises) == ("unreadable", 0, [])
    assert result.error == "its name tells no topic"
    assert (
        grade_submission(Submission("x.py", "s", "nowhere", path), None, launcher, PROTECTIONS).status
        == "unreadable"
    )


def test_a_result_without_a_grading(tiny, tmp_path):
    result = not_graded(Submission("x", "s", "tiny", tmp_path), tiny, "crashed", "why\x1b")
    assert (result.total, result.possible, result.protections) == (0, 6, {})
    assert "\x1b" not in result.error
    assert json.loads(msgspec.json.encode(result))["exercises"][0]["tests"] == []


@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_zygote_that_is_killed_is_no_fault_of_the_submission(tiny, tier):
    try:
        launcher = open_launcher([], Limits(), tier)
    except SandboxError as error:
        pytest.skip(str(error))
    with launcher:
        cells = [Cell("cell 1", RIGHT)]
        assert sum(result.score for result in grade_cells(tiny, cells, launcher)[0]) == 6
        os.kill(launcher._process.pid, signal.SIGKILL)
        with pytest.raises(SandboxError):
            grade_cells(tiny, cells, launcher)


@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_zygote_that_is_killed_in_the_middle(tiny, tier, tmp_path):
    launcher = open_launcher([], Limits(), tier) if tier == "B" else None
    if launcher is None:
        try:
            launcher = open_launcher([], Limits(), tier)
        except SandboxError as error:
            pytest.skip(str(error))
    killing = HEAD + (
        "@test_case(points=1)\ndef kills(mean_of):\n    import os, signal\n"
        "    mean_of(lambda x: os.kill(PID, signal.SIGKILL) or 1.0, [1.0])\n"
        "    while True:  # until the submission is gone, too\n        mean_of(abs, [1.0])\n"
    ).replace("PID", str(launcher._process.pid))
    topic = course_with(tmp_path, mean_of=killing.replace('"total"', '"mean_of"'))
    with launcher, pytest.raises(SandboxError):
        grade_cells(topic, [Cell("cell 1", RIGHT)], launcher)


def test_no_process_is_left_when_grading_is_over(tiny, launcher):
    before = sorted(os.listdir("/proc/self/fd"))
    for source in (RIGHT, "import os\nos._exit(1)", "x = ", *WRONG[:3]):
        grade_cells(tiny, [Cell("cell 1", source)], launcher)
    assert sorted(os.listdir("/proc/self/fd")) == before
