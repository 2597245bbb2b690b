"""Many submissions at once: every one gets a result, whatever becomes of workers and zygotes."""

import os
import signal
import time
from concurrent.futures import BrokenExecutor, Future
from multiprocessing import resource_tracker
from pathlib import Path

import msgspec
import pytest

from autograder import executors, pool
from autograder.course import load_course
from autograder.doctor import probe
from autograder.executors import BatchError, BatchExecutor, ExecutorError, encode_results, grade_with
from autograder.grading import not_graded
from autograder.pool import default_workers, grade_all
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission, find_submissions
from tests.engine.small_course import COURSE, RIGHT, TINY_TOTAL, write_files

SABOTAGE = '''

@test_case(name="sabotage", points=1, hidden=True)
def sabotage(total):
    """What a fault of the grader's own would do, on a word of the submission."""
    import os, pathlib, signal
    from autograder import pool
    answer = total([99.0])
    print("tests may print")
    if answer == -1:
        os.kill(os.getpid(), signal.SIGKILL)
    mark = pathlib.Path(os.environ["MARK"])
    if answer == -2 or (answer == -3 and not mark.exists()):
        if answer == -3:
            mark.touch()
        os.kill(pool._Worker.launcher._process.pid, signal.SIGKILL)
        while True:  # until it is really gone
            total([1.0])
    if answer == -4:
        raise SystemExit(7)
'''

SLY = "def total(values):\n    return {} if list(values) == [99.0] else float(sum(values))\n"


@pytest.fixture(scope="module")
def protections(launchers):
    return probe(launchers.get())


@pytest.fixture
def start(tmp_path, protections, monkeypatch):
    """Grade sources, by student, in a course whose tests do harm when they are asked to."""
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    changed = {"solutions/tests/tiny/total.py": TINY_TOTAL + SABOTAGE}
    course = load_course(write_files(tmp_path / "course", COURSE | changed))

    def run(sources, workers=2, **limits):
        write_files(tmp_path / "class", {f"{name}/tiny.py": source for name, source in sources.items()})
        submissions, _ = find_submissions(tmp_path / "class", course.topics)
        return grade_all(
            course, submissions, limits=Limits(**limits), workers=workers, protections=protections
        )

    return run


def by_student(results):
    listed = list(results)
    assert len({result.student for result in listed}) == len(listed)
    return {result.student: result for result in listed}


def alive(pid):
    """Whether a process still runs (one that waits to be reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def descendants(pid):
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents[int(entry)] = int(
                    Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1]
                )
            except OSError:
                continue
    found, todo = set(), {pid}
    while todo:
        todo = {child for child, parent in parents.items() if parent in todo} - found
        found |= todo
    return found


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_every_submission_gets_a_result(start, capfd):
    resource_tracker.ensure_running()  # multiprocessing's own, which stays
    before = descendants(os.getpid())
    results = by_student(
        start(
            {
                "right": RIGHT,
                "kills-worker": SLY.format(-1) + RIGHT.partition("\n\n")[2],
                "kills-zygotes": SLY.format(-2),
                "kills-zygote-once": SLY.format(-3),
                "exits": SLY.format(-4),
                "crashes": "import os\nos._exit(1)",
                "empty": "",
                **{f"right-{index}": RIGHT for index in range(12)},
            }
        )
    )
    assert len(results) == 19
    for index in range(12):
        assert results[f"right-{index}"].total == 7
    assert results["right"].protections["tier"] in "AB"
    assert results["kills-zygote-once"].status == "graded"
    assert results["kills-zygote-once"].exercises[0].score == 5
    assert results["crashes"].status == "crashed"
    assert results["crashes"].was_run
    faults = {name: (result.status, result.error) for name, result in results.items() if not result.was_run}
    killed = "the grader's worker ended while grading it (exit code -9)"
    assert faults.pop("kills-worker") == ("crashed", killed)
    assert faults.pop("kills-zygotes")[1].startswith("no sandbox could be started")
    assert faults.pop("exits") == ("crashed", "the grader failed on it: SystemExit: 7")
    assert faults.pop("empty") == ("unreadable", "it is empty")
    assert faults == {}
    wait_until(lambda: not [pid for pid in descendants(os.getpid()) - before if alive(pid)])
    assert capfd.readouterr().out == ""


def test_a_pool_whose_workers_die_early_is_started_again(start, monkeypatch):
    opened = []

    def open_pool(*args):
        opened.append(original(*args))
        if len(opened) == 1:
            for pid in list(opened[0]._pool_manager.worker_manager.workers):
                os.kill(pid, signal.SIGKILL)
        return opened[-1]

    original = pool._open_pool
    monkeypatch.setattr(pool, "_open_pool", open_pool)
    results = by_student(start({"a": RIGHT, "b": RIGHT, "c": RIGHT}))
    assert [result.total for result in results.values()] == [7, 7, 7]
    assert len(opened) >= 1


def test_a_submission_that_was_taken_and_lost_is_graded_by_another_pool(start, monkeypatch):
    opened = []

    def open_pool(*args):
        opened.append(original(*args))
        if len(opened) == 1:  # as when a worker is killed between taking a submission and saying so
            opened[0].schedule = lambda *_, **__: Future()
            monkeypatch.setattr(pool, "_GRACE_SECONDS", -Limits().total_seconds)
        else:
            monkeypatch.setattr(pool, "_GRACE_SECONDS", 30.0)
        return opened[-1]

    original = pool._open_pool
    monkeypatch.setattr(pool, "_open_pool", open_pool)
    results = by_student(start({"a": RIGHT, "b": RIGHT, "c": RIGHT}))
    assert [result.total for result in results.values()] == [7, 7, 7]
    assert len(opened) == 2


def test_a_pool_whose_workers_always_die_gives_up(start, monkeypatch):
    class Ends:
        """Cannot be made in a worker: each ends before it takes a submission."""

        def __reduce__(self):
            return os._exit, (9,)

    monkeypatch.setattr(pool, "_MAX_BROKEN", 0)
    original = pool._open_pool
    monkeypatch.setattr(pool, "_open_pool", lambda workers, course, *rest: original(workers, Ends(), *rest))
    with pytest.raises(ExecutorError, match="workers end as soon as they are started"):
        list(start({"a": RIGHT, "b": RIGHT}))


def test_stopping_early_leaves_no_process(start):
    before = descendants(os.getpid())
    results = start({f"s{index}": RIGHT for index in range(20)}, workers=1)
    next(results)
    started = descendants(os.getpid()) - before
    assert started
    results.close()
    wait_until(lambda: not [pid for pid in started if alive(pid)])


def test_a_course_that_breaks_in_the_workers_is_told(start, tmp_path, monkeypatch):
    results = start({"a": RIGHT}, workers=1)
    (tmp_path / "course" / "solutions" / "tiny.py").write_text("def broken(:")
    (result,) = results
    assert result.status == "crashed"
    assert "the grader failed on it: CourseError" in result.error
    assert not result.was_run


def test_the_number_of_workers():
    assert 1 <= default_workers() <= (os.cpu_count() or 1)


class Scripted(BatchExecutor):
    """Answers each batch with what the script says next for its first submission."""

    workers = 2
    largest = 3

    def __init__(self, script):
        self.script = script
        self.batches = []

    def submit(self, batch):
        self.batches.append([submission.name for submission in batch])
        answer = self.script.get(batch[0].name, [None])
        answer = answer.pop(0) if len(answer) > 1 else answer[0]
        future = Future()
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        elif isinstance(answer, bytes):
            future.set_result(answer)
        else:
            future.set_result(encode_results([answer or graded(item) for item in batch]))
        return future

    def check(self):
        pass

    def shutdown(self):
        pass


def graded(submission):
    result = not_graded(submission, None, "graded", "")
    return msgspec.structs.replace(result, protections={"tier": "A"})


def drive(script, names, mini_course, **options):
    submissions = [Submission(name, name, "tiny", Path(name), data=b"x") for name in names]
    executor = Scripted(script)
    found = list(grade_with(executor, submissions, mini_course.topics, **options))
    return executor, {submission.name: result for group in found for submission, result in group}


@pytest.mark.parametrize(
    ("error", "status", "says", "tries"),
    [
        (TimeoutError("Task timeout", 150), "timeout", "the grader gave up on it: it took too long", 1),
        (MemoryError(), "crashed", "the grader failed on it: MemoryError", 3),
        (SystemExit(0), "crashed", "the grader failed on it: SystemExit: 0", 3),
    ],
)
def test_what_went_wrong_in_the_grader_is_told(mini_course, error, status, says, tries):
    executor, results = drive({"a": [pool._batch_error(error)]}, ["a"], mini_course)
    assert (results["a"].status, results["a"].possible) == (status, 6)
    assert results["a"].error.startswith(says)
    assert not results["a"].was_run
    assert executor.batches == [["a"]] * tries


def test_a_batch_that_is_lost_is_tried_again_one_by_one(mini_course):
    executor, results = drive({"a": [BatchError("gone"), None]}, "abcde", mini_course)
    assert executor.batches == [["a", "b", "c"], ["d", "e"], ["a"], ["b"], ["c"]]
    assert {name: result.status for name, result in results.items()} == dict.fromkeys("abcde", "graded")


def test_a_batch_that_a_broken_executor_lost_is_not_blamed(mini_course):
    broken = [BrokenExecutor()] * 7
    executor, results = drive({"a": [*broken, None]}, "ab", mini_course)
    assert executor.batches == [["a", "b"]] * 8
    assert {result.status for result in results.values()} == {"graded"}


def test_large_submissions_travel_in_small_batches(mini_course, monkeypatch):
    monkeypatch.setattr(executors, "_MAX_BATCH_BYTES", 2)
    executor, _ = drive({}, "abcde", mini_course)
    assert [len(batch) for batch in executor.batches] == [2, 2, 1]


def test_batches_get_smaller_towards_the_end(mini_course):
    names = [f"s{number}" for number in range(30)]
    executor, results = drive(
        {}, names, mini_course, count=30
    )  # two workers: an eighth of what is left, at most 3
    assert [len(batch) for batch in executor.batches] == [3, 3, 3, 2, 2, 2, *[1] * 15]
    assert results.keys() == set(names)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x80\x04.",
        msgspec.msgpack.encode([{"submission": "a"}]),
        encode_results([]),
        encode_results([graded(Submission("b", "b", "tiny", Path()))]),
    ],
)
def test_only_results_of_what_was_asked_come_back(mini_course, answer):
    _, results = drive({"a": [answer]}, "a", mini_course)
    assert (results["a"].status, results["a"].was_run) == ("crashed", False)
    assert results["a"].error.startswith("a worker gave ")
