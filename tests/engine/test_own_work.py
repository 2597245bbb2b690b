"""What students run on their own work: `submit-check` and `progress`."""

import contextlib
import zipfile

import pytest

from autograder.commands import check
from autograder.progress import TopicProgress, draw, in_words
from autograder.submissions import find_submissions, read_cells
from tests.engine.small_course import MEAN_OF, RIGHT, TOTAL, notebook, write_files
from tests.engine.test_cli import flat, run


@pytest.fixture
def exercises(course_folder, launcher, monkeypatch):
    monkeypatch.setattr(check, "open_launcher", lambda *args, **kwargs: contextlib.nullcontext(launcher))
    monkeypatch.chdir(course_folder)
    return course_folder / "exercises"


def test_a_file_that_can_be_handed_in_is_packed(exercises):
    write_files(exercises, {"tiny.ipynb": notebook(TOTAL, MEAN_OF)})
    result = run("submit-check", exercises / "tiny.ipynb")
    assert "✔ readable: 2 cells of code, topic tiny" in result.stdout
    assert "✔ complete: 2 functions written" in result.stdout
    assert "✔ runs from top to bottom in a fresh process" in result.stdout
    assert "2 of 2 exercises pass their public tests" in result.stdout
    assert "packed: tiny.zip" in result.stdout
    archive = exercises.parent / "tiny.zip"
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == ["tiny.ipynb"]
        assert packed.read("tiny.ipynb") == (exercises / "tiny.ipynb").read_bytes()
    (submission,), notices = find_submissions(archive, ["tiny", "double"])
    assert (submission.topic, submission.problem, notices) == ("tiny", "", [])
    assert [cell.source for cell in read_cells(submission)] == [TOTAL, MEAN_OF]


def test_work_that_is_wrong_can_be_handed_in(exercises):
    write_files(exercises, {"tiny.py": "def total(values): return 0.0\ndef mean_of(f, values): return 0.0\n"})
    result = run("submit-check", exercises / "tiny.py")
    assert "! only 0 of 2 exercises pass their public tests; see `autograder check" in flat(result.stdout)
    assert "packed: tiny.zip (under 1 kB), in the current folder" in result.stdout
    assert (exercises.parent / "tiny.zip").is_file()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (None, "✘ complete: total, mean_of are not written yet"),
        (TOTAL, "✘ complete: mean_of is not written yet"),
        (RIGHT + "\n1 / 0\n", "error ZeroDivisionError: division by zero (tiny.py, line 7)"),
        (
            "# %%\n" + RIGHT + "\n# %% [markdown]\n# Text\n\n# %%\nx = (\n",
            "✔ readable: 2 cells of code, topic tiny",
        ),
        (RIGHT + "\n\n# %%\n\nx = (\n", "'(' was never closed (tiny.py, line 10) 2 of 2 exercises"),
        (RIGHT + "\n\n# %%\n%who\n1 / 0\n", "division by zero (tiny.py, line 10) 2 of 2 exercises"),
        (
            RIGHT + "\nimport os\nos._exit(3)\n",
            "✘ complete: total, mean_of cannot be told, for the errors below ✘",
        ),
        (RIGHT + "\nx = (\n", "✘ complete: mean_of, total cannot be told, for the errors below ✘"),
        (RIGHT + "\nimport os\nos._exit(3)\n", "✘ runs from top to bottom: not without an error"),
    ],
)
def test_what_is_amiss_is_told_before_it_is_handed_in(exercises, source, says):
    if source is not None:
        write_files(exercises, {"tiny.py": source})
    result = run("submit-check", exercises / "tiny.py", code=1)
    assert says in flat(result.stdout)
    assert "not packed" in result.stdout
    assert not (exercises.parent / "tiny.zip").exists()
    result = run("submit-check", exercises / "tiny.py", "--anyway", "--out", "student-001_tiny.zip", code=1)
    assert "packed: student-001_tiny.zip" in result.stdout
    assert zipfile.ZipFile("student-001_tiny.zip").namelist() == ["tiny.py"]


def test_a_page_that_was_asked_for_is_named(exercises):
    write_files(exercises, {"tiny.py": RIGHT})
    assert "the page: card.html" in run("check", exercises / "tiny.py", "--html", "card.html").stdout
    assert (exercises.parent / "card.html").is_file()


def test_a_copy_is_packed_under_the_topics_name(exercises):
    write_files(exercises, {"tiny (1).py": RIGHT})
    run("submit-check", exercises / "tiny (1).py")
    assert zipfile.ZipFile("tiny.zip").namelist() == ["tiny.py"]


def test_nothing_else_is_overwritten(exercises):
    write_files(exercises, {"tiny.py": RIGHT, "../tiny.zip": "my holiday pictures"})
    assert "another file of this name" in flat(run("submit-check", exercises / "tiny.py", code=2).stderr)
    assert (exercises.parent / "tiny.zip").read_text() == "my holiday pictures"
    run("submit-check", exercises / "tiny.py", "--out", "mine.zip")
    before = (exercises.parent / "mine.zip").read_bytes()
    run("submit-check", exercises / "tiny.py", "--out", "mine.zip")  # its own, from before
    assert (exercises.parent / "mine.zip").read_bytes() == before


def test_what_cannot_be_handed_in(exercises):
    write_files(exercises, {"tiny.py": "", "essay.py": "x = 1", "double.ipynb": "{}", "tiny.zip": b"PK"})
    for name, code, says in [
        ("tiny.py", 1, "it is empty"),
        ("essay.py", 2, "its name tells no topic; name it after one of double, tiny, or use --topic"),
        ("double.ipynb", 1, "it is not a notebook"),
        ("tiny.zip", 2, "it is an archive"),
    ]:
        result = run("submit-check", exercises / name, code=code)
        assert says in flat(result.stderr)
        assert "Traceback" not in result.output
    write_files(exercises, {"tiny.py": RIGHT})
    assert "No such file" in flat(
        run("submit-check", exercises / "tiny.py", "--out", "nowhere/a.zip", code=2).stderr
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("tests/tiny/total.py", "it is of the tests; your work is beside their folder"),
        ("tiny.docx", "it is no notebook (.ipynb) and no .py file"),
    ],
)
def test_a_file_that_is_nobodys_work(exercises, name, says):
    write_files(exercises, {"tiny.docx": "PK"})
    result = run("check", exercises / name, "--topic", "tiny", code=2)
    assert says in flat(result.stderr) and result.stdout == ""


def test_a_function_that_is_not_there_is_told_in_one_line(exercises):
    write_files(exercises, {"tiny.py": f"# %%\n{TOTAL}\n\n# %%\ndef mean_of(function, values:\n"})
    printed = run("check", exercises / "tiny.py", code=1).stdout
    assert "        tiny.py has no function `mean_of`, or an error above kept it from being made\n" in printed
    assert "✔ total" in printed and "NameError" not in printed


def test_a_function_is_lost_with_the_cell_that_was_stopped(exercises):
    write_files(exercises, {"tiny.py": f"{RIGHT}\nimport os\nos._exit(3)\n"})
    told = flat(run("check", exercises / "tiny.py", code=1).stdout)
    assert (
        "has no function `total`, or the cell that makes it was stopped, see above: nothing of such" in told
    )


def test_progress_takes_the_better_file_of_each_topic(exercises):
    write_files(exercises, {"tiny.py": TOTAL + "def mean_of(function, values): return 0.0\n"})
    result = run("progress", "--out", "progress.svg")
    assert "tiny ✔ total ✘ mean_of" in flat(result.stdout)
    assert "double ○ double" in flat(result.stdout)
    assert "1 of 3 functions pass their public tests; the picture: progress.svg" in result.stdout
    picture = (exercises.parent / "progress.svg").read_text(encoding="utf-8")
    assert "<title>1 of 3 functions pass their public tests</title>" in picture
    run("progress", exercises, "--out", "again.svg")
    assert (exercises.parent / "again.svg").read_text(encoding="utf-8") == picture


def test_progress_with_files_that_are_missing_or_broken(exercises):
    write_files(exercises, {"tiny.py": "", "tiny.ipynb": "{}"})
    (exercises / "double.py").unlink()
    result = run("progress")
    assert "tiny.py: it is empty" in result.stdout
    assert "0 of 3 functions" in result.stdout
    assert (exercises.parent / "progress.png").read_bytes().startswith(b"\x89PNG")


def test_progress_where_there_is_nothing_to_look_at(exercises, tmp_path, monkeypatch):
    assert "a picture is" in flat(run("progress", "--out", "progress.docx", code=2).stderr)
    assert "nowhere" in run("progress", "nowhere", code=2).stderr
    late = run("progress", "--out", "nowhere/p.png", code=2)
    assert "No such file" in late.stderr
    assert late.stdout == "", "it is told before anything is run"
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    told = flat(run("progress", code=2).stderr)
    assert "the exercises and their tests are not in it" in told and "autograder progress FOLDER" in told


def test_the_picture_of_no_topic_and_of_many_functions(tmp_path):
    assert in_words([]) == "0 of 0 functions pass their public tests"
    assert draw([], tmp_path / "a.png").startswith(b"\x89PNG")
    long = TopicProgress("t" * 40, "T", tuple((f"{'f' * 60}{i}", "passed") for i in range(12)))
    assert draw([long], tmp_path / "a.pdf").startswith(b"%PDF")
