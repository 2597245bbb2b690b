"""One run over a class: what is graded already is kept, the rest is graded, and each result is stored as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from autograder.course import Course
from autograder.executors import BatchExecutor, grade_with
from autograder.identity import conditions_of, content_digest
from autograder.results import Result
from autograder.sandbox.limits import Limits
from autograder.store import Graded, Store
from autograder.submissions import Reader, Submission

__all__ = ["GradingRun"]

_LOOKED_UP_AT_ONCE = 500


class GradingRun:
    """Grades submissions into a store.

    Args:
        store: holds what earlier runs graded.
        course: with its solutions.
        submissions: what ``find_submissions`` found.
        limits: of each submission.
        tier: of their confinement.
        fresh: grade again what is graded already.

    Attributes:
        id: the run's number in the store.
        kept: how many submissions have been found to be graded already.
    """

    def __init__(
        self,
        store: Store,
        course: Course,
        submissions: Sequence[Submission],
        *,
        limits: Limits,
        tier: str,
        fresh: bool = False,
    ) -> None:
        self._store, self._course = store, course
        self._submissions = _with_names_of_their_own(submissions)
        self._conditions = {
            topic: store.number_of(conditions)
            for topic, conditions in conditions_of(course, limits, tier).items()
        }
        self._waiting: dict[str, tuple[str, int]] = {}  # content and conditions of what is being graded
        self._known = not fresh and store.knows(self._conditions.values())
        self.kept = 0
        self.id = store.begin(len(submissions))

    def grade(self, executor: BatchExecutor) -> Iterator[list[Result]]:
        """Grade what has to be graded; results come when they are stored, some at a time and in no order.

        Raises:
            ExecutorError: the executor cannot go on.
            StoreError: the store cannot be written.
        """
        to_grade = self._submissions
        if self._known:
            to_grade = []
            for found in self._look_up():
                to_grade += found
                yield []
        with Reader() as reader:
            submissions = map(self._note, map(reader.read, to_grade))
            for graded in grade_with(executor, submissions, self._course.topics, count=len(to_grade)):
                self._store.add(
                    self.id,
                    [Graded(result, *self._waiting.pop(submission.name)) for submission, result in graded],
                )
                yield [result for _, result in graded]
        self._store.finish(self.id)

    def _key(self, submission: Submission) -> tuple[str, int]:
        return content_digest(submission), self._conditions[submission.topic]

    def _note(self, submission: Submission) -> Submission:
        self._waiting[submission.name] = self._key(submission)
        return submission

    def _look_up(self) -> Iterator[list[Submission]]:
        """List what is graded already as this run's, and give the rest, some at a time.

        All of the class is looked at before any of it is graded, so that a run that ends early still has every grade
        that there is. What is to be graded is read a second time then: its bytes are not kept.
        """
        with Reader() as reader:
            for start in range(0, len(self._submissions), _LOOKED_UP_AT_ONCE):
                to_grade, kept = [], []
                for submission in self._submissions[start : start + _LOOKED_UP_AT_ONCE]:
                    read = reader.read(submission)
                    number = self._store.find(read.name, *self._key(read))
                    if number is None:
                        to_grade.append(submission)
                    else:
                        kept.append((submission.name, number))
                self._store.keep(self.id, kept)
                self.kept += len(kept)
                yield to_grade


def _with_names_of_their_own(submissions: Sequence[Submission]) -> list[Submission]:
    """The same by name; of two with the same one, as files in an archive can have, the second gets a number."""
    ordered = sorted(submissions, key=lambda submission: submission.name)
    return [
        submission if number == 1 else replace(submission, name=f"{name} ({number})")
        for name, group in groupby(ordered, key=lambda submission: submission.name)
        for number, submission in enumerate(group, 1)
    ]
