"""Grades classes of 100, 1,000 and 10,000 generated submissions, and prints what each submission costs.

    python benchmarks/scale.py --sizes 100 1000 10000 --executors local dask --markdown

A class is one hundred submissions over and over, so that every size has the same mixture: right, wrong and unusual
work of every topic, half of it notebooks, with 2 endless loops, 2 that crash and 1 hostile one, evenly spread. Small
classes are graded several times. Calls and cells have half a second each, so that the endless loops cost no more than
they must: with the ordinary limits of 5 and 10 seconds the same class takes longer, by the time that those wait. Needs
the extras ``instructor`` and ``cluster``. Every class is graded by the command, in processes of its own.
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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jupytext
import nbformat

from autograder.course import Topic, load_course
from autograder.overrides import override_source
from autograder.results import read_results

ROOT = Path(__file__).resolve().parent.parent
BLOCK = 100
BAD = {10: "crash", 30: "endless loop", 50: "hostile", 70: "endless loop", 90: "crash"}
"""What is neither right nor wrong, by its place among a hundred."""
REPEATS_UP_TO = 300
"""Submissions that a class is graded again for, until there are so many: a small one is over in seconds."""
ENDLESS = "while True:\n    pass\n"
CRASHES = (
    "import os\nos._exit(1)\n",
    "import sys\nsys.setrecursionlimit(10**9)\ndef deeper(n):\n    return deeper(n + 1)\ndeeper(0)\n",
    "import ctypes\nctypes.string_at(0)\n",
    "import os\nos.abort()\n",
)
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
    cpu: float  # milliseconds of processor time a submission
    main_megabytes: float  # peak of the main process
    store_megabytes: float
    kept_seconds: float  # of a run that finds everything graded


def _whole(topic: Topic) -> list[str]:
    """The reference, every alternative and every known mistake, as whole submissions."""
    entries = [*topic.alternatives, *topic.mistakes]
    return [topic.source, *(f"{topic.source}\n\n# %%\n{override_source(topic, entry)}" for entry in entries)]


@cache
def _as_notebook(source: str) -> str:
    notebook = jupytext.reads(source, fmt="py:percent")
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    text: str = nbformat.writes(notebook)
    return text


def make_class(folder: Path, size: int) -> None:
    """Write a class; the same size gives the same bytes."""
    honest = [
        (topic.name, source)
        for topic in load_course(ROOT).topics.values()
        if topic.native is None  # handed in as C++
        for source in _whole(topic)
    ]
    for number in range(size):
        block, place = divmod(number, BLOCK)
        topic, source = honest[place * len(honest) // BLOCK]
        kind = BAD.get(place)
        if kind == "hostile":
            source += "".join(f"\n\n# %%\n{cell}" for cell in HOSTILE)
        elif kind is not None:
            crash = CRASHES[(2 * block + (place > BLOCK // 2)) % len(CRASHES)]
            source += f"\n\n# %%\n{ENDLESS if kind == 'endless loop' else crash}"
        is_script = (number + place // 20) % 2  # so that each kind comes as both
        path = folder / f"student-{number:06}" / f"{topic}.{'py' if is_script else 'ipynb'}"
        path.parent.mkdir(parents=True)
        mark = f"made for student {number}"  # no two files are the same
        path.write_text(
            f"{source}\n# {mark}\n"
            if is_script
            else _as_notebook(source).replace('"nbformat":', f'"mark": "{mark}",\n "nbformat":', 1)
        )


class _Peak(threading.Thread):
    """The most memory that a process has held, in megabytes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.megabytes = 0.0

    def run(self) -> None:
        while self.process.poll() is None:
            try:
                status = Path(f"/proc/{self.process.pid}/status").read_text()
            except OSError:
                return
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    self.megabytes = max(self.megabytes, int(line.split()[1]) / 1024)
            time.sleep(0.2)


def _run(*arguments: object) -> tuple[float, float, float, list[dict[str, object]]]:
    """Run the command: wall time, processor time, peak megabytes of its main process, and its log."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    peak = _Peak(process)
    peak.start()
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
    peak.join()
    if code not in (0, 1):
        raise SystemExit(f"the command ended with {code}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, peak.megabytes, log


def _graded_once(
    folder: Path, out: Path, size: int, command: Sequence[object], groups: int
) -> dict[str, object]:
    """Grade a class into a folder: what that took."""
    begun = time.time()
    _, cpu, megabytes, log = _run(*command, "--out", out)
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
        "cpu": 1000 * cpu / size,
        "main_megabytes": megabytes,
    }


def measure(folder: Path, size: int, executor: str, workers: int) -> Figures:
    """Grade a class that lies in ``folder``; of several times, the medians."""
    where = (
        ["--workers", workers] if executor == "local" else ["--executor", "dask", "--local-cluster", workers]
    )
    limits = ["--call-seconds", 0.5, "--cell-seconds", 0.5]
    command = ["grade", folder, "--log-json", "--quiet", "--no-report", *limits, *where]
    times = max(1, -(-REPEATS_UP_TO // size))
    outs = [folder.parent / f"{executor}-{size}-{number}" for number in range(times)]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--executors", nargs="+", choices=("local", "dask"), default=["local", "dask"])
    parser.add_argument("--workers", type=int, nargs="+", default=[2])
    parser.add_argument("--markdown", action="store_true", help="a table for a document")
    parser.add_argument("--keep", type=Path, help="leave classes and results in this folder")
    arguments = parser.parse_args()
    head = (
        *("executor", "workers", "submissions", "a second", "ms a submission"),
        *("ms in a worker, mean", "ms in a worker, median of right and wrong work"),
        *("processor ms a submission", "main process, MB", "store, MB"),
        *("first result, s", "everything kept, s"),
    )
    between = " | " if arguments.markdown else "  "
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, Linux {platform.release()}\n")
    print(("| {} |" if arguments.markdown else "{}").format(between.join(head)))
    if arguments.markdown:
        print("| --- |" + " ---: |" * (len(head) - 1))
    with tempfile.TemporaryDirectory(prefix="scale-") as temporary:
        base = arguments.keep or Path(temporary)
        for size in arguments.sizes:
            folder = base / f"class-{size}"
            if not folder.exists():
                make_class(folder, size)
            for executor in arguments.executors:
                for workers in arguments.workers:
                    got = measure(folder, size, executor, workers)
                    cells = (
                        *(executor, f"{workers}", f"{size:,}", f"{1000 / got.cost:.1f}", f"{got.cost:.1f}"),
                        *(f"{got.in_worker:.0f}", f"{got.honest:.0f}"),
                        *(f"{got.cpu:.1f}", f"{got.main_megabytes:.0f}", f"{got.store_megabytes:.1f}"),
                        *(f"{got.start_up:.1f}", f"{got.kept_seconds:.1f}"),
                    )
                    print(("| {} |" if arguments.markdown else "{}").format(between.join(cells)), flush=True)
                    print(f"    {got.kinds}", file=sys.stderr)


if __name__ == "__main__":
    main()
