"""The pool: every task once, whoever calls; no thread before its time; fork; the GIL let go."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from genai_course import kernels
from genai_course.kernels import _core

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(autouse=True)
def restore_threads() -> Iterator[None]:
    before = kernels.get_num_threads()
    yield
    kernels.set_num_threads(before)


def run(code: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize(
    "threads,tasks,loops", [(2, 3, 100_000), (2, 40, 10_000), (4, 7, 10_000), (8, 100, 1000), (1, 5, 100)]
)
def test_every_task_runs_once(threads: int, tasks: int, loops: int) -> None:
    kernels.set_num_threads(threads)
    assert _core._count_lost_tasks(loops, tasks) == 0


def test_every_task_runs_once_when_helpers_have_gone_to_sleep() -> None:
    kernels.set_num_threads(3)
    for _ in range(200):
        assert _core._count_lost_tasks(1, 5) == 0
        time.sleep(0.001)


def test_every_task_runs_once_with_several_callers() -> None:
    kernels.set_num_threads(3)
    lost: list[int] = []
    callers = [
        threading.Thread(target=lambda: lost.append(_core._count_lost_tasks(5000, 6))) for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert lost == [0] * 4


def test_changing_the_number_of_threads_in_between() -> None:
    for threads in (1, 4, 2, 6, 1, 3):
        kernels.set_num_threads(threads)
        assert kernels.get_num_threads() == threads
        assert _core._count_lost_tasks(500, 9) == 0
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="expected 1 or more"):
            kernels.set_num_threads(wrong)


def test_results_do_not_depend_on_threads() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((300, 300)).astype(np.float32) for _ in range(2))
    batch = rng.standard_normal((50, 40, 60))
    x = rng.standard_normal((1000, 300)).astype(np.float32)
    q = rng.standard_normal((2, 300, 32)).astype(np.float32)
    ids = rng.integers(0, 300, 1000)

    def all_of_them() -> list[np.ndarray]:
        return [
            kernels.matmul(a, b),
            kernels.matmul(a[0], b),
            kernels.matmul(a.T, b.T),
            kernels.matmul(batch, batch.swapaxes(-1, -2)),
            kernels.softmax(x),
            kernels.softmax(x, axis=0),
            kernels.log_softmax(x),
            kernels.attention(q, q, q, causal=True),
            np.array(kernels.nll_loss(x, ids)),
        ]

    kernels.set_num_threads(1)
    one = all_of_them()
    kernels.set_num_threads(3)
    for x1, x3 in zip(one, all_of_them(), strict=True):
        np.testing.assert_array_equal(x1, x3)


def test_several_python_threads_at_once() -> None:
    kernels.set_num_threads(2)
    rng = np.random.default_rng(1)
    a, b = (rng.standard_normal((200, 200)).astype(np.float32) for _ in range(2))
    q = rng.standard_normal((4, 150, 32)).astype(np.float32)
    want = kernels.matmul(a, b), kernels.softmax(a), kernels.attention(q, q, q)
    wrong: list[object] = []

    def work() -> None:
        for _ in range(40):
            got = kernels.matmul(a, b), kernels.softmax(a), kernels.attention(q, q, q)
            wrong.extend(1 for x, y in zip(got, want, strict=True) if not np.array_equal(x, y))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


@pytest.mark.parametrize("name", ["matmul", "softmax", "attention", "nll_loss"])
def test_the_gil_is_released(name: str) -> None:
    # While a kernel runs in another thread, this one must be able to count.
    a = np.ones((1200, 1200))
    calls = {
        "matmul": lambda: kernels.matmul(a, a),
        "softmax": lambda: [kernels.softmax(a, axis=0) for _ in range(10)],
        "attention": lambda: kernels.attention(a, a, a),
        "nll_loss": lambda: [kernels.nll_loss(a, np.zeros(len(a), int)) for _ in range(10)],
    }
    kernels.set_num_threads(1)
    running = threading.Event()
    done = threading.Event()

    def work() -> None:
        running.set()
        for _ in range(3):
            calls[name]()
        done.set()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(30)  # whoever holds the GIL keeps it unless they let go
    try:
        worker = threading.Thread(target=work)
        worker.start()
        running.wait()
        counted = 0
        while not done.is_set():
            counted += 1
            time.sleep(0)
        worker.join()
    finally:
        sys.setswitchinterval(interval)
    assert counted > 10


@linux
def test_no_thread_before_it_is_needed() -> None:
    code = """
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np
from genai_course import kernels
count = lambda: len(os.listdir("/proc/self/task"))
start = count()
a = np.ones((8, 8), np.float32)
kernels.matmul(a, a), kernels.softmax(a), kernels.attention(a, a, a), kernels.nll_loss(a, [0] * 8)
small = count()
a = np.ones((500, 500), np.float32)
kernels.matmul(a, a)
print(start, small, count())
"""
    assert run(code, GENAI_NUM_THREADS="3") == "1 1 3"
    assert run(code, GENAI_NUM_THREADS="1") == "1 1 1"


def test_number_of_threads_from_the_environment() -> None:
    code = "from genai_course import kernels; print(kernels.get_num_threads())"
    assert run(code, GENAI_NUM_THREADS="5") == "5"
    default = run(code, GENAI_NUM_THREADS="")
    for nonsense in ("0", "-3", "many", "2x"):
        assert run(code, GENAI_NUM_THREADS=nonsense) == default


@linux
def test_affinity_is_respected() -> None:
    code = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from genai_course import kernels
print(kernels.get_num_threads())
"""
    assert run(code, GENAI_NUM_THREADS="") == "1"


@posix
@pytest.mark.parametrize("used_before", [False, True])
def test_fork(used_before: bool) -> None:
    code = f"""
import os, sys
import numpy as np
from genai_course import kernels
from genai_course.kernels import _core
kernels.set_num_threads(3)
a = np.ones((400, 400), np.float32)
if {used_before}:
    kernels.matmul(a, a)
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        good = kernels.matmul(a, a)[0, 0] == 400 and _core._count_lost_tasks(100, 10) == 0
        os._exit(0 if good else 1)
    assert kernels.matmul(a, a)[0, 0] == 400
    assert os.waitpid(pid, 0)[1] == 0
print("good")
"""
    assert run(code) == "good"


@posix
def test_fork_while_another_thread_computes() -> None:
    code = """
import os, threading
import numpy as np
from genai_course import kernels
kernels.set_num_threads(2)
a = np.ones((300, 300), np.float32)
stop = threading.Event()
def work():
    while not stop.is_set():
        kernels.matmul(a, a)
worker = threading.Thread(target=work)
worker.start()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if kernels.matmul(a, a)[0, 0] == 300 else 1)
    assert os.waitpid(pid, 0)[1] == 0
stop.set()
worker.join()
print("good")
"""
    # From 3.12 on Python itself warns about fork with threads; that is what is tested here.
    assert run("import warnings; warnings.simplefilter('ignore')\n" + code) == "good"


@linux
def test_idle_helpers_use_no_time() -> None:
    kernels.set_num_threads(2)
    a = np.ones((400, 400), np.float32)
    kernels.matmul(a, a)
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.03
