"""Copies submissions into one folder a student, whatever they were downloaded as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.archives import ArchiveError, read_member
from autograder.results import write_atomically
from autograder.submissions import MAX_FILE_BYTES, Submission, UnreadableError, read_bytes

__all__ = ["copy_submissions"]

_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f]|^\.+|[. ]+$')
"""What some system takes for more than a name."""


def copy_submissions(submissions: Sequence[Submission], folder: Path) -> tuple[int, list[str]]:
    """Copy each submission to ``<student>/<topic>.<suffix>`` below ``folder``.

    Returns:
        How many were copied, and what was left out, with why.

    Raises:
        OSError: it cannot be written there.
    """
    copied, left = 0, []
    for submission in submissions:
        name = submission.member or submission.path.name
        student = _NOT_IN_NAMES.sub("_", submission.student)
        if submission.problem:
            left.append(f"{submission.name}: left out, {submission.problem}")
            continue
        target = folder / student / f"{submission.topic}{Path(name).suffix.lower()}"
        if target.exists():
            left.append(f"{submission.name}: left out, {target} is there already")
            continue
        try:
            if submission.member:
                data = read_member(submission.path, submission.member, MAX_FILE_BYTES)
            else:
                data = read_bytes(submission.path)
        except (ArchiveError, UnreadableError) as error:
            left.append(f"{submission.name}: left out, {error}")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
        copied += 1
    return copied, left
