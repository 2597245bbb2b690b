"""The command: what it prints, what it writes, and the exit code that it ends with."""

import contextlib
import csv
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import cli, verify
from autograder.commands import check
from tests.engine.small_course import COURSE, RIGHT, TINY_TOTAL, TOTAL, notebook, write_files
from tests.engine.test_pool import alive, descendants, wait_until

HOSTILE_NAME = "=1+1\x1b[31m"
CLASS = {
    "student-001/tiny.py": RIGHT,
    "student-001/double.ipynb": notebook("def double(number):\n    return 2 * number"),
    "student-002/tiny.ipynb": notebook("1 / 0", "def total(values):\n    return float(sum(values[1:]))"),
    "student-002/tiny.py": RIGHT,
    "student-003_tiny.py": "import os\nos._exit(1)",
    "student-004/tiny.ipynb": "{}",
    "student-005/essay.py": "x = 1",
    "student-006/tiny.py": "def total(values):\n    while True: pass\n",
    f"{HOSTILE_NAME}/tiny.py": RIGHT,
    "student-007/double.py": "def double(number):\n    return number**2",
}


def run(*arguments, code=0):
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def command_line(*arguments):
    """The real command, for a process of its own."""
    return [sys.executable, "-W", "ignore", "-m", "autograder", *map(str, arguments)]


def flat(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def graded(mini_course, tmp_path_factory):
    """A class graded by the real command, in a process of its own."""
    folder = write_files(tmp_path_factory.mktemp("graded") / "class", CLASS)
    arguments = [
        "grade",
        folder,
        "--course",
        mini_course.path,
        "--out",
        folder.parent / "out",
        "--call-seconds",
        "0.5",
    ]
    environment = {**os.environ, "COLUMNS": "150"}
    result = subprocess.run(
        command_line(*arguments),
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=300,
    )
    return result, folder.parent / "out"


def test_the_results_of_a_class(graded):
    result, out = graded
    assert result.returncode == 1, result.stderr
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    got = {item["submission"]: (item["status"], item["total"], item["possible"]) for item in lines}
    assert got == {
        "=1+1\\x1b[31m/tiny.py": ("graded", 6, 6),
        "student-001/double.ipynb": ("graded", 3, 3),
        "student-001/tiny.py": ("graded", 6, 6),
        "student-002/tiny.ipynb": ("graded", 0, 6),
        "student-003_tiny.py": ("crashed", 0, 6),
        "student-004/tiny.ipynb": ("unreadable", 0, 6),
        "student-005/essay.py": ("unreadable", 0, 0),
        "student-006/tiny.py": ("timeout", 0, 6),
        "student-007/double.py": ("graded", 0, 3),
    }
    assert list(got) == sorted(got)
    by_name = {item["submission"]: item for item in lines}
    assert by_name["student-002/tiny.ipynb"]["exercises"][0]["mistake"]["id"] == "first_left_out"
    assert (
        by_name["student-002/tiny.ipynb"]["error"] == "ZeroDivisionError: division by zero (cell 1, line 1)"
    )
    assert by_name["student-001/tiny.py"]["protections"]["tier"] in "AB"
    for item in lines:
        assert list(item) == [
            "submission",
            "student",
            "topic",
            "status",
            "total",
            "possible",
            "seconds",
            "exercises",
            "protections",
            "error",
            "cells",
            "account",
            "adjustment",
            "hidden_endings",
        ]


def test_the_tables_of_a_class(graded):
    _, out = graded
    assert sorted(os.listdir(out)) == [
        *("copies.html", "feedback", "grades-double.csv", "grades-tiny.csv", "grades.csv", "grades.sqlite"),
        *("index.html", "results.jsonl", "topics.json"),
    ]
    rows = list(csv.reader((out / "grades-tiny.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == [
        "submission",
        "student",
        "topic",
        "status",
        "total",
        "possible",
        "percent",
        "final",
        "adjustment",
        "total",
        "mean_of",
    ]
    assert rows[2] == [
        "student-001/tiny.py",
        "student-001",
        "tiny",
        "graded",
        "6",
        "6",
        "100",
        "6",
        "",
        "4",
        "2",
    ]
    assert rows[1][:2] == ["'=1+1\\x1b[31m/tiny.py", "'=1+1\\x1b[31m"]
    assert len((out / "grades.csv").read_text(encoding="utf-8").splitlines()) == 10


def test_what_is_printed_of_a_class(graded):
    result, out = graded
    assert "\x1b" not in result.stdout + result.stderr
    for words in (
        "9 submissions",
        "student-001/tiny.py",
        "total: first left out",
        "5 graded, 1 timeout, 1 crashed, 2 unreadable",
        f"results: {out / 'results.jsonl'}",
    ):
        assert words in result.stdout
    assert "note: student-002/tiny.py: left out, student-002/tiny.ipynb is graded instead" in result.stderr
    assert "Traceback" not in result.stderr


def test_quiet_prints_nothing_and_a_class_without_trouble_ends_with_0(
    mini_course, tmp_path, monkeypatch, capfd
):
    double = "def double(x): return x + x"
    monkeypatch.chdir(write_files(tmp_path, {"class/s/double.py": double, "class/s/work.py": double}))
    options = ("--course", mini_course.path, "--workers", "1", "--tier", "B", "--quiet")
    assert run("grade", "class", "--topic", "double", *options).output == ""
    assert capfd.readouterr() == ("", "")
    (line,) = (tmp_path / "grading" / "results.jsonl").read_text().splitlines()
    result = json.loads(line)
    assert (result["submission"], result["total"], result["protections"]["tier"]) == ("s/double.py", 3, "B")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "does not exist"),
        (["empty"], "no submission in it"),
        (["class", "--topic", "nowhere"], "there is no topic 'nowhere'; there is double, tiny"),
        (["class", "--workers", "0"], "Invalid value for '--workers'"),
        (["class", "--workers", "many"], "Invalid value for '--workers'"),
        (["class", "--call-seconds", "0"], "Invalid value for '--call-seconds'"),
        (["class", "--memory", "1"], "Invalid value for '--memory'"),
        (["class", "--tier", "Z"], "there is no tier 'Z'"),
        (["class", "--nonsense"], "No such option"),
        (["class", "--out", "file"], "file: it is not a folder"),
        (["class", "--out", "file/below"], "Not a directory"),
        (["class", "--out", "n" * 300], "File name too long"),
        (["class", "--course", "empty"], "not a course folder"),
        (["class", "--course", "nowhere"], "not a course folder"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage_ends_with_2(mini_course, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(write_files(tmp_path, {"class/a/tiny.py": RIGHT, "file": "", "empty/x.txt": ""}))
    if "--course" not in arguments:
        arguments = [*arguments, "--course", mini_course.path]
    result = run("grade", *arguments, code=2)
    assert says in flat(result.stderr)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "grading" / "results.jsonl").exists()


def test_without_a_course_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(write_files(tmp_path, {"class/a/tiny.py": RIGHT}))
    for command in (["grade", "class"], ["verify"], ["release"]):
        assert "there is no course" in flat(run(*command, code=2).stderr)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"solutions/tiny.py": "def broken(:"}, "solutions/tiny.py, line 1: SyntaxError: invalid syntax"),
        ({"solutions/tests/tiny/total.py": TINY_TOTAL.replace('"total"', '"sum"')}, "its name is 'sum'"),
        ({"solutions/tests/other/f.py": ""}, "tests of a topic without a master"),
        ({"solutions/tiny.py": "raise SystemExit(0)"}, "SystemExit: 0"),
    ],
)
def test_a_broken_course_is_one_line_and_ends_with_2(course_folder, tmp_path, changes, says):
    write_files(course_folder, changes)
    write_files(tmp_path / "class", {"a/tiny.py": RIGHT})
    out = tmp_path / "out"
    for command in (["grade", tmp_path / "class", "--out", out], ["verify"], ["release", "--out", out]):
        result = run(*command, "--course", course_folder, code=2)
        assert says in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
        assert result.stdout == ""


def test_help_and_version():
    for command in ([], ["grade"], ["check"], ["verify"], ["release"], ["doctor"]):
        assert "Usage:" in run(*command, "--help").stdout
    assert run("--version").stdout.startswith("autograder ")
    assert "Usage:" in run(code=2).output


# Ctrl-C.

SLOW = "import time\ntime.sleep(1000)\n"


def test_an_interrupt_keeps_what_is_done_and_leaves_no_process(tmp_path):
    marking = (
        '\n\n@test_case(points=1)\ndef marks(total):\n    import os\n'
        '    with open(os.environ["MARK"], "a") as file:\n        file.write("x")\n'
    )  # fmt: skip
    course = write_files(
        tmp_path / "course", COURSE | {"solutions/tests/tiny/total.py": TINY_TOTAL + marking}
    )
    files = {f"a{index:02}/tiny.py": RIGHT for index in range(12)} | {
        f"b{index}/tiny.py": SLOW for index in range(6)
    }
    write_files(tmp_path / "class", files)
    mark = tmp_path / "mark"
    process = subprocess.Popen(
        command_line(
            *("grade", tmp_path / "class", "--course", course, "--out", tmp_path / "out"),
            *("--workers", 2, "--cell-seconds", 500),
        ),
        env={**os.environ, "MARK": str(mark), "COLUMNS": "150"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        wait_until(lambda: mark.exists() and len(mark.read_text()) == 12, 120)
        started = descendants(process.pid)
        assert len(started) >= 4
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: everything in the foreground gets it
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    results = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text().splitlines()]
    assert len(results) >= 8  # what the workers had sent by then
    assert all(item["total"] == 7 for item in results)
    assert f"stopped: {len(results)} results kept in" in stderr
    assert re.search(rf"{18 - len(results)} submissions? not graded", flat(stderr))
    assert "graded" in stdout
    wait_until(lambda: not [pid for pid in started if alive(pid)])


def test_an_interrupt_while_it_starts(tmp_path, mini_course):
    write_files(tmp_path / "class", {"a/tiny.py": SLOW})
    arguments = ["grade", tmp_path / "class", "--course", mini_course.path, "--out", tmp_path / "out"]
    process = subprocess.Popen(
        command_line(*arguments, "--cell-seconds", "500"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        wait_until(lambda: any("multiprocessing" in _command(pid) for pid in descendants(process.pid)), 120)
        started = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Traceback" not in stderr
    wait_until(lambda: not [pid for pid in started if alive(pid)])


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


# check


@pytest.fixture
def exercises(course_folder, launcher, monkeypatch):
    monkeypatch.setattr(check, "open_launcher", lambda *args, **kwargs: contextlib.nullcontext(launcher))
    return course_folder / "exercises"


def test_check_of_the_untouched_exercise(exercises):
    for name in ("tiny.ipynb", "tiny.py"):
        result = run("check", exercises / name, code=1)
        assert result.stdout.splitlines() == [
            "○ total: not done yet",
            "○ mean_of: not done yet",
            "0 of 2 exercises pass their public tests",
        ]
        assert result.stderr == ""


def test_check_of_work(exercises):
    write_files(exercises, {"tiny.py": RIGHT})
    result = run("check", exercises / "tiny.py")
    assert "✔ total: passed (1 of 1 public tests)" in result.stdout
    assert "2 of 2 exercises pass their public tests" in result.stdout
    write_files(exercises, {"tiny.py": "1 / 0\n# %%\ndef total(values):\n    return [0.0]\n"})
    result = run("check", exercises / "tiny.py", code=1)
    assert "error ZeroDivisionError: division by zero (tiny.py, line 1)" in result.stdout
    assert "✘ total: not right yet (0 of 1 public tests)" in result.stdout
    assert "expected a number, got the shape (1,)" in result.stdout
    assert "tiny.py has no function `mean_of`, or an error above" in result.stdout
    assert "Traceback" not in result.output
    write_files(exercises, {"tiny.py": TOTAL + "# %%\nimport os\nos._exit(1)\n"})
    result = run("check", exercises / "tiny.py", code=1)
    assert "error tiny.py from line 3 ended its own process" in result.stdout
    assert "✔ total" in result.stdout


def test_check_never_speaks_of_what_is_hidden(exercises):
    write_files(exercises, {"tiny.py": "def total(values): return 0.0"})
    output = run("check", exercises / "tiny.py", code=1).output
    for word in ("hidden", "negative", "13.25", "mistake", "hint"):
        assert word not in output


def test_check_with_a_broken_file_beside_it(exercises):
    write_files(exercises, {"tiny.py": "def total(:", "double.py": "def double(x): return 2 * x"})
    run("check", exercises / "double.py")
    result = run("check", exercises / "tiny.py", code=1)
    assert "error SyntaxError: invalid syntax (tiny.py, line 1)" in result.stdout


def test_check_finds_the_tests(exercises, tmp_path, monkeypatch):
    write_files(tmp_path / "elsewhere", {"tiny.py": RIGHT, "work.py": RIGHT})
    monkeypatch.chdir(tmp_path)
    run("check", tmp_path / "elsewhere" / "tiny.py", "--exercises", exercises)
    run("check", tmp_path / "elsewhere" / "work.py", "--exercises", exercises, "--topic", "tiny")
    assert "beside it or above; go to" in flat(
        run("check", tmp_path / "elsewhere" / "tiny.py", code=2).stderr
    )
    monkeypatch.chdir(exercises.parent)
    run("check", tmp_path / "elsewhere" / "tiny.py")
    for path in exercises.glob("*.ipynb"):
        path.unlink()
    run("check", tmp_path / "elsewhere" / "tiny.py")


def test_check_of_what_is_no_work(exercises):
    write_files(exercises, {"tiny.py": "", "essay.py": "x = 1"})
    with zipfile.ZipFile(exercises / "tiny.zip", "w") as archive:
        archive.writestr("a/tiny.py", RIGHT)
        archive.writestr("b/tiny.py", RIGHT)
    for name, code, says in [
        ("tiny.py", 1, "it is empty"),
        ("essay.py", 2, "its name tells no topic"),
        ("nowhere.py", 2, "does not exist"),
        ("tests", 2, "is a directory"),
        ("tiny.zip", 2, "it holds 2 files to check"),
    ]:
        result = run("check", exercises / name, code=code)
        assert says in flat(result.stderr)
        assert "Traceback" not in result.output
    assert "there is no topic 'x'" in flat(
        run("check", exercises / "essay.py", "--topic", "x", code=2).stderr
    )


# release


def test_release_writes_exercises_and_bundles(course_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(course_folder)
    (course_folder / "exercises" / "tiny.py").unlink()
    result = run("release", "--out", tmp_path / "dist")
    assert "exercises/: 7 files, 1 changed" in result.stdout
    assert (course_folder / "exercises" / "tiny.py").is_file()
    bundles = {path.name: path.read_bytes() for path in (tmp_path / "dist").iterdir()}
    assert sorted(bundles) == ["autograder-double.zip", "autograder-tiny.zip", "student.zip"]
    assert "exercises/: 7 files, 0 changed" in run("release", "--out", tmp_path / "dist").stdout
    assert bundles == {path.name: path.read_bytes() for path in (tmp_path / "dist").iterdir()}


def test_release_of_what_cannot_be_released(course_folder, tmp_path):
    write_files(tmp_path, {"file": ""})
    assert "File exists" in flat(
        run("release", "--course", course_folder, "--out", tmp_path / "file", code=1).stderr
    )
    write_files(
        course_folder, {"solutions/tiny.py": COURSE["solutions/tiny.py"].replace("### BEGIN SOLUTION", "")}
    )
    before = (course_folder / "exercises" / "tiny.py").read_bytes()
    result = run("release", "--course", course_folder, "--out", tmp_path / "dist", code=1)
    assert "this solution region has no `### BEGIN SOLUTION` in its cell" in flat(result.stderr)
    assert (course_folder / "exercises" / "tiny.py").read_bytes() == before


# verify and doctor


def test_verify(course_folder, launcher, monkeypatch):
    def work_here(course, function, tasks, **_):
        return ((task, function(course, launcher, task)) for task in tasks)

    monkeypatch.setattr(verify, "spread", work_here)
    options = ("--course", course_folder, "--topic", "double", "--no-mutants")
    assert "everything holds" in run("verify", *options).stdout
    weak = COURSE["solutions/mistakes/double.py"].replace("number**2", "number * 2")
    write_files(course_folder, {"solutions/mistakes/double.py": weak})
    result = run("verify", *options, code=1)
    assert "breach double: the mistake `squared` of `double` gets full points" in result.stdout
    assert "there is no topic 'x'" in flat(
        run("verify", "--course", course_folder, "--topic", "x", code=2).stderr
    )


def test_doctor():
    result = CliRunner().invoke(cli.app, ["doctor"])
    assert result.exit_code in (0, 1)
    assert "tests and answers are in another process" in result.output
    assert "there is no tier" in flat(run("doctor", "--tier", "Z", code=2).stderr)


def test_the_output_ends_quietly_when_nobody_reads_it(course_folder, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ["release", "--course", course_folder, "--out", tmp_path / "dist"]
    with open(writing, "w") as closed:
        result = subprocess.run(
            command_line(*arguments),
            stdout=closed,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    assert result.returncode == 1
    assert result.stderr == ""
    assert (tmp_path / "dist" / "student.zip").is_file()


@pytest.mark.parametrize(
    ("missing", "verb"), [("typer", "check"), ("pebble", "grade"), ("nbgrader.preprocessors", "release")]
)
def test_what_is_not_installed_is_told(course_folder, missing, verb):
    """Whoever installed what students need, or the package alone, and calls a verb that needs more."""
    code = f"import sys; sys.modules[{missing!r}] = None; from autograder.cli import main; main()"
    arguments = ["grade", "."] if verb == "grade" else [verb]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=course_folder, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (2, "")
    package = missing.partition(".")[0]
    assert done.stderr.startswith(f"autograder: {package} is not installed here; ")
    assert 'pip install ".[instructor]"' in done.stderr and "Traceback" not in done.stderr


def test_the_help_names_each_verb_for_somebody():
    shown = run("--help").stdout
    listed, _, for_whom = shown.partition("Commands:")[2].partition("For students:")
    verbs = re.findall(r"^  ([a-z-]+)  +\S", listed, re.MULTILINE)
    assert len(verbs) == 13
    assert set(verbs) <= set(re.findall(r"[a-z-]+", for_whom))
    assert "..." not in listed, "a line that is cut short"
    for verb in verbs:
        shown = flat(run(verb, "--help").stdout)
        assert "Ends with 0" in shown and re.search(rf"Examples?: autograder {verb} ", shown), verb


@pytest.mark.parametrize(
    "verb", ["history", "verify --course", "new fine --course", "check here.py --exercises"]
)
def test_a_name_that_is_too_long_for_any_file(tmp_path, monkeypatch, capsys, verb):
    monkeypatch.chdir(write_files(tmp_path, {"here.py": "x = 1"}))
    monkeypatch.setattr(sys, "argv", ["autograder", *verb.split(), "x" * 300])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("x…: File name too long\n")
