"""Grades any number of submissions on an executor: the local pool, or a Dask cluster.

An executor takes batches of submissions and gives futures of their results, as executors of ``concurrent.futures`` do
of calls. What goes wrong with workers is dealt with here, for all executors alike: a batch that came to nothing is
tried again, submission by submission, and one that takes its worker with it time and again costs itself only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from types import TracebackType

import msgspec

from autograder.course import Topic
from autograder.grading import not_graded
from autograder.results import Result, Status
from autograder.submissions import Submission

__all__ = [
    "MAX_BATCH",
    "BatchError",
    "BatchExecutor",
    "ExecutorError",
    "decode_results",
    "encode_results",
    "grade_with",
]

MAX_BATCH = 32
"""Most submissions that travel together."""

_MAX_BATCH_BYTES = 4 << 20
_TURNS = 4
"""So many batches of one size are left for each worker, at least."""


class BatchError(Exception):
    """A batch came to nothing; nothing is known of which of its submissions did that."""

    def __init__(self, reason: str, status: Status = "crashed") -> None:
        super().__init__(reason)
        self.status: Status = status


class ExecutorError(Exception):
    """The executor cannot go on; the message says why."""


class BatchExecutor(ABC):
    """Grades batches of submissions somewhere.

    Attributes:
        workers: how many submissions are graded at the same time, so far.
        largest: most submissions of a batch.
        ahead: batches handed over for each worker, so that none waits for the next.
        tries: how often a submission is tried that the grader fails on.
        protections: what holds where submissions run.
    """

    workers: int
    protections: dict[str, str | bool]
    largest: int
    ahead = 3
    tries = 3

    @abstractmethod
    def submit(self, batch: Sequence[Submission]) -> Future[bytes]:
        """Grade submissions that have been read; the future gives ``encode_results`` of their results, in their order.

        It raises ``BrokenExecutor`` when the batch was lost by no fault of its own, ``BatchError`` when something else
        became of it.
        """

    @abstractmethod
    def check(self) -> None:
        """Look after itself; called about once a second.

        Raises:
            ExecutorError: there is no hope.
        """

    def news(self) -> list[str]:
        """What the instructor should know, and has not been told yet."""
        return []

    @abstractmethod
    def shutdown(self) -> None:
        """End all processes, with what they have in hand."""

    def __enter__(self) -> BatchExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()


@dataclass(frozen=True)
class _Batch:
    submissions: Sequence[Submission]
    tries: int = 0


def encode_results(results: Sequence[Result]) -> bytes:
    return msgspec.msgpack.encode(results)


def decode_results(data: bytes, batch: Sequence[Submission]) -> list[Result]:
    """The results of a batch, checked: plain data of the right form, one for each submission.

    Raises:
        BatchError: they are not.
    """
    try:
        results = msgspec.msgpack.decode(data, type=list[Result])
    except msgspec.MsgspecError as error:
        raise BatchError(f"a worker gave something that is no result: {error}") from None
    if [result.submission for result in results] != [submission.name for submission in batch]:
        raise BatchError("a worker gave the results of something else")
    return results


def _batches(
    executor: BatchExecutor, submissions: Iterable[Submission], count: int | None
) -> Iterator[_Batch]:
    """Batches as large as the executor likes, or smaller where submissions are large or few are left.

    Those that are left are dealt out so that each worker can take several more turns: nobody waits long for the last.
    """
    batch: list[Submission] = []
    size, wanted = 0, 1
    for taken, submission in enumerate(submissions):
        more = len(submission.data or b"")
        if batch and (len(batch) == wanted or size + more > _MAX_BATCH_BYTES):
            yield _Batch(batch)
            batch, size = [], 0
        if not batch:
            left = (
                executor.largest if count is None else (count - taken) // (_TURNS * max(executor.workers, 1))
            )
            wanted = max(1, min(left, executor.largest))
        batch.append(submission)
        size += more
    if batch:
        yield _Batch(batch)


def grade_with(
    executor: BatchExecutor,
    submissions: Iterable[Submission],
    topics: Mapping[str, Topic],
    *,
    count: int | None = None,
) -> Iterator[list[tuple[Submission, Result]]]:
    """Grade submissions and give their results as they come, in no order: those that are there at the same moment.

    Submissions are taken from the iterable as workers get free, so that a class of any size takes little memory.

    Args:
        executor: where they are graded.
        submissions: what a ``Reader`` has read.
        topics: of the course, by name.
        count: how many submissions there are, if that is known: towards the end they travel in smaller batches.

    Raises:
        ExecutorError: the executor cannot go on.
    """
    new = _batches(executor, submissions, count)
    again: deque[_Batch] = deque()
    running: dict[Future[bytes], _Batch] = {}
    while True:
        room = executor.ahead * max(executor.workers, 1) - len(running)
        while room > 0 and (item := again.popleft() if again else next(new, None)) is not None:
            running[executor.submit(item.submissions)] = item
            room -= 1
        if not running:
            return
        done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        found: list[tuple[Submission, Result]] = []
        for future in done:
            item = running.pop(future)
            try:
                results = decode_results(future.result(), item.submissions)
            except BrokenExecutor:
                again.append(item)
                continue
            except BatchError as error:
                if len(item.submissions) > 1:  # one of them, and nobody knows which
                    again.extend(_Batch([submission], item.tries + 1) for submission in item.submissions)
                    continue
                results = [not_graded(item.submissions[0], None, error.status, str(error))]
            for submission, result in zip(item.submissions, results, strict=True):
                if result.is_certain:
                    found.append((submission, result))
                elif result.status == "crashed" and item.tries + 1 < executor.tries:
                    again.append(_Batch([submission], item.tries + 1))
                else:  # a grader that hung once is not tried again
                    topic = topics.get(submission.topic)
                    found.append((submission, not_graded(submission, topic, result.status, result.error)))
        if found:
            yield found
        executor.check()
