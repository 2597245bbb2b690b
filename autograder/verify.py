"""Checks a course: that references, exercises, alternatives and known mistakes get what they should.

It also mutates every reference function: the tests should tell each mutant from the reference, except those that are
listed as equivalent.
"""

from __future__ import annotations

import contextlib
import copy
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import msgspec

from autograder.course import Course, CourseError, Exercise, Topic, load_public_course
from autograder.formulas import broken_formulas
from autograder.grading import Session, first_failure, grade_cells
from autograder.mutation import Equivalent, Mutant, line_key, make_mutants, read_equivalents
from autograder.native import NoCompilerError
from autograder.overrides import override_source
from autograder.pool import NoAnswerError, default_workers, spread
from autograder.release import exercise_files, stale_files
from autograder.results import ExerciseResult, clean_text
from autograder.sandbox.launchers import Launcher, open_launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import Cell
from autograder.submissions import script_cells

__all__ = ["Strength", "TopicReport", "strength_tables", "verify_course"]

_MUTANT_SECONDS = 2.0
"""Time limit of one call of a mutant: far more than a reference takes."""
_TOPIC_SECONDS = 900.0
_REFERENCE_SECONDS = 120.0
"""What a topic's tests may take on its reference. They call it in the worker, too, where no sandbox ends it."""
_MAX_MESSAGE = 500
"""Characters of what one test case says."""


@dataclass
class Strength:
    """What one exercise is tested by, and what its tests find."""

    exercise: str
    cases: int
    mistakes: int
    alternatives: int
    mutants: int = 0
    caught: int = 0
    equivalent: int = 0
    survivors: list[str] = field(default_factory=list)
    """Changed lines that got full points and are not listed."""


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
    strength: list[Strength] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    mutated: bool = True
    """Whether mutants of its references can be made: not in C++."""
    left_out: str = ""
    """Why it could not be verified here, where that is no fault of the course."""

    @property
    def mutants(self) -> tuple[int, int, int]:
        """How many mutants there are, how many were caught, how many are listed as equivalent."""
        return (
            sum(item.mutants for item in self.strength),
            sum(item.caught for item in self.strength),
            sum(item.equivalent for item in self.strength),
        )


class _Grader:
    """Grades sources of one topic in the sandbox, as submissions."""

    def __init__(self, topic: Topic, launcher: Launcher) -> None:
        self.topic, self.launcher = topic, launcher

    def grade(self, source: str) -> tuple[dict[str, ExerciseResult], Session]:
        cells: Sequence[Cell] = script_cells(source.encode(), f"{self.topic.name}.py")
        results, session = grade_cells(self.topic, cells, self.launcher)
        return {result.name: result for result in results}, session

    def why(self, source: str, only: str = "") -> list[str]:
        """Why ``source`` loses points: what each test case raised, and where; nothing is hidden from the author."""
        results, _ = _Grader(self.topic.for_its_author(), self.launcher).grade(source)
        return _lost(results, only)


def _lost(results: dict[str, ExerciseResult], only: str) -> list[str]:
    """The test cases that did not pass, and what they say."""
    return [
        f"`{result.name}`, {test.name}: {clean_text(test.message, _MAX_MESSAGE)}"
        for result in results.values()
        if not only or result.name == only
        for test in result.tests
        if not test.passed
    ]


def _listed(what: str, lines: Iterable[str]) -> str:
    """A breach, and below it what there is to say of it."""
    return "\n    ".join([f"{what}:", *lines])


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
        lost = _Grader(public, launcher).why(topic.source)
    return [_listed("the reference does not pass the public tests alone", lost)] if lost else []


_SLIP = re.compile(r"\b(?:NameError|UnboundLocalError|ImportError|ModuleNotFoundError)\b")
"""What a function raises that was not written to the end, and not one that somebody got wrong."""
_CHECKED = re.compile(r"""^# grader\.check\(["'](?P<exercise>[^"']*)["']\)""", re.MULTILINE)
_TESTS_DIR = re.compile(r"""^# .*otter\.Notebook\(.*tests_dir=["'](?P<folder>[^"']*)["']""", re.MULTILINE)


def _check_notebook(topic: Topic, launcher: Launcher) -> list[str]:
    """Whether the master makes a notebook whose text, checks and pictures work, once the functions are written."""
    breaches = broken_formulas(topic.source)
    names = {exercise.name for exercise in topic.exercises}
    breaches += [
        f"grader.check({found['exercise']!r}): there is no such exercise"
        for found in _CHECKED.finditer(topic.source)
        if found["exercise"] not in names
    ]
    breaches += [
        f"otter.Notebook(tests_dir={found['folder']!r}): students have them in 'tests/{topic.name}'"
        for found in _TESTS_DIR.finditer(topic.source)
        if found["folder"].rstrip("/") != f"tests/{topic.name}"
    ]
    notebook = jupytext.reads(topic.source, fmt="py:percent")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    session = Session(launcher, [Cell("the cell", cell.source) for cell in code])
    try:
        session.start()
    finally:
        session.close()
    for index, failure in sorted(session.failures.items()):
        if "active-ipynb" not in code[index].metadata.get("tags", ()):
            continue  # the submission has it, too
        first = next((line for line in code[index].source.splitlines() if line.strip()), "")
        breaches.append(f"with the reference, the notebook's cell `{first}` … raises {failure}")
    return breaches + [text for _, text in session.endings]


def _check_topic(topic: Topic, grader: _Grader, stub: str, public: Mapping[str, bytes]) -> TopicReport:
    report = TopicReport(topic.name, len(topic.exercises), topic.possible, mutated=topic.native is None)
    results, session = grader.grade(topic.source)
    report.reference = sum(result.score for result in results.values())
    if report.reference != topic.possible or session.failures or session.endings or session.hidden_endings:
        trouble = [
            *grader.why(topic.source),
            *map(str, session.failures.values()),
            *(text for _, text in session.endings + session.hidden_endings),
        ]
        report.breaches.append(_listed("the reference loses points", trouble))
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
    if topic.native is None:
        report.breaches += _check_notebook(topic, grader.launcher)
    right = 0
    for alternative in topic.alternatives:
        source = topic.source + "\n\n# %%\n" + override_source(topic, alternative)
        results, _ = grader.grade(source)
        result = results[alternative.exercise]
        right += result.score == result.possible
        if result.score != result.possible:
            lost = grader.why(source, alternative.exercise)
            report.breaches.append(_listed(f"the alternative `{alternative.id}` loses points", lost))
    report.alternatives = right, len(topic.alternatives)
    for mistake in topic.mistakes:
        report.mistakes += 1
        source = topic.source + "\n\n# %%\n" + override_source(topic, mistake)
        results, _ = grader.grade(source)
        result = results[mistake.exercise]
        report.caught += result.score < result.possible
        shown = [test.message for test in result.tests if not test.hidden]
        if not result.score and shown and all(_SLIP.search(message) for message in shown):
            lost = grader.why(source, mistake.exercise)
            if all(_SLIP.search(line) for line in lost):
                what = f"the mistake `{mistake.id}` of `{mistake.exercise}` always raises, as if a name were missing"
                report.breaches.append(_listed(what, lost[:1]))
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
        report.strength.append(_strength(topic, exercise))
    return report


def _strength(topic: Topic, exercise: Exercise) -> Strength:
    return Strength(
        exercise.name,
        cases=len(exercise.tests.test_cases),
        mistakes=sum(item.exercise == exercise.name for item in topic.mistakes),
        alternatives=sum(item.exercise == exercise.name for item in topic.alternatives),
    )


@dataclass(frozen=True)
class _Reference:
    """A task of a worker: to come to an end with the topic's reference. Nothing else would."""

    topic: str


@dataclass(frozen=True)
class _Whole:
    """A task of a worker: all of a topic but its mutants."""

    topic: str
    stub: str
    public: Mapping[str, bytes]


@dataclass(frozen=True)
class _One:
    """A task of a worker: one mutant."""

    topic: str
    mutant: Mutant


@dataclass(frozen=True)
class _Fate:
    """What became of a mutant: the test case that it fails, if any, and whether its process ended there."""

    failed: str = ""
    ended: bool = False


def _work(course: Course, launcher: Launcher, task: _Reference | _Whole | _One) -> TopicReport | _Fate | None:
    topic = course.topics[task.topic]
    if isinstance(task, _Reference):
        with contextlib.suppress(NoCompilerError):  # told by the next task
            grade_cells(topic, script_cells(topic.source.encode(), f"{topic.name}.py"), launcher)
        return None
    if isinstance(task, _Whole):
        try:
            return _check_topic(topic, _Grader(topic, launcher), task.stub, task.public)
        except NoCompilerError as error:
            return TopicReport(topic.name, len(topic.exercises), topic.possible, left_out=str(error))
    short = copy.copy(launcher)
    short.limits = msgspec.structs.replace(launcher.limits, call_seconds=_MUTANT_SECONDS)
    source = f"{topic.source}\n\n# %%\n{task.mutant.source}\n"
    cells = script_cells(source.encode(), f"{topic.name}.py")
    failed, session = first_failure(topic, task.mutant.exercise, cells, short)
    return _Fate(failed.name if failed is not None else "", bool(session.endings))


def _judge_mutants(
    report: TopicReport, fates: Iterable[tuple[Mutant, _Fate]], listed: Sequence[Equivalent]
) -> None:
    """Enter the mutants of a topic into its report."""
    strength = {item.exercise: item for item in report.strength}
    equivalent = {(item.exercise, line_key(item.line)): item for item in listed}
    seen: dict[tuple[str, str], list[_Fate]] = defaultdict(list)
    for mutant, fate in fates:
        place = mutant.exercise, line_key(mutant.line)
        seen[place].append(fate)
        item = strength[mutant.exercise]
        item.mutants += 1
        item.caught += bool(fate.failed)
        item.equivalent += not fate.failed and place in equivalent
        if not fate.failed and place not in equivalent:
            item.survivors.append(mutant.line)
            report.breaches.append(f"a mutant of `{mutant.exercise}` gets full points: {mutant.line}")
    for place, entry in equivalent.items():
        what = f"of `{entry.exercise}` is listed as equivalent, but"
        if place not in seen:
            report.breaches.append(f"a mutant {what} there is none like it: {entry.line}")
        elif all(fate.failed and not fate.ended for fate in seen[place]):
            report.breaches.append(f"a mutant {what} fails `{seen[place][0].failed}`: {entry.line}")


def verify_course(
    course: Course,
    topics: Sequence[str] = (),
    *,
    mutants: bool = True,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[TopicReport]:
    """Check every topic, or the named ones.

    For each: the reference gets full points and the untouched exercise none, alternatives get full points, every known
    mistake loses points and is named, every mutant of the reference loses points or is listed as equivalent, and
    ``exercises/`` is what ``release`` would write.

    Args:
        course: must have solutions.
        topics: names; empty means all.
        mutants: whether to try them, too.
        workers: how many processes; by default one a processor.
        progress: called with how many tasks are done, and of how many.

    Raises:
        CourseError: the course cannot be read, or the tests of a topic run for ever on its reference.
        SandboxError: there is no safe place to run submissions, or a worker was lost.
    """
    chosen = [topic for name, topic in course.topics.items() if not topics or name in topics]
    files = exercise_files(course)
    wholes = [
        _Whole(
            topic.name,
            files[f"{topic.name}{'.cpp' if topic.native else '.py'}"].decode(),
            {path: data for path, data in files.items() if path.startswith(_beside(topic.name))},
        )
        for topic in chosen
    ]
    listed = {topic.name: read_equivalents(course.path, topic) for topic in chosen}
    ones = [
        _One(topic.name, mutant)
        for topic in chosen
        for exercise in topic.exercises
        if mutants and topic.native is None
        for mutant in make_mutants(topic, exercise.name)
    ]
    stale = stale_files(course.path / "exercises", files)
    with open_launcher([], Limits(), allow_weaker=True) as launcher:
        tier = launcher.tier
    reports: dict[str, TopicReport] = {}
    fates: dict[str, dict[Mutant, _Fate]] = defaultdict(dict)
    tasks: list[_Reference | _Whole | _One] = [*(_Reference(topic.name) for topic in chosen), *wholes, *ones]
    answers = spread(
        course,
        _work,
        tasks,
        limits=Limits(),
        workers=min(workers or default_workers(), len(tasks)),
        tier=tier,
        seconds=lambda task: _REFERENCE_SECONDS if isinstance(task, _Reference) else _TOPIC_SECONDS,
    )
    try:
        for done, (task, answer) in enumerate(answers, 1):
            if isinstance(answer, TopicReport):
                reports[task.topic] = answer
            elif isinstance(task, _One) and answer is not None:
                fates[task.topic][task.mutant] = answer
            progress(done, len(tasks))
    except NoAnswerError as error:
        raise CourseError(
            f"{error.task.topic}: its tests have not come to an end on the reference within {error.seconds:g} s; "
            "does a function of the master, or a test, run for ever?"
        ) from None
    for topic in chosen:
        report = reports[topic.name]
        if mutants:
            tried = [task.mutant for task in ones if task.topic == topic.name]
            _judge_mutants(
                report, [(mutant, fates[topic.name][mutant]) for mutant in tried], listed[topic.name]
            )
        report.breaches += [
            f"exercises/{name} {_staleness(course.path / 'exercises' / name, name in files)}"
            for name in stale
            if name.startswith((f"{topic.name}.", *_beside(topic.name)))
        ]
    known = tuple(prefix for name in course.topics for prefix in (f"{name}.", *_beside(name)))
    for name in stale:
        if not name.startswith(known) and not topics and reports:
            reports[chosen[-1].name].breaches.append(
                f"exercises/{name} belongs to no topic; run `autograder release`"
            )
    return [reports[topic.name] for topic in chosen]


def _beside(topic: str) -> tuple[str, ...]:
    """How the paths begin, below ``exercises/``, of what belongs to a topic beside its own file."""
    return f"tests/{topic}/", f"native/{topic}/", f"{topic}.hpp"


def _staleness(path: Path, wanted: bool) -> str:
    """What is wrong with a file that is not as ``release`` would leave it, and the mend."""
    if not wanted:
        return "belongs to no exercise; run `autograder release`, which removes it"
    if not path.exists():
        return "is missing; run `autograder release`, which writes it"
    return "is not what its master makes; run `autograder release`"


def strength_tables(reports: Iterable[TopicReport]) -> str:
    """The strength of the tests as Markdown: a table a topic."""
    heads = ("exercise", "test cases", "known mistakes", "alternatives", "mutants", "caught", "equivalent")
    parts = []
    for report in reports:
        rows = [
            (
                f"`{item.exercise}`",
                *map(
                    str,
                    (
                        item.cases,
                        item.mistakes,
                        item.alternatives,
                        *(
                            (item.mutants, item.caught, item.equivalent)
                            if report.mutated
                            else ("none in C++", "–", "–")
                        ),
                    ),
                ),
            )
            for item in report.strength
        ]
        table = [heads, ("---", *("---:",) * (len(heads) - 1)), *rows]
        parts.append("\n".join([f"## {report.topic}", "", *(f"| {' | '.join(row)} |" for row in table)]))
    return "\n\n".join(parts) + "\n"
