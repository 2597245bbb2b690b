"""Checks a course: that references, exercises, alternatives and known mistakes get what they should."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course, CourseError, Topic, load_public_course
from autograder.grading import Session, grade_cells
from autograder.overrides import override_source
from autograder.release import exercise_files, stale_files
from autograder.results import ExerciseResult
from autograder.sandbox.launchers import Launcher, open_launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import Cell
from autograder.submissions import script_cells

__all__ = ["TopicReport", "verify_course"]


@dataclass
class TopicReport:
    """What was found in one topic. No breaches means that it holds."""

    topic: str
    exercises: int
    possible: float
    reference: float = 0
    untouched: float = 0
    alternatives: tuple[int, int] = (0, 0)
    mistakes: int = 0
    caught: int = 0
    named: int = 0
    breaches: list[str] = field(default_factory=list)


class _Grader:
    """Grades sources of one topic in the sandbox, as submissions."""

    def __init__(self, topic: Topic, launcher: Launcher) -> None:
        self.topic, self.launcher = topic, launcher

    def grade(self, source: str) -> tuple[dict[str, ExerciseResult], Session]:
        cells: Sequence[Cell] = script_cells(source.encode(), f"{self.topic.name}.py")
        results, session = grade_cells(self.topic, cells, self.launcher)
        return {result.name: result for result in results}, session


def _lost(results: dict[str, ExerciseResult], only: str = "") -> str:
    """The test cases that did not pass."""
    return "; ".join(
        f"`{result.name}`: {test.name} ({test.message})" if test.message else f"`{result.name}`: {test.name}"
        for result in results.values()
        if not only or result.name == only
        for test in result.tests
        if not test.passed
    )


def _check_public(topic: Topic, launcher: Launcher, files: Mapping[str, bytes]) -> list[str]:
    """Whether the tests that students get hold for the reference, without the parts that were cut."""
    with tempfile.TemporaryDirectory() as name:
        for path, data in files.items():
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_bytes(data)
        try:
            public = load_public_course(Path(name)).topics[topic.name]
        except CourseError as error:
            return [f"the public tests cannot be read: {error}"]
        results, _ = _Grader(public, launcher).grade(topic.source)
    lost = _lost(results)
    return [f"the reference does not pass the public tests alone: {lost}"] if lost else []


def _check_topic(topic: Topic, grader: _Grader, stub: str, public: Mapping[str, bytes]) -> TopicReport:
    report = TopicReport(topic.name, len(topic.exercises), topic.possible)
    results, session = grader.grade(topic.source)
    report.reference = sum(result.score for result in results.values())
    if report.reference != topic.possible or session.failures or session.endings:
        trouble = [
            _lost(results),
            *map(str, session.failures.values()),
            *(text for _, text in session.endings),
        ]
        report.breaches.append(f"the reference loses points: {'; '.join(filter(None, trouble))}")
    results, _ = grader.grade(stub)
    report.untouched = sum(result.score for result in results.values())
    if report.untouched:
        passed = [
            f"`{result.name}`: {test.name}"
            for result in results.values()
            for test in result.tests
            if test.passed
        ]
        report.breaches.append(f"the untouched exercise gets points: {'; '.join(passed)}")
    report.breaches += _check_public(topic, grader.launcher, public)
    right = 0
    for alternative in topic.alternatives:
        results, _ = grader.grade(topic.source + "\n\n# %%\n" + override_source(topic, alternative))
        result = results[alternative.exercise]
        right += result.score == result.possible
        if result.score != result.possible:
            lost = _lost(results, alternative.exercise)
            report.breaches.append(f"the alternative `{alternative.id}` loses points: {lost}")
    report.alternatives = right, len(topic.alternatives)
    for mistake in topic.mistakes:
        report.mistakes += 1
        results, _ = grader.grade(topic.source + "\n\n# %%\n" + override_source(topic, mistake))
        result = results[mistake.exercise]
        report.caught += result.score < result.possible
        if result.score == result.possible:
            report.breaches.append(f"the mistake `{mistake.id}` of `{mistake.exercise}` gets full points")
        elif result.mistake is None:
            report.breaches.append(
                f"the mistake `{mistake.id}` of `{mistake.exercise}` loses points, but is not named"
            )
        elif result.mistake.id != mistake.id:
            other = result.mistake.id
            report.breaches.append(f"the mistake `{mistake.id}` of `{mistake.exercise}` is named `{other}`")
        else:
            report.named += 1
    for exercise in topic.exercises:
        if not any(mistake.exercise == exercise.name for mistake in topic.mistakes):
            report.breaches.append(f"`{exercise.name}` has no known mistake")
        if all(case.hidden for case in exercise.tests.test_cases):
            report.breaches.append(f"`{exercise.name}` has no public test case")
    return report


def verify_course(
    course: Course, topics: Sequence[str] = (), done: Callable[[TopicReport], None] = lambda report: None
) -> list[TopicReport]:
    """Check every topic, or the named ones.

    For each: the reference gets full points and the untouched exercise none, alternatives get full points, every known
    mistake loses points and is named, and ``exercises/`` is what ``release`` would write.

    Args:
        course: must have solutions.
        topics: names; empty means all.
        done: called with each report as it comes.
    """
    files = exercise_files(course)
    stale = stale_files(course.path / "exercises", files)
    reports = []
    with open_launcher(course.preload, Limits(), allow_weaker=True) as launcher:
        for topic in course.topics.values():
            if topics and topic.name not in topics:
                continue
            stub = files[f"{topic.name}.py"].decode()
            public = {path: data for path, data in files.items() if path.startswith(f"tests/{topic.name}/")}
            report = _check_topic(topic, _Grader(topic, launcher), stub, public)
            for name in stale:
                if name.startswith((f"{topic.name}.", f"tests/{topic.name}/")):
                    report.breaches.append(f"exercises/{name} is stale; run `autograder release`")
            reports.append(report)
            done(report)
    known = tuple(prefix for name in course.topics for prefix in (f"{name}.", f"tests/{name}/"))
    for name in stale:
        if not name.startswith(known) and not topics and reports:
            reports[-1].breaches.append(f"exercises/{name} belongs to no topic; run `autograder release`")
    return reports
