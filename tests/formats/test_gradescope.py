"""Gradescope: its layout replayed in folders, with the scripts that are in the zip."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

from autograder.course import CourseError
from autograder.formats import ExportRequest, FormatError, find_format
from autograder.formats.gradescope import results_document
from autograder.gradescope.bundle import gradescope_bundle, read_packages
from autograder.results import Adjustment
from autograder.submissions import find_submissions
from tests.engine.small_course import MEAN_OF, RIGHT, notebook
from tests.formats.classes import exercise, result
from tests.formats.container import Container, check_specification

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Gradescope's containers are Linux")
FIRST_LEFT_OUT = "def total(values):\n    return float(sum(values[1:]))\n"


@pytest.fixture
def container(mini_course, tmp_path):
    bundle = gradescope_bundle(mini_course, mini_course.topics["tiny"], {}, hidden="after_published")
    return Container(tmp_path, bundle)


def test_a_submission_is_graded(container):
    document, printed = container.grade({"anything.ipynb": notebook(FIRST_LEFT_OUT, MEAN_OF)})
    assert "ada@uni.example: 2 of 6 points, graded" in printed
    assert document["score"] == 2
    assert document["output"].startswith("your file: anything.ipynb")
    assert document["stdout_visibility"] == "hidden"
    assert document["extra_data"]["mistakes"][0] == "first_left_out"
    assert document["extra_data"]["protections"]["tier"] in ("A", "B")
    shown = {test["name"]: test["visibility"] for test in document["tests"]}
    assert set(shown.values()) == {"visible", "after_published"}
    assert [test["score"] for test in document["tests"] if test["name"].startswith("total")] == [0, 0, 0]
    assert sum(test["max_score"] for test in document["tests"]) == 6
    assert "13.25" not in json.dumps(document), "a hidden test's input"


def test_full_points_where_there_are_no_namespaces(container):
    container.settings(tier="B")
    document, printed = container.grade({"tiny.py": RIGHT, "a.py": "1 / 0", "picture.png": b"\x89PNG"})
    assert document["score"] == 6 == sum(test["score"] for test in document["tests"])
    assert document["output"] == "your file: tiny.py (2 files were handed in; this is the one that counts)"
    assert document["extra_data"]["protections"]["tier"] == "B" and "tier B" in printed


def test_code_that_looks_for_the_answers_finds_none(container):
    spy = f"""
import os
found = []
for folder in ({str(container.root / "source")!r}, {str(container.root / "results")!r}):
    try:
        found += os.listdir(folder)
    except OSError:
        pass
if found:
    raise SystemExit(str(found))
"""
    container.settings(tier="B")  # where names of files may be seen
    document, _ = container.grade({"tiny.py": spy + RIGHT})
    assert document["score"] == 6 and "SystemExit" not in document["output"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "nothing that can be graded was handed in; hand in tiny.ipynb"),
        ({"tiny.ipynb": "{", "essay.pdf": b"%PDF"}, "it is not a notebook"),
    ],
)
def test_what_cannot_be_read_is_told(container, files, says):
    document, _ = container.grade(files)
    assert document["score"] == 0 and says in document["output"]
    assert sum(test["max_score"] for test in document["tests"]) == 6


@pytest.mark.parametrize("killed", ["the course ends it", "no Python"])
def test_there_is_a_results_file_whatever_fails(container, killed):
    if killed == "the course ends it":
        (container.root / "source" / "course" / "solutions" / "tiny.py").write_text(
            "import os\nos._exit(9)\n"
        )
    else:
        container.python("exit 127")
    document, _ = container.grade({"tiny.py": RIGHT})
    assert document["score"] == 0 and document["tests"] == []
    assert "not your mistake" in document["output"]


def test_what_the_zip_holds(mini_course, tmp_path):
    def made(**more):
        packages = {"genai_course-0.1.0.tar.gz": b"sources"}
        return gradescope_bundle(mini_course, mini_course.topics["tiny"], packages, hidden="hidden", **more)

    assert made() == made()
    (tmp_path / "a.zip").write_bytes(made(allow_weaker=True))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = set(archive.namelist())
        assert {
            "setup.sh",
            "run_autograder",
            "autograder.json",
            "packages/genai_course-0.1.0.tar.gz",
        } <= names
        assert "course/solutions/tests/tiny/total.py" in names
        assert not any("tests/double" in name for name in names)
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
        assert json.loads(archive.read("autograder.json")) == {
            "topic": "tiny",
            "hidden": "hidden",
            "allow_weaker": True,
            "tier": None,
        }
    with pytest.raises(CourseError, match="it is no package"):
        read_packages([tmp_path / "a.zip"])


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_shell(container, script):
    subprocess.run(["bash", "-n", str(container.root / "source" / script)], check=True)


def test_a_score_that_is_not_the_sum_of_its_cases():
    """All or nothing: the cases tell what passed, and the exercise has the points."""
    whole = exercise(score=1.0)
    one = result("ada", exercises=[msgspec.structs.replace(whole, score=0.0)])
    tests = results_document(one)["tests"]
    assert [test.get("max_score") for test in tests] == [None, None, 4.0]
    assert tests[-1]["visibility"] == "after_published"


def test_a_hint_is_shown_with_the_case_that_it_explains():
    document = results_document(result("ada"))  # the public case passed, the hidden one did not
    assert ["Mind the signs." in test["output"] for test in document["tests"]] == [False, True]


def test_exported_files(tmp_path):
    gradescope = find_format("gradescope")
    results = [result("ada", adjustment=Adjustment(points=1, reason="oral")), result("../eve", total=2)]
    written = gradescope.export(ExportRequest(results=results, out=tmp_path / "out"))
    assert [path.name for path in written.files] == ["ada_tiny.json", ".._eve_tiny.json"]
    document = json.loads(written.files[0].read_text(encoding="utf-8"))
    assert document["score"] == 2 and document["output"] == "by hand: +1; oral (computed: 1)"
    with pytest.raises(FormatError, match="two results would be this file"):
        gradescope.export(ExportRequest(results=[result("a b"), result("a_b")], out=tmp_path / "out"))
    with pytest.raises(FormatError, match="--option hidden=never"):
        gradescope.export(ExportRequest(results=results, out=tmp_path, options={"hidden": "never"}))


def test_the_examples():
    folder = Path(__file__).resolve().parents[2] / "examples" / "formats"
    check_specification(json.loads((folder / "gradescope-results.json").read_text(encoding="utf-8")))
    found, notices = find_submissions(folder / "gradescope-export", ["attention"])
    assert [item.student for item in found] == [
        "Student 003_student-003",
        "Student 007_student-007",
        "Student 008_student-008",
    ]
    assert notices == []
