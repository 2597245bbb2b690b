"""Other programs' CSV files: what is not changed stays, byte for byte."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.formats import FormatError
from autograder.formats.sheets import Sheet, feedback, grade_text, match_columns
from autograder.results import cents
from tests.formats.classes import CANVAS, MOODLE, result

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5)


def sheet_of(data, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    return Sheet(path)


def written(rows, separator, end, quoting):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


@given(
    TABLES,
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
def test_any_table_is_read_and_given_back_as_it_was(tmp_path_factory, rows, separator, end, quoting, mark):
    rows = [[*(f"c{i}" for i in range(4))], *rows]
    data = (b"\xef\xbb\xbf" if mark else b"") + written(rows, separator, end, quoting).encode()
    sheet = sheet_of(data, tmp_path_factory.mktemp("sheet"))
    assert [
        [sheet.value(row, column) for column in range(len(cells))] for row, cells in enumerate(rows)
    ] == rows
    assert sheet.data() == data


@given(TABLES, CELLS)
def test_one_cell_is_changed_and_nothing_else(tmp_path_factory, rows, text):
    rows = [["a", "b"], *rows]
    folder = tmp_path_factory.mktemp("sheet")
    sheet = sheet_of(written(rows, ",", "\n", csv.QUOTE_MINIMAL).encode(), folder)
    sheet.set(len(rows) - 1, 1, text)
    rows[-1][1] = text
    (folder / "a.csv").write_bytes(sheet.data())
    changed = Sheet(folder / "a.csv")
    assert [
        [changed.value(row, column) for column in range(len(cells))] for row, cells in enumerate(rows)
    ] == rows


def test_cells_beyond_a_short_line(tmp_path):
    sheet = sheet_of(b"a,b,c\n1\n", tmp_path)
    assert (sheet.value(1, 2), sheet.value(1, None)) == ("", "")
    sheet.set(1, 2, "x")
    assert sheet.data() == b"a,b,c\n1,,x\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b"a,b\n\xff\xfe,1\n", "line 2: it is not UTF-8"),
        ("a,b\n".encode("utf-16"), "it is not UTF-8"),
        (b"PK\x03\x04abc", "it is no CSV file"),
        (b"a\0b", "it is no CSV file"),
        (b'a,b\n1,2\n"x,3\n', "line 3: a quotation mark is opened and not closed"),
    ],
)
def test_what_is_no_table_is_told(tmp_path, data, says):
    with pytest.raises(FormatError) as caught:
        sheet_of(data, tmp_path)
    assert says in str(caught.value)
    assert "a.csv" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FormatError, match="it cannot be read"):
        Sheet(tmp_path / "none.csv")


@given(st.floats(0, 1000, allow_nan=False))
def test_grades_have_two_decimals_and_halves_go_up(points):
    assert abs(float(grade_text(points)) - points) <= 0.005 + 1e-6
    assert len(grade_text(points).partition(".")[2]) == 2


def test_halves():
    assert [str(cents(value)) for value in (0.005, 0.125, 2.675, 1.005, 1 / 3)] == [
        "0.01",
        "0.13",
        "2.68",
        "1.01",
        "0.33",
    ]


def columns(*names):
    return {place: [f"{name} ({place})", str(place), name] for place, name in enumerate(names, 5)}


def test_columns_are_found_by_the_topics_words(tmp_path):
    sheet = sheet_of(CANVAS, tmp_path)
    names = columns("Homework 3: Kernels", "Kernels in C++: kernels_cpp", "NLL-Loss", "Essay")
    topics = ["kernels", "kernels_cpp", "nll_loss", "diffusion"]
    found, notes = match_columns(sheet, names, topics, {})
    assert found == {"kernels": 5, "kernels_cpp": 6, "nll_loss": 7}
    assert len(notes) == 1 and "diffusion" in notes[0]
    assert match_columns(sheet, names, topics, {"diffusion": "8"})[0]["diffusion"] == 8


@pytest.mark.parametrize(
    ("names", "said", "says"),
    [
        (("Essay",), {}, "no column is named like tiny"),
        (("Tiny", "Tiny again"), {}, "may all be tiny"),
        (("Tiny",), {"tiny": "Small"}, "no column is named 'Small'"),
        (("Same", "Same"), {"tiny": "Same"}, "several columns are named 'Same'"),
        (("Tiny",), {"huge": "Tiny"}, "no result of this topic"),
    ],
)
def test_columns_that_cannot_be_told(tmp_path, names, said, says):
    with pytest.raises(FormatError) as caught:
        match_columns(sheet_of(MOODLE, tmp_path), columns(*names), ["tiny"], said)
    assert says in str(caught.value)


def test_feedback_tells_what_a_student_may_know():
    text = feedback(result("ada"))
    assert text.splitlines()[:2] == ["tiny: 1 of 4 points", "total: 1 of 4"]
    assert "Mind the signs." in text and "not passed: secret: Look again." in text
