"""Canvas: its own gradebook goes back with the grades in it, and nothing else changed."""

from pathlib import Path

import pytest

from autograder.formats import ExportRequest, FormatError, ImportRequest, find_format
from autograder.results import Adjustment
from tests.formats.classes import CANVAS, result

CANVAS_FORMAT = find_format("canvas")


def export(tmp_path, results, data=CANVAS, **fields):
    template = tmp_path / "gradebook.csv"
    template.write_bytes(data)
    request = ExportRequest(results=results, out=tmp_path / "canvas.csv", template=template, **fields)
    written = CANVAS_FORMAT.export(request)
    return (tmp_path / "canvas.csv").read_bytes().decode(), list(written.notes)


def read(tmp_path, text, results=(), **fields):
    path = tmp_path / "entered.csv"
    path.write_text(text, encoding="utf-8", newline="")
    request = ImportRequest(path=path, topics=["tiny"], results=results, **fields)
    return [
        (entry.student, entry.topic, entry.score, entry.excused)
        for entry in CANVAS_FORMAT.read(request).adjustments
    ]


def test_only_grades_change(tmp_path):
    text, notes = export(
        tmp_path, [result("101", total=2.345), result("ZOE", adjustment=Adjustment(excused=True))]
    )
    before = CANVAS.decode()
    expected = before.replace("ada@uni.example,One,,7.5", "ada@uni.example,One,2.35,7.5").replace(
        "zoe,One,,EX", "zoe,One,EX,EX"
    )
    assert text == expected
    assert notes == [f'tiny: in {tmp_path / "gradebook.csv"}, without a result: ="=Boole, "George""']


def test_who_is_who(tmp_path):
    """By ID, SIS User ID, SIS Login ID, and by the number in a download's name; a result of nobody is told."""
    results = [
        result("adamsada_101", account="101", total=1),
        result("S2", total=2),
        result("zoe", total=3),
        result("student-009", total=4),
    ]
    text, notes = export(tmp_path, results)
    assert [line.split(",")[-3] for line in text.splitlines()[3:6]] == ["1.00", "2.00", "3.00"]
    assert notes == [f"tiny: not in {tmp_path / 'gradebook.csv'}: student-009"]


def test_a_number_in_a_folders_name_counts_when_the_name_agrees(tmp_path):
    assert ",1.00,7.5" in export(tmp_path, [result("adamsada_101")])[0]
    text, notes = export(tmp_path, [result("somebody_101")])
    assert ",1.00,7.5" not in text and "somebody_101" in notes[0]


def test_an_id_comes_before_a_login(tmp_path):
    data = CANVAS.replace(b"S2,george", b"S2,101")
    assert ",4.00,7.5" in export(tmp_path, [result("101", total=4)], data)[0]


def test_first_and_last_names_in_columns_of_their_own(tmp_path):
    data = (
        b"LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,Tiny (11)\n"
        b"    Points Possible,,,,,,4\nAdams,Ada,101,S1,ada,One,\n"
    )
    text, notes = export(tmp_path, [result("ada")], data)
    assert text.endswith("Adams,Ada,101,S1,ada,One,1.00\n") and notes == []


def test_semicolons_and_other_points_possible(tmp_path):
    data = CANVAS.replace(b",", b";").replace(b";4.00;", b";8,00;")
    text, notes = export(tmp_path, [result("101", total=2)], data)
    assert ";2.00;" in text and "8 points possible in Canvas, 4 here" in notes[0]
    text, notes = export(tmp_path, [result("101", total=2)], data, options={"scale": "yes"})
    assert ";4.00;" in text and "possible" not in notes[0]


def test_an_assignment_that_is_not_for_a_student(tmp_path):
    text, notes = export(tmp_path, [result("101")], CANVAS.replace(b"One,,7.5", b"One,N/A,7.5"))
    assert "One,N/A,7.5" in text and "not for (N/A in Canvas): 101" in notes[0]


def test_what_was_not_graded_is_told(tmp_path):
    _, notes = export(tmp_path, [result("101", total=0, status="unreadable", protections={})])
    assert "tiny: not graded, written as 0: 101" in notes


@pytest.mark.parametrize(
    ("data", "results", "options", "says"),
    [
        (b"Name,Grade\nAda,1\n", ["101"], {}, "line 1: it is no gradebook of Canvas"),
        (b"Student,ID,Tiny (11)\nAda,101,\n", ["101"], {}, "no row `Points Possible`"),
        (CANVAS, ["101", "S1"], {}, "line 4: 101/tiny.py and S1/tiny.py are both of Adams, Ada"),
        (CANVAS.replace(b",4.00,", b",four,"), ["101"], {}, "line 3: the points of 'Tiny (11)' are 'four'"),
        (CANVAS.replace(b",4.00,", b",(read only),"), ["101"], {}, "is read only"),
        (CANVAS, ["101"], {"colour": "red"}, "--option colour"),
        (CANVAS, ["101"], {"scale": "perhaps"}, "write yes or no"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, data, results, options, says):
    with pytest.raises(FormatError) as caught:
        export(tmp_path, [result(name) for name in results], data, options=options)
    assert says in str(caught.value)
    assert not (tmp_path / "canvas.csv").exists()


def test_without_a_template(tmp_path):
    with pytest.raises(FormatError, match="--template"):
        CANVAS_FORMAT.export(ExportRequest(results=[result("101")], out=tmp_path / "out.csv"))


def test_grades_that_people_entered_come_back(tmp_path):
    assert read(tmp_path, CANVAS.decode()) == [("102", "tiny", 3.0, False)]
    results = [result("george", total=3), result("zoe", total=2)]
    text, _ = export(tmp_path, results)
    assert read(tmp_path, text, results) == []
    changed = text.replace(",2.00,EX", ",ex,EX").replace(",3.00,,", ",3.25,,")
    assert read(tmp_path, changed, results) == [("george", "tiny", 3.25, False), ("zoe", "tiny", None, True)]
    with pytest.raises(FormatError, match=r"entered.csv, line 5: the grade 'B\+' is no number"):
        read(tmp_path, changed.replace(",3.25,,", ",B+,,"), results)


def test_the_example_is_taken(tmp_path):
    example = Path(__file__).resolve().parents[2] / "examples" / "formats" / "canvas-gradebook.csv"
    results = [result("student-001", topic="attention", possible=14, total=13)]
    text, notes = export(tmp_path, results, example.read_bytes())
    assert '"001, Student",4001,S001,student-001,Generative AI,13.00,' in text and len(notes) == 1
