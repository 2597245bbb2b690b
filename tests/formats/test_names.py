"""Names that platforms give: whose a file is, for every name that they can give."""

import re
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder import names
from autograder.names import MetadataError, canvas_owner, moodle_owner, owners, submitters
from autograder.submissions import find_submissions
from tests.engine.small_course import write_files

TOPICS = ["tiny", "double"]
NUMBERS = st.integers(1, 10**15)
# Any letters: with accents, of other scripts, with joiners; and whatever stands in people's names.
WRITTEN = st.text(st.characters(categories=["L", "M", "N", "Zs"], include_characters="-'._,()"), max_size=20)
FILES = st.sampled_from(
    ["tiny.ipynb", "tiny.py", "tiny-1.ipynb", "my tiny.py", "hw_tiny.ipynb", "double (1).py"]
)


def canvas_name(sortable: str, late: bool, user: int, attachment: int, file: str) -> str:
    """As Canvas makes it (its ContentZipper): a name without what is not a word, and no number between underscores."""
    name = re.sub(r"_(\d+)_", r"\1", sortable).lower()
    joined = "_".join([name, *(["LATE"] if late else []), str(user)])
    words = re.sub(r"[^\w]", "", joined)
    return f"{words}_{attachment}_{file}"


def moodle_folder(name: str, number: int | None, ending: str) -> str:
    """As Moodle makes it (mod_assign's downloader): underscores in a name become spaces."""
    prefix = re.sub(r'[\\/:*?"<>|&]', "", name.replace("_", " ")).strip()
    return f"{prefix}{'' if number is None else f'_{number}'}_assignsubmission_file{ending}"


@given(WRITTEN, st.booleans(), NUMBERS, NUMBERS, FILES)
def test_canvas_names_are_read_as_they_are_written(sortable, late, user, attachment, file):
    name = canvas_name(sortable, late, user, attachment, file)
    written = re.sub(r"[^\w]", "", re.sub(r"_(\d+)_", r"\1", sortable).lower())
    assume(not re.search(r"(^|_)\d+$", written))  # Canvas itself cannot tell such a number from the student's
    found = canvas_owner(name)
    if not written and not late and not name.startswith("_"):
        return
    assert found is not None
    assert (found.account, found.file, found.late) == (str(user), PurePosixPath(file), late)
    assert found.student == (f"{unicodedata.normalize('NFC', written)}_{user}" if written else str(user))


@given(st.from_regex(r"[A-Za-z0-9]{5}", fullmatch=True), st.booleans(), NUMBERS, FILES)
def test_anonymous_canvas_names(anonymous, late, attachment, file):
    found = canvas_owner(f"{'LATE_' if late else ''}anon_{anonymous}_{attachment}_{file}")
    assert found == names.Owner(f"anon_{anonymous}", "", PurePosixPath(file), late)


@given(
    WRITTEN,
    st.one_of(st.none(), NUMBERS),
    st.sampled_from(["/", "_/", "_"]),
    FILES,
    st.sampled_from(["NFC", "NFD"]),
)
def test_moodle_names_are_read_as_they_are_written(name, number, ending, file, form):
    folder = moodle_folder(unicodedata.normalize(form, name), number, ending)
    plain = " ".join(unicodedata.normalize("NFC", folder.partition("_")[0]).split())
    assume(plain or number is not None)
    assume(".." not in folder and "./" not in folder and not folder.startswith("."))
    found = moodle_owner(PurePosixPath(folder + file))
    assert found is not None
    assert (found.account, found.file) == ("" if number is None else str(number), PurePosixPath(file))
    assert found.student == (f"{plain}_{number}" if plain and number else plain or str(number))


@pytest.mark.parametrize(
    ("path", "student", "account", "file"),
    [
        ("Ada Adams_4711_assignsubmission_file_/tiny.ipynb", "Ada Adams_4711", "4711", "tiny.ipynb"),
        ("Ada Adams_4711_assignsubmission_file/tiny.ipynb", "Ada Adams_4711", "4711", "tiny.ipynb"),
        ("Ada Adams_4711_assignsubmission_file/deep/tiny.py", "Ada Adams_4711", "4711", "deep/tiny.py"),
        ("Ada Adams_4711_assignsubmission_file_tiny.ipynb", "Ada Adams_4711", "4711", "tiny.ipynb"),
        (
            "Group 3-Ada Adams_4711_assignsubmission_file_/tiny.py",
            "Group 3-Ada Adams_4711",
            "4711",
            "tiny.py",
        ),
        ("Team A_12_assignsubmission_file/tiny.py", "Team A_12", "12", "tiny.py"),
        ("Default group_assignsubmission_file/tiny.py", "Default group", "", "tiny.py"),
        ("Participant_7_assignsubmission_file_/tiny.py", "Participant_7", "7", "tiny.py"),
        (
            "week 3/Ada Adams_4711_assignsubmission_file_/a.zip/tiny.py",
            "Ada Adams_4711",
            "4711",
            "a.zip/tiny.py",
        ),
    ],
)
def test_what_moodle_writes(path, student, account, file):
    found = moodle_owner(PurePosixPath(path))
    assert found == names.Owner(student, account, PurePosixPath(file))


@pytest.mark.parametrize(
    "name", ["student-001_tiny.ipynb", "ada_3_tiny.ipynb", "12_34_tiny.py", "tiny.py", "2026_11_23_tiny.py"]
)
def test_what_canvas_does_not_write(name):
    assert canvas_owner(name) is None


@given(st.lists(st.text(max_size=40), max_size=8))
def test_no_names_break_the_readers(parts):
    path = PurePosixPath(*(part.replace("\0", "") for part in parts))
    moodle_owner(path)
    canvas_owner(path.name)
    owners([path])


def found(folder, topic=None):
    items, notices = find_submissions(folder, TOPICS, topic)
    return [(item.student, item.account, item.topic) for item in items], notices


def test_a_class_from_canvas(tmp_path):
    write_files(
        tmp_path,
        dict.fromkeys(
            [
                "adamsada_101_9001_tiny.ipynb",
                "adamsada_101_9002_double-1.py",
                "smithjohn_102_9003_tiny.py",
                "smithjohn_103_9004_tiny.py",  # of the same name
                "zoë_LATE_104_9005_tiny.py",
                "adamsada_101_9006_notes.py",
            ],
            "x = 1\n",
        ),
    )
    listed, notices = found(tmp_path)
    assert listed == [
        ("adamsada_101", "101", "tiny"),
        ("adamsada_101", "101", "double"),
        ("smithjohn_102", "102", "tiny"),
        ("smithjohn_103", "103", "tiny"),
        ("zoë_104", "104", "tiny"),
    ]
    assert [notice for notice in notices if "late" in notice] == [
        "the platform calls late (adjustments.csv says what that costs): zoë_LATE_104_9005_tiny.py"
    ]
    assert any("notes.py: left out" in notice for notice in notices)


def test_downloads_of_several_assignments(tmp_path):
    """One folder each, and what lies in a student's own folder stays that student's."""
    write_files(
        tmp_path,
        dict.fromkeys(
            [
                "week 1/ada_101_1_tiny.py",
                "week 1/bob_102_2_tiny.py",
                "week 2/ada_101_3_double.py",
                "week 2/bob_102_4_double.py",
                "student-009/hw_1_2_tiny.py",
            ],
            "x = 1\n",
        ),
    )
    assert {student for student, _, _ in found(tmp_path)[0]} == {"ada_101", "bob_102", "student-009"}


def test_a_class_from_moodle_with_accents_of_both_kinds(tmp_path):
    for name, number in (("Zoë Müller", 1), ("Zoë Müller", 2), ("Ada", 3)):
        folder = unicodedata.normalize(
            "NFD" if number == 2 else "NFC", f"{name}_{number}_assignsubmission_file_"
        )
        write_files(tmp_path, {f"{folder}/tiny.py": "x = 1\n"})
    assert sorted(found(tmp_path)[0]) == [
        ("Ada_3", "3", "tiny"),
        ("Zoë Müller_1", "1", "tiny"),
        ("Zoë Müller_2", "2", "tiny"),
    ]


METADATA = """\
---
submission_1:
  :submitters:
  - :name: Ada Adams
    :sid: '3031'
    :email: ada@uni.example
  :created_at: 2026-11-02 18:22:32.365935000 Z
  :score: 3.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_2:
  :submitters:
  - :name: Bob
    :sid: ''
    :email: bob@uni.example
  - :name: Zoë
    :sid: '3033'
    :email: zoe@uni.example
"""


def test_a_gradescope_export_with_a_group(tmp_path):
    files = {"submission_metadata.yml": METADATA} | {f"submission_{i}/tiny.py": "x = 1\n" for i in (1, 2)}
    write_files(tmp_path / "assignment_7_export", files)
    expected = [
        ("Ada Adams_3031", "3031", "tiny"),
        ("Bob_bob@uni.example", "bob@uni.example", "tiny"),
        ("Zoë_3033", "3033", "tiny"),
    ]
    assert sorted(found(tmp_path / "assignment_7_export")[0]) == expected
    assert sorted(found(tmp_path)[0]) == expected
    items, _ = find_submissions(tmp_path, TOPICS)
    assert len({item.name for item in items}) == 3, "each of a group has a result of their own"


def test_a_student_who_writes_as_another(tmp_path):
    """What platforms write stands first in a path; what a student writes comes after, and takes no one's place."""
    claims = "submission_%s:\n  :submitters:\n  - :name: Victim\n"
    plain = ["student-001/%s_assignsubmission_file_tiny.ipynb", "student-001/x/LATE_%s_9_tiny.ipynb"]
    plain += ["student-001/x/LATE_8_9_tiny.ipynb"]
    for number, victim in enumerate(("student-002", "1002")):
        folder = tmp_path / f"plain-{number}"
        mine = [name.replace("%s", victim) for name in plain]
        write_files(folder, dict.fromkeys([*mine, f"{victim}/tiny.py"], "x = 1\n"))
        write_files(
            folder, {"student-001/submission_metadata.yml": f"{victim}:\n  :submitters: [{{:name: Me}}]\n"}
        )
        items, notices = find_submissions(folder, TOPICS)
        assert [item.name for item in items if item.student == victim] == [f"{victim}/tiny.py"]
        assert any("left out" in notice and "is graded instead" in notice for notice in notices)

    write_files(
        tmp_path / "canvas",
        {
            "ada_101_1_work/bob_102_assignsubmission_file_/tiny.ipynb": "{}",
            "bob_102_2_tiny.py": "x = 1\n",
        },
    )
    items, _ = find_submissions(tmp_path / "canvas", TOPICS)
    assert {(item.student, item.name.partition("/")[0]) for item in items} == {
        ("ada_101", "ada_101_1_work"),
        ("bob_102", "bob_102_2_tiny.py"),
    }

    files = {
        "submission_metadata.yml": METADATA,
        "submission_1/tiny.py": "x = 1\n",
        "submission_1/submission_metadata.yml": claims % 2,
        "submission_1/submission_2/tiny.ipynb": "{}",
        "submission_2/tiny.py": "x = 1\n",
    }
    write_files(tmp_path / "export", files)
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"export/{name}", text)
    for place in (tmp_path / "export", tmp_path / "export.zip"):
        items, _ = find_submissions(place, TOPICS)
        students = {item.student: item.name for item in items}
        assert set(students) == {"Ada Adams_3031", "Bob_bob@uni.example", "Zoë_3033"}
        assert "submission_1" not in students["Zoë_3033"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [1\nb: 2", "line 2"),
        ("- 1", "names no submission"),
        ("submission_1:\n  :submitters: []", "submission_1 has no :submitters"),
        ("submission_1: &a [*a, *a]", "submission_1 has no :submitters"),
    ],
)
def test_metadata_that_is_none(text, says):
    with pytest.raises(MetadataError, match=re.escape(says)):
        submitters(text.encode())


def test_broken_metadata_is_told_and_costs_nobody_else_anything(tmp_path):
    write_files(tmp_path, {"submission_metadata.yml": "a: [", "submission_1/tiny.py": "x = 1\n"})
    listed, notices = found(tmp_path)
    assert listed == [("submission_1", "", "tiny")]
    assert "submission_metadata.yml" in notices[0]


def test_an_export_as_it_comes_packed(tmp_path):
    import zipfile

    path = Path(tmp_path / "export.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("assignment_7_export/submission_metadata.yml", METADATA)
        for number in (1, 2):
            archive.writestr(f"assignment_7_export/submission_{number}/tiny.py", "x = 1\n")
    assert [student for student, _, _ in found(path)[0]] == [
        "Ada Adams_3031",
        "Bob_bob@uni.example",
        "Zoë_3033",
    ]
