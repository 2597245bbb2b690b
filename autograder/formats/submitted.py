"""Copies submissions into one folder a student, whatever they were downloaded as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.results import write_atomically
from autograder.submissions import Reader, Submission

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
    with Reader() as reader:
        for submission in submissions:
            student = _NOT_IN_NAMES.sub("_", submission.student)
            suffix = Path(submission.file_name).suffix.lower()
            target = folder / student / f"{submission.topic}{suffix}"
            read = submission if target.exists() else reader.read(submission)
            if read.problem:
                left.append(f"{submission.name}: left out, {read.problem}")
            elif read.data is None:
                left.append(f"{submission.name}: left out, {target} is there already")
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(target, read.data)
                copied += 1
    return copied, left
