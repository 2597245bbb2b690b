"""Zip archives: read in memory, within limits; a bad member costs itself, a bad archive its student."""

import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from autograder import archives, submissions
from autograder.submissions import Reader, Submission, UnreadableError, find_submissions, read_cells

TOPICS = ["attention", "diffusion"]
SOURCE = b"def attention(): ...\n"


def pack(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # zipfile warns of a duplicate name
        for name, data in entries:
            archive.writestr(name, data)
    return path


def only(path: Path) -> Submission:
    (submission,), _ = find_submissions(path, TOPICS)
    return submission


def problem(path: Path) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_cells(only(path))
    return str(caught.value)


def test_an_archive_in_a_students_folder(tmp_path: Path) -> None:
    pack(tmp_path / "student-001" / "work.zip", ("attention.py", SOURCE), ("__MACOSX/._attention.py", b"x"))
    submission = only(tmp_path)
    assert (submission.student, submission.topic) == ("student-001", "attention")
    assert [cell.source for cell in read_cells(submission)] == [SOURCE.decode()]


def test_a_students_archive_beside_the_others(tmp_path: Path) -> None:
    pack(tmp_path / "student-002_attention.zip", ("attention.py", SOURCE))
    assert (only(tmp_path).student, only(tmp_path).topic) == ("student-002", "attention")


def test_a_class_in_one_archive(tmp_path: Path) -> None:
    members = [("class/student-001/attention.py", SOURCE), ("class/student-002_diffusion.py", SOURCE)]
    found, _ = find_submissions(pack(tmp_path / "class.zip", *members), TOPICS)
    assert [(item.student, item.topic) for item in found] == [
        ("student-001", "attention"),
        ("student-002", "diffusion"),
    ]
    assert all(read_cells(item) for item in found)


@pytest.mark.parametrize("name", ["../student-001/attention.py", "/attention.py", "a/../../attention.py"])
def test_a_name_that_leads_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / "class" / "student-003.zip"
    pack(path, (name, SOURCE))
    assert "leads out of the archive" in problem(path.parent)
    assert only(path.parent).student == "student-003"


def test_a_link(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("attention.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    pack(tmp_path / "student-004.zip", (link, b"/etc/passwd"))
    assert "a link" in problem(tmp_path)


def test_names_that_collide(tmp_path: Path) -> None:
    pack(
        tmp_path / "student-005.zip",
        ("attention.py", SOURCE),
        ("Attention.PY", b"x"),
        ("diffusion.py", SOURCE),
    )
    found, _ = find_submissions(tmp_path, TOPICS)
    by_topic = {item.topic: item for item in found}
    assert "same name" in by_topic["attention"].problem
    assert read_cells(by_topic["diffusion"])


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(tmp_path / "student-006.zip", ("attention.py", bytes(20 << 20)))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was opened"))
    assert "packed too tightly" in problem(tmp_path)


def test_a_member_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(archives.ArchiveError, match="more than"):
        archives.read_member(pack(tmp_path / "a.zip", ("x.py", bytes(3000))), "x.py", 2000)
    (member,) = archives.list_members(tmp_path / "a.zip", 2000)
    assert "limit" in member.problem


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    pack(tmp_path / "student-007.zip", *((f"{number}.txt", b"") for number in range(11)))
    assert "holds more than" in problem(tmp_path)


def packed(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    return pack(path / "packed.zip", *entries).read_bytes()


@pytest.mark.parametrize("name", ["Ada Adams_4711_assignsubmission_file_/attention.zip", "student-008.zip"])
def test_what_a_student_packed_in_what_a_platform_packed(tmp_path: Path, name: str) -> None:
    """`submit-check` packs the file that is handed in, and platforms pack those of a class."""
    inner = packed(tmp_path, ("attention.py", SOURCE), ("mine/diffusion.py", SOURCE + b"\n"))
    path = pack(tmp_path / "downloads.zip", (name, inner), ("student-009/attention.py", SOURCE))
    attention, diffusion, other = sorted(
        find_submissions(path, TOPICS)[0], key=lambda item: (item.student, item.topic)
    )
    student = "Ada Adams_4711" if "4711" in name else "student-008"
    assert (attention.student, attention.topic) == (diffusion.student, "attention") == (student, "attention")
    assert diffusion.name == f"{name}/mine/diffusion.py"
    with Reader() as reader:
        read = [reader.read(item).data for item in (attention, other, diffusion, attention)]
    assert read == [SOURCE, SOURCE, SOURCE + b"\n", SOURCE]


def test_what_leads_out_of_an_archive_is_told_beside_what_is_graded(tmp_path: Path) -> None:
    members = [("attention.py", SOURCE), ("../evil.py", SOURCE), ("../../attention.ipynb", SOURCE)]
    pack(tmp_path / "class" / "student-008" / "work.zip", *members)
    (submission,), notices = find_submissions(tmp_path / "class", TOPICS)
    assert submission.name == "student-008/work.zip/attention.py"
    place, why = "student-008/work.zip", "left out, its name leads out of the archive"
    assert notices == [
        f"{place}/attention.ipynb (../../attention.ipynb): {why}; {submission.name} is graded instead",
        f"{place}/evil.py (../evil.py): {why}",
    ]


@pytest.mark.parametrize("top", ["", "downloads/"])
def test_who_handed_in_something_else_in_a_class_archive_is_told(tmp_path: Path, top: str) -> None:
    members = {"student-008/attention.py": SOURCE, "student-009/a/essay.pdf": b"", "notes.txt": b""}
    path = pack(tmp_path / "downloads.zip", *((top + name, data) for name, data in members.items()))
    (submission,), notices = find_submissions(path, TOPICS)
    assert submission.name == "student-008/attention.py"
    assert notices == ["student-009/a/essay.pdf: left out, it is no notebook and no .py file"]


def test_archives_are_read_two_deep(tmp_path: Path) -> None:
    deepest = packed(tmp_path, ("attention.py", SOURCE))
    deep = packed(tmp_path, ("attention.zip", deepest))
    pack(tmp_path / "class" / "student-008.zip", ("attention.zip", deep))
    assert "archive in an archive in an archive" in problem(tmp_path / "class")


def test_a_bad_archive_in_an_archive_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_MAX_INNER", 10)
    out = packed(tmp_path, ("../attention.py", SOURCE))
    many = packed(tmp_path, ("attention.py", SOURCE), *((f"{number}.txt", b"") for number in range(10)))
    bad = {
        "attention-1": (b"not a zip", "not a zip archive"),
        "attention-2": (packed(tmp_path, ("essay.txt", b"hello")), "no notebook and no .py file"),
        "attention-3": (out, "leads out of the archive"),
        "attention-4": (many, "more than 10 files"),
        "attention-5": (bytes(2 << 20), "packed too tightly"),
    }
    members = [(f"student-00{name[-1]}/{name}.zip", data) for name, (data, _) in bad.items()]
    path = pack(tmp_path / "class.zip", *members, ("student-009/attention.py", SOURCE))
    *found, right = sorted(find_submissions(path, TOPICS)[0], key=lambda item: item.student)
    assert [item.student for item in found] == [f"student-00{number}" for number in range(1, 6)]
    for item, (_, says) in zip(found, bad.values(), strict=True):
        assert says in item.problem
    assert read_cells(right)


def test_archives_that_are_made_to_be_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may be as large as a file can be, but all together not much larger than what they came in."""
    monkeypatch.setattr(submissions, "MAX_FILE_BYTES", 100_000)
    inner = packed(tmp_path, ("attention.py", SOURCE)) + bytes(60_000)  # after its end, and read with it
    pack(tmp_path / "class" / "student-010.zip", *((f"{n}/attention.zip", inner) for n in range(5)))
    found, _ = submissions._walk(tmp_path / "class")
    assert [bool(item.problem) for item in found] == [False, True, True, True, True]


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(10), b"not a zip" * 100])
def test_not_an_archive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "student-009_attention.zip").write_bytes(data)
    assert "zip archive" in problem(tmp_path)
    assert only(tmp_path).topic == "attention"


def test_a_broken_member_costs_itself_alone(tmp_path: Path) -> None:
    path = pack(tmp_path / "student-010.zip", ("attention.py", SOURCE * 50), ("diffusion.py", SOURCE))
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF  # inside the first member's packed bytes
    path.write_bytes(data)
    found, _ = find_submissions(tmp_path, TOPICS)
    broken, whole = sorted(found, key=lambda item: item.topic)
    with pytest.raises(UnreadableError, match="cannot be unpacked"):
        read_cells(broken)
    assert read_cells(whole)


def test_nothing_that_can_be_graded(tmp_path: Path) -> None:
    pack(tmp_path / "student-011_attention.zip", ("essay.txt", b"hello"))
    assert "no notebook and no .py file" in problem(tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_that_is_packed_in_another_way(tmp_path: Path, method: int) -> None:
    """The header of an LZMA stream says how much memory to take for it, up to 4 GB."""
    path = tmp_path / "student-012_attention.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("attention.py", SOURCE)
    assert "packed in a way that is not read" in problem(tmp_path)
    with pytest.raises(archives.ArchiveError, match="packed in a way"):
        archives.read_member(path, "attention.py", 1000)


def test_a_member_without_a_name_does_not_stop_the_others(tmp_path: Path) -> None:
    path = pack(tmp_path / "student-013.zip", ("attention.py", SOURCE), ("x", b""))
    data = path.read_bytes()
    at = data.rindex(b"PK\x01\x02")  # the entry of x in the directory: its name becomes a comment
    data = data[: at + 28] + b"\0\0\0\0\1\0" + data[at + 34 :]
    path.write_bytes(data)
    assert "" in [member.name for member in archives.list_members(path, 1000)]
    assert read_cells(only(tmp_path))


@pytest.mark.parametrize("right", [True, False])
def test_an_archive_of_countless_files_does_not_hide_the_class(tmp_path: Path, right: bool) -> None:
    entries = [(f"{number}.py", b"x = 1") for number in range(500)]
    entries += [(f"{number}/attention.py", SOURCE) for number in range(500)] if right else []
    pack(tmp_path / "student-014.zip", *entries)
    pack(tmp_path / "student-015.zip", ("attention.py", SOURCE))
    found, notices = find_submissions(tmp_path, TOPICS)
    assert len(found) == (2 if right else 21)
    assert notices[-1] == f"student-014: {979 if right else 460} more files left out"
    assert len(notices) == 21


@pytest.mark.parametrize("name", ["a/" * 20_000 + "attention.py", "a" * 60_000 + "/attention.py"])
def test_a_path_of_thousands_of_folders(tmp_path: Path, name: str) -> None:
    """It would take minutes and gigabytes to be looked at folder by folder."""
    pack(tmp_path / "student-001" / "work.zip", (name, SOURCE))
    assert len(only(tmp_path).name) < 200
    assert "too long" in problem(tmp_path)


def test_a_number_of_members_that_hides_in_the_larger_record(tmp_path: Path) -> None:
    """The record for large archives counts, where there is one; the other can say what it likes."""
    path = pack(tmp_path / "work.zip", *((f"{number}.py", b"") for number in range(3)))
    directory = path.read_bytes()
    end = directory.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", directory[end + 12 : end + 20])
    count = archives.MAX_MEMBERS + 1
    large = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, start)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    path.write_bytes(directory[:end] + large + locator + directory[end:])
    assert len(zipfile.ZipFile(path).namelist()) == 3, "zipfile takes it"
    assert "more than" in problem(path)
