"""Gradescope: ``results.json`` by its specification; exports of submissions, groups among them.

A test of ours is a test there. Hidden ones are shown from ``hidden`` on (``after_published``, say), with what their
author wrote for students and nothing else. The score of the whole is the final grade, whatever the tests add up to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.formats import Exported, ExportRequest, Format, FormatError, Imported, ImportRequest
from autograder.formats.sheets import check_options
from autograder.results import ExerciseResult, Result, cents, clean_text, write_atomically
from autograder.submissions import find_submissions

__all__ = ["FORMAT", "VISIBILITIES", "failure_document", "results_document"]

VISIBILITIES = ("after_published", "after_due_date", "hidden", "visible")
"""When students may see a test, in Gradescope's words; the first is the default for hidden tests."""

_OUTPUT = 8000


def _tests(exercise: ExerciseResult, hidden: str) -> list[dict[str, Any]]:
    """The cases of an exercise. Where its score is not their sum, they have no points and the whole has."""
    summed = abs(sum(test.points for test in exercise.tests if test.passed) - exercise.score) < 1e-9
    tests: list[dict[str, Any]] = []
    for test in exercise.tests:
        entry: dict[str, Any] = {
            "name": f"{exercise.name}: {test.name}",
            "status": "passed" if test.passed else "failed",
            "visibility": hidden if test.hidden else "visible",
            "output": clean_text(test.message, _OUTPUT),
            "output_format": "text",
        }
        if summed:
            entry |= {"score": test.points if test.passed else 0.0, "max_score": test.points}
        tests.append(entry)
    if not summed or not tests:
        any_hidden = any(test.hidden for test in exercise.tests)
        tests.append(
            {
                "name": exercise.name,
                "score": exercise.score,
                "max_score": exercise.possible,
                "status": "passed" if exercise.score >= exercise.possible else "failed",
                "visibility": hidden if any_hidden else "visible",
            }
        )
    if exercise.mistake is not None:
        # A hint tells of what failed: where only hidden cases did, it is shown with them.
        failed = [entry for entry in tests if entry["status"] == "failed"]
        shown = [entry for entry in failed if entry["visibility"] == "visible"]
        for entry in (shown or failed)[:1]:
            entry["output"] = clean_text(
                f"{exercise.mistake.hint}\n\n{entry.get('output', '')}".strip(), _OUTPUT
            )
    return tests


def results_document(result: Result, hidden: str = VISIBILITIES[0], remarks: str = "") -> dict[str, Any]:
    """The ``results.json`` of one submission.

    Args:
        result: what it got.
        hidden: when students may see hidden tests.
        remarks: what else they are told, in plain text.
    """
    told = [remarks]
    if result.adjustment is not None and result.adjustment.text:
        told.append(f"{result.adjustment.text} (computed: {result.total:g})")
    if result.error:
        told.append(result.error)
    return {
        "score": float(cents(result.final or 0)),
        "execution_time": round(result.seconds),
        "output": clean_text("\n".join(text for text in told if text), _OUTPUT),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [entry for exercise in result.exercises for entry in _tests(exercise, hidden)],
        "extra_data": {
            "status": result.status,
            "protections": result.protections,
            "mistakes": [item.mistake.id for item in result.exercises if item.mistake is not None],
        },
    }


def failure_document(message: str) -> dict[str, Any]:
    """The ``results.json`` of a submission that the grader itself failed on."""
    return {
        "score": 0.0,
        "output": clean_text(message, _OUTPUT),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"status": "failed"},
    }


def document_bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _export(request: ExportRequest) -> Exported:
    check_options(request.options, ["hidden"])
    hidden = request.options.get("hidden", VISIBILITIES[0])
    if hidden not in VISIBILITIES:
        raise FormatError(f"--option hidden={hidden}: there is {', '.join(VISIBILITIES)}")
    files: list[Path] = []
    for done, result in enumerate(request.results, 1):
        name = "".join(char if char.isalnum() or char in "-_." else "_" for char in result.student)
        path = request.out / f"{name}_{result.topic}.json"
        if path in files:
            raise FormatError(
                f"{path}: two results would be this file; export one topic, or rename a student"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, document_bytes(results_document(result, hidden)))
        files.append(path)
        request.progress(done, len(request.results))
    return Exported(files=files)


def _read(request: ImportRequest) -> Imported:
    check_options(request.options, [])
    submissions, notes = find_submissions(request.path, request.topics, request.topic)
    return Imported(submissions=submissions, notes=notes)


FORMAT = Format(
    name="gradescope",
    file="gradescope",
    title="Gradescope: results.json, exports",
    export=_export,
    read=_read,
)
