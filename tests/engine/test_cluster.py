"""A Dask cluster as an executor: the same grades, whatever becomes of its workers; out of reach of what it grades."""

import dataclasses
import gc
import multiprocessing
import os
import signal
import socket
import time
from concurrent.futures import wait
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("distributed")

import distributed

from autograder import cluster as module
from autograder.cluster import DaskExecutor
from autograder.course import load_course
from autograder.executors import BatchError, ExecutorError, decode_results, grade_with
from autograder.identity import engine_identity
from autograder.pool import grade_all
from autograder.sandbox.limits import Limits
from autograder.submissions import Reader, Submission, find_submissions
from tests.engine.small_course import COURSE, RIGHT, notebook, write_files
from tests.engine.test_pool import alive, descendants, wait_until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

CLASS = {
    "a/tiny.py": RIGHT,
    "b/tiny.ipynb": notebook(RIGHT, "import os\nos._exit(1)"),
    "c/double.py": "def double(number):\n    return number**2\n",
    "d/essay.py": "x = 1",
    "e/tiny.py": "",
    "f/tiny.py": "while True:\n    pass\n",
}
LIMITS = Limits(call_seconds=2.0, cell_seconds=2.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cluster")
    write_files(path / "course", COURSE)
    write_files(path / "class", CLASS)
    return path


@pytest.fixture(scope="module")
def course(folder):
    return load_course(folder / "course")


@pytest.fixture(scope="module")
def executor(folder):
    with DaskExecutor(folder / "course", limits=LIMITS, local_workers=2) as opened:
        yield opened


def read(folder, course):
    with Reader() as reader:
        return [reader.read(item) for item in find_submissions(folder / "class", course.topics)[0]]


def in_order(results):
    ordered = sorted(results, key=lambda result: result.submission)
    return [msgspec.structs.replace(result, seconds=0) for result in ordered]


def test_the_grades_are_those_of_the_local_pool(executor, folder, course):
    submissions = read(folder, course)
    here = grade_all(course, submissions, limits=LIMITS, workers=2, protections=executor.protections)
    expected = in_order(here)
    for count in (1, 32):  # one by one, and by four
        found = grade_with(executor, submissions, course.topics, count=count)
        assert in_order(result for group in found for _, result in group) == expected
    assert [result.total for result in expected] == [6, 6, 0, 0, 0, 0]
    assert executor.workers == 2
    at, *dashboard = executor.news()
    assert at.startswith("2 workers at tls://127.0.0.1:") and executor.news() == []
    assert [text.partition("http")[0] for text in dashboard] == ["Dask's dashboard: "]


def test_what_was_graded_is_not_kept_in_memory(executor, course):
    names = [f"remembered-{number}" for number in range(60)]
    unreadable = (Submission(name, name, "", Path(name), problem="it is no notebook") for name in names)
    found = grade_with(executor, unreadable, course.topics, count=1)
    assert sum(len(group) for group in found) == len(names)
    gc.collect()
    assert sum(isinstance(item, Submission) and item.name in names for item in gc.get_objects()) < 30


def test_a_worker_that_is_lost_costs_nothing(executor, folder, course):
    submissions = [item for item in read(folder, course) if item.student in "abc"] * 1
    slow = write_files(folder / "slow", {"s/tiny.py": "import time\ntime.sleep(1)\n" + RIGHT})
    with Reader() as reader:
        submissions += [reader.read(item) for item in find_submissions(slow, course.topics)[0]]
    workers = set(executor._client.run(os.getpid).values())
    futures = {executor.submit(submissions): submissions for _ in range(2)}
    time.sleep(0.5)
    below = descendants(next(iter(workers)))
    os.kill(next(iter(workers)), signal.SIGKILL)
    done, left = wait(futures, timeout=120)
    assert not left
    for future in done:
        totals = [result.total for result in decode_results(future.result(), futures[future])]
        assert totals == [6, 6, 0, 6]
    wait_until(lambda: not [pid for pid in below if alive(pid)])  # its pool and zygote went with it


def test_only_results_come_back(executor, folder, course, monkeypatch):
    """Neither an object nor an exception that a worker gives is ever built here."""
    ran = folder / "ran"

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(ran),)

    def evil(batch, tier):
        return Evil()

    def junk(batch, tier):
        return b"\x80\x04."

    (submission, *_) = read(folder, course)
    for function in (evil, junk):
        monkeypatch.setattr(module, "_grade_on_worker", function)
        with pytest.raises(BatchError, match="a worker gave something that is no result|the cluster failed"):
            decode_results(executor.submit([submission]).result(60), [submission])
    assert not ran.exists()


def test_what_goes_wrong_on_a_worker_is_told(executor, folder, course, monkeypatch):
    (submission, *_) = read(folder, course)
    broken = [dataclasses.replace(submission, data=7)]
    with pytest.raises(BatchError, match="the Dask worker tls://.*: TypeError: "):
        executor.submit(broken).result(60)


def test_the_scheduler_is_out_of_a_submission_s_reach(executor, folder, course):
    address = executor._client.scheduler.address
    host, _, port = address.removeprefix("tls://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5):
        pass  # it is there
    reaches = f"import socket\nsocket.create_connection(({host!r}, {port}), timeout=2)\n"
    tries = f"def total(values):\n    {reaches.replace(chr(10), chr(10) + '    ')}\n    return float(sum(values))\n"
    write_files(folder / "reaching", {"s/tiny.py": tries})
    with Reader() as reader:
        submissions = [reader.read(item) for item in find_submissions(folder / "reaching", course.topics)[0]]
    ((found,),) = grade_with(executor, submissions, course.topics)
    assert found[1].total == 0
    assert "Error" in found[1].exercises[0].tests[0].message


def test_nobody_without_the_certificate_gets_in(executor):
    address = executor._client.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    stranger = distributed.Security.temporary()
    with pytest.raises((OSError, TypeError)):
        distributed.Client(address, security=stranger, timeout=3)
    with pytest.raises((OSError, TypeError)):
        distributed.Client(address.replace("tls:", "tcp:"), timeout=3)


def test_a_worker_that_cannot_grade_says_so(monkeypatch):
    settings = module._Settings(b"", LIMITS, None, False, "autograder 0.0 of another machine")
    assert "install the same everywhere" in module._Grader(settings)._examine()
    settings = dataclasses.replace(settings, engine=engine_identity())
    with monkeypatch.context() as patch:
        patch.setitem(multiprocessing.current_process()._config, "daemon", True)
        assert "start it with --no-nanny" in module._Grader(settings)._examine()
    with monkeypatch.context() as patch:
        patch.setattr(module, "is_safe", lambda protections: False)
        assert "hostile submissions could do harm there" in module._Grader(settings)._examine()
    assert module._Grader(settings)._examine() == ""


def test_no_scheduler_is_told(folder, monkeypatch):
    monkeypatch.setattr(module, "_START_SECONDS", 2.0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ExecutorError, match="no connection to the scheduler"):
            DaskExecutor(folder / "course", limits=LIMITS, scheduler=address)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "scheduler nonsense: missing port number"),
        ("tls://127.0.0.1:1", "name its certificates with --tls-"),
    ],
)
def test_no_scheduler_is_not_waited_for(folder, monkeypatch, address, says):
    closed = []

    async def close(self, **_):
        closed.append(self)

    monkeypatch.setattr(distributed.Client, "_close", close)
    with pytest.raises(ExecutorError, match=says):
        DaskExecutor(folder / "course", limits=LIMITS, scheduler=address)
    gc.collect()
    assert not closed


def test_a_cluster_that_is_lost_is_told(executor, monkeypatch):
    monkeypatch.setattr(executor, "_looked", 0.0)
    monkeypatch.setattr(executor, "_seen", 0.0)
    monkeypatch.setattr(type(executor), "_count", lambda self: setattr(self, "workers", 0))
    with pytest.raises(ExecutorError, match="has had no worker for 300 seconds"):
        executor.check()
    monkeypatch.setattr(executor, "_lost", "the connection to the scheduler was lost")
    with pytest.raises(ExecutorError, match="connection to the scheduler was lost"):
        executor.check()


def test_workers_that_cannot_grade_are_sent_away(executor, folder, course):
    """As those that came when others had been examined, with another grader on them."""

    def spoil(dask_worker):
        dask_worker.plugins["autograder"].problem = "it has another grader"

    first, second = executor._client.run(os.getpid)
    submissions = read(folder, course)
    executor._client.run(spoil, workers=[first])
    executor.news()
    found = [
        result for group in grade_with(executor, submissions, course.topics, count=1) for _, result in group
    ]
    assert sorted(result.total for result in found) == [0, 0, 0, 0, 6, 6]
    assert executor.news() == [
        f"the Dask worker {first} cannot grade and was sent away: it has another grader"
    ]
    assert executor.workers == 1
    executor._client.run(spoil, workers=[second])
    with pytest.raises(ExecutorError, match="the last one, cannot grade: it has another grader"):
        list(grade_with(executor, submissions, course.topics))
