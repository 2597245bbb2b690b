"""Grades classes of 100, 1,000 and 10,000 generated submissions, and prints what each submission costs.

    python benchmarks/scale.py --sizes 100 1000 10000 --executors local dask --markdown

The class is a mixture: right, wrong and unusual work of every topic, half of it notebooks, and 2 % endless loops, 2 %
that crash and 1 % hostile. Calls and cells have half a second each, so that the endless loops cost no more than they
must: with the ordinary limits of 5 and 10 seconds the same class takes longer, by the time that those wait. Needs the
extras ``instructor`` and ``cluster``. Every class is graded by the command, in processes of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from autograder.course import Topic, load_course
from autograder.overrides import override_source

ROOT = Path(__file__).resolve().parent.parent
SHARES = {"endless loop": 0.02, "crash": 0.02, "hostile": 0.01}
ENDLESS = "while True:\n    pass\n"
CRASHES = (
    "import os\nos._exit(1)\n",
    "import ctypes\nctypes.string_at(0)\n",
    "import os\nos.abort()\n",
    "import sys\nsys.setrecursionlimit(10**9)\ndef deeper(n):\n    return deeper(n + 1)\ndeeper(0)\n",
)
HOSTILE = (  # each acts on its own process, and on nothing else
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
    seconds: float  # from the first result stored to the last
    start_up: float  # until the first result
    cpu: float
    main_megabytes: float  # peak of the main process
    report_seconds: float
    report_megabytes: float
    store_megabytes: float
    kept_seconds: float  # of a run that finds everything graded

    @property
    def cost(self) -> float:
        """Milliseconds of wall time a submission."""
        return 1000 * self.seconds / self.size


def _whole(topic: Topic) -> list[str]:
    """The reference, every alternative and every known mistake, as whole submissions."""
    entries = [*topic.alternatives, *topic.mistakes]
    return [topic.source, *(f"{topic.source}\n\n# %%\n{override_source(topic, entry)}" for entry in entries)]


def _as_notebook(source: str) -> str:
    notebook = jupytext.reads(source, fmt="py:percent")
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    text: str = nbformat.writes(notebook)
    return text


def make_class(folder: Path, size: int) -> None:
    """Write a class; the same size gives the same bytes."""
    draw = random.Random(size)
    honest = [
        (topic.name, source, _as_notebook(source))
        for topic in load_course(ROOT).topics.values()
        if topic.native is None  # handed in as C++
        for source in _whole(topic)
    ]
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(size * share))]
    kinds += ["honest"] * (size - len(kinds))
    draw.shuffle(kinds)
    for number, kind in enumerate(kinds):
        topic, source, notebook = draw.choice(honest)
        bad = {"endless loop": (ENDLESS,), "crash": CRASHES, "hostile": HOSTILE}.get(kind)
        path = folder / f"student-{number:06}" / f"{topic}.{'py' if number % 2 else 'ipynb'}"
        path.parent.mkdir(parents=True)
        if bad is not None:
            source = f"{source}\n\n# %%\n{draw.choice(bad)}"
            notebook = _as_notebook(source)
        mark = f"made for student {number}"  # no two files are the same
        path.write_text(
            f"{source}\n# {mark}\n"
            if number % 2
            else notebook.replace('"nbformat":', f'"mark": "{mark}",\n "nbformat":', 1)
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
            if event["event"] != "graded" or not any(item["event"] == "graded" for item in log):
                log.append(event)  # the first result only: the others would fill the memory
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


def measure(folder: Path, size: int, executor: str, workers: int, report: bool) -> Figures:
    """Grade a class that lies in ``folder``."""
    out = folder.parent / f"{executor}-{size}"
    where = (
        ["--workers", workers] if executor == "local" else ["--executor", "dask", "--local-cluster", workers]
    )
    limits = ["--call-seconds", 0.5, "--cell-seconds", 0.5]
    command = ["grade", folder, "--out", out, "--log-json", "--quiet", "--no-report", *limits, *where]
    begun = time.time()
    _, cpu, megabytes, log = _run(*command)
    first = next(float(str(event["time"])) for event in log if event["event"] == "graded")
    last = [event for event in log if event["event"] == "progress"][-1]
    kinds = last["kinds"]
    assert isinstance(kinds, dict) and sum(kinds.values()) == size
    store = (out / "grades.sqlite").stat().st_size / 2**20
    kept_seconds, _, _, _ = _run(*command)
    report_seconds = report_megabytes = 0.0
    if report:
        report_seconds, _, report_megabytes, _ = _run("report", out)
    return Figures(
        executor=executor,
        size=size,
        kinds=dict(Counter(kinds)),
        seconds=float(str(last["time"])) - first,
        start_up=first - begun,
        cpu=cpu,
        main_megabytes=megabytes,
        report_seconds=report_seconds,
        report_megabytes=report_megabytes,
        store_megabytes=store,
        kept_seconds=kept_seconds,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--executors", nargs="+", choices=("local", "dask"), default=["local", "dask"])
    parser.add_argument("--workers", type=int, nargs="+", default=[2])
    parser.add_argument("--no-report", action="store_true", help="do not measure the report")
    parser.add_argument("--markdown", action="store_true", help="a table for a document")
    parser.add_argument("--keep", type=Path, help="leave classes and results in this folder")
    arguments = parser.parse_args()
    head = (
        *("executor", "workers", "submissions", "start-up, s"),
        *("a second", "ms a submission", "processor ms a submission"),
        *("main process, MB", "store, MB", "everything kept, s", "report, s", "report, MB"),
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
                    got = measure(folder, size, executor, workers, not arguments.no_report)
                    cells = (
                        *(
                            executor,
                            f"{workers}",
                            f"{size:,}",
                            f"{size / got.seconds:.1f}",
                            f"{got.cost:.1f}",
                        ),
                        *(f"{1000 * got.cpu / size:.1f}", f"{got.main_megabytes:.0f}"),
                        *(f"{got.store_megabytes:.1f}", f"{got.kept_seconds:.1f}"),
                        *(f"{got.report_seconds:.1f}", f"{got.report_megabytes:.0f}"),
                    )
                    print(("| {} |" if arguments.markdown else "{}").format(between.join(cells)), flush=True)
                    print(f"    {got.kinds}", file=sys.stderr)


if __name__ == "__main__":
    main()
