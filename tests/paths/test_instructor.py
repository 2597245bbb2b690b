"""An instructor's path: from a folder of downloads to grades in the platform, as docs/instructor.md says it.

The folder of the course is what a clone holds, with the package's files as they come out of its source archive: so the
archive is built from, in a clean environment, by the way.
"""

import csv
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from autograder.commands.submit_check import pack
from tests.paths.pages import ROOT, Shell, blocks, environment, same_output

if not (ROOT / "solutions").is_dir():
    pytest.skip("needs the course's solutions", allow_module_level=True)

PAGE = ROOT / "docs" / "instructor.md"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
STUDENTS = [f"student-{number:03d}" for number in range(1, 10)]
WORKSHEET = [
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
]


def source_archive(folder):
    """Build the source archive, and give its only folder, unpacked."""
    command = [sys.executable, "-m", "build", "--sdist", "--outdir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = file.getnames()
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not in every Python 3.11
        file.extractall(folder, **safely)
    secret = [name for name in names if re.search(r"/(?:solutions|mistakes|tests)/|\.so$", name)]
    assert not secret
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


def clone(folder):
    """The folder of the course: its package as the source archive has it, and the rest."""
    course = source_archive(folder).rename(folder / "course")
    for name in ("solutions", "exercises"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("__pycache__"))
    (course / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "student.md", course / "docs")
    return course


def download(course, again=()):
    """What Moodle gives for an assignment: all submissions, and the grading worksheet.

    Every other student packed the file with `autograder submit-check`, as the students' guide says. Those who hand in
    again hand in what the third student did.
    """
    with zipfile.ZipFile(course / "submissions.zip", "w") as archive:
        for number, student in enumerate(STUDENTS, 4001):
            author = STUDENTS[2] if student in again else student
            (file,) = (ROOT / "examples" / "submissions" / author).glob("attention.*")
            folder = f"{student}_{number}_assignsubmission_file_"
            if number % 2:
                archive.write(file, f"{folder}/{file.name}")
            else:
                archive.writestr(f"{folder}/attention.zip", pack(file.read_bytes(), file.name))
    with open(course / "worksheet.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, WORKSHEET)
        rows.writeheader()
        for number, student in enumerate(STUDENTS, 4001):
            known = {"Identifier": f"Participant {number}", "Full name": student, "Maximum Grade": "14.00"}
            rows.writerow(known | {"Status": "Submitted for grading", "Grade can be changed": "Yes"})


def follow(page, shell, course):
    """Do what a page says, from its first block to its last: run, write, compare. Gives what each command printed."""
    printed, said = "", {}
    for block in blocks(page):
        if block.language == "sh":
            if "autograder diff" in block.text:
                download(course, again=["student-009"])
            ended, printed = shell.run(block.text)
            assert ended == 0, f"{block}\n\n{printed}"
            said[block.text.strip()] = printed
        elif block.title:
            (course / block.title).write_text(block.text, encoding="utf-8")
        elif not block.text.startswith("autograder "):  # a command that is only shown
            assert same_output(printed, block.text), f"{block}\n\n{printed}"
    return said


def test_from_downloads_to_grades_in_the_platform(tmp_path):
    course = clone(tmp_path)
    download(course)
    shell = Shell(course, environment(tmp_path / "home"))
    try:
        said = follow(PAGE, shell, course)
    finally:
        shell.close()

    bundle = zipfile.ZipFile(course / "dist" / "student.zip").namelist()
    assert "genai-course/exercises/attention.ipynb" in bundle
    assert not [name for name in bundle if "solutions" in name]
    assert (course / "grading" / "index.html").is_file()
    assert len(list((course / "grading" / "feedback").rglob("attention.html"))) == len(STUDENTS)

    with open(course / "upload.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == WORKSHEET
    grades = {row["Full name"]: row["Grade"] for row in rows}
    assert grades == {
        "student-001": "14.00",
        "student-002": "2.00",  # nothing right, and two points by hand
        "student-003": "14.00",
        "student-004": "14.00",
        "student-005": "",  # excused
        "student-006": "1.00",
        "student-007": "4.00",
        "student-008": "4.00",
        "student-009": "8.00",
    }
    assert "a good question in class" in rows[1]["Feedback comments"]
    (exported,) = (text for command, text in said.items() if "export" in command)
    assert "excused" in exported
    (changes,) = (text for command, text in said.items() if "diff" in command)
    assert "1 grade changed" in changes
    assert "student-009" in changes
