"""The verbs export and import: what they say, what they write, and how they end."""

import json
import zipfile

import pytest
from typer.testing import CliRunner

from autograder import cli, formats
from autograder.formats import Exported, Format, FormatError, Imported, find_format, format_names
from autograder.results import write_results
from tests.engine.small_course import RIGHT, notebook, write_files
from tests.formats.classes import CANVAS, result


def run(*arguments, code=0):
    done = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def grading(tmp_path):
    write_results(tmp_path / "grading", [result("zoe"), result("george", total=2.0)])
    (tmp_path / "gradebook.csv").write_bytes(CANVAS)
    return tmp_path / "grading"


def test_export(grading):
    said = run("export", grading, "--to", "canvas", "--template", grading.parent / "gradebook.csv")
    assert f"2 grades: {grading / 'canvas.csv'}" in said and "note: tiny: in" in said
    said = run("export", grading, "--to", "otter", "--out", grading / "a.csv", "--topic", "tiny")
    assert "a.csv" in said


def test_export_with_adjustments(grading):
    (grading / "mine.csv").write_text("student,score\nzoe,3.5\n")
    run("export", grading, "--to", "gradescope", "--adjustments", grading / "mine.csv")
    assert json.loads((grading / "gradescope" / "zoe_tiny.json").read_text())["score"] == 3.5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--to", "blackboard"], "there is no format 'blackboard'; there is canvas, gradescope, moodle"),
        (["--to", "canvas"], "--template names the gradebook"),
        (["--to", "canvas", "--template", "none.csv"], "none.csv: it cannot be read"),
        (["--to", "otter", "--topic", "huge"], "no result of the topic 'huge'; topics there: tiny"),
        (["--to", "otter", "--column", "tiny"], "--column 'tiny': write NAME=VALUE"),
        (["--to", "otter", "--option", "a=b"], "--option a: this format has no such option"),
        (["--to", "otter", "--adjustments", "none.csv"], "none.csv: it cannot be read"),
    ],
)
def test_wrong_usage_of_export(grading, arguments, says):
    assert says in run("export", grading, *arguments, code=2)


def test_results_that_are_none(tmp_path):
    assert "run `autograder grade` first" in run("export", tmp_path, "--to", "otter", code=2)
    (tmp_path / "results.jsonl").write_text('{"submission": 1}\n')
    assert "results.jsonl, line 1: it is no result" in run("export", tmp_path, "--to", "otter", code=2)


def test_where_nothing_can_be_written(grading):
    blocked = grading / "file"
    blocked.write_text("")
    assert "Not a directory" in run("export", grading, "--to", "otter", "--out", blocked / "a.csv", code=1)


def test_the_list(grading, mini_course):
    said = run("export", grading, "--to", "list")
    assert "canvas: Canvas" in said and "otter: otter-grader" in said
    assert "moodle: Moodle" in run("import", grading, "--from", "list")


def test_import_of_submissions(tmp_path, mini_course):
    with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
        archive.writestr("Ada Adams_7_assignsubmission_file_/tiny.py", RIGHT)
        archive.writestr("Zoë_8_assignsubmission_file_/Tiny (1).ipynb", notebook(RIGHT))
        archive.writestr("Max_9_assignsubmission_file_/essay.py", "x = 1")
    command = ["import", tmp_path / "moodle.zip", "--from", "moodle", "--course", mini_course.path]
    said = run(*command, "--out", tmp_path / "in")
    assert "2 submissions in" in said and "essay.py: left out" in said
    files = sorted(path.relative_to(tmp_path / "in").as_posix() for path in (tmp_path / "in").rglob("*.*"))
    assert files == ["Ada Adams_7/tiny.py", "Zoë_8/tiny.ipynb"]
    assert "is there already" in run(*command, "--out", tmp_path / "in", code=1)


def test_import_of_grades(grading, mini_course):
    entered = grading.parent / "entered.csv"
    entered.write_bytes(CANVAS.replace(b"3.00", b"2.50"))
    out = grading.parent / "out.csv"
    command = ["import", entered, "--from", "canvas", "--topic", "tiny", "--course", mini_course.path]
    command += ["--results", grading, "--out", out]
    assert "1 grade in" in run(*command)
    assert "george,tiny,,,2.5,," in out.read_text()
    assert "it is there already" in run(*command, code=2)
    entered.write_bytes(CANVAS.replace(b"3.00", b"2.00"))
    assert "nothing that we do not have" in run(*command)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "otter"], "the format 'otter' can be written, not read"),
        (["--from", "paper"], "there is no format 'paper'"),
        (["--from", "canvas", "--topic", "huge"], "there is no topic 'huge'"),
    ],
)
def test_wrong_usage_of_import(grading, mini_course, arguments, says):
    command = ["import", grading.parent / "gradebook.csv", "--course", mini_course.path]
    assert says in run(*command, *arguments, code=2)


@pytest.mark.parametrize("to", ["canvas", "gradescope", "moodle", "nbgrader", "otter"])
def test_every_format_of_ours(to):
    found = find_format(to)
    assert found.name == to and found.title and found.export
    assert to in format_names()


def test_a_courses_own_format(monkeypatch, grading):
    """An entry point is enough."""

    def write(request):
        request.out.write_text(",".join(f"{item.student}={item.final}" for item in request.results))
        return Exported(files=[request.out], notes=["as agreed"])

    class Entry:
        def __init__(self, name, loaded):
            self.name, self.loaded = name, loaded

        def load(self):
            if isinstance(self.loaded, Exception):
                raise self.loaded
            return self.loaded

    mine = Format(name="ilias", title="ILIAS", export=write, read=lambda request: Imported())
    every = [Entry("ilias", mine), Entry("odd", object()), Entry("gone", ImportError("no such module"))]
    monkeypatch.setattr(formats, "entry_points", lambda group: every if group == "autograder.formats" else [])
    assert "as agreed" in run("export", grading, "--to", "ilias", "--out", grading / "x")
    assert (grading / "x").read_text() == "george=2.0,zoe=1.0"
    with pytest.raises(FormatError, match="is no autograder.formats.Format but a object"):
        find_format("odd")
    with pytest.raises(FormatError, match="cannot be loaded: no such module"):
        find_format("gone")


def test_release_to_gradescope(mini_course, tmp_path):
    package = tmp_path / "course-0.1.tar.gz"
    package.write_bytes(b"sources")
    command = ["release", "--to", "gradescope", "--course", mini_course.path, "--out", tmp_path / "out"]
    said = run(*command, "--package", package)
    assert "gradescope-tiny.zip" in said and "gradescope-double.zip" in said and "6 points" in said
    assert "there is no topic 'huge'" in run(*command, "--package", package, "--topic", "huge", code=2)
    assert "--hidden-tests never" in run(*command, "--package", package, "--hidden-tests", "never", code=2)


def test_adjustments_that_are_wrong_stop_the_grading_before_it_starts(mini_course, tmp_path):
    write_files(tmp_path / "class", {"ada/tiny.py": RIGHT})
    (tmp_path / "a.csv").write_text("student,points\nada,many\n")
    command = ["grade", tmp_path / "class", "--course", mini_course.path, "--out", tmp_path / "out"]
    assert "a.csv, line 2: points is 'many'" in run(*command, "--adjustments", tmp_path / "a.csv", code=2)
    assert not (tmp_path / "out" / "grades.csv").exists()
