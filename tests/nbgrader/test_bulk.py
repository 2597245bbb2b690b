"""A class that has been graded goes into nbgrader's gradebook at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from nbgrader.api import Gradebook

from autograder.course import Course
from autograder.formats import Exported, ExportRequest, FormatError, find_format
from autograder.results import Adjustment, Result, cents

from .conftest import SECRET_IN_TESTS, TOPIC, Nbgrader, comment, scores


def export(results: Sequence[Result], folder: Path) -> Exported:
    write = find_format("nbgrader").export
    assert write is not None
    return write(ExportRequest(results=results, out=folder))


def changed(result: Result, **changes: object) -> Result:
    return msgspec.structs.replace(result, **changes)


@pytest.fixture
def exported(assigned: Nbgrader, computed: dict[str, Result], tmp_path: Path) -> Nbgrader:
    nbgrader = assigned.copy(tmp_path / "course")
    export(list(computed.values()), nbgrader.folder)
    return nbgrader


def test_it_is_as_if_nbgrader_had_graded_the_class(
    exported: Nbgrader, graded: Nbgrader, computed: dict[str, Result]
) -> None:
    assert scores(exported.folder) == scores(graded.folder)
    for student in computed:
        for cell in ("attention", "causal_mask"):
            theirs = comment(graded.folder, student, cell).removeprefix("No response.").strip()
            assert comment(exported.folder, student, cell) == theirs, (student, cell)
        notebook = json.loads(exported.autograded(student).read_bytes())
        assert notebook["metadata"]["autograder"]["graded"] is True
        assert "_hidden_points" not in json.dumps(notebook)
        graded_cells = json.loads(graded.autograded(student).read_bytes())["cells"]
        assert [cell["source"] for cell in notebook["cells"]] == [cell["source"] for cell in graded_cells], (
            student
        )
    assert "Skipping existing assignment" in exported("autograde", TOPIC, "--student", "right")
    exported("generate_feedback", TOPIC, "--student", "missing-scale")
    page = exported.folder / "feedback" / "missing-scale" / TOPIC / f"{TOPIC}.html"
    text = page.read_text(encoding="utf-8")
    assert "attention (Score: 5.0 / 14.0)" in text
    assert "Missing scale: The scores are used as they are." in text
    assert SECRET_IN_TESTS in text and "_hidden_points" not in text


def test_it_can_be_repeated_and_what_people_entered_stays(
    exported: Nbgrader, computed: dict[str, Result]
) -> None:
    with Gradebook(f"sqlite:///{exported.folder / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("attention-hidden", TOPIC, TOPIC, "missing-scale")
        grade.manual_score, grade.extra_credit = 6.5, 0.25
        gradebook.find_comment("attention", TOPIC, TOPIC, "missing-scale").manual_comment = "Nearly!"
        gradebook.db.commit()
    export(list(computed.values()), exported.folder)
    assert comment(exported.folder, "missing-scale", "attention") == "Nearly!"
    with Gradebook(f"sqlite:///{exported.folder / 'gradebook.db'}") as gradebook:
        assert len(gradebook.assignment_submissions(TOPIC)) == 30
        grade = gradebook.find_grade("attention-hidden", TOPIC, TOPIC, "missing-scale")
        assert (grade.score, grade.needs_manual_grade) == (6.75, True)


def test_adjustments_become_what_nbgrader_has_for_them(
    assigned: Nbgrader, computed: dict[str, Result], tmp_path: Path
) -> None:
    nbgrader = assigned.copy(tmp_path / "course")
    nothing = changed(
        computed["right"],
        student="handed-nothing-in",
        submission="n/a",
        status="missing",
        exercises=[],
        total=0.0,
        cells=[],
    )
    results = [
        changed(computed["right"], adjustment=Adjustment(late_days=2, penalty=2.8, reason="two days")),
        changed(computed["missing-scale"], adjustment=Adjustment(points=1.5)),
        changed(computed["untouched"], adjustment=Adjustment(excused=True)),
        changed(nothing, adjustment=Adjustment(score=7.25)),
    ]
    done = export(results, nbgrader.folder)
    assert done.notes == ["untouched: excused from attention, not in the gradebook"]
    nbgrader("export")
    rows = (nbgrader.folder / "grades.csv").read_text().splitlines()
    found = {row.split(",")[3]: row.split(",")[-2] for row in rows[1:]}
    expected = {result.student: result.final for result in results if result.final is not None}
    assert {student: cents(float(text)) for student, text in found.items()} == {
        student: cents(final) for student, final in expected.items()
    }
    assert "2 days late: -2.8; two days" in comment(nbgrader.folder, "right", "attention")


def test_a_class_that_nbgrader_never_saw(
    course: Course, assigned: Nbgrader, computed: dict[str, Result], tmp_path: Path
) -> None:
    """Submissions from elsewhere: the notebooks are made of what the results hold."""
    nbgrader = assigned.copy(tmp_path / "course")
    export([changed(computed["missing-scale"], student="from elsewhere")], nbgrader.folder)
    assert sum(scores(nbgrader.folder)["from elsewhere"].values()) == 5.0
    notebook = nbgrader.autograded("from elsewhere").read_text()
    assert "def attention(" in notebook


def test_what_cannot_be_exported_is_said_with_the_mend(
    assigned: Nbgrader, computed: dict[str, Result], tmp_path: Path
) -> None:
    right = computed["right"]
    nowhere = tmp_path / "nowhere"
    with pytest.raises(FormatError, match="it holds no gradebook.*generate_assignment"):
        export([right], nowhere)
    assert not nowhere.exists()
    nbgrader = assigned.copy(tmp_path / "course")
    with pytest.raises(
        FormatError, match="no assignment diffusion; run `nbgrader generate_assignment diffusion`"
    ):
        export([changed(right, topic="diffusion")], nbgrader.folder)
    with pytest.raises(FormatError, match="'../up' cannot be a student's id"):
        export([changed(right, student="../up")], nbgrader.folder)
    with pytest.raises(FormatError, match="right has more than one result for attention"):
        export([right, right], nbgrader.folder)
    renamed = [changed(right, exercises=[changed(item, name="other") for item in right.exercises])]  # type: ignore[arg-type]
    with pytest.raises(
        FormatError, match="has the cell 'attention-public', for which attention has no tests"
    ):
        export(renamed, nbgrader.folder)
    (nbgrader.folder / "nbgrader_config.py").write_text("get_config().x = 1 / 0")
    with pytest.raises(FormatError, match="nbgrader_config.py: ZeroDivisionError"):
        export([right], nbgrader.folder)
    (nbgrader.folder / "nbgrader_config.py").unlink()
    (nbgrader.folder / "gradebook.db").write_bytes(b"no database" * 100)
    with pytest.raises(FormatError, match="file is not a database"):
        export([right], nbgrader.folder)
