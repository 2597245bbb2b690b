"""nbgrader's commands on a class of 30: scores and comments in its gradebook, and nothing that should stay hidden."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.results import Result, cents

from .conftest import SECRET_IN_REFERENCE, SECRET_IN_TESTS, TOPIC, Nbgrader, comment, grade_id, scores

UNREADABLE = ("no-json", "empty", "no-notebook")
WHOLE = ("right", "twice", "without-tests", "without-metadata", "old-metadata", "noisy")


def test_every_submission_has_the_score_that_autograder_grade_gives_it(
    graded: Nbgrader, computed: dict[str, Result]
) -> None:
    found = scores(graded.folder)
    assert len(found) == len(computed) == 30
    for student, result in computed.items():
        assert cents(sum(found[student].values())) == cents(result.total), student
        for exercise in result.exercises:
            parts = [found[student][f"{exercise.name}-{part}"] for part in ("public", "hidden")]
            assert sum(parts) == pytest.approx(exercise.score), (student, exercise.name)
    assert len({round(sum(points.values()), 2) for points in found.values()}) > 4, "there is partial credit"


def test_what_makes_nbgrader_stumble_is_graded(graded: Nbgrader, course: Course) -> None:
    found = {student: sum(points.values()) for student, points in scores(graded.folder).items()}
    for student in WHOLE:
        assert found[student] == course.topics[TOPIC].possible, student
    for student in (*UNREADABLE, "untouched", "generous"):
        assert found[student] == 0, student
    for student in ("syntax", "html", "leaves", "loops", "tells"):
        assert 0 < found[student] < course.topics[TOPIC].possible, student
    assert "twice: causal_mask is there more than once" in graded.logs["autograde"]


def test_what_a_killed_command_left_is_graded_anew(graded: Nbgrader) -> None:
    for student in ("untouched", "right", "without-tests"):
        assert re.search(rf"{student}/{TOPIC} was not graded to its end", graded.logs["autograde"])
        assert json.loads(graded.autograded(student).read_bytes())["metadata"]["autograder"]["graded"] is True


def test_a_second_run_grades_nobody_again(graded: Nbgrader) -> None:
    before = {path: path.stat().st_mtime_ns for path in (graded.folder / "autograded").rglob("*.ipynb")}
    log = graded("autograde", TOPIC)
    assert log.count("Skipping existing assignment") == 30
    assert before == {
        path: path.stat().st_mtime_ns for path in (graded.folder / "autograded").rglob("*.ipynb")
    }


def test_scores_stand_in_the_notebooks_as_plain_numbers_and_nothing_is_on_standard_error(
    graded: Nbgrader,
) -> None:
    found = scores(graded.folder)
    for student, points in found.items():
        notebook = json.loads(graded.autograded(student).read_bytes())
        cells = {grade_id(cell): cell for cell in notebook["cells"] if grade_id(cell)}
        for name, score in points.items():
            outputs = cells[name]["outputs"]
            (value,) = (
                item["data"]["text/plain"] for item in outputs if item["output_type"] == "execute_result"
            )
            assert "".join(value) == repr(score), student
            assert 0 <= score <= cells[name]["metadata"]["nbgrader"]["points"]
            assert not [
                item for item in outputs if item.get("name") == "stderr" or item["output_type"] == "error"
            ]


def test_mistakes_are_named_in_comments(graded: Nbgrader) -> None:
    assert comment(graded.folder, "missing-scale", "attention").startswith(
        "1 of 10 points.\n\nMissing scale: The scores are used as they are."
    )
    assert comment(graded.folder, "missing-scale", "causal_mask") == ""
    assert comment(graded.folder, "untouched", "causal_mask").startswith("No response.")
    assert "it is not a notebook" in comment(graded.folder, "no-json", "attention")
    assert "SyntaxError" in comment(graded.folder, "syntax", "attention")


def test_hidden_tests_and_references_are_nowhere_in_what_students_get(graded: Nbgrader) -> None:
    """Hidden cases may be told by their names and their author's messages, in the cells of tests alone."""
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in (graded.folder / "release").rglob("*")
        if path.is_file()
    }
    assert len(texts) >= 3
    for path, text in texts.items():
        assert (
            SECRET_IN_TESTS not in text and SECRET_IN_REFERENCE not in text and "hidden=True" not in text
        ), path
    for student in scores(graded.folder):
        for cell in json.loads(graded.autograded(student).read_bytes())["cells"]:
            source = "".join(cell["source"])
            assert "HIDDEN TESTS" not in source and "_hidden_points" not in source, student
            if student != "tells":
                assert SECRET_IN_TESTS not in source
    told = comment(graded.folder, "tells", "causal_mask")
    assert "found:" in told
    assert SECRET_IN_TESTS not in told and "_hidden" not in told


def test_nbgrader_hands_the_assignment_out(graded: Nbgrader, tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)  # nbgrader wants one that everybody may write to
    graded("release_assignment", TOPIC, f"--Exchange.root={exchange}", "--CourseDirectory.course_id=class")
    released = graded.folder / "release" / TOPIC
    files = [path.relative_to(released) for path in released.rglob("*") if path.is_file()]
    assert Path(f"{TOPIC}.ipynb") in files and len(files) > 1
    for file in files:
        handed_out = exchange / "class" / "outbound" / TOPIC / file
        assert handed_out.read_bytes() == (released / file).read_bytes(), file


def test_feedback_shows_the_comment_and_runs_nothing_of_it(graded: Nbgrader) -> None:
    graded("generate_feedback", TOPIC, "--student", "html")
    page = (graded.folder / "feedback" / "html" / TOPIC / f"{TOPIC}.html").read_text(encoding="utf-8")
    assert "ValueError: &lt;script&gt;document.title" in page
    assert "<script>document.title" not in page
    assert 'src="http://127.0.0.1:1/x"' not in page
    assert "BEGIN HIDDEN" not in page


def test_nbgrader_exports_the_same_grades(graded: Nbgrader, computed: dict[str, Result]) -> None:
    graded("export")
    with open(graded.folder / "grades.csv", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    assert {row["student_id"]: cents(float(row["score"])) for row in rows} == {
        student: cents(result.total) for student, result in computed.items()
    }


def test_nbgraders_own_executor_agrees_on_honest_work(
    graded: Nbgrader, assigned: Nbgrader, tmp_path: Path
) -> None:
    """The notebooks are nbgrader's like any other: without this engine, its kernel runs the same tests."""
    plain = assigned.copy(tmp_path / "plain")
    (plain.folder / "nbgrader_config.py").write_text("get_config().CourseDirectory.course_id = 'plain'\n")
    plain("autograde", TOPIC, "--student", "missing-scale")
    assert scores(plain.folder) == {"missing-scale": scores(graded.folder)["missing-scale"]}


def test_validate_passes_the_source_and_tells_a_student_what_is_open(
    assigned: Nbgrader, tmp_path: Path
) -> None:
    nbgrader = assigned.copy(tmp_path / "course")
    assert "passes all the tests" in nbgrader("validate", f"source/{TOPIC}/{TOPIC}.ipynb")
    log = nbgrader("validate", f"release/{TOPIC}/{TOPIC}.ipynb")
    assert "VALIDATION FAILED ON 2 CELL(S)" in log
    assert "Public tests of `attention`" in log and "Hidden tests" not in log
