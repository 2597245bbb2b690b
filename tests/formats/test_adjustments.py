"""Adjustments: what people decide wins over what was computed, and a broken file is told by its line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.adjustments import (
    AdjustmentsError,
    Entry,
    LatePolicy,
    apply,
    late_policy,
    load_and_apply,
    read_adjustments,
    write_adjustments,
)
from autograder.results import Adjustment, read_results, write_results
from tests.formats.classes import result


def entries(tmp_path, text, topics=()):
    path = tmp_path / "adjustments.csv"
    path.write_text(text, encoding="utf-8")
    return read_adjustments(path, topics)


def test_a_whole_file(tmp_path):
    text = (
        "\ufeffTopic,Student,late_days,points,score,excused,reason\n"
        "tiny,ada,2,,,,\n"
        ',"bob, the second",,-0.5,,no,"A ""reason"", with a comma"\n'
        "\n"
        "tiny,'=1+1,,,3,,\n"
        ",zoe,,,,YES,ill\n"
    )
    found = entries(tmp_path, text)
    assert [
        (entry.student, entry.topic, entry.late_days, entry.points, entry.score, entry.excused)
        for entry in found
    ] == [
        ("ada", "tiny", 2, 0, None, False),
        ("bob, the second", "", 0, -0.5, None, False),
        ("=1+1", "tiny", 0, 0, 3, False),
        ("zoe", "", 0, 0, None, True),
    ]
    assert found[1].reason == 'A "reason", with a comma'
    assert found[3].place == f"{tmp_path / 'adjustments.csv'}, line 6"
    assert [entry.student for entry in entries(tmp_path, "student;reason\nada;x, y\n")] == ["ada"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: no column `student`"),
        ("name,points\n", "line 1: no column `student`"),
        ("student,bonus\n", "line 1: there is no column 'bonus'"),
        ("student,points,points\n", "line 1: the column 'points' is there twice"),
        ("student,points\nada,much\n", "line 2: points is 'much'"),
        ("student,points\nada,nan\n", "line 2: points is 'nan'"),
        ("student;points\nada;0,5\n", "write 0.5, with a point"),
        ("student,late_days\n\nada,-1\n", "line 3: late_days is -1"),
        ("student,score\nada,-1\n", "line 2: score is -1"),
        ("student,topic\nada,tinny\n", "line 2: there is no topic 'tinny'"),
        ("student,excused\nada,maybe\n", "line 2: excused is 'maybe'"),
        ("student,points\n,1\n", "line 2: it names no student"),
        ("student,reason\nada,too,late\n", "line 2: it has 3 cells"),
        ('student,reason\nada,"open\n', "line 2:"),
        ("student,points\nada,1\nbob,1\nada,2\n", "line 4: 'ada' and all topics stand in"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, says):
    with pytest.raises(AdjustmentsError) as caught:
        entries(tmp_path, text, ["tiny"])
    assert says in str(caught.value)
    assert "adjustments.csv" in str(caught.value)


def test_files_that_are_none(tmp_path):
    with pytest.raises(AdjustmentsError, match="it cannot be read"):
        read_adjustments(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"student\n\xff")
    with pytest.raises(AdjustmentsError, match="not UTF-8"):
        read_adjustments(tmp_path / "a.csv")


TEXTS = st.text(
    st.characters(categories=["L", "N", "P", "S"], include_characters=" "), min_size=1, max_size=9
)


@given(
    TEXTS,
    st.integers(0, 9),
    st.integers(-99, 99),
    st.one_of(st.none(), st.integers(0, 99)),
    st.booleans(),
    TEXTS,
)
def test_what_is_written_is_read(tmp_path_factory, student, late, points, score, excused, reason):
    student, reason = " ".join(student.split()), " ".join(reason.split())
    if not student or student.startswith("'"):
        return
    path = tmp_path_factory.mktemp("a") / "a.csv"
    entry = Entry(
        student=student, late_days=late, points=points / 4, score=score, excused=excused, reason=reason
    )
    path.write_bytes(write_adjustments([entry]))
    (found,) = read_adjustments(path)
    assert (found.late_days, found.points, found.score, found.excused) == (late, points / 4, score, excused)
    assert found.reason.removeprefix("'") == reason.removeprefix("'")


def final(change, total=3.0):
    return result("ada", total=total, adjustment=change).final


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Adjustment(), 3.0),
        (Adjustment(points=0.125), 3.13),
        (Adjustment(late_days=1, penalty=0.4), 2.6),
        (Adjustment(late_days=9, penalty=3.5), 0.0),
        (Adjustment(points=-9), 0.0),
        (Adjustment(points=2), 5.0),  # more than there is to get: the instructor's to decide
        (Adjustment(late_days=1, penalty=1, points=0.5), 2.5),
        (Adjustment(score=1.5, late_days=5, penalty=2), 1.5),
        (Adjustment(score=1.5, excused=True), None),
    ],
)
def test_what_wins(change, expected):
    assert final(change) == expected


def test_the_text_of_a_decision():
    assert (
        Adjustment(late_days=2, penalty=0.4, points=0.5, reason="x").text
        == "2 days late: -0.4; by hand: +0.5; x"
    )
    assert Adjustment(late_days=1, penalty=0, score=3).text == "set to 3"
    assert Adjustment(excused=True, late_days=1).text == "excused"


def test_whom_it_is_about():
    """The student's name or number; a row of a topic before one of all; nobody else."""
    results = [
        result("ada"),
        result("ada", topic="double"),
        result("bob_101", account="101"),
        result("Zoë"),
        result("george"),
    ]
    given = [
        Entry(student="ada", points=1),
        Entry(student="ada", topic="double", points=2),
        Entry(student="101", excused=True),
        Entry(student="Zoë", score=4),
    ]
    adjusted, notices = apply(results, given, {"tiny": 4})
    got = {(item.student, item.topic): item.final for item in adjusted}
    assert got == {
        ("ada", "tiny"): 2,
        ("ada", "double"): 3,
        ("bob_101", "tiny"): None,
        ("Zoë", "tiny"): 4,
        ("george", "tiny"): 1,
    }
    assert notices == []
    assert all(item.total == 1 for item in adjusted), "what was computed stays"
    again, _ = apply(adjusted, [], {"tiny": 4})
    assert all(item.adjustment is None for item in again), "the file of today counts"


def test_students_who_handed_nothing_in():
    given = [
        Entry(student="eve", excused=True, place="a.csv, line 2"),
        Entry(student="max", topic="tiny", score=2),
    ]
    adjusted, notices = apply([result("ada")], given, {"tiny": 4, "double": 3})
    assert [(item.submission, item.status, item.final) for item in adjusted] == [
        ("ada/tiny.py", "graded", 1),
        ("eve/double", "missing", None),
        ("eve/tiny", "missing", None),
        ("max/tiny", "missing", 2),
    ]
    assert notices[0] == "a.csv, line 2: eve handed nothing in for tiny"
    assert apply(adjusted, given, {"tiny": 4, "double": 3})[0] == adjusted


@pytest.mark.parametrize(
    ("days", "policy", "expected"),
    [
        (0, LatePolicy(10), 0),
        (1, LatePolicy(10), 0.4),
        (2.5, LatePolicy(10, 1), 0.6),
        (1, LatePolicy(10, 2), 0),
        (30, LatePolicy(10), 4),
        (1, LatePolicy(0), 0),
    ],
)
def test_what_late_days_cost(days, policy, expected):
    assert policy.penalty(days, 4) == pytest.approx(expected)


def test_the_courses_policy(tmp_path):
    assert late_policy(None) == late_policy(tmp_path) == LatePolicy()
    (tmp_path / "pyproject.toml").write_text("[tool.autograder.late]\npercent_a_day = 25\n")
    assert late_policy(tmp_path) == LatePolicy(25)
    (tmp_path / "adjustments.csv").write_text("student,late_days\nada,2\n")
    ((one,), _) = load_and_apply([result("ada", total=4)], tmp_path, None)
    assert (one.final, one.adjustment.text) == (2, "2 days late: -2")
    for broken in ("percent_a_day = -1", "percent_a_day = 'ten'", "cost = 1", "free_days = true"):
        (tmp_path / "pyproject.toml").write_text(f"[tool.autograder.late]\n{broken}\n")
        with pytest.raises(AdjustmentsError, match="numbers of 0 or more"):
            late_policy(tmp_path)


def test_late_days_without_a_policy(tmp_path):
    (tmp_path / "adjustments.csv").write_text("student,late_days\nada,2\n")
    with pytest.raises(
        AdjustmentsError, match="line 2: late days, but the course does not say what one costs"
    ):
        load_and_apply([result("ada")], tmp_path, None)


def test_the_grade_table_shows_them(tmp_path):
    change = Adjustment(late_days=1, penalty=0.5, reason="=cmd()")
    write_results(
        tmp_path, [result("ada", adjustment=change), result("eve", adjustment=Adjustment(excused=True))]
    )
    rows = list(csv.DictReader(io.StringIO((tmp_path / "grades.csv").read_text(encoding="utf-8"))))
    assert [(row["total"], row["final"], row["adjustment"]) for row in rows] == [
        ("1", "0.5", "1 day late: -0.5; =cmd()"),
        ("1", "excused", "excused"),
    ]
    assert read_results(tmp_path)[0].adjustment == change


def test_the_example():
    path = Path(__file__).resolve().parents[2] / "examples" / "formats" / "adjustments.csv"
    assert [entry.student for entry in read_adjustments(path, ["attention"])] == [
        "student-005",
        "student-006",
        "student-003",
        "student-031",
    ]
