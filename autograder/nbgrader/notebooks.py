"""A submitted notebook between nbgrader and the engine: read, brought into the assignment's form, filled in.

Students copy cells, delete some and write their own; nbgrader gives up on a whole class when the ids in one notebook
are there twice. Here every notebook comes out with each of the assignment's cells once.
"""

from __future__ import annotations

import contextlib
import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.nbgrader.cells import hidden_id, public_id
from autograder.nbgrader.texts import scores, told_cases
from autograder.results import Result
from autograder.submissions import Reader, Submission, read_cells

__all__ = ["MARK", "MasterCell", "code_of", "fill_in", "is_finished", "new_notebook", "read_notebook", "tidy"]

MARK = "autograder"
"""The metadata, of a notebook or of a cell, in which we keep what we know of it."""

_HIDDEN_REGION = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS.*?(?:END HIDDEN TESTS[^\n]*(?:\n|\Z)|\Z)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class MasterCell:
    """A cell of the assignment that nbgrader knows by its id. ``points`` is None for one that gets none."""

    grade_id: str
    cell_type: str
    source: str
    locked: bool
    solution: bool
    checksum: str | None
    points: float | None
    task: bool = False

    @property
    def metadata(self) -> dict[str, Any]:
        """nbgrader's metadata of the cell, in a submission."""
        found: dict[str, Any] = {
            "cell_type": self.cell_type,
            "grade": self.points is not None and not self.task,
            "grade_id": self.grade_id,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
        }
        if self.checksum:
            found["checksum"] = self.checksum
        return found | ({} if self.points is None else {"points": self.points})


def new_notebook(cells: Sequence[Any] = ()) -> Any:
    return nbformat.from_dict({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def read_notebook(submission: Submission) -> Any:
    """Read what a student handed in: a notebook, or a script as a notebook of its cells.

    Raises:
        UnreadableError: the engine would not grade it; says why.
    """
    with Reader() as reader:
        submission = reader.read(submission)
    cells = read_cells(submission)
    if submission.file_name.lower().endswith(".ipynb"):
        # nbformat raises whatever a strange file makes it stumble over; then only the code is shown.
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads((submission.data or b"").decode("utf-8-sig"), as_version=4)
            nbformat.validate(notebook)
            return notebook
    return new_notebook([new_code_cell(cell.source.strip("\n")) for cell in cells])


def _defines(cell: Any, function: str) -> bool:
    return cell.cell_type == "code" and bool(
        re.search(rf"^(?:async +)?def +{re.escape(function)}\b", cell.source, re.MULTILINE)
    )


def tidy(notebook: Any, master: Sequence[MasterCell], unreadable: str = "") -> list[str]:
    """Give a submitted notebook each cell of the assignment once, with the metadata that it should have.

    Of a cell that is there twice, the last counts, as it does when a notebook is run. A solution cell that has lost its
    id is found by the function in it.

    Returns:
        What was mended, for the log.
    """
    known = {cell.grade_id: cell for cell in master}
    mended: list[str] = []
    seen: set[str] = set()
    for cell in reversed(notebook.cells):
        tags = cell.metadata.get("tags")
        claimed = cell.metadata.get("nbgrader")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        grade_id = claimed.get("grade_id") if isinstance(claimed, dict) else None
        item = known.get(grade_id) if isinstance(grade_id, str) else None
        if item is None or cell.cell_type != item.cell_type:
            continue
        if item.grade_id in seen:
            mended.append(f"{item.grade_id} is there more than once, the last one counts")
            continue
        seen.add(item.grade_id)
        cell.metadata["nbgrader"] = nbformat.from_dict(item.metadata)
        if item.locked:
            cell.source = item.source
    place = 0
    for item in master:
        found = [i for i, cell in enumerate(notebook.cells) if _id(cell) == item.grade_id]
        if not found and item.solution:
            found = [
                i for i, cell in enumerate(notebook.cells) if not _id(cell) and _defines(cell, item.grade_id)
            ][-1:]
            if found:
                notebook.cells[found[0]].metadata["nbgrader"] = nbformat.from_dict(item.metadata)
                mended.append(f"{item.grade_id} had lost its id")
        if not found:
            source = f"# `{item.grade_id}`: not in what was handed in" if item.solution else item.source
            place = place or len(notebook.cells)
            notebook.cells.insert(place, _new_cell(item, source))
            mended.append(f"{item.grade_id} was missing")
            found = [place]
        place = found[0] + 1
    _unique_ids(notebook)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            MARK: {"unreadable": unreadable} if unreadable else {},
        }
    )
    return mended


def _new_cell(item: MasterCell, source: str) -> Any:
    metadata = {"nbgrader": item.metadata, MARK: {"added": True}}
    if item.cell_type == "code":
        return new_code_cell(source, metadata=metadata)
    return new_markdown_cell(source, metadata=metadata)


def _id(cell: Any) -> str:
    metadata = cell.metadata.get("nbgrader")
    found = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else ""


def _unique_ids(notebook: Any) -> None:
    """Cells of a notebook in an old format have no ids, and random ones would differ each time."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index:04d}"


def is_test(cell: Any) -> bool:
    metadata = cell.metadata.get("nbgrader") or {}
    return bool(metadata.get("grade")) and not metadata.get("solution")


def code_of(notebook: Any) -> bytes:
    """The student's own code as a notebook of its own: without the tests, which the submission must not see.

    In the place of tests there is an empty cell, so that messages count cells as the student does.
    """
    cells = [
        {"cell_type": "code", "source": "" if is_test(cell) else cell.source}
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.metadata.get(MARK)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def fill_in(notebook: Any, result: Result) -> tuple[dict[str, float], list[str]]:
    """Put a result into the cells with tests, as their output, and take the hidden tests out of them.

    The value of such a cell is its score: a plain number from 0 to the cell's points, for nbgrader gives full marks for
    whatever it cannot read as a number.

    Returns:
        The scores by the ids of the cells, and the ids of cells with tests that are none of the topic's.
    """
    earned: dict[str, float] = {}
    texts: dict[str, str] = {}
    possible: dict[str, float] = {}
    for exercise in result.exercises:
        earned |= scores(exercise)
        for hidden, grade_id in ((False, public_id(exercise.name)), (True, hidden_id(exercise.name))):
            texts[grade_id] = told_cases(exercise, hidden=hidden)
            possible[grade_id] = sum(test.points for test in exercise.tests if test.hidden is hidden)
    found: dict[str, float] = {}
    unknown: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if not is_test(cell) or cell.cell_type != "code":
            continue
        cell.source = _HIDDEN_REGION.sub("", cell.source).rstrip("\n")
        grade_id, points = _id(cell), float(cell.metadata["nbgrader"]["points"])
        if result.exercises and grade_id not in earned:
            unknown.append(grade_id)
        found[grade_id] = in_points(earned.get(grade_id, 0.0), possible.get(grade_id, 0.0), points)
        cell.outputs = [
            new_output("stream", name="stdout", text=texts.get(grade_id, "not run\n")),
            new_output("execute_result", execution_count=1, data={"text/plain": repr(found[grade_id])}),
        ]
        cell.execution_count = 1
    notebook.metadata[MARK] = nbformat.from_dict({"graded": True, "status": result.status})
    return found, unknown


def in_points(earned: float, possible: float, points: float) -> float:
    """A score in the points that nbgrader's cell has, should those be others than the tests'."""
    same = abs(possible - points) < 1e-9
    return float(min(max(earned if same else earned * points / (possible or 1), 0.0), points))


def is_finished(folder: Path, names: Sequence[str]) -> bool:
    """Whether each of these notebooks in an ``autograded`` folder was graded here to its end.

    nbgrader takes a folder that is there for done, also when the command that wrote it was killed.
    """
    for name in names:
        try:
            whole = json.loads((folder / name).read_bytes())
            if not whole["metadata"][MARK]["graded"]:
                return False
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return False
    return True
