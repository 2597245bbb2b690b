"""otter-grader: results as the table that ``otter grade`` writes, ``final_grades.csv``; one file a topic.

Exercises have their computed points, as otter gives them. ``total_points_earned`` and ``percent_correct`` are of the
final grade.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from autograder.formats import Exported, ExportRequest, Format
from autograder.formats.sheets import check_options
from autograder.results import Result, clean_text, spreadsheet_cell, write_atomically

__all__ = ["FORMAT"]

_POSSIBLE = "points-per-question"


def _status(result: Result) -> str:
    if result.adjustment is not None and result.adjustment.text:
        return f"Completed; {result.adjustment.text}"
    return "Completed" if result.was_run else result.error or result.status


def _table(results: Sequence[Result]) -> bytes:
    exercises = {item.name: item.possible for result in results for item in result.exercises}
    names = sorted(exercises)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", *names, "total_points_earned", "percent_correct", "grading_status"])
    possible = max(result.possible for result in results)
    writer.writerow([_POSSIBLE, *(exercises[name] for name in names), possible, 1.0, "--"])
    for result in sorted(results, key=lambda result: result.submission):
        scores = {item.name: item.score for item in result.exercises}
        total: float | str = "" if result.final is None else result.final
        percent = total / result.possible if isinstance(total, float) and result.possible else ""
        file, status = (
            spreadsheet_cell(clean_text(text, 600).replace("\n", " "))
            for text in (result.submission, _status(result))
        )
        writer.writerow([file, *(scores.get(name, 0.0) for name in names), total, percent, status])
    return out.getvalue().encode()


def _export(request: ExportRequest) -> Exported:
    check_options(request.options, [])
    topics = sorted({result.topic for result in request.results if result.topic})
    one = len(topics) == 1
    files: list[Path] = []
    for topic in topics:
        path = request.out if one else request.out.with_stem(f"{request.out.stem}-{topic}")
        write_atomically(path, _table([result for result in request.results if result.topic == topic]))
        files.append(path)
    return Exported(files=files)


FORMAT = Format(name="otter", file="final_grades.csv", title="otter-grader: final_grades.csv", export=_export)
