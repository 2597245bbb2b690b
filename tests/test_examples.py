"""The example class gets what ``examples/expected.json`` says, from the command and from the functions behind it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from autograder.course import Course, Topic, load_course
from autograder.doctor import probe
from autograder.grading import grade_submission
from autograder.overrides import override_source
from autograder.sandbox.launchers import Launcher, open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import find_submissions

REPOSITORY = Path(__file__).resolve().parent.parent
EXAMPLES = REPOSITORY / "examples"
EXPECTED = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
TOPICS = ("tokenization", "nll_loss", "positional_encoding", "attention", "diffusion")
BUILDS_ON = {"perplexity": "nll_loss", "sample": "reverse_step"}  # in the references
BEFORE_EXERCISES = ["submission", "student", "topic", "status", "total", "possible", "percent"]
BEFORE_EXERCISES += ["final", "adjustment"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def grade_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed command; -P keeps this folder, whose kernels are not compiled, off the path."""
    return run("-P", "-c", "from autograder.cli import main; main()", "grade", *arguments)


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(REPOSITORY)


@pytest.fixture(scope="module")
def launcher(course: Course) -> Iterator[Launcher]:
    with open_launcher(course.preload, Limits()) as opened:
        yield opened


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The whole class, graded by the command."""
    out = tmp_path_factory.mktemp("grading")
    return grade_command("examples/submissions", "--out", str(out)), out


def lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or []), list(reader)


def differences(row, expected) -> dict[str, tuple[object, object]]:
    """What a line of results.jsonl has that the table of expectations has otherwise: got, expected."""
    mistakes = {item["name"]: item["mistake"]["id"] for item in row["exercises"] if item["mistake"]}
    compared = {
        "submission": (row["submission"], expected["submission"]),
        "status": (row["status"], expected["status"]),
        "scores": ({item["name"]: item["score"] for item in row["exercises"]}, expected["scores"]),
        "mistakes": (mistakes, expected["mistakes"]),
        "total": (row["total"], sum(expected["scores"].values())),
    }
    found = {name: pair for name, pair in compared.items() if pair[0] != pair[1]}
    said = expected["error"] in row["error"] if expected["error"] else not row["error"]
    return found if said else {**found, "error": (row["error"], expected["error"])}


def test_the_class_is_large_and_mixed():
    kinds = {
        kind: [row for row in EXPECTED if row["kind"] == kind] for kind in ("honest", "trouble", "hostile")
    }
    assert len(EXPECTED) >= 40
    assert sum(map(len, kinds.values())) == len(EXPECTED)
    for topic in TOPICS:
        assert sum(Path(row["submission"]).stem.endswith(topic) for row in kinds["honest"]) >= 10
    assert {row["status"] for row in EXPECTED} == {"graded", "timeout", "crashed", "unreadable"}


def test_the_script_writes_the_committed_bytes(tmp_path):
    made = run(str(EXAMPLES / "make_submissions.py"), str(tmp_path / "made"))
    assert made.returncode == 0, made.stderr
    there, here = (
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (EXAMPLES / "submissions", tmp_path / "made")
    )
    assert there.keys() == here.keys() == {row["submission"] for row in EXPECTED}
    assert [name for name in here if here[name] != there[name]] == []


@pytest.mark.slow
def test_the_command_gives_the_expected_table(graded):
    command, out = graded
    rows = lines(out)
    assert [row["submission"] for row in rows] == [row["submission"] for row in EXPECTED]
    wrong = {
        row["submission"]: found
        for row, expected in zip(rows, EXPECTED, strict=True)
        if (found := differences(row, expected))
    }
    assert not wrong
    assert command.returncode == 1, command.stderr  # some could not be read
    assert "6 unreadable" in command.stdout
    for name in ("student-001/attention.ipynb", "student-038/attention.py"):
        assert name in command.stdout


@pytest.mark.slow
def test_results_have_the_documented_fields(graded):
    _, out = graded
    for row in lines(out):
        assert list(row) == [
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
        for exercise in row["exercises"]:
            assert list(exercise) == ["name", "score", "possible", "tests", "mistake"]
            assert exercise["mistake"] is None or list(exercise["mistake"]) == ["id", "hint"]
            assert row["status"] == "unreadable" or exercise["tests"]
            for test in exercise["tests"]:
                assert list(test) == ["name", "hidden", "passed", "points", "message", "shown"]
                assert test["shown"] is None or not (test["hidden"] or test["passed"])
            if exercise["tests"]:
                assert exercise["possible"] == sum(test["points"] for test in exercise["tests"])
                assert exercise["score"] == sum(
                    test["points"] for test in exercise["tests"] if test["passed"]
                )
        assert row["possible"] == sum(exercise["possible"] for exercise in row["exercises"])


@pytest.mark.slow
def test_grade_tables_agree_with_the_results(graded, course):
    _, out = graded
    rows = lines(out)
    fields, grades = table(out / "grades.csv")
    assert fields == BEFORE_EXERCISES
    assert [row["submission"].removeprefix("'") for row in grades] == [row["submission"] for row in rows]
    assert grades[0]["submission"] == "'=1+1_nll_loss.py"  # a spreadsheet would compute it
    assert {path.name for path in out.glob("grades-*.csv")} == {f"grades-{topic}.csv" for topic in TOPICS}
    by_name = {row["submission"]: row for row in rows}
    for topic in TOPICS:
        exercises = [exercise.name for exercise in course.topics[topic].exercises]
        fields, of_topic = table(out / f"grades-{topic}.csv")
        assert fields == [*BEFORE_EXERCISES, *exercises]
        assert len(of_topic) == sum(row["topic"] == topic for row in rows)
        for grade in of_topic:
            row = by_name[grade["submission"].removeprefix("'")]
            assert grade["status"] == row["status"]
            assert float(grade["total"]) == row["total"] == sum(float(grade[name]) for name in exercises)
            assert float(grade["possible"]) == row["possible"] == course.topics[topic].possible
            assert float(grade["percent"]) == pytest.approx(100 * row["total"] / row["possible"], abs=0.01)


@pytest.mark.slow
def test_students_read_nothing_of_hidden_tests(graded):
    """The words of a hidden case are its author's; no expected value and no line of the test gets out."""
    _, out = graded
    for row in lines(out):
        for exercise in row["exercises"]:
            for test in exercise["tests"]:
                assert "shown" not in test or test["shown"] is None or not (test["hidden"] or test["passed"])
                if test["hidden"] and not test["passed"]:
                    assert "ACTUAL" not in test["message"] and "Mismatch" not in test["message"]
                    assert "reference" not in test["message"]


@pytest.mark.slow
def test_hostile_text_is_shown_as_text(graded):
    command, out = graded
    texts = [path for path in out.rglob("*") if path.suffix in (".csv", ".html", ".json", ".jsonl")]
    assert {path.name for path in texts} >= {"index.html", "copies.html", "results.jsonl", "grades.csv"}
    written = command.stdout + "".join(path.read_text(encoding="utf-8") for path in texts)
    assert "\x1b" not in written
    assert "\u202e" not in written


@pytest.mark.slow
def test_the_functions_give_the_expected_table(course, launcher):
    """All but the endless loops, which the command has waited for already."""
    submissions, notices = find_submissions(EXAMPLES / "submissions", course.topics)
    assert notices == []
    protections = probe(launcher)
    wrong = {}
    for submission, expected in zip(submissions, EXPECTED, strict=True):
        if expected["status"] != "timeout":
            topic = course.topics.get(submission.topic)
            result = grade_submission(submission, topic, launcher, protections)
            if found := differences(msgspec.to_builtins(result), expected):
                wrong[submission.name] = found
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("topic_name", TOPICS)
def test_an_override_at_the_end_of_a_whole_master_is_named(topic_name, course, launcher, tmp_path):
    """Two mistakes of each exercise, each a .py file of its own, are graded on the override."""
    topic: Topic = course.topics[topic_name]
    chosen = {}
    for exercise in topic.exercises:
        of_exercise = [mistake for mistake in topic.mistakes if mistake.exercise == exercise.name]
        for mistake in (of_exercise[0], of_exercise[-1]):
            chosen[mistake.id] = mistake
            path = tmp_path / mistake.id / f"{topic_name}.py"
            path.parent.mkdir()
            path.write_text(f"{topic.source}\n\n{override_source(topic, mistake)}", encoding="utf-8")
    submissions, _ = find_submissions(tmp_path, course.topics)
    assert len(submissions) == len(chosen)
    for submission in submissions:
        mistake = chosen[submission.student]
        result = grade_submission(submission, topic, launcher, {})
        exercises = {exercise.name: exercise for exercise in result.exercises}
        overridden = exercises.pop(mistake.exercise)
        assert result.status == "graded" and not result.error
        assert overridden.score < overridden.possible
        assert overridden.mistake is not None
        assert (overridden.mistake.id, overridden.mistake.hint) == (mistake.id, mistake.hint)
        for name, exercise in exercises.items():
            assert exercise.score == exercise.possible or BUILDS_ON.get(name) == mistake.exercise
