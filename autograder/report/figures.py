"""What a class did: scores, exercises, mistakes, what was not graded. Plain figures, no HTML."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.results import ExerciseResult, Result

__all__ = [
    "ClassFigures",
    "ExerciseFigures",
    "MistakeFigures",
    "exercises_of",
    "failed_cases",
    "figures_of",
    "is_untouched",
    "mistakes_of",
    "percent_of",
]

_FEW = 8
"""With fewer submissions than this, a correlation says nothing."""


@dataclass(frozen=True)
class ClassFigures:
    """The class in a few numbers; percentages are of submissions that could be run."""

    submissions: int
    students: int
    run: int
    mean: float | None
    median: float | None
    full: int
    statuses: dict[str, int]


@dataclass(frozen=True)
class ExerciseFigures:
    """One exercise as an item of a test.

    Attributes:
        count: submissions that could be run.
        full: how many of them got all its points.
        untouched: how many left it as it was handed out.
        facility: the mean share of its points, 0 (nobody) to 1 (everybody).
        discrimination: the point-biserial correlation of solving it (all its points or not) with the share of points
            in the rest of the topic; None where that says nothing.
        remark: what an author should look at, or empty.
        hardest: the test case that most of those who began fail, or empty; ``hardest_count`` of them do.
    """

    topic: str
    name: str
    count: int
    full: int
    untouched: int
    facility: float
    discrimination: float | None
    remark: str
    hardest: str = ""
    hardest_count: int = 0

    @property
    def pass_rate(self) -> float:
        return self.full / self.count if self.count else 0.0


@dataclass(frozen=True)
class MistakeFigures:
    """A known mistake, and in how many submissions it was named. ``follows`` are exercises that suffer from it."""

    topic: str
    exercise: str
    id: str
    hint: str
    count: int
    share: float
    follows: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.topic}/{self.id}"


def percent_of(result: Result) -> float:
    """The share of the points that count, in percent: after a person's adjustment where there is one."""
    if result.adjustment is None or result.final is None or not result.possible:
        return result.percent
    return round(100 * result.final / result.possible, 2)


def figures_of(results: Sequence[Result]) -> ClassFigures:
    run = [result for result in results if result.was_run]
    percents = [percent_of(result) for result in run]
    statuses: dict[str, int] = {}
    for result in results:
        statuses[result.status] = statuses.get(result.status, 0) + 1
    return ClassFigures(
        submissions=len(results),
        students=len({result.student for result in results}),
        run=len(run),
        mean=statistics.fmean(percents) if percents else None,
        median=statistics.median(percents) if percents else None,
        full=sum(percent >= 100 for percent in percents),
        statuses=statuses,
    )


def _discrimination(solved: Sequence[bool], rest: Sequence[float]) -> float | None:
    if len(solved) < _FEW or len(set(solved)) < 2 or len(set(rest)) < 2:
        return None
    return float(np.corrcoef(np.array(solved, dtype=float), np.array(rest))[0, 1])


def _remark(facility: float, discrimination: float | None, count: int) -> str:
    if count < _FEW:
        return ""
    if discrimination is not None and discrimination < 0:
        return "who does well elsewhere fails here: is the question right?"
    if facility < 0.3:
        return "hardly anybody solves it"
    if facility > 0.95:
        return "nearly everybody solves it"
    if discrimination is not None and discrimination < 0.15:
        return "does not tell who understood the topic"
    return ""


def is_untouched(exercise: ExerciseResult) -> bool:
    """Whether it was left as it was handed out."""
    tests = [test for test in exercise.tests if not test.hidden] or exercise.tests
    return bool(tests) and all(test.message.startswith("NotImplementedError") for test in tests)


def failed_cases(result: Result) -> Iterator[tuple[str, str, str]]:
    """The test cases that a submission fails, each with its topic and exercise; none of an exercise not begun."""
    for exercise in result.exercises:
        if not is_untouched(exercise):
            for test in exercise.tests:
                if not test.passed:
                    yield result.topic, exercise.name, test.name


def exercises_of(
    results: Sequence[Result], failed: Mapping[tuple[str, str, str], int] | None = None
) -> list[ExerciseFigures]:
    """Item analysis of every exercise, topic by topic, in the order of the exercises.

    Args:
        results: an outline of each is enough.
        failed: how many fail each of :func:`failed_cases`; counted in ``results`` where it is not given.
    """
    if failed is None:
        failed = Counter(case for result in results for case in failed_cases(result))
    hardest: dict[tuple[str, str], tuple[str, int]] = {}
    for (topic, name, case), count in failed.items():
        if count > hardest.get((topic, name), ("", 0))[1]:
            hardest[topic, name] = case, count
    by_topic: dict[str, list[Result]] = {}
    for result in results:
        if result.was_run and result.topic:
            by_topic.setdefault(result.topic, []).append(result)
    figures = []
    for topic, group in sorted(by_topic.items()):
        for name in dict.fromkeys(exercise.name for result in group for exercise in result.exercises):
            solved: list[bool] = []
            shares: list[float] = []
            rest: list[float] = []
            untouched = 0
            for result in group:
                for exercise in result.exercises:
                    if exercise.name == name and exercise.possible > 0:
                        solved.append(exercise.score >= exercise.possible - 1e-9)
                        shares.append(exercise.score / exercise.possible)
                        others = result.possible - exercise.possible
                        rest.append((result.total - exercise.score) / others if others > 0 else 0.0)
                        untouched += is_untouched(exercise)
            if not solved:
                continue
            facility = statistics.fmean(shares)
            discrimination = _discrimination(solved, rest)
            case, fail = hardest.get((topic, name), ("", 0))
            figures.append(
                ExerciseFigures(
                    topic=topic,
                    name=name,
                    count=len(solved),
                    full=sum(solved),
                    untouched=untouched,
                    facility=facility,
                    discrimination=discrimination,
                    remark=_remark(facility, discrimination, len(solved)),
                    hardest=case,
                    hardest_count=fail,
                )
            )
    return figures


def mistakes_of(results: Sequence[Result]) -> list[MistakeFigures]:
    """Named mistakes, those that most submissions make first."""
    made: dict[tuple[str, str], set[int]] = {}
    where: dict[tuple[str, str], dict[str, str]] = {}
    run: dict[str, int] = {}
    for number, result in enumerate(results):
        if result.was_run:
            run[result.topic] = run.get(result.topic, 0) + 1
        for exercise in result.exercises:
            if exercise.mistake is not None:
                key = result.topic, exercise.mistake.id
                made.setdefault(key, set()).add(number)
                where.setdefault(key, {}).setdefault(exercise.name, exercise.mistake.hint)
    figures = []
    for (topic, id_), submissions in made.items():
        # Where a mistake follows from another function's, the hint says so in front.
        first, hint = min(where[topic, id_].items(), key=lambda item: len(item[1]))
        figures.append(
            MistakeFigures(
                topic=topic,
                exercise=first,
                id=id_,
                hint=hint,
                count=len(submissions),
                share=len(submissions) / max(run.get(topic, 0), 1),
                follows=tuple(name for name in where[topic, id_] if name != first),
            )
        )
    return sorted(figures, key=lambda item: (-item.count, -item.share, item.key))
