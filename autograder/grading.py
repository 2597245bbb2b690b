"""Grades one submission: its cells and functions in a sandbox, otter's tests here, on stubs of those functions."""

from __future__ import annotations

import contextlib
import copy
import operator
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from otter.test_files.abstract_test import TestCase, TestCaseResult, TestFile

from autograder.course import Exercise, Topic
from autograder.diagnosis import diagnose, diagnose_consequence
from autograder.drawn import MAX_PNG_BYTES, as_png
from autograder.native import NoCompilerError, baseline_cell, library_cell, memory_errors
from autograder.pictures import without_pictures
from autograder.results import (
    ExerciseResult,
    Mistake,
    NotebookCell,
    NotebookPicture,
    Result,
    Status,
    TestResult,
    clean_text,
)
from autograder.sandbox.client import ProcessEnded, Sandbox, StudentError, not_plain, restore
from autograder.sandbox.launchers import Launcher, SandboxError
from autograder.sandbox.protocol import Cell, Failure
from autograder.shown import parameters_in, show_call, show_comparison
from autograder.submissions import Submission, UnreadableError, read_cells
from autograder.transcript import Asked, Call, Outcome, copy_arguments

__all__ = ["Session", "first_failure", "grade_cells", "grade_submission", "not_graded", "run_tests"]

_MAX_RESTARTS = 40
_MAX_TIMEOUTS_AN_EXERCISE = 2
_MAX_DIAGNOSIS_SECONDS = 20.0
_MAX_KEPT_BYTES = 64 << 20
"""Answers to keep for the diagnosis; a submission that gives more is graded, but its mistakes are not named."""
_MAX_PRINTED, _MAX_PRINTED_BY_CELL = 20_000, 4_000
_MAX_SHOWN_CODE, _MAX_SHOWN_CELL, _MAX_SHOWN_CELLS = 64_000, 16_000, 200
"""Bounds on what a result keeps of a notebook, in characters and cells."""
_MAX_SHOWN_SECONDS = 5.0
_MAX_SHOWN_BYTES = 96_000
"""Bound on what a result shows of the public cases that failed."""
_HIDDEN_MESSAGE = "A hidden test of this exercise does not pass."
_PUBLIC_FIRST = "All public tests of this exercise end in an error, see there: that comes first."
_HIDDEN_ENDING = "in a hidden test it took too long, or ended its process"
"""What students are told, however it ended: that was for the submission to choose, and it knew the question."""


class Session:
    """The processes that one submission runs in: one, and after each that ends by itself or by a limit, another."""

    tools: Mapping[str, Callable[..., Any]] = {}
    """What tests may ask for beside the submission's functions."""
    broken: SandboxError | None = None
    """What kept a tool from working."""
    flood = hidden_flood = ""
    """What printed more than is kept, as far as students are told, and since."""
    hidden = False
    """Whether a hidden question may have been asked: what happens from then on, students are not told."""

    def __init__(self, launcher: Launcher, cells: Sequence[Cell]) -> None:
        self.launcher = launcher
        self.cells = list(cells)
        self.deadline = time.monotonic() + launcher.limits.total_seconds
        self.failures: dict[int, Failure] = {}
        self.endings: list[tuple[str, str]] = []  # (reason, what happened)
        self.hidden_endings: list[
            tuple[str, str]
        ] = []  # the same, since a hidden question may have been asked
        self.restarts = 0
        self.received = 0  # bytes of all answers
        self.printed: dict[int, str] | None = None  # by the cells, in the first process that ran them all
        self.pictures: dict[int, list[NotebookPicture]] = {}  # what they drew there
        self.ended_cells: dict[int, str] = {}  # cells that ended their process before that, and how
        self.left_out: set[int] = set()  # all cells that ended their process
        self._changes: list[tuple[Any, Any]] = []  # arguments changed in place, and what they held before
        self._sandbox: Sandbox | None = None

    @property
    def status(self) -> Status:
        reasons = {reason for reason, _ in self.endings + self.hidden_endings}
        return "timeout" if "timeout" in reasons else "crashed" if reasons else "graded"

    def start(self) -> None:
        """Run the cells; one that ends the process is left out of the next try, so that the others still count."""
        while self._sandbox is None:
            self._spend_restart()
            sandbox = Sandbox(self.launcher)
            todo = [index for index in range(len(self.cells)) if index not in self.left_out]
            try:
                cells = [self.cells[index] for index in todo]
                if self.printed is not None:  # what they show is known
                    cells = [msgspec.structs.replace(cell, shows=False) for cell in cells]
                outcomes = sandbox.run(cells, self.deadline)
                self._sandbox = sandbox
                if self.printed is None:  # read now: later, the submission has been asked hidden questions
                    self.failures = {
                        index: failure
                        for index, failure in zip(todo, outcomes, strict=True)
                        if failure is not None
                    }
                    self.printed = _outputs(sandbox, todo)
                    self._note_flood(sandbox, "by the cells")
                    self.pictures = _pictures(sandbox, todo)
            except ProcessEnded as error:
                sandbox.close()
                if not todo:
                    raise
                index = todo[min(len(error.done), len(todo) - 1)]
                self.left_out.add(index)
                if not self.hidden:
                    self.ended_cells[index] = f"{error}"
                self._note(error, f"{self.cells[index].name}{self._line(index)}")
            except BaseException:
                sandbox.close()
                raise

    def _line(self, index: int) -> str:
        source = self.cells[index].source
        blank = len(source) - len(source.lstrip("\n"))
        return f" from line {blank + 1}" if blank else ""

    def _spend_restart(self) -> None:
        if self.restarts > _MAX_RESTARTS or time.monotonic() > self.deadline:
            limit = self.launcher.limits.total_seconds
            late = time.monotonic() > self.deadline
            what = f"the submission took longer than {limit:g} s" if late else "its process ended too often"
            raise ProcessEnded("timeout" if late else "crashed", f"not run: {what}")
        self.restarts += 1

    def _note(self, error: ProcessEnded, place: str) -> None:
        noted = self.hidden_endings if self.hidden else self.endings
        noted.append((error.reason, f"{place} {error}"))

    def _note_flood(self, sandbox: Sandbox, place: str) -> None:
        if self.flood or not sandbox.flooded:
            return
        limit = self.launcher.limits.output_megabytes
        text = f"more than {limit} MB were printed {place}; a flood of output becomes an error"
        if not self.hidden:
            self.flood = text
        self.hidden_flood = self.hidden_flood or text

    def call(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the submission, in a new process if the last one has ended."""
        self.start()
        sandbox = self._sandbox
        assert sandbox is not None
        try:
            value, _ = sandbox.call(function, args, kwargs, self.deadline)
            return value
        except ProcessEnded as error:
            if self._sandbox is not sandbox:  # it ended in a call that this one's callback made
                raise
            self._note(error, f"`{function}`")
            sandbox.close()
            self._sandbox = None
            raise ProcessEnded(error.reason, f"`{function}` {error}") from None
        finally:
            self._note_flood(sandbox, f"by the end of a call of `{function}`")
            self._changes += sandbox.changes
            self.received += sandbox.received
            sandbox.changes, sandbox.received = [], 0

    def undo_changes(self) -> None:
        """Give arguments back what they held before a call changed them.

        They may be the test file's own, for all its cases and for every submission that this process grades.
        """
        while self._changes:
            restore(*self._changes.pop())

    def output(self) -> str:
        """What the submission printed, from its last process."""
        return self._sandbox.output() if self._sandbox is not None else ""

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None


def _outputs(sandbox: Sandbox, cells: Sequence[int]) -> dict[int, str]:
    """What each cell printed, within bounds."""
    printed: dict[int, str] = {}
    left = _MAX_PRINTED
    for place, index in enumerate(cells):
        if text := sandbox.cell_output(place, min(left, _MAX_PRINTED_BY_CELL)):
            printed[index] = clean_text(text, _MAX_PRINTED_BY_CELL + 100)
            left = max(left - len(text), 0)
    return printed


def _pictures(sandbox: Sandbox, cells: Sequence[int]) -> dict[int, list[NotebookPicture]]:
    """What each cell drew, within bounds."""
    pictures: dict[int, list[NotebookPicture]] = {}
    left = MAX_PNG_BYTES
    for index, drawn in zip(cells, sandbox.pictures, strict=True):
        if drawn:
            pictures[index] = as_png(drawn, left)
            left -= sum(len(picture.png) for picture in pictures[index])
    return pictures


class Stub:
    """A function of the submission, as a test sees it. It has no attribute that leads anywhere."""

    def __init__(self, name: str, recorder: Recorder) -> None:
        self.__name__ = self.__qualname__ = name
        self._recorder = recorder

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._recorder.call(self.__name__, args, kwargs)

    def __deepcopy__(self, memo: object) -> Stub:
        return self  # as of any function; a test may pass one function of the submission to another

    def __repr__(self) -> str:
        return f"<function {self.__name__} of the submission>"


@dataclass
class Recorder:
    """Passes calls on to a session and writes down what was asked and answered."""

    session: Session
    calls: list[Call] = field(default_factory=list)
    ended: ProcessEnded | None = None
    broken: SandboxError | None = None

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        asked = Asked(name, *copy_arguments(args, kwargs))
        try:
            value = self.session.call(name, args, kwargs)
        except ProcessEnded as error:
            self.ended = error
            self.calls.append(Call(asked, Outcome(ended=True)))
            raise
        except SandboxError as error:
            self.broken = error
            raise
        except StudentError as error:
            self._keep(asked, error.kind, None, args, kwargs)
            raise
        self._keep(asked, "", value, args, kwargs)
        return value

    @property
    def ends_in_an_error(self) -> bool:
        return self.ended is not None or bool(self.calls and self.calls[-1].outcome.raised)

    def _keep(
        self, asked: Asked, raised: str, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if self.session.received > _MAX_KEPT_BYTES:
            self.calls.append(Call(asked, Outcome(ended=True)))
            return
        try:
            left, left_named = copy_arguments(args, kwargs)
            (kept,), _ = copy_arguments((value,), {})
        except RecursionError:
            raise not_plain(f"`{asked.function}` gave something that is nested too deep") from None
        self.calls.append(Call(asked, Outcome(value=kept, raised=raised, args=left, kwargs=left_named)))


def _message(
    case: TestCase, passed: bool, text: str, ended: ProcessEnded | None, known: str, flood: str
) -> str:
    """What may be told of a test case: of a hidden one, only what its author wrote for it.

    That speaks of wrong answers. Public cases alone decide whether ``known`` stands in its place, or ``flood`` with it.
    """
    if passed:
        return case.success_message or ""
    if case.hidden:
        wrong = known or case.failure_message or _HIDDEN_MESSAGE
        return f"{wrong}\nOr the output is the reason: {flood}." if flood else wrong
    told = str(ended) if ended is not None else text.removeprefix("❌ Test case failed\n")
    return clean_text("\n".join(part for part in (case.failure_message, told) if part))


_Graded = tuple[ExerciseResult, list[list[Call]], list[Call]]
"""A result, the calls of each case that failed, and all calls of those that passed."""


@dataclass
class _Progress:
    """How far an exercise has been graded; results stand under the place of their case in the test file."""

    exercise: Exercise
    results: dict[int, TestResult] = field(default_factory=dict)
    failed: list[list[Call]] = field(default_factory=list)
    passed: list[Call] = field(default_factory=list)
    timeouts: int = 0
    errors: list[bool] = field(default_factory=list)
    """Of each public case: whether it failed by an error or an end, not by an answer."""
    to_show: dict[int, tuple[list[Call], tuple[Any, Any] | None]] = field(default_factory=dict)
    """Of each public case that failed: its calls, and the two values that the test found to differ."""

    def run(self, index: int, topic: Topic, session: Session) -> None:
        """Run one test case."""
        tests: TestFile = copy.copy(self.exercise.tests)
        case = tests.test_cases[index]
        recorder = Recorder(session)
        passed, text = False, ""
        tests.compared = None
        if self.timeouts >= _MAX_TIMEOUTS_AN_EXERCISE:
            recorder.ended = ProcessEnded(
                "timeout", f"not run: `{self.exercise.name}` ran out of time before"
            )
        else:
            tests.test_cases = [case]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the student's own, unless the test asks for them
                stubs = {item.name: Stub(item.name, recorder) for item in topic.exercises}
                tests.run({**session.tools, **stubs})
            session.undo_changes()
            if broken := recorder.broken or session.broken:  # otter took it for the test's failure
                raise broken
            for outcome in tests.test_case_results:
                passed = bool(outcome.passed) and recorder.ended is None
                text = outcome.message or ""
        self.timeouts += recorder.ended is not None and recorder.ended.reason == "timeout"
        if passed:
            self.passed += recorder.calls
        else:
            self.failed.append(recorder.calls)
            if not case.hidden:
                self.to_show[index] = recorder.calls, tests.compared
        if not case.hidden:
            self.errors.append(not passed and recorder.ends_in_an_error)
        known = _PUBLIC_FIRST if self.errors and all(self.errors) else ""
        message = _message(case, passed, text, recorder.ended, known, session.flood)
        self.results[index] = TestResult(
            name=case.name, hidden=case.hidden, passed=passed, points=case.points, message=message
        )

    def graded(self) -> _Graded:
        """The result, once every case has been run."""
        tests: TestFile = copy.copy(self.exercise.tests)
        results = [self.results[index] for index in range(len(tests.test_cases))]
        tests.test_case_results = [
            TestCaseResult(test_case=case, message=None, passed=result.passed)
            for case, result in zip(tests.test_cases, results, strict=True)
        ]
        result = ExerciseResult(
            name=self.exercise.name, score=tests.score, possible=tests.possible, tests=results, mistake=None
        )
        return result, self.failed, self.passed


def _show_public_failures(topic: Topic, progress: Sequence[_Progress]) -> None:
    """Put into the results what students are shown of public cases that failed.

    To be called before the first hidden case: the reference may call the submission, where that was an argument.
    """
    references: dict[str, Callable[..., Any]] = {}
    parameters: dict[str, list[str]] = {}
    if topic.reference is None:
        parameters = parameters_in(topic.source)
    else:
        references = {item.name: topic.reference_function(item.name) for item in topic.exercises}
    left = _MAX_SHOWN_BYTES
    with (
        contextlib.suppress(_OutOfTime, MemoryError, RecursionError),
        _at_most(_MAX_SHOWN_SECONDS),
        np.errstate(all="ignore"),  # a NaN can be of a kind that a mere conversion warns of
    ):
        for exercise in progress:
            for index, (calls, compared) in exercise.to_show.items():
                result = exercise.results[index]
                shown = (
                    show_call(calls, references, topic.memory.ask)
                    if references
                    else show_comparison(calls, compared, parameters, result.message)
                )
                if shown is None or (left := left - len(msgspec.json.encode(shown))) < 0:
                    continue
                exercise.results[index] = msgspec.structs.replace(result, shown=shown)


def run_tests(topic: Topic, session: Session) -> list[_Graded]:
    """Run all test cases: those that students have before the hidden ones.

    Of a public case, a student sees what the submission gave or raised. By then it must not have been asked a hidden
    question, or it could pass that on.
    """
    progress = [_Progress(exercise) for exercise in topic.exercises]
    for hidden in (False, True):
        for exercise in progress:
            for index, case in enumerate(exercise.exercise.tests.test_cases):
                if bool(case.hidden) is hidden:
                    exercise.run(index, topic, session)
        if not hidden:
            _show_public_failures(topic, progress)
            session.hidden = True
    return [exercise.graded() for exercise in progress]


def _name_mistakes(topic: Topic, graded: Sequence[_Graded]) -> list[ExerciseResult]:
    named: dict[str, Mistake] = {}
    for result, failed, passed in graded:
        if failed and (mistake := diagnose(topic, result.name, failed, passed)):
            named[result.name] = mistake
    direct = dict(named)
    for result, failed, _ in graded:
        if failed and result.name not in named:
            others = {name: mistake for name, mistake in direct.items() if name != result.name}
            if mistake := diagnose_consequence(topic, result.name, failed, others):
                named[result.name] = mistake
    return [msgspec.structs.replace(result, mistake=named.get(result.name)) for result, _, _ in graded]


class _OutOfTime(BaseException):
    """Raised by an alarm; no ``except Exception`` on the way stops it."""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise ``_OutOfTime`` in the block after some time, where the system has alarms."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    left = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
        signal.signal(signal.SIGALRM, before)


def _name_mistakes_within_bounds(topic: Topic, graded: Sequence[_Graded]) -> list[ExerciseResult]:
    """Name mistakes, if that can be done: they are run on values that a submission has made.

    Those can be such that a mistake never ends on them, or takes all memory. The points stand all the same.
    """
    functions = {result.name: topic.reference_function(result.name) for result, _, _ in graded}
    try:
        with _at_most(_MAX_DIAGNOSIS_SECONDS), np.errstate(all="ignore"):
            return _name_mistakes(topic, graded)
    except (_OutOfTime, MemoryError):
        for name, function in functions.items():  # one may have been replaced at that moment
            setattr(topic.reference, name, function)
        return [result for result, _, _ in graded]


def _open_session(
    topic: Topic, cells: Sequence[Cell], launcher: Launcher, stack: contextlib.ExitStack
) -> Session:
    """A session for cells that have been read. Of a topic in C++, the first is a C++ file, and is compiled here.

    Raises:
        NoCompilerError: the topic is in C++, and nothing can be compiled here.
    """
    if topic.native is None:
        session = Session(launcher, cells)
        stack.callback(session.close)
        return session
    native, names = topic.native, [exercise.name for exercise in topic.exercises]
    source, *others = cells
    library = library_cell(native, source.source, names, launcher.tier)
    launcher = copy.copy(launcher)
    launcher.libraries = True
    session = Session(launcher, [library, *others])
    stack.callback(session.close)
    baseline: list[Session] = []

    def sanitized(exercise: str) -> str:
        try:
            found = memory_errors(native, source.source, names, launcher.tier)[exercise]
        except SandboxError as error:
            session.broken = error
            raise
        if found == "not done yet":
            raise NotImplementedError(found)
        return found

    right: list[tuple[Any, Any]] = [((), None)]  # the arguments of the baseline's last call, and its value

    def timed(of: Session, exercise: str, arguments: tuple[Any, ...]) -> tuple[float, Any]:
        try:
            of.start()
            start = time.perf_counter()
            value = of.call(exercise, arguments, {})
            return time.perf_counter() - start, value
        except SandboxError as error:
            session.broken = error
            raise

    def seconds(exercise: str, *arguments: Any) -> float:
        taken, value = timed(session, exercise, arguments)
        asked, expected = right[-1]
        if len(asked) == len(arguments) and all(map(operator.is_, asked, arguments)):
            what = "a call that was timed gave another result than the plain loops"
            np.testing.assert_allclose(value, expected, rtol=1e-6, atol=1e-9, strict=True, err_msg=what)
        return taken

    def baseline_seconds(exercise: str, *arguments: Any) -> float:
        if not baseline:
            baseline.append(Session(launcher, [baseline_cell(native, launcher.tier)]))
            stack.callback(baseline[0].close)
        taken, value = timed(baseline[0], exercise, arguments)
        right[:] = [(arguments, value)]
        return taken

    session.tools = {"sanitized": sanitized, "seconds": seconds, "baseline_seconds": baseline_seconds}
    return session


def grade_cells(
    topic: Topic, cells: Sequence[Cell], launcher: Launcher
) -> tuple[list[ExerciseResult], Session]:
    """Grade cells that have been read; the session is closed and tells how the processes fared."""
    with contextlib.ExitStack() as stack:
        session = _open_session(topic, cells, launcher, stack)
        graded = run_tests(topic, session)
        if topic.reference is None:
            return [result for result, _, _ in graded], session
        # May call the submission, where it was an argument itself.
        return _name_mistakes_within_bounds(topic, graded), session


def first_failure(
    topic: Topic, exercise: str, cells: Sequence[Cell], launcher: Launcher
) -> tuple[TestResult | None, Session]:
    """Grade one exercise up to the first test case that does not pass, which is returned."""
    (found,) = (item for item in topic.exercises if item.name == exercise)
    progress = _Progress(found)
    session = Session(launcher, cells)
    try:
        cases = found.tests.test_cases
        for index in sorted(range(len(cases)), key=lambda index: bool(cases[index].hidden)):
            progress.run(index, topic, session)
            if not progress.results[index].passed:
                return progress.results[index], session
    finally:
        session.close()
    return None, session


def _in_one_line(texts: Sequence[str]) -> str:
    """The first of some texts."""
    more = f" (and {len(texts) - 3} more)" if len(texts) > 3 else ""
    return clean_text("; ".join(texts[:3]) + more, 600).replace("\n", " ")


def _error_text(session: Session) -> str:
    """The first things that went wrong, in one line; students read it."""
    texts = list(dict.fromkeys(text for _, text in session.endings))
    if session.hidden_endings and not texts:
        texts = [_HIDDEN_ENDING]
    texts += [f"{failure}" for failure in session.failures.values() if failure.type != "NotImplementedError"]
    texts += [session.flood] if session.flood else []
    return _in_one_line(texts)


def _hidden_endings(session: Session) -> str:
    """What else ended in hidden cases; only the instructor reads it."""
    known = {text for _, text in session.endings}
    texts = [text for _, text in dict.fromkeys(session.hidden_endings) if text not in known]
    if session.hidden_flood not in ("", session.flood):
        texts.append(session.hidden_flood)
    return _in_one_line(texts)


def _notebook(cells: Sequence[Cell], running: Sequence[Cell], session: Session) -> list[NotebookCell]:
    """The submission's cells with what they printed, within bounds."""
    places = {id(cell): index for index, cell in enumerate(running)}
    shown: list[NotebookCell] = []
    left = _MAX_SHOWN_CODE
    for cell in cells[:_MAX_SHOWN_CELLS]:
        index = places.get(id(cell), -1)
        failure = session.failures.get(index)
        error = session.ended_cells.get(index, "" if failure is None else f"{failure}")
        source = clean_text(cell.source.strip("\n"), min(left, _MAX_SHOWN_CELL))
        left = max(left - len(source), 0)
        shown.append(
            NotebookCell(
                source=source,
                output=(session.printed or {}).get(index, ""),
                pictures=session.pictures.get(index, []),
                error=clean_text(error, 1000),
                ran=index >= 0,
            )
        )
    if len(cells) > _MAX_SHOWN_CELLS:
        shown.append(NotebookCell(source=f"… {len(cells) - _MAX_SHOWN_CELLS:,} more cells", ran=False))
    return shown


def not_graded(
    submission: Submission, topic: Topic | None, status: Status, error: str, seconds: float = 0.0
) -> Result:
    """The result of a submission that got no tests: 0 points, and the reason."""
    exercises = [
        ExerciseResult(name=exercise.name, score=0, possible=exercise.possible, tests=[], mistake=None)
        for exercise in (topic.exercises if topic else ())
    ]
    return Result(
        submission=submission.name,
        student=submission.student,
        account=submission.account,
        topic=submission.topic,
        status=status,
        total=0,
        possible=topic.possible if topic else 0,
        seconds=round(seconds, 4),
        exercises=exercises,
        protections={},
        error=clean_text(error, 600),
    )


def grade_submission(
    submission: Submission, topic: Topic | None, launcher: Launcher, protections: Mapping[str, str | bool]
) -> Result:
    """Read, run and grade one submission. Whatever the student's file holds, there is a result."""
    start = time.monotonic()
    try:
        cells = read_cells(submission)
    except UnreadableError as error:
        return not_graded(submission, topic, "unreadable", str(error), time.monotonic() - start)
    if topic is None:
        return not_graded(submission, topic, "unreadable", f"there is no topic {submission.topic!r}")
    whole = topic.native is not None or launcher.limits.pictures
    running = cells if whole else without_pictures(topic, cells)
    try:
        exercises, session = grade_cells(topic, running, launcher)
    except NoCompilerError as error:
        return not_graded(submission, topic, "crashed", f"not graded: {error}", time.monotonic() - start)
    return Result(
        submission=submission.name,
        student=submission.student,
        account=submission.account,
        topic=topic.name,
        status=session.status,
        total=sum(exercise.score for exercise in exercises),
        possible=topic.possible,
        seconds=round(time.monotonic() - start, 4),
        exercises=exercises,
        protections=dict(protections),
        error=_error_text(session),
        hidden_endings=_hidden_endings(session),
        cells=_notebook(cells, running, session),
    )
