"""The parts of the executor on their own: what they refuse, and how points and cells are brought in line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import determine_grade
from traitlets.config import Config

from autograder.nbgrader import executor
from autograder.nbgrader.executor import ConfinedExecute, ExecutorError, configure
from autograder.nbgrader.notebooks import MasterCell, code_of, fill_in, is_finished, new_notebook, tidy
from autograder.results import Result

from .conftest import ROOT, TOPIC


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    executor._close()


def run(notebook: str, **settings: Any) -> None:
    resources = {"nbgrader": {"student": "a", "assignment": notebook, "notebook": notebook, "db_url": ""}}
    ConfinedExecute(**settings).preprocess(new_notebook(), resources)


def test_without_a_course_it_says_where_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExecutorError, match="there is no course .* c.ConfinedExecute.course"):
        run(TOPIC)


def test_a_notebook_that_is_no_topic_is_refused() -> None:
    with pytest.raises(ExecutorError, match="the notebook 'essay' is no topic of .*there is attention, "):
        run("essay", course=str(ROOT))


def test_a_sandbox_that_does_not_hold_is_refused() -> None:
    with pytest.raises(ExecutorError, match="autograder doctor"):
        run(TOPIC, course=str(ROOT), tier="C")


def test_the_settings_are_plain_values() -> None:
    """The formgrader shows its settings as JSON."""
    settings = Config()
    configure(settings, ROOT)
    assert settings.ConfinedExecute.course == str(ROOT)
    assert "ConfinedExecute" in settings.Autograde.autograde_preprocessors[0]
    assert json.dumps(settings)


CELLS = [
    MasterCell("one", "code", "# yours", False, True, "c1", None),
    MasterCell(
        "one-public",
        "code",
        "### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS\npublic",
        True,
        False,
        "c2",
        2,
    ),
    MasterCell("essay", "markdown", "", False, True, "c3", 5),
    MasterCell("task", "markdown", "Do it.", True, False, "c4", 3, True),
]


def ids(notebook: Any) -> list[str]:
    return [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells]


def test_a_notebook_of_ones_own_gets_the_cells_that_it_lacks() -> None:
    notebook = new_notebook(
        [new_markdown_cell("# mine"), new_code_cell("def one():\n    return 1"), new_code_cell("x")]
    )
    assert tidy(notebook, CELLS) == [
        "one had lost its id",
        "one-public was missing",
        "essay was missing",
        "task was missing",
    ]
    assert ids(notebook) == ["", "one", "one-public", "essay", "task", ""]
    flags = {
        name: cell.metadata["nbgrader"]
        for name, cell in zip(ids(notebook), notebook.cells, strict=True)
        if name
    }
    assert [(flags[name]["grade"], flags[name]["solution"], flags[name]["task"]) for name in flags] == [
        (False, True, False),
        (True, False, False),
        (True, True, False),
        (False, False, True),
    ]
    sources = [cell["source"] for cell in json.loads(code_of(notebook))["cells"]]
    assert sources == ["def one():\n    return 1", "x"], "added cells do not count, and tests are not shown"


def test_the_metadata_of_a_submission_counts_for_nothing() -> None:
    mine = {"grade": True, "grade_id": "one-public", "points": 99, "locked": False, "solution": True}
    notebook = new_notebook([new_code_cell("2", metadata={"nbgrader": mine, "autograder": {"added": True}})])
    notebook.metadata["autograder"] = {"graded": True}
    tidy(notebook, CELLS[:2])
    cell = notebook.cells[ids(notebook).index("one-public")]
    assert cell.metadata == {"nbgrader": CELLS[1].metadata}
    assert cell.source == CELLS[1].source
    assert "secret" not in code_of(notebook).decode(), "a submission never sees the tests"
    assert notebook.metadata["autograder"] == {}


@pytest.mark.parametrize(("points", "score"), [(2, 0.5), (4, 1.0), (0, 0.0)])
def test_scores_are_plain_numbers_in_the_points_that_the_cell_has(
    computed: dict[str, Result], points: float, score: float
) -> None:
    result = computed["missing-scale"]
    exercise = result.exercises[0]
    tests = [
        msgspec.structs.replace(exercise.tests[0], hidden=False, passed=i == 0, points=p)
        for i, p in enumerate((0.5, 1.5))
    ]
    exercise = msgspec.structs.replace(exercise, name="one", tests=tests, score=0.5, possible=2)
    notebook = new_notebook()
    tidy(notebook, [CELLS[0], MasterCell("one-public", "code", CELLS[1].source, True, False, "c2", points)])
    found, unknown = fill_in(notebook, msgspec.structs.replace(result, exercises=[exercise]))
    assert (found, unknown) == ({"one-public": score}, [])
    cell = notebook.cells[ids(notebook).index("one-public")]
    assert determine_grade(cell) == (score, points), "as nbgrader reads it"
    assert "secret" not in cell.source and "public" in cell.source


def test_a_notebook_is_finished_only_with_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    for text in (
        "",
        "[]",
        "{}",
        '{"metadata": {"autograder": {}}}',
        '{"metadata": {"autograder": {"graded": tr',
    ):
        path.write_text(text)
        assert not is_finished(tmp_path, ["one.ipynb"])
    path.write_text('{"metadata": {"autograder": {"graded": true}}}')
    assert is_finished(tmp_path, ["one.ipynb"])
    assert not is_finished(tmp_path, ["one.ipynb", "two.ipynb"])
