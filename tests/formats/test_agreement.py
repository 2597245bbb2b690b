"""One class, graded once by the command: its grades are the same, to the cent, in every file that leaves the house."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder import cli
from autograder.nbgrader.sources import write_sources
from tests.engine.small_course import COURSE, MEAN_OF, RIGHT, TOTAL, write_files

CLASS = {
    "adamsada_101_9001_tiny.py": RIGHT,
    "boolegeorge_LATE_102_9002_tiny.py": RIGHT,
    "o'neillzoë_103_9003_tiny.py": TOTAL,
    "s4_104_9004_tiny.py": "def total(values):\n    return float(sum(values[1:]))\n" + MEAN_OF,
    "s5_105_9005_tiny.py": "import os\nos._exit(1)",
    "s6_106_9006_tiny.py": "1 +",
    "s7_107_9007_tiny.py": TOTAL,
}
ADJUSTMENTS = """\
student,topic,late_days,points,score,excused,reason
102,,2,,,,
o'neillzoë_103,tiny,,0.333,,,a question was unclear
104,tiny,,,4.5,,oral exam
107,,,,,yes,ill
"""
# 7 % of 6 points a day; a third more; said by hand.
EXPECTED = {"101": 6.0, "102": 5.16, "103": 4.33, "104": 4.5, "105": 0.0, "106": 0.0, "107": None}
LOGINS = {number: f"student-{number}" for number in EXPECTED}


def run(*arguments, code=0):
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The class, graded; the course with its adjustments."""
    folder = tmp_path_factory.mktemp("agreement")
    late = "[tool.autograder.late]\npercent_a_day = 7\n"
    write_files(folder / "course", COURSE | {"pyproject.toml": late, "adjustments.csv": ADJUSTMENTS})
    write_files(folder / "class", CLASS)
    command = [sys.executable, "-W", "ignore", "-m", "autograder", "grade", str(folder / "class")]
    command += ["--course", str(folder / "course"), "--out", str(folder / "grading")]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"COLUMNS": "160"}, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "2 days late: -0.84 (computed 6)" in done.stdout and "excused" in done.stdout
    return folder


def export(place, to, *more):
    return run("export", place / "grading", "--to", to, "--course", place / "course", *more)


def grades(place):
    with open(place / "grading" / "grades.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["student"].rpartition("_")[2]: None if row["final"] == "excused" else float(row["final"])
        for row in rows
    }


def test_the_grade_table(place):
    assert grades(place) == EXPECTED


def test_results_are_the_computed_ones_still(place):
    lines = (place / "grading" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    found = {item["account"]: item for item in map(json.loads, lines)}
    assert {number: item["total"] for number, item in found.items()} == {
        "101": 6, "102": 6, "103": 4, "104": 2, "105": 0, "106": 0, "107": 4,
    }  # fmt: skip
    assert found["102"]["adjustment"]["penalty"] == pytest.approx(0.84)


def test_canvas(place):
    template = ["Student,ID,SIS User ID,SIS Login ID,Section,Tiny sums (5)", "    Points Possible,,,,,6.00"]
    template += [f"Name {number},{number},,{LOGINS[number]},One," for number in EXPECTED]
    (place / "gradebook.csv").write_text("\n".join(template) + "\n", encoding="utf-8")
    export(place, "canvas", "--template", place / "gradebook.csv")
    rows = list(csv.reader(io.StringIO((place / "grading" / "canvas.csv").read_text(encoding="utf-8"))))
    assert {row[1]: None if row[5] == "EX" else float(row[5]) for row in rows[2:]} == EXPECTED


def test_moodle(place):
    names = {
        path.partition("_")[0].replace("'", "’"): path.rpartition("_900")[0].rpartition("_")[2]
        for path in CLASS
    }
    template = ["Identifier,Full name,Grade,Maximum Grade,Feedback comments"]
    template += [f"Participant {number},{name},,6.00," for name, number in names.items()]
    (place / "worksheet.csv").write_text("\n".join(template) + "\n", encoding="utf-8")
    export(place, "moodle", "--template", place / "worksheet.csv")
    rows = list(csv.DictReader(io.StringIO((place / "grading" / "moodle.csv").read_text(encoding="utf-8"))))
    found = {row["Identifier"].removeprefix("Participant "): row["Grade"] for row in rows}
    assert {number: float(grade) if grade else None for number, grade in found.items()} == EXPECTED


def test_gradescope(place):
    export(place, "gradescope")
    found = {}
    for path in (place / "grading" / "gradescope").iterdir():
        document = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem.rpartition("_")[0].rpartition("_")[2]] = document
    scores = {number: document["score"] for number, document in found.items()}
    assert scores == {number: grade or 0.0 for number, grade in EXPECTED.items()}
    assert found["107"]["output"].startswith("excused; ill")


def test_otter(place):
    export(place, "otter")
    rows = list(
        csv.DictReader(io.StringIO((place / "grading" / "final_grades.csv").read_text(encoding="utf-8")))
    )
    totals = {
        row["file"].rpartition("_900")[0].rpartition("_")[2]: row["total_points_earned"] for row in rows[1:]
    }
    assert {number: float(total) if total else None for number, total in totals.items()} == EXPECTED


def test_nbgrader(place, monkeypatch):
    from autograder.course import load_course

    folder = place / "nbgrader"
    write_sources(load_course(place / "course"), folder)
    home = {
        "HOME": str(place),
        "IPYTHONDIR": str(place / "ipython"),
        "JUPYTER_CONFIG_DIR": str(place / "jupyter"),
    }
    programs = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)])
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "nbgrader", "generate_assignment", "tiny"],
        cwd=folder,
        env=os.environ | home | {"PATH": programs},
        check=True,
        capture_output=True,
        timeout=300,
    )
    said = export(place, "nbgrader", "--out", folder)
    assert "excused from tiny" in said
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        found = {
            item.student_id.rpartition("_")[2]: item.score - item.late_submission_penalty
            for item in gradebook.assignment_submissions("tiny")
        }
    assert {number: round(score, 2) for number, score in found.items()} == {
        number: grade for number, grade in EXPECTED.items() if grade is not None
    }


def test_what_people_changed_on_the_platform_comes_back(place):
    text = "Student,ID,SIS User ID,SIS Login ID,Section,Tiny sums (5)\n    Points Possible,,,,,6.00\n"
    text += "A,101,,a,One,5.75\nB,103,,b,One,4.33\n"
    (place / "entered.csv").write_text(text, encoding="utf-8")
    out = place / "from-canvas.csv"
    run("import", place / "entered.csv", "--from", "canvas", "--topic", "tiny", "--results", place / "grading",
        "--course", place / "course", "--out", out)  # fmt: skip
    assert [
        row["student"] + row["score"] for row in csv.DictReader(io.StringIO(out.read_text(encoding="utf-8")))
    ] == ["adamsada_1015.75"]
    said = run("export", place / "grading", "--to", "otter", "--course", place / "course", "--adjustments", out,
               "--out", place / "otter.csv")  # fmt: skip
    assert "6 grades" in said or "7 grades" in said
    rows = list(csv.DictReader(io.StringIO((place / "otter.csv").read_text(encoding="utf-8"))))
    assert rows[1]["total_points_earned"] == "5.75"
