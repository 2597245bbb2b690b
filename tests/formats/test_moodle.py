"""Moodle: its own worksheet goes back with grades and comments in it, and nothing else changed."""

from pathlib import Path

import pytest

from autograder.formats import ExportRequest, FormatError, ImportRequest, find_format
from autograder.results import Adjustment
from tests.formats.classes import MOODLE, result

FORMAT = find_format("moodle")


def export(tmp_path, results, data=MOODLE, **fields):
    template = tmp_path / "worksheet.csv"
    template.write_bytes(data)
    written = FORMAT.export(
        ExportRequest(results=results, out=tmp_path / "moodle.csv", template=template, **fields)
    )
    return (tmp_path / "moodle.csv").read_bytes(), list(written.notes)


def grades(data):
    return [line.split(b",4.00,")[0].rpartition(b",")[2].decode() for line in data.splitlines()[1:4]]


def test_only_grades_and_comments_change(tmp_path):
    data, notes = export(
        tmp_path, [result("Ada Adams_501", account="501", total=2.345)], options={"feedback": "no"}
    )
    assert data == MOODLE.replace(b'"Team A",,4.00,Yes,"Monday', b'"Team A",2.35,4.00,Yes,"Monday')
    assert len(notes) == 1 and "without a result" in notes[0]


def test_comments_are_html_and_escaped(tmp_path):
    data, _ = export(tmp_path, [result("Zoë O'Neill_502", account="502", total=0)])
    line = data.decode().splitlines()[2]
    assert "tiny: 0 of 4 points<br>" in line and "&lt;b&gt;came&lt;/b&gt;" in line and "<b>" not in line
    assert "Old" not in line


@pytest.mark.parametrize(
    ("student", "account", "expected"),
    [
        ("Ada Adams_501", "501", ["1.00", "", "2.50"]),
        ("Ada Adams_501", "", ["1.00", "", "2.50"]),  # the folder was renamed, or copied by `import`
        ("Group 3-Ada Adams_501", "501", ["1.00", "", "2.50"]),
        ("Zoe ONeill_502", "502", ["", "1.00", "2.50"]),  # as file systems spell it
        ("Participant_502", "502", ["", "1.00", "2.50"]),
        ("Ada Adams", "", ["1.00", "", "2.50"]),
        ("Team A_12", "12", ["1.00", "1.00", "2.50"]),
        ("Team A_501", "501", ["1.00", "1.00", "2.50"]),  # a team's number is not a participant's
        ("Somebody_501", "501", ["", "", "2.50"]),
        ("student-001", "", ["", "", "2.50"]),
    ],
)
def test_who_is_who(tmp_path, student, account, expected):
    data, notes = export(tmp_path, [result(student, account=account)])
    assert grades(data) == expected
    assert any("not in" in note for note in notes) is (expected == ["", "", "2.50"])


def test_a_locked_grade_stays_and_is_told(tmp_path):
    data, notes = export(tmp_path, [result("George Boole_503", account="503")])
    assert grades(data)[2] == "2.50" and any(
        "cannot be changed in Moodle: George Boole_503" in note for note in notes
    )


def test_excused_students_have_no_grade(tmp_path):
    data, notes = export(
        tmp_path, [result("Ada Adams_501", adjustment=Adjustment(excused=True, reason="ill"))]
    )
    assert grades(data)[0] == "" and any(
        "excused, the grade is left empty: Ada Adams_501" in note for note in notes
    )


def test_another_maximum(tmp_path):
    data = MOODLE.replace(b",4.00,", b",100.00,")
    one = [result("Ada Adams_501", account="501", total=3)]
    written, notes = export(tmp_path, one, data)
    assert b",3.00,100.00," in written and any(
        "the maximum grade is 100 in Moodle and 4 here" in note for note in notes
    )
    written, notes = export(tmp_path, one, data, options={"scale": "yes"})
    assert b",75.00,100.00," in written and not any("maximum grade" in note for note in notes)


def test_a_worksheet_in_another_language(tmp_path):
    words = {b"Identifier": b"ID", b'"Full name"': b'"Vollst\xc3\xa4ndiger Name"', b"Grade,": b"Bewertung,"}
    data = MOODLE
    for english, german in words.items():
        data = data.replace(english, german, 1)
    with pytest.raises(FormatError, match="--option identifier"):
        export(tmp_path, [result("Ada Adams_501")], data)
    said = {"identifier": "ID", "grade": "Bewertung", "name": "Vollständiger Name"}
    assert grades(export(tmp_path, [result("Ada Adams_501")], data, options=said)[0])[0] == "1.00"


@pytest.mark.parametrize(
    ("data", "results", "says"),
    [
        (b"Name,Points\nAda,1\n", [result("a")], "line 1: no column 'Identifier'"),
        (MOODLE.replace(b"Participant 502", b"Participant X"), [result("a")], "line 3: the identifier"),
        (MOODLE.replace(b'"Maximum Grade"', b"Scale"), [result("a")], "graded with a scale"),
        (
            MOODLE,
            [result("Ada Adams_501", total=5)],
            "line 2: Ada Adams_501 has 5 points, Moodle's maximum is 4",
        ),
        (MOODLE, [result("Ada Adams_501"), result("Ada Adams")], "line 2: Ada Adams_501/tiny.py and"),
        (MOODLE, [result("a"), result("a", topic="double")], "--topic (double; tiny)"),
        (MOODLE.replace(b",4.00,", b",much,"), [result("Ada Adams_501")], "the maximum grade 'much'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, data, results, says):
    with pytest.raises(FormatError) as caught:
        export(tmp_path, results, data)
    assert says in str(caught.value)
    assert not (tmp_path / "moodle.csv").exists()


def test_grades_that_people_entered_come_back(tmp_path):
    results = [result("Ada Adams_501", account="501", total=2.5)]
    data, _ = export(tmp_path, results)

    def read(data):
        path = tmp_path / "entered.csv"
        path.write_bytes(data)
        read = FORMAT.read(ImportRequest(path=path, topics=["tiny"], results=results))
        return [(entry.student, entry.topic, entry.score) for entry in read.adjustments]

    assert read(data) == [("503", "tiny", 2.5)]
    assert read(data.replace(b",2.50,4.00,Yes", b',"3,75",4.00,Yes')) == [
        ("Ada Adams_501", "tiny", 3.75),
        ("503", "tiny", 2.5),
    ]
    with pytest.raises(FormatError, match="line 2: the grade 'good' is no number"):
        read(data.replace(b",2.50,4.00,Yes", b",good,4.00,Yes"))


def test_the_example_is_taken(tmp_path):
    example = Path(__file__).resolve().parents[2] / "examples" / "formats" / "moodle-worksheet.csv"
    one = result("Student 007_7007", topic="attention", account="7007", possible=14, total=13)
    data, _ = export(tmp_path, [one], example.read_bytes())
    assert (
        b'"Participant 7007","Student 007",student-007@example.edu,"Submitted for grading",13.00,14.00'
        in data
    )
