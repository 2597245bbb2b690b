"""Grades one submission in Gradescope's container: what ``run_autograder`` starts.

Gradescope lays things out below /autograder: ``source`` is the unpacked zip, ``submission`` what the student handed
in, ``submission_metadata.json`` who that is, and ``results/results.json`` is what it reads afterwards. There is always
one, even when the grader fails. What is printed is the instructor's to see.

The harness runs as root, and the submission in a process of its own under another user, who owns nothing: with
namespaces where the container may make them (tier A), with Landlock and seccomp where not (tier B).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import msgspec

from autograder.course import load_course
from autograder.doctor import danger, is_safe, probe
from autograder.formats.gradescope import document_bytes, failure_document, results_document
from autograder.grading import grade_submission, not_graded
from autograder.native import is_native
from autograder.results import write_atomically
from autograder.sandbox.launchers import open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission, find_submissions, preference

__all__ = ["Settings", "main"]

_FAILED = "The grader failed on your submission, which is not your mistake. Your instructors can see why."


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``source/autograder.json``, which ``release --to gradescope`` writes."""

    topic: str
    hidden: str
    allow_weaker: bool = False
    tier: str | None = None
    """Forces a tier of confinement; by default the safest that the container allows."""


class _HarnessError(Exception):
    """Grading is not possible here; the message says why and what to do."""


def _student(root: Path) -> str:
    """Who handed it in, as far as Gradescope says so."""
    try:
        metadata = json.loads((root / "submission_metadata.json").read_bytes())
        users = [user for user in metadata["users"] if isinstance(user, dict)]
        return "; ".join(str(user.get("email") or user.get("name") or user.get("id")) for user in users)
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _chosen(found: list[Submission], folder: Path, topic: str) -> tuple[Submission | None, str]:
    """Which file counts, and what the student is told of that."""
    if not found:
        return None, ""
    files = sorted(found, key=lambda item: preference(Path(item.name), topic))
    more = f" ({len(files)} files were handed in; this is the one that counts)" if len(files) > 1 else ""
    return files[0], f"your file: {files[0].name}{more}"


def _document(root: Path) -> dict[str, Any]:
    settings = msgspec.json.decode((root / "source" / "autograder.json").read_bytes(), type=Settings)
    course = load_course(root / "source" / "course")
    topic = course.topics[settings.topic]
    folder = root / "submission"
    found, notices = find_submissions(folder, [topic.name], topic.name)
    for notice in notices:
        print(f"note: {notice}")
    chosen, told = _chosen(found, folder, topic.name)
    if chosen is None:
        submission = Submission("", "", topic.name, folder)
        wanted = f"{topic.name}.cpp" if is_native(topic.name) else f"{topic.name}.ipynb"
        told = f"nothing that can be graded was handed in; hand in {wanted}"
        result = not_graded(submission, topic, "unreadable", told)
        return results_document(result, settings.hidden)
    limits = Limits()
    with open_launcher(topic.preload, limits, settings.tier, allow_weaker=settings.allow_weaker) as launcher:
        protections = probe(launcher)
        print(f"tier {protections['tier']}: {protections}")
        if not is_safe(protections) and not settings.allow_weaker:
            raise _HarnessError(
                f"{danger(protections)}; release with --allow-weaker-sandbox to grade all the same"
            )
        result = grade_submission(chosen, topic, launcher, protections)
    student = _student(root)
    print(f"{student or 'a student'}: {result.total:g} of {result.possible:g} points, {result.status}")
    return results_document(result, settings.hidden, told)


def main(root: Path) -> int:
    """Grade ``root/submission`` and write ``root/results/results.json``.

    Returns:
        0; 1 when the grader failed, and results.json says so.
    """
    path = root / "results" / "results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # First of all, so that it is there whatever kills this process.
    write_atomically(path, document_bytes(failure_document(_FAILED)))
    for private in (root / "source", root / "results", root / "submission_metadata.json"):
        if private.exists():
            os.chmod(private, 0o700)
    try:
        write_atomically(path, document_bytes(_document(root)))
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
