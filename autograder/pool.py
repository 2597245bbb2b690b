"""Grades many submissions at once: worker processes, each with a zygote of its own, all expendable."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, TimeoutError, wait
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from autograder.course import Course, load_course
from autograder.grading import grade_submission, not_graded
from autograder.results import Result
from autograder.sandbox.launchers import Launcher, SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission

__all__ = ["default_workers", "grade_all"]

_GRACE_SECONDS = 30.0


class _Worker:
    """What one worker process holds between submissions."""

    course: Course
    launcher: Launcher
    protections: dict[str, str | bool]


def _start(course: Path, limits: Limits, protections: dict[str, str | bool]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    _Worker.course = load_course(course)
    _Worker.launcher = open_launcher(
        _Worker.course.preload, limits, str(protections["tier"]), allow_weaker=True
    )
    _Worker.protections = protections
    Finalize(None, _Worker.launcher.close, exitpriority=10)


def _grade(submission: Submission) -> Result:
    topic = _Worker.course.topics.get(submission.topic)
    return grade_submission(submission, topic, _Worker.launcher, _Worker.protections)


def default_workers() -> int:
    """One worker for each processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def grade_all(
    course: Course,
    submissions: Sequence[Submission],
    *,
    limits: Limits,
    workers: int,
    protections: dict[str, str | bool],
) -> Iterator[Result]:
    """Grade submissions and give their results as they come, in no order.

    A worker that dies, or does not come back in time, costs the submission that it was grading and no other.

    Args:
        course: must have solutions.
        submissions: what ``find_submissions`` found.
        limits: for each submission.
        workers: how many processes.
        protections: what ``doctor.probe`` found; its tier is the one that is used.
    """
    pool = ProcessPool(
        max_workers=workers,
        initializer=_start,
        initargs=(course.path, limits, protections),
        context=get_context("spawn"),
    )
    todo = iter(submissions)
    running: dict[Future[Result], Submission] = {}
    try:
        while True:
            while len(running) < 3 * workers and (submission := next(todo, None)) is not None:
                # The session has a time limit of its own; this one is for a grader that hangs.
                timeout = limits.total_seconds * 2 + _GRACE_SECONDS
                running[pool.schedule(_grade, args=[submission], timeout=timeout)] = submission
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                submission = running.pop(future)
                yield _result(future, submission, course)
        pool.close()
        pool.join()
    finally:
        pool.stop()
        with suppress(RuntimeError):
            pool.join(5)


def _result(future: Future[Result], submission: Submission, course: Course) -> Result:
    topic = course.topics.get(submission.topic)
    try:
        return future.result()
    except TimeoutError:
        return not_graded(submission, topic, "timeout", "the grader gave up on it: it took too long to grade")
    except ProcessExpired as error:
        reason = f"the grader's worker ended while grading it (exit code {error.exitcode})"
        return not_graded(submission, topic, "crashed", reason)
    except CancelledError:
        return not_graded(submission, topic, "crashed", "the grader was stopped")
    except SandboxError as error:
        return not_graded(submission, topic, "crashed", f"no sandbox could be started: {error}")
    except Exception as error:
        reason = f"the grader failed on it: {type(error).__name__}: {error}"
        return not_graded(submission, topic, "crashed", reason)
