"""Releases: what students get holds the tasks and the public tests, and nothing that is hidden."""

import ast
import io
import json
import tomllib
import zipfile

import nbformat
import pytest

from autograder.course import CourseError, load_course
from autograder.release import (
    exercise_files,
    otter_bundle,
    public_tests,
    stale_files,
    student_bundle,
    write_exercises,
)
from tests.engine.small_course import COURSE, DOUBLE_TESTS, TINY, TINY_TOTAL, write_files


@pytest.fixture(scope="module")
def files(mini_course):
    return exercise_files(mini_course)


def test_every_topic_has_its_files(files):
    assert sorted(files) == [
        "double.ipynb",
        "double.py",
        "tests/double/double.py",
        "tests/tiny/mean_of.py",
        "tests/tiny/total.py",
        "tiny.ipynb",
        "tiny.py",
    ]


def test_nothing_hidden_is_in_any_of_them(files):
    words = [
        "np.sum",
        "13.25",
        "SECRET",
        "secretly",
        "hidden",
        "solutions",
        "SOLUTION",
        "reference",
        "absolute",
        "mistake",
    ]
    for name, data in files.items():
        assert [word for word in words if word in data.decode()] == [], name


def test_the_notebook_and_the_script_hold_the_same_task(files):
    notebook = nbformat.reads(files["tiny.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert 'grader = otter.Notebook(tests_dir="tests/tiny")' in code[1]
    assert "raise NotImplementedError" in code[2]
    assert '"""The sum of some numbers."""' in code[2]
    script = files["tiny.py"].decode()
    namespace = {}
    exec(compile(script, "tiny.py", "exec"), namespace)  # the grader's cells are comments in it
    with pytest.raises(NotImplementedError):
        namespace["total"]([1])
    assert [cell.get("outputs") for cell in notebook.cells if cell.cell_type == "code"] == [[]] * len(code)


def test_two_releases_are_the_same_bytes(course_folder):
    def release():
        course = load_course(course_folder)
        files = exercise_files(course)
        return files, otter_bundle(course.topics["tiny"]), student_bundle(course, files)

    assert release() == release()


def test_exercises_are_written_once(course_folder):
    folder = course_folder / "exercises"
    files = exercise_files(load_course(course_folder))
    assert write_exercises(folder, files) == []
    (folder / "tiny.py").write_text("mine")
    (folder / "tests" / "tiny" / "total.py").unlink()
    write_files(
        folder,
        {"old.py": "", "old.ipynb": "", "tests/old/f.py": "", "notes.md": "kept", "data/x.csv": "kept"},
    )
    stale = ["old.ipynb", "old.py", "tests/old/f.py", "tests/tiny/total.py", "tiny.py"]
    assert stale_files(folder, files) == stale
    assert write_exercises(folder, files) == stale
    assert stale_files(folder, files) == []
    assert (folder / "notes.md").exists()
    assert not (folder / "old.py").exists()


# Public tests.

HEAD = """\
\"\"\"Tests.\"\"\"

import math
import numpy as np
from otter.test_files import test_case

import solutions.tiny as reference

OK_FORMAT = False
name = "total"
points = None
"""


def cut(source, head=HEAD):
    text = public_tests(head + source)
    ast.parse(text)
    return text


PUBLIC = '@test_case(points=1)\ndef public(total):\n    assert total([1]) == 1\n'  # fmt: skip


@pytest.mark.parametrize(
    "hidden",
    [
        "@test_case(hidden=True)\ndef secret(total): assert total([42])",
        "@test_case('secret', 1, True)\ndef secret(total): assert total([42])",
        "@test_case(points=2, **{'hidden': True})\ndef secret(total): assert total([42])",
        "@test_case(*['a', 1, True])\ndef secret(total): assert total([42])",
        "FLAG = True\n@test_case(hidden=FLAG)\ndef secret(total): assert total([42])",
        "@test_case(hidden=not False)\ndef secret(total): assert total([42])",
        "@test_case(hidden=1)\ndef secret(total): assert total([42])",
        "import otter\n@otter.test_files.test_case(hidden=True)\ndef secret(total): assert total([42])",
        "import otter.test_files as t\n@t.test_case(hidden=True)\ndef secret(total): assert total([42])",
        "from otter.test_files import test_case as case\n@case(hidden=True)\ndef secret(f): assert f([42])",
        "if True:\n    @test_case(hidden=True)\n    def secret(total): assert total([42])",
        "for total in [1]:\n    @test_case(hidden=True)\n    def secret(total): assert total([42])",
        "try:\n    @test_case(hidden=True)\n    def secret(total): assert total([42])\nfinally:\n    value = 1",
        "@test_case()\n@test_case(hidden=True)\ndef secret(total): assert total([42])",
        "@test_case(hidden=True)\nasync def secret(total): assert total([42])",
        "class Cases:\n    @test_case(hidden=True)\n    def secret(total): assert total([42])",
        "# 42 is the answer\n@test_case(hidden=True)\ndef secret(total): assert total([1])",
        "@test_case(hidden=True)\ndef secret(total):\n    assert total([1])\n    # 42 is the answer",
        "@test_case(hidden=True)\n# 42 is the answer\ndef secret(total):\n    assert total([1])",
        "ANSWER = 42\n@test_case(hidden=True)\ndef secret(total): assert total([ANSWER])",
        "ANSWER = 42\ndef helper(): return ANSWER\n@test_case(hidden=True)\ndef secret(total): assert helper()",
        "ANSWER, OTHER = 42, 1\n@test_case(hidden=True)\ndef secret(total): assert total([ANSWER])",
        "value = 42\n@test_case(hidden=True)\ndef secret(total): assert total([value])",
        "@test_case(hidden=True)\ndef secret(total): assert total(['\x0c \u2028 \x1c'])\nANSWER = 42",
        "print(42)",
        "np.answer = 42",
        "assert 42",
        "del math; x = 42",
    ],
)
def test_what_is_hidden_is_cut(hidden):
    local = "@test_case(hidden=False)\ndef with_locals(total):\n    value = ANSWER = 1\n    assert value == ANSWER\n"
    for source in (PUBLIC + hidden + "\n", hidden + "\n" + PUBLIC, PUBLIC + hidden + "\n\n\n" + local):
        text = cut(source)
        assert "42" not in text
        assert "solutions" not in text
        assert "def public(total):\n    assert total([1]) == 1" in text
    assert "def with_locals" in text


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("LIMIT = 5\n@test_case()\ndef p(total): assert total([LIMIT])\n", ["LIMIT = 5"]),
        ("def a(): return b()\ndef b(): return C\nC = 3\n@test_case()\ndef p(f): assert a()\n", ["def b", "C = 3"]),
        ("class Shape:\n    side = math.pi\n@test_case()\ndef p(f): assert Shape\n", ["class Shape", "import math"]),
        ("@test_case()\ndef p(f):\n    def g(): return [LIMIT for _ in f]\n    g()\nLIMIT = 1\n", ["LIMIT = 1"]),
        ("D = 1\n@test_case()\ndef p(f, d=D): pass\n", ["D = 1"]),
        ("T = 1e-3\n@test_case(name=f'within {T}')\ndef p(f): pass\n", ["T = 1e-3"]),
        ("def wrap(f): return f\n@test_case()\n@wrap\ndef p(f): pass\n", ["def wrap"]),
        ("if True:\n    LIMIT = 1\nelse:\n    LIMIT = 2\n@test_case()\ndef p(f): assert LIMIT\n", ["LIMIT = 2"]),
        ("try:\n    import q\nexcept ImportError:\n    q = None\n@test_case()\ndef p(f): assert q\n", ["import q"]),
        ("A = 1; B = 42\n@test_case()\ndef p(f): assert A\n", ["A = 1"]),
        ("with np.errstate():\n    TABLE = np.ones(1)\n@test_case()\ndef p(f): assert TABLE\n", ["TABLE = np.ones(1)"]),
        ("def g():\n    global N\n    N = 1\n@test_case()\ndef p(f):\n    g()\n    assert N\n", ["def g()"]),
        ("TEXT = '''a\n\n\n\n\nb'''\n@test_case()\ndef p(f): assert TEXT\n", ["TEXT = '''a\n\n\n\n\nb'''"]),
        ("# About the case.\n@test_case(hidden=False)\ndef p(f): pass\n", ["# About the case.\n@test_case"]),
        ("@test_case()\ndef p(f):\n    # first\n    assert f  # second\n", ["    # first\n    assert f  # second"]),
        ("@test_case(hidden=False, name='p')\ndef p(f): pass\n", ["name='p'"]),
        ("@test_case('p', None, False)\ndef p(f): pass\n", ["def p(f)"]),
        ("x: int = 3\n@test_case()\ndef p(f): assert x\n", ["x: int = 3"]),
        ("x = 1\nx += 2\n@test_case()\ndef p(f): assert x\n", ["x = 1", "x += 2"]),
    ],
)  # fmt: skip
def test_what_public_cases_use_is_kept(source, kept):
    text = cut(source)
    assert [piece for piece in kept if piece not in text] == []
    assert "42" not in text
    assert text.startswith('"""Tests."""\n')
    assert ('import math' in text) is ("math." in source)  # fmt: skip
    assert "OK_FORMAT = False\nname = \"total\"\npoints = None\n" in text  # fmt: skip


def test_a_file_of_public_cases_alone_stays_as_it_is():
    source = DOUBLE_TESTS.replace("import solutions.double as reference\n\n", "").replace(
        "hidden=True", "hidden=False"
    )
    source = source.replace("reference.double", "2 *")
    assert public_tests(source) == source
    assert public_tests(public_tests(TINY_TOTAL)) == public_tests(TINY_TOTAL)
    assert public_tests(TINY_TOTAL.replace("\n", "\r\n").replace("\r\n", "\n")) == public_tests(TINY_TOTAL)


@pytest.mark.parametrize(
    "case",
    [
        "FLAG = False\n@test_case(hidden=FLAG)\ndef other(total): pass\n",
        "from otter.test_files import test_case as case\n@case()\ndef other(total): pass\n",
        "if True:\n    @test_case()\n    def other(total): pass\n",
        "other = test_case()(lambda total: None)\n",
        "@test_case('a', 1, *[False])\ndef other(total): pass\n",
        "# see solutions\n@test_case()\ndef other(total): pass\n",
        "@test_case()\ndef other(total): assert reference\n",
    ],
)
def test_cases_that_cannot_be_told_apart_are_refused(course_folder, case):
    path = "solutions/tests/tiny/total.py"
    write_files(course_folder, {path: TINY_TOTAL + "\n\n" + case})
    with pytest.raises(CourseError, match=r"cannot be told|speaks of the solutions"):
        exercise_files(load_course(course_folder))


# Masters.


@pytest.mark.parametrize(
    ("master", "says"),
    [
        (TINY.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", ""), "no solution region"),
        (
            TINY.replace("### BEGIN SOLUTION", "### BEGIN", 1),
            "tiny.py, line 26: this solution region has no `### BEGIN SOLUTION` in its cell",
        ),
        (
            TINY.replace("### END SOLUTION", "### END", 1),
            "tiny.py, line 24: this solution region has no `### END SOLUTION` in its cell",
        ),
        (TINY + "# %% [markdown]\n# A SOLUTION\n", "a solution region was left"),
        (TINY.replace("#     display_name: Python 3\n", ""), "tiny: "),
    ],
)  # fmt: skip
def test_a_solution_never_slips_out(course_folder, master, says):
    write_files(course_folder, {"solutions/tiny.py": master})
    with pytest.raises(CourseError) as caught:
        exercise_files(load_course(course_folder))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


# Bundles.


def archive(data):
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {info.filename: opened.read(info) for info in opened.infolist()}


def test_the_students_bundle_holds_what_pyproject_names(course_folder, files):
    write_files(
        course_folder,
        {"library/__pycache__/x.pyc": "", "library/.ipynb_checkpoints/x.ipynb": "", "grading/x.csv": ""},
    )
    entries = archive(student_bundle(load_course(course_folder), files))
    assert sorted(entries) == sorted(
        [
            "small-course/README.md",
            "small-course/pyproject.toml",
            "small-course/library/__init__.py",
            "small-course/library/core.py",
            *(f"small-course/exercises/{name}" for name in files),
        ]
    )
    assert entries["small-course/README.md"] == b"Read me.\n"
    for name, data in entries.items():
        assert b"SECRET" not in data, name
        assert b"np.sum" not in data, name


@pytest.mark.parametrize(
    "named", [["."], ["solutions"], ["library", "solutions/tests"], ["library/../solutions"]]
)
def test_a_bundle_with_solutions_is_refused(course_folder, files, named):
    project = COURSE["pyproject.toml"].replace('["pyproject.toml", "library"]', json.dumps(named))
    assert tomllib.loads(project)["tool"]["autograder"]["student"]["files"] == named
    write_files(course_folder, {"pyproject.toml": project})
    with pytest.raises(CourseError, match="would hold"):
        student_bundle(load_course(course_folder), files)


def test_a_bundle_of_what_is_not_there_is_refused(course_folder, files):
    (course_folder / "library" / "core.py").unlink()
    write_files(course_folder, {"pyproject.toml": COURSE["pyproject.toml"].replace('"library"', '"lib"')})
    with pytest.raises(CourseError, match="named in pyproject.toml"):
        student_bundle(load_course(course_folder), files)


def test_a_course_without_pyproject_gives_its_exercises(course_folder, files):
    (course_folder / "pyproject.toml").unlink()
    entries = archive(student_bundle(load_course(course_folder), files))
    assert sorted(entries) == sorted(f"course/exercises/{name}" for name in files)


def test_otters_bundle_holds_all_tests_of_its_topic(mini_course):
    entries = archive(otter_bundle(mini_course.topics["tiny"]))
    assert {"tests/total.py", "tests/mean_of.py", "otter_config.json"} <= entries.keys()
    assert not any("double" in name for name in entries)
    assert json.loads(entries["otter_config.json"])["show_hidden"] is False
