"""The command on what was graded before: kept grades, history, diff, lines of JSON, and a full disk."""

import contextlib
import csv
import json
import math
import resource
import signal
import sqlite3
import subprocess
import sys

import pytest

from autograder import pool, status
from autograder.commands import grade as grade_command
from autograder.doctor import probe
from autograder.grading import grade_submission
from autograder.store import Store
from autograder.submissions import find_submissions
from tests.engine.small_course import COURSE, RIGHT, TINY_TOTAL, write_files
from tests.engine.test_cli import command_line, flat, run
from tests.engine.test_grading_run import Counting

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals, limits and locks of POSIX")
CLASS = {"a/tiny.py": RIGHT, "b/tiny.py": "def total(values):\n    return float(sum(values))\n"}


@pytest.fixture
def folder(tmp_path, monkeypatch, launchers):
    write_files(tmp_path / "class", CLASS | {"c/double.py": "def double(x): return 2 * x"})
    write_files(tmp_path / "course", COURSE)
    monkeypatch.chdir(tmp_path)
    protections = probe(launchers.get())
    monkeypatch.setattr(grade_command, "find_protections", lambda *_: dict(protections))
    return tmp_path


def grade(*options, code=0):
    return run("grade", "class", "--course", "course", "--workers", "1", "--no-report", *options, code=code)


def test_a_corrected_test_costs_its_topic_and_diff_says_whose_grade_changed(folder):
    assert "had been graded before" not in grade().stderr
    again = grade()
    assert "note: 3 submissions had been graded before and kept that grade" in flat(again.stderr)
    assert "submissions a second" not in again.stdout
    before = (folder / "grading" / "results.jsonl").read_bytes()
    corrected = TINY_TOTAL.replace("points=2", "points=3")
    write_files(folder, {"course/solutions/tests/tiny/total.py": corrected})
    assert "note: 1 submission had been graded before" in flat(grade().stderr)
    assert (folder / "grading" / "results.jsonl").read_bytes() != before
    result = run("diff", "--csv", "changed.csv", code=1)
    assert "run 2 to run 3: 2 grades changed" in result.stdout
    rows = list(csv.reader((folder / "changed.csv").read_text(encoding="utf-8").splitlines()))
    why = "solutions/tests/tiny/total.py has changed"
    assert rows == [
        ["submission", "before", "after", "exercises", "why"],
        ["a/tiny.py", "6/6", "7/7", "total 4/4 → 5/5", why],
        ["b/tiny.py", "4/6", "5/7", "total 4/4 → 5/5", why],
    ]
    assert "run 1 to run 2: 0 grades changed" in run("diff", "--to", "2").stdout
    lines = run("history").stdout.splitlines()
    numbers = [[cell.strip() for cell in line.split("│")][4:8] for line in lines if line.startswith("│")]
    assert numbers == [["3", "3", "0", "0"], ["3", "0", "3", "0"], ["3", "2", "1", "0"]]
    grade("--fresh")
    same = flat(run("diff").stdout)
    assert "0 grades changed; 3 submissions graded again with the same result" in same


@pytest.fixture
def counted(folder, monkeypatch):
    """The command with an executor that starts nothing, and gives every file its length as points."""
    monkeypatch.setattr(grade_command, "_open_pool", lambda *_: Counting())
    return folder


def test_another_class_does_not_take_the_place_of_one(counted):
    """One student's file, or another class, in the folder of a class: it is left as it is."""
    grade()
    before = {path.name: path.read_bytes() for path in (counted / "grading").glob("*.[cj]s*")}
    assert sorted(before) == ["grades-double.csv", "grades-tiny.csv", "grades.csv", "results.jsonl"]
    command = ("grade", "class/a", "--course", "course", "--workers", "1", "--no-report")
    refused = flat(run(*command, code=2).stderr)
    assert "grading holds 2 results of other submissions (b/tiny.py, c/double.py); choose another" in refused
    assert before == {path.name: path.read_bytes() for path in (counted / "grading").glob("*.[cj]s*")}
    with Store(counted / "grading" / "grades.sqlite") as store:
        assert len(store.runs()) == 1
    run(*command, "--out", "elsewhere")
    replaced = flat(run(*command, "--replace").stderr)
    assert "not in class/a any more, so without a result now: b/tiny.py, c/double.py" in replaced
    assert len((counted / "grading" / "results.jsonl").read_text().splitlines()) == 1
    grade()  # the one is still there
    write_files(counted, {"two/a/tiny.py": RIGHT, "two/b/tiny.py": RIGHT})
    run("grade", "two", *command[2:], "--out", "half")
    assert "half holds 1 result of another submission (b/tiny.py);" in flat(
        run(*command, "--out", "half", code=2).stderr
    )


def test_a_class_may_lose_one_and_gain_some(counted):
    grade()
    (counted / "class" / "b" / "tiny.py").unlink()
    write_files(counted, {f"class/s{number}_double.py": "x = 1" for number in range(3)})
    assert "note: graded here before and not in class any more, so without a result now: b/tiny.py" in flat(
        grade().stderr
    )
    (counted / "class" / "a" / "tiny.py").rename(counted / "class" / "a_tiny.py")  # laid out in another way
    assert "graded here before" not in grade().stderr


def test_a_student_without_a_gradable_file_is_told(counted):
    write_files(counted, {"class/d/essay.pdf": "", "class/e/.DS_Store": ""})
    said = flat(grade().stderr)
    assert "note: d/essay.pdf: left out, it is no notebook and no .py file" in said
    assert "note: e: left out, the folder is empty" in said
    assert "checking the sandbox" in said


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def total(values): return None", "total: "),
        ("def total(values): raise SystemExit(0)", "total: SystemExit"),
        ("def total(values): return float(sum(values)) + 100", "total: other numbers than expected"),
        ("def total(values):\n    return float(sum(values))", "mean_of: "),
        (
            RIGHT.replace("float(sum(values))", "float(sum(max(v, 0) for v in values))"),
            "total: hidden tests failed",
        ),
        (RIGHT, ""),
    ],
)
def test_the_remark_says_what_the_first_failed_public_case_says(mini_course, launcher, tmp_path, code, says):
    write_files(tmp_path, {"tiny.py": code})
    (submission,), _ = find_submissions(tmp_path / "tiny.py", ["tiny"])
    remark = grade_command._remark(grade_submission(submission, mini_course.topics["tiny"], launcher, {}))
    assert remark.startswith(says) and bool(remark) == bool(says) and "\n" not in remark


def test_the_progress_as_lines_of_json(folder, monkeypatch):
    monkeypatch.setattr(status, "_LOG_SECONDS", math.inf)
    result = grade("--log-json", "--quiet")
    started, *graded, progress, finished = events(result)
    assert (started["event"], progress["event"], finished["event"]) == ("started", "progress", "finished")
    assert (started["found"], started["executor"], started["workers"]) == (3, "local", 1)
    told = {event["submission"]: (event["event"], event["status"], event["total"]) for event in graded}
    assert told == {
        "a/tiny.py": ("graded", "graded", 6),
        "b/tiny.py": ("graded", "graded", 4),
        "c/double.py": ("graded", "graded", 3),
    }
    assert progress["kinds"] == {"graded": 3} and progress["left"] == 0
    assert len(progress["slowest"]) == 3 and progress["rate"] > 0
    assert result.stdout == ""


@pytest.fixture
def ended(folder, monkeypatch):
    """Grading is ended by what a test says, and no worker is started."""

    def by(what):
        monkeypatch.setattr(pool.LocalPool, "check", lambda self: what())
        monkeypatch.setattr(pool.LocalPool, "submit", lambda self, batch: pool.Future())

    return by


def fail():
    raise pool.ExecutorError("the grader's workers end as soon as they are started")


def events(result):
    return [json.loads(line) for line in result.stderr.splitlines()]


def test_workers_that_always_end_stop_the_run_and_keep_what_is_done(folder, ended):
    grade()
    write_files(folder, {"class/d/tiny.py": RIGHT})
    ended(fail)
    result = grade(code=1)
    assert "workers end as soon as they are started" in result.stderr
    assert "3 results kept in grading, 1 submission not graded; grade again to go on" in flat(result.stderr)
    *_, kept, failed = events(grade("--log-json", code=1))
    assert (kept["event"], kept["text"][:38]) == ("note", "3 submissions had been graded before a")
    assert (failed["event"], failed["graded"], failed["error"][:36]) == (
        "failed",
        3,
        "the grader's workers end as soon as ",
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", pytest.param("SIGHUP", marks=POSIX)])
@pytest.mark.parametrize("json_lines", [False, True])
def test_what_asks_for_the_end_stops_the_grading_once(ended, name, json_lines):
    number = getattr(signal, name)
    before = {other: signal.getsignal(other) for other in (signal.SIGINT, signal.SIGTERM, number)}
    ended(lambda: signal.raise_signal(number))
    signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may have it ignored
    try:
        result = grade(*(["--log-json"] if json_lines else []), code=128 + number)
        for again in before:
            signal.raise_signal(again)  # while what is done is being written
    finally:
        for other, handler in before.items():
            signal.signal(other, handler)
    if json_lines:
        assert events(result)[-1]["event"] == "interrupted"
    else:
        assert "stopped: 0 results kept in grading, 3 submissions not graded" in flat(result.stderr)


@POSIX
def test_who_started_it_with_nohup_may_go():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with grade_command._one_interrupt():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@POSIX
def test_a_full_disk_is_told_in_one_line(folder):
    """A file may not grow beyond where the store's log ends, and a few pages: what SQLite sees of a full disk."""
    grade()
    write_files(folder, {f"class/s{number}/tiny.py": RIGHT for number in range(4)})
    store = sqlite3.connect("grading/grades.sqlite", isolation_level=None)
    with contextlib.closing(store):  # as long as it is open, its log stays
        for _ in range(20):
            store.execute("UPDATE runs SET found = found")
        log = folder / "grading" / "grades.sqlite-wal"
        limit = log.stat().st_size + 3 * 4096  # for the run and what it keeps, not for a result
        done = subprocess.run(
            command_line("grade", "class", "--course", "course", "--quiet"),
            capture_output=True,
            encoding="utf-8",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
            timeout=120,
        )
    assert done.returncode == 1
    assert "is the disk full? Make room and grade again: what is done is kept" in flat(done.stderr)
    assert "3 results kept in grading, 4 submissions not graded; grade again to go on" in flat(done.stderr)
    assert "Traceback" not in done.stderr
    assert "note: 3 submissions had been graded before" in flat(grade().stderr)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--executor", "cloud"], "there is no executor 'cloud'; there is local, dask"),
        (["--scheduler", "tcp://x:1"], "go with --executor dask"),
        (["--local-cluster", "2"], "go with --executor dask"),
        (["--executor", "dask"], "takes either --scheduler ADDRESS or --local-cluster N"),
        (["--executor", "dask", "--scheduler", "tcp://x:1", "--local-cluster", "2"], "takes either"),
        (
            ["--executor", "dask", "--local-cluster", "2", "--workers", "2"],
            "--workers goes with --executor local",
        ),
        (["--executor", "dask", "--local-cluster", "2", "--tls-ca", "class"], "goes with --scheduler"),
        (["--executor", "dask", "--scheduler", "tls://x:1", "--tls-ca", "class"], "go together"),
    ],
)
def test_options_of_a_cluster_that_do_not_fit_together(folder, options, says):
    result = run("grade", "class", "--course", "course", *options, code=2)
    assert says in flat(result.stderr)


@POSIX
def test_two_do_not_grade_into_one_folder_at_once(folder):
    (folder / "grading").mkdir()
    with Store(folder / "grading" / "grades.sqlite") as store:
        store.claim()
        result = grade(code=2)
        assert store.runs() == []
    assert "another `autograder grade` is grading into it; wait for its end" in flat(result.stderr)


def test_a_store_that_is_none(folder):
    write_files(folder, {"grading/grades.sqlite": "this is text, and a lot of it\n" * 100})
    for command in (["grade", "class", "--course", "course"], ["diff"], ["history"]):
        result = run(*command, code=2)
        assert "grades.sqlite: file is not a database; move it away" in flat(result.stderr)
        assert "Traceback" not in result.output


def test_diff_of_what_is_not_there(folder):
    assert "run `autograder grade` first" in flat(run("diff", code=2).stderr)
    assert "run `autograder grade` first" in flat(run("history", "nowhere", code=2).stderr)
    grade()
    assert "no finished run before run 1" in flat(run("diff", code=2).stderr)
    assert "there is no run 7" in flat(run("diff", "--from", "7", code=2).stderr)
