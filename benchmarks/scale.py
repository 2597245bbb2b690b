"""Grades classes of 100, 1,000 and 10,000 generated submissions, and prints what each submission costs.

    python benchmarks/scale.py --sizes 100 1000 10000 --executors local dask --markdown
    python benchmarks/scale.py --part main --sizes 1000 10000 30000 --markdown
    python benchmarks/scale.py --part pages --sizes 300 1000 3000 10000 --markdown

A class is one hundred submissions over and over, so that every size has the same mixture: right, wrong and unusual
work of every topic, half of it notebooks, with 2 endless loops, 2 that crash and 1 hostile one, evenly spread. Small
classes are graded several times. Calls and cells have half a second each, so that the endless loops cost no more than
they must: with the ordinary limits of 5 and 10 seconds the same class takes longer, by the time that those wait. Needs
the extras ``instructor`` and ``cluster``. Every class is graded by the command, in processes of its own. The last
column is the processor time of a loop of Python that was timed twice a second meanwhile: a virtual machine may be three
times as fast in one quarter of an hour as in the next, and rows compare as far as they agree in that.

The part ``main`` is the main process alone: the same run over a class, with an executor that has one hundred results
and answers at once. What it takes to answer is not counted. The part ``pages`` is ``autograder report`` on the results
of that. Both count processor time, so that it matters little what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import msgspec

from autograder.course import Topic, load_course
from autograder.executors import MAX_BATCH, BatchExecutor, encode_results
from autograder.grading_run import GradingRun
from autograder.overrides import override_source
from autograder.results import Result, read_results, write_results
from autograder.sandbox.limits import Limits
from autograder.store import FILE_NAME, Store
from autograder.submissions import Submission, find_submissions

ROOT = Path(__file__).resolve().parent.parent
BLOCK = 100
LOOP = 100_000
"""Turns of a loop that is timed while other work is measured."""
BAD = {10: "crash", 30: "endless loop", 50: "hostile", 70: "endless loop", 90: "crash"}
"""What is neither right nor wrong, by its place among a hundred."""
REPEATS_UP_TO = 300
"""Submissions that a class is graded again for, until there are so many: a small one is over in seconds."""
LIMITS = Limits(call_seconds=0.5, cell_seconds=0.5)
COMMAND = (
    *("--call-seconds", LIMITS.call_seconds, "--cell-seconds", LIMITS.cell_seconds),
    *("--log-json", "--quiet", "--no-report"),
)
ENDLESS = "while True:\n    pass\n"
CRASHES = {
    10: "import ctypes\nctypes.string_at(0)\n",
    90: "import sys\nsys.setrecursionlimit(10**9)\ndef deeper(n):\n    return deeper(n + 1)\ndeeper(0)\n",
}
HOSTILE = (  # all in one submission, a cell each; each acts on its own process, and on nothing else
    "import socket\nsocket.create_connection(('127.0.0.1', 22), timeout=1)\n",
    "import glob\nprint([open(path).read() for path in glob.glob('/home/*/*') + glob.glob('/etc/*')])\n",
    "import os\nfor _ in range(100):\n    os.fork()\n",
    "blocks = [bytearray(1 << 28) for _ in range(64)]\n",
    "print('x' * (1 << 26))\n",
    "import gc\nprint([item for item in gc.get_objects() if 'solution' in str(type(item))])\n",
)


@dataclass(frozen=True)
class Figures:
    """What one run cost."""

    executor: str
    size: int
    kinds: dict[str, int]
    cost: float  # milliseconds of wall time a submission, from the first result to the last
    in_worker: float  # mean milliseconds that a worker takes for one of any kind
    honest: float  # median milliseconds that a worker takes for right or wrong work
    start_up: float  # seconds until the first result
    main_megabytes: float  # peak of the main process
    store_megabytes: float
    kept_seconds: float  # of a run that finds everything graded
    loop: float  # milliseconds of a loop of Python, meanwhile


@dataclass(frozen=True)
class Alone:
    """What a run costs the main process: milliseconds of processor time a submission, and its peak of memory."""

    begin: float  # seconds of processor time for digests of the course and the grader, once
    grading: float  # finding and reading submissions, keys, checking results, the store
    megabytes: float
    exports: float
    keeping: float  # in a run that finds everything graded
    loop: float  # milliseconds of a loop of Python, meanwhile


def _whole(topic: Topic) -> list[str]:
    """The reference, every alternative and every known mistake, as whole submissions."""
    entries = [*topic.alternatives, *topic.mistakes]
    return [topic.source, *(f"{topic.source}\n\n# %%\n{override_source(topic, entry)}" for entry in entries)]


@cache
def _as_notebook(source: str) -> str:
    import jupytext  # here, as the main process that is measured does without
    import nbformat

    notebook = jupytext.reads(source, fmt="py:percent")
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    text: str = nbformat.writes(notebook)
    return text


def make_class(folder: Path, size: int) -> None:
    """Write a class, where there is none; the same size gives the same bytes."""
    if folder.exists():
        return
    honest = [
        (topic.name, source)
        for topic in load_course(ROOT).topics.values()
        if topic.native is None  # handed in as C++
        for source in _whole(topic)
    ]
    for number in range(size):
        place = number % BLOCK
        topic, source = honest[place * len(honest) // BLOCK]
        kind = BAD.get(place)
        if kind == "hostile":
            source += "".join(f"\n\n# %%\n{cell}" for cell in HOSTILE)
        elif kind is not None:
            source += f"\n\n# %%\n{ENDLESS if kind == 'endless loop' else CRASHES[place]}"
        is_script = (number + place // 20) % 2  # so that each kind comes as both
        path = folder / f"student-{number:06}" / f"{topic}.{'py' if is_script else 'ipynb'}"
        path.parent.mkdir(parents=True)
        mark = f"made for student {number}"  # no two files are the same
        path.write_text(
            f"{source}\n# {mark}\n"
            if is_script
            else _as_notebook(source).replace('"nbformat":', f'"mark": "{mark}",\n "nbformat":', 1)
        )


def _peak_megabytes(process: int | str) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def _loop_milliseconds() -> float:
    """Processor time of a loop of Python: how fast the machine is at this moment."""
    start = time.thread_time()
    total = 0
    for number in range(LOOP):
        total += number
    return 1000 * (time.thread_time() - start)


class _Watch(threading.Thread):
    """While a process runs: the most memory that it has held, in megabytes, and how fast the machine is."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.megabytes = 0.0
        self.loops = [_loop_milliseconds()]

    def run(self) -> None:
        while self.process.poll() is None:
            try:
                self.megabytes = max(self.megabytes, _peak_megabytes(self.process.pid))
            except OSError:
                return
            self.loops.append(_loop_milliseconds())
            time.sleep(0.5)


def _run(*arguments: object) -> tuple[float, float, _Watch, list[dict[str, object]]]:
    """Run the command: wall time, processor time, what was seen of its main process meanwhile, and its log."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    watch = _Watch(process)
    watch.start()
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        if line.startswith("{"):
            event = json.loads(line)
            log.append({key: event.get(key) for key in ("event", "time", "kinds")})
        elif not line.startswith("note:"):
            print(line, end="", file=sys.stderr)
    code = process.wait()
    seconds = time.perf_counter() - start
    watch.join()
    if code and not (code == 1 and arguments[0] == "grade"):  # 1: some could not be graded
        raise SystemExit(f"the command ended with {code}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, watch, log


def _graded_once(
    folder: Path, out: Path, size: int, command: Sequence[object], groups: int
) -> dict[str, object]:
    """Grade a class into a folder: what that took."""
    begun = time.time()
    _, _, watch, log = _run(*command, "--out", out)
    times = [float(str(event["time"])) for event in log if event["event"] == "graded"]
    kinds = [event for event in log if event["event"] == "progress"][-1]["kinds"]
    assert isinstance(kinds, dict) and sum(kinds.values()) == size == len(times)
    # The first results of each worker come at about the same time; the clock runs from then on.
    first = groups * sum(moment < times[0] + 0.05 for moment in times[: size // 4])
    results = read_results(out)
    seconds = [result.seconds for result in results]
    honest = [
        result.seconds
        for result in results
        if int(result.submission.partition("/")[0].rpartition("-")[2]) % BLOCK not in BAD
    ]
    return {
        "kinds": kinds,
        "cost": 1000 * (times[-1] - times[0]) / (size - first),
        "in_worker": 1000 * statistics.fmean(seconds),
        "honest": 1000 * statistics.median(honest),
        "start_up": times[0] - begun,
        "main_megabytes": watch.megabytes,
        "loop": statistics.median(watch.loops),
    }


def measure(folder: Path, size: int, executor: str, workers: int) -> Figures:
    """Grade a class that lies in ``folder``; of several times, the medians."""
    where = (
        ["--workers", workers] if executor == "local" else ["--executor", "dask", "--local-cluster", workers]
    )
    command = ["grade", folder, *COMMAND, *where]
    times = max(1, -(-REPEATS_UP_TO // size))
    outs = [folder.parent / f"{executor}-{workers}-{size}-{number}" for number in range(times)]
    runs = [_graded_once(folder, out, size, command, workers) for out in outs]
    kept_seconds, _, _, _ = _run(*command, "--out", outs[0])
    kinds = runs[0].pop("kinds")
    assert isinstance(kinds, dict)
    medians = {key: statistics.median(float(str(run[key])) for run in runs) for key in runs[0]}
    return Figures(
        executor=executor,
        size=size,
        kinds=dict(Counter(kinds)),
        store_megabytes=(outs[0] / "grades.sqlite").stat().st_size / 2**20,
        kept_seconds=kept_seconds,
        **medians,
    )


class _AtOnce(BatchExecutor):
    """Answers at once with results that were graded before; ``seconds`` is the processor time that it takes for it."""

    workers, largest, protections = 2, MAX_BATCH, {}

    def __init__(self, results: Iterable[Result]) -> None:
        self.seconds = 0.0
        self._by_place = {_number(result.student) % BLOCK: result for result in results}

    def _answer(self, submission: Submission) -> Result:
        number = _number(submission.student)
        result = self._by_place[number % BLOCK]
        cells = list(result.cells)
        if cells:  # one of its own, as the class has it
            cells[-1] = msgspec.structs.replace(cells[-1], source=f"{cells[-1].source}\nown = {number}")
        return msgspec.structs.replace(
            result, submission=submission.name, student=submission.student, cells=cells
        )

    def submit(self, batch: Sequence[Submission]) -> Future[bytes]:
        start = time.process_time()
        future: Future[bytes] = Future()
        future.set_result(encode_results([self._answer(submission) for submission in batch]))
        self.seconds += time.process_time() - start
        return future

    def check(self) -> None:
        pass

    def shutdown(self) -> None:
        pass


def _number(student: str) -> int:
    return int(student.rpartition("-")[2])


def _measure_here(folder: Path, out: Path, hundred: Path) -> Alone:
    course = load_course(ROOT)
    executor = _AtOnce(read_results(hundred))
    out.mkdir(exist_ok=True)
    clock, costs = time.process_time, {}
    loops = [_loop_milliseconds()]
    with Store(out / FILE_NAME) as store:
        for fresh in (True, False):
            start = clock()
            submissions, _ = find_submissions(folder, course.topics)
            found = clock()
            run = GradingRun(store, course, submissions, limits=LIMITS, tier="A", fresh=fresh)
            begun = clock()
            for _ in run.grade(executor):
                pass
            costs["grading" if fresh else "keeping"] = clock() - begun + found - start
            if fresh:
                costs["grading"] -= executor.seconds
                costs["begin"] = begun - found
                start = clock()
                write_results(out, store.results(run.id))
                costs["exports"] = clock() - start
            loops += [_loop_milliseconds() for _ in range(5)]
        assert run.kept == len(submissions) == len(store.results(run.id))
    begin = costs.pop("begin")
    each = {name: 1000 * seconds / len(submissions) for name, seconds in costs.items()}
    return Alone(begin=begin, megabytes=_peak_megabytes("self"), loop=statistics.median(loops), **each)


def measure_main(base: Path, size: int) -> tuple[Alone, Path]:
    """Grade a class with an executor that answers at once, in a process of its own: the cost, and the results."""
    folder, out, hundred = base / f"class-{size}", base / f"main-{size}", base / "hundred"
    make_class(folder, size)
    if not hundred.exists():
        make_class(base / f"class-{BLOCK}", BLOCK)
        _run("grade", base / f"class-{BLOCK}", *COMMAND, "--out", hundred)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure_here, folder, out, hundred).result(), out


HEADS = {
    "grading": (
        *("executor", "workers", "submissions", "a second", "ms a submission"),
        *("ms in a worker, mean", "ms in a worker, median of right and wrong work"),
        *("main process, MB", "store, MB", "first result, s", "everything kept, s", "a loop of Python, ms"),
    ),
    "main": (
        *("submissions", "once, processor s", "processor ms a submission", "memory, MB"),
        *("exports, processor ms a submission", "keeping all of them, processor ms a submission"),
        "a loop of Python, ms",
    ),
    "pages": ("submissions", "processor ms a submission", "memory, MB", "a loop of Python, ms"),
}


def _rows(part: str, base: Path, arguments: argparse.Namespace) -> Iterator[Sequence[str]]:
    for size in arguments.sizes:
        if part == "grading":
            folder = base / f"class-{size}"
            make_class(folder, size)
            for executor in arguments.executors:
                for workers in arguments.workers:
                    got = measure(folder, size, executor, workers)
                    yield (
                        *(executor, f"{workers}", f"{size:,}", f"{1000 / got.cost:.1f}", f"{got.cost:.1f}"),
                        *(f"{got.in_worker:.0f}", f"{got.honest:.0f}"),
                        *(f"{got.main_megabytes:.0f}", f"{got.store_megabytes:.1f}"),
                        *(f"{got.start_up:.1f}", f"{got.kept_seconds:.1f}", f"{got.loop:.1f}"),
                    )
                    print(f"    {got.kinds}", file=sys.stderr)
            continue
        alone, out = measure_main(base, size)
        if part == "main":
            yield (
                *(f"{size:,}", f"{alone.begin:.2f}", f"{alone.grading:.2f}", f"{alone.megabytes:.0f}"),
                *(f"{alone.exports:.2f}", f"{alone.keeping:.2f}", f"{alone.loop:.1f}"),
            )
        else:
            _, cpu, watch, _ = _run("report", out, "--course", ROOT, "--quiet")
            loop = statistics.median(watch.loops)
            yield f"{size:,}", f"{1000 * cpu / size:.0f}", f"{watch.megabytes:.0f}", f"{loop:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", nargs="+", choices=HEADS, default=list(HEADS), help="what to measure: all")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--executors", nargs="+", choices=("local", "dask"), default=["local", "dask"])
    parser.add_argument("--workers", type=int, nargs="+", default=[2])
    parser.add_argument("--markdown", action="store_true", help="tables for a document")
    parser.add_argument("--keep", type=Path, help="leave classes and results in this folder")
    arguments = parser.parse_args()
    between, whole = (" | ", "| {} |") if arguments.markdown else ("  ", "{}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, Linux {platform.release()}")
    with tempfile.TemporaryDirectory(prefix="scale-") as temporary:
        for part in arguments.part:
            head = HEADS[part]
            print("\n" + whole.format(between.join(head)))
            if arguments.markdown:
                print(whole.format(between.join("---" if name == "executor" else "---:" for name in head)))
            for row in _rows(part, arguments.keep or Path(temporary), arguments):
                print(whole.format(between.join(row)), flush=True)


if __name__ == "__main__":
    main()
