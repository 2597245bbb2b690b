"""Source notebooks for nbgrader: of every topic, valid, complete and the same each time."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course, CourseError
from autograder.nbgrader.sources import CONFIG_NAME, assignment_files
from autograder.pictures import without_pictures
from autograder.sandbox.protocol import Cell

from .conftest import ROOT, TOPIC, grade_id


def test_every_topic_is_an_assignment(course: Course) -> None:
    topics = [topic for topic in course.topics.values() if topic.native is None]
    assert len(topics) >= 14
    for topic in topics:
        files = assignment_files(course, topic)
        assert files == assignment_files(course, topic)
        notebook = nbformat.reads(files[f"{topic.name}.ipynb"].decode(), as_version=4)
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        known = [cell for cell in notebook.cells if grade_id(cell)]
        ids = [grade_id(cell) for cell in known]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in ids)
        points: dict[str, float] = {}
        for cell in known:
            meta = cell.metadata["nbgrader"]
            assert meta["schema_version"] == 3
            assert meta["locked"] is meta["grade"] is not meta["solution"]
            if meta["grade"]:
                exercise = meta["grade_id"].rsplit("-", 1)[0]
                points[exercise] = points.get(exercise, 0) + meta["points"]
        assert points == {exercise.name: exercise.possible for exercise in topic.exercises}
        for exercise in topic.exercises:
            assert ids[ids.index(exercise.name) :][:3] == [
                exercise.name,
                f"{exercise.name}-public",
                f"{exercise.name}-hidden",
            ]


def test_test_cells_are_left_out_where_the_engine_grades_the_file_itself(course: Course) -> None:
    topic = course.topics[TOPIC]
    notebook = json.loads(assignment_files(course, topic)[f"{TOPIC}.ipynb"])
    cells = [
        Cell(grade_id(cell), cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"]))
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not grade_id(cell).endswith("-hidden")
    ]
    assert "attention-public" in [cell.name for cell in cells]
    assert "attention-public" not in [cell.name for cell in without_pictures(topic, cells)]


def test_the_command_writes_once_and_leaves_the_instructors_settings(tmp_path: Path) -> None:
    runner = CliRunner()
    arguments = ["release", "--to", "nbgrader", "--course", str(ROOT), "--out", str(tmp_path)]
    first = runner.invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert (tmp_path / "source" / TOPIC / f"{TOPIC}.ipynb").is_file()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    stale = tmp_path / "source" / TOPIC / "tests" / TOPIC / "of_old.py"
    stale.write_text("")
    settings = tmp_path / CONFIG_NAME
    settings.write_text("c = get_config()\n")
    second = runner.invoke(app, arguments)
    assert "1 files changed" in second.output or "1 file changed" in second.output
    assert not stale.exists()
    assert settings.read_text() == "c = get_config()\n"
    assert "configure(c" in second.output
    del before[settings]
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_an_unknown_platform_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["release", "--to", "nowhere", "--course", str(ROOT)])
    assert done.exit_code == 2 and "there is no platform 'nowhere'" in done.output


@pytest.mark.parametrize(
    "source, text",
    [
        (
            "def one():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\ndef two():\n    return 2",
            "one cell",
        ),
        ("def one():\n    return 1\n\n# %%\ndef two():\n    return 2", "no solution region"),
    ],
)
def test_a_master_that_cannot_be_an_assignment_is_refused(course: Course, source: str, text: str) -> None:
    topic = course.topics[TOPIC]
    names = dict(zip(("one", "two"), topic.exercises, strict=True))
    for short, exercise in names.items():
        source = source.replace(f"def {short}(", f"def {exercise.name}(")
    with pytest.raises(CourseError, match=text):
        assignment_files(course, dataclasses.replace(topic, source=f"# %%\n{source}\n"))
