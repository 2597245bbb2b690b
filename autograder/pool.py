"""Grades many submissions at once: worker processes, each with a zygote of its own, all expendable."""

from __future__ import annotations

import io
import os
import random
import signal
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    InvalidStateError,
    TimeoutError,
    wait,
)
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import numpy as np
from pebble import ProcessExpired, ProcessPool

from autograder.course import Course, load_course
from autograder.executors import BatchError, BatchExecutor, ExecutorError, encode_results, grade_with
from autograder.grading import grade_submission, not_graded
from autograder.processors import claim_processor
from autograder.results import Result
from autograder.sandbox.folders import TemporaryFolder, remove_folder, remove_stale_folders
from autograder.sandbox.launchers import Launcher, SandboxError, open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import Reader, Submission

__all__ = [
    "LocalPool",
    "NoAnswerError",
    "default_workers",
    "grade_all",
    "interrupts_held",
    "nothing_imported_from_here",
    "spread",
]

_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")

_GRACE_SECONDS = 30.0
_MAX_BROKEN = 3


class _Worker:
    """What one worker process holds between submissions."""

    path: Path
    temporary = False
    """Whether the course was unpacked for this pool only."""
    limits: Limits
    protections: dict[str, str | bool]
    course: Course | None = None
    launcher: Launcher | None = None
    processor: socket.socket | None = None
    orphaned = False


def _start(course: Path, limits: Limits, protections: dict[str, str | bool], temporary: bool = False) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - what tests and references print is not the grader's
    Thread(target=_end_with_the_main_process, daemon=True).start()
    _Worker.path, _Worker.limits, _Worker.protections = course, limits, protections
    _Worker.temporary = temporary
    _Worker.processor = claim_processor()
    Finalize(None, _close_launcher, exitpriority=10)


def _end_with_the_main_process() -> None:
    """Nobody waits for a result any more: end at once, with the submission in hand, also after a SIGKILL."""
    main = parent_process()
    assert main is not None
    main.join()
    _Worker.orphaned = True
    with suppress(Exception):
        _close_launcher()
    if _Worker.temporary:
        remove_folder(str(_Worker.path))
    os._exit(1)


def _close_launcher() -> None:
    if _Worker.launcher is not None:
        _Worker.launcher.close()
        _Worker.launcher = None


def _grade_batch(batch: Sequence[Submission]) -> bytes:
    return encode_results([_grade(submission) for submission in batch])


def _grade(submission: Submission) -> Result:
    """Grade a submission; a failure of the grader's own becomes a result that says so."""
    try:
        try:
            return _grade_once(submission)
        except SandboxError:  # the zygote has died: once more, with another one
            _close_launcher()
            return _grade_once(submission)
    except SandboxError as error:
        reason = f"no sandbox could be started: {error}"
    except (Exception, SystemExit) as error:
        reason = f"the grader failed on it: {type(error).__name__}: {error}"
    return not_graded(submission, None, "crashed", reason)


def _ready() -> tuple[Course, Launcher]:
    """This worker's course and launcher."""
    if _Worker.orphaned:
        os._exit(1)
    # Loaded here and not in ``_start``: what fails here is told in a result, what fails there breaks the pool.
    if _Worker.course is None:
        _Worker.course = load_course(_Worker.path)
    if _Worker.launcher is None:
        tier = str(_Worker.protections["tier"])
        preload = _Worker.course.preload
        _Worker.launcher = open_launcher(preload, _Worker.limits, tier, allow_weaker=True)
        _limit_memory(2 * _Worker.limits.memory_megabytes)
    return _Worker.course, _Worker.launcher


def _grade_once(submission: Submission) -> Result:
    course, launcher = _ready()
    # What tests draw at random is the same for every submission, whatever this worker graded before.
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the global generator is what a test may use
    return grade_submission(submission, course.topics.get(submission.topic), launcher, _Worker.protections)


def _apply(function: Callable[[Course, Launcher, _Task], _Answer], task: _Task) -> _Answer:
    try:
        return function(*_ready(), task)
    except SandboxError:
        _close_launcher()
        return function(*_ready(), task)


def _limit_memory(megabytes: int) -> None:
    """Let this process take only so much more memory: what a test makes of a student's answer may be large.

    A list of a thousand short texts and one of a million characters becomes an array of 4 GB, for example.
    """
    try:
        import resource

        with open("/proc/self/statm") as file:
            held = int(file.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # not Linux
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    allowed = held + (megabytes << 20)
    resource.setrlimit(
        resource.RLIMIT_AS, (allowed if most == resource.RLIM_INFINITY else min(allowed, most), most)
    )


def default_workers() -> int:
    """One worker for each processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class NoAnswerError(SandboxError):
    """A task that gave no answer in time."""

    def __init__(self, task: Any, seconds: float) -> None:
        super().__init__(f"a worker gave no answer within {seconds:g} s")
        self.task, self.seconds = task, seconds


def spread(
    course: Course,
    function: Callable[[Course, Launcher, _Task], _Answer],
    tasks: Sequence[_Task],
    *,
    limits: Limits,
    workers: int,
    tier: str,
    seconds: Callable[[_Task], float],
) -> Iterator[tuple[_Task, _Answer]]:
    """Apply a function of a module to tasks, each in a worker that has the course and a launcher; answers as they come.

    Raises:
        NoAnswerError: a task gave no answer within its ``seconds``.
        SandboxError: a worker ended.
    """
    with nothing_imported_from_here():
        pool = _open_pool(workers, course.path, limits, {"tier": tier})
        try:
            running: dict[Future[_Answer], _Task] = {
                pool.schedule(_apply, args=[function, task], timeout=seconds(task)): task for task in tasks
            }
            waiting = set(running)
            while waiting:
                done, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in done:
                    try:
                        yield running[future], future.result()
                    except TimeoutError:
                        raise NoAnswerError(running[future], seconds(running[future])) from None
                    except (ProcessExpired, BrokenExecutor, CancelledError) as error:
                        raise SandboxError(f"a worker gave no answer: {error}") from None
                if not (done or pool.active):  # a broken pool leaves what was queued without an answer
                    raise SandboxError("a worker gave no answer: it ended")
        finally:
            _end(pool)


class LocalPool(BatchExecutor):
    """Worker processes on this machine.

    A worker that dies, or does not come back in time, costs the batch that it was grading and no other.

    Args:
        course: the course folder, or a zip archive of it, as bytes; it must have solutions.
        limits: for each submission.
        workers: how many processes.
        protections: what ``doctor.probe`` found; its tier is the one that is used.
    """

    largest = 1  # so that each result is kept as soon as it is there

    def __init__(
        self, course: Path | bytes, *, limits: Limits, workers: int, protections: dict[str, str | bool]
    ) -> None:
        self.workers, self.protections = workers, protections
        self._limits = limits
        self._unpacked: TemporaryFolder | None = None
        if isinstance(course, bytes):
            self._unpacked = _unpack(course)
            course = Path(self._unpacked.path)
        self._settings = (course, limits, protections, self._unpacked is not None)
        self._running: set[Future[bytes]] = set()
        self._broken = 0
        self._answered = time.monotonic()
        self._pool: ProcessPool | None = None  # opened when there is something to grade

    def submit(self, batch: Sequence[Submission]) -> Future[bytes]:
        outer: Future[bytes] = Future()
        # A session has a time limit of its own; this one is for a grader that hangs.
        timeout = len(batch) * (self._limits.total_seconds * 2 + _GRACE_SECONDS)
        if not self._running:
            self._answered = time.monotonic()
        if self._pool is None:
            self._pool = _open_pool(self.workers, *self._settings)
        try:
            inner = self._pool.schedule(_grade_batch, args=[batch], timeout=timeout)
        except RuntimeError:  # the pool broke just now; check() sees it
            outer.set_exception(BrokenExecutor("the pool is broken"))
            return outer
        self._running.add(outer)
        inner.add_done_callback(lambda future: self._answer(future, outer))
        return outer

    def _answer(self, inner: Future[bytes], outer: Future[bytes]) -> None:
        if inner.cancelled() or isinstance(inner.exception(), BrokenExecutor):
            return  # check() sees it
        self._answered = time.monotonic()
        self._broken = 0
        self._running.discard(outer)
        with suppress(InvalidStateError):
            if (error := inner.exception()) is None:
                outer.set_result(inner.result())
            else:
                outer.set_exception(_batch_error(error))

    def check(self) -> None:
        # Pebble gives up when a worker dies that has nothing in hand, and waits for ever when one dies that has just
        # taken something and not said so yet.
        silent = self._running and time.monotonic() - self._answered > 2 * (
            self._limits.total_seconds + _GRACE_SECONDS
        )
        if self._pool is None or (self._pool.active and not silent):
            return
        self._broken += 1
        if self._broken > _MAX_BROKEN:
            raise ExecutorError("the grader's workers end as soon as they are started")
        self._stop()

    def shutdown(self) -> None:
        if self._pool is not None and self._pool.active and not self._running:
            self._pool.close()
            with suppress(TimeoutError):
                self._pool.join(_GRACE_SECONDS)
        self._stop()
        if self._unpacked is not None:
            self._unpacked.remove()

    def _stop(self) -> None:
        if self._pool is not None:
            _end(self._pool)
            self._pool = None
            remove_stale_folders()  # of a worker that was killed, and its zygote before it
        for future in list(self._running):
            with suppress(InvalidStateError):
                future.set_exception(BrokenExecutor("the pool was ended"))
        self._running.clear()


def grade_all(
    course: Course,
    submissions: Iterable[Submission],
    *,
    limits: Limits,
    workers: int,
    protections: dict[str, str | bool],
) -> Iterator[Result]:
    """Grade submissions with a pool of this machine and give their results as they come, in no order.

    Raises:
        ExecutorError: the workers end as soon as they are started.
    """
    with (
        nothing_imported_from_here(),
        Reader() as reader,
        LocalPool(course.path, limits=limits, workers=workers, protections=protections) as pool,
    ):
        for found in grade_with(pool, map(reader.read, submissions), course.topics):
            yield from (result for _, result in found)


def _unpack(course: bytes) -> TemporaryFolder:
    """A zip archive of a course, in a folder that only this user may look into."""
    folder = TemporaryFolder("course")
    with zipfile.ZipFile(io.BytesIO(course)) as archive:
        archive.extractall(folder.path)
    return folder


def _open_pool(
    workers: int,
    course: Path,
    limits: Limits,
    protections: dict[str, str | bool],
    temporary: bool = False,
) -> ProcessPool:
    pool = ProcessPool(
        max_workers=workers,
        initializer=_start,
        initargs=(course, limits, protections, temporary),
        context=get_context("spawn"),
    )
    try:
        with interrupts_held():
            assert pool.active  # starts it
    except BaseException:
        _end(pool)
        raise
    return pool


@contextmanager
def nothing_imported_from_here() -> Iterator[None]:
    """Keep the working folder off the import path of processes started meanwhile: it may hold the submissions.

    multiprocessing starts Python with ``-c``, which looks for modules in the working folder first: a student's
    ``pickle.py`` would be the first thing that a worker runs.
    """
    before, path = os.environ.get("PYTHONSAFEPATH"), list(sys.path)
    here, own = Path.cwd(), Path(__file__).resolve().parents[1]
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.path[:] = [entry for entry in path if own == here or Path(entry).resolve() != here]
    try:
        yield
    finally:
        sys.path[:] = path
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Start processes that leave Ctrl-C to this one from their first instruction on, and be not interrupted in it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # would let the signal through when it starts
    noted: list[int] = []
    in_main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda number, _: noted.append(number)) if in_main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # what the processes inherit
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if in_main:
            signal.signal(signal.SIGINT, handler or signal.default_int_handler)
    if noted:
        raise KeyboardInterrupt


def _end(pool: ProcessPool) -> None:
    pool.stop()
    with suppress(RuntimeError):
        pool.join(5)


def _batch_error(error: BaseException) -> BatchError:
    if isinstance(error, TimeoutError):
        return BatchError("the grader gave up on it: it took too long to grade", "timeout")
    if isinstance(error, ProcessExpired):
        return BatchError(f"the grader's worker ended while grading it (exit code {error.exitcode})")
    return BatchError(f"the grader failed on it: {type(error).__name__}: {error}")
