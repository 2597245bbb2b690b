"""Grades the same honest submissions with otter-grader, nbgrader and autograder, in one run, and prints a table.

    python benchmarks/grading.py --topic attention

Every tool gets the same tests and the same notebooks: right and wrong work of one topic, with and without picture
cells. Needs the extra ``instructor``. ``--markdown`` prints the table as it stands in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import copy
import ctypes
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from autograder.course import Course, Topic, load_course
from autograder.overrides import override_source
from autograder.release import otter_bundle

ROOT = Path(__file__).resolve().parent.parent
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Row:
    """What one tool took for a number of submissions."""

    tool: str
    kind: str
    count: int
    seconds: list[float]  # wall time of each submission
    wall: float  # of all of them, start-up left out
    cpu: float
    peak_megabytes: float

    @property
    def rate(self) -> float:
        return self.count / self.wall


def _sources(topic: Topic, pictures: bool) -> list[str]:
    """The reference, every alternative and every known mistake, as whole submissions."""
    source = topic.source
    if not pictures:
        cells = source.split("# %%")
        source = "# %%".join(cell for cell in cells if not cell.startswith(' tags=["active-ipynb"]'))
    entries = [*topic.alternatives, *topic.mistakes]
    return [source, *(f"{source}\n\n# %%\n{override_source(topic, entry)}" for entry in entries)]


def _notebook(source: str) -> nbformat.NotebookNode:
    notebook = jupytext.reads(source, fmt="py:percent")
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    return notebook


def _write(folder: Path, name: str, source: str, suffix: str) -> Path:
    path = folder / f"{name}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".py":
        path.write_text(source)
    else:
        nbformat.write(_notebook(source), path)
    return path


class _Usage:
    """CPU time and peak memory of everything started inside, orphans included."""

    def __enter__(self) -> _Usage:
        self.before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self.start
        patience = time.monotonic() + 2  # for orphans to end; multiprocessing's resource tracker never does
        while time.monotonic() < patience:
            try:
                if os.waitpid(-1, os.WNOHANG) == (0, 0):
                    time.sleep(0.01)
            except ChildProcessError:
                break
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = after.ru_utime + after.ru_stime - self.before.ru_utime - self.before.ru_stime
        self.peak_megabytes = after.ru_maxrss / 1024


def _in_child(function: str, *args: str) -> dict[str, object]:
    """Run one measurement in a process of its own, so that its children's peak memory is its own too."""
    command = [sys.executable, __file__, "--measure", function, *args]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure_otter_run(bundle: str, *paths: str) -> dict[str, object]:
    seconds = []
    with _Usage() as usage, tempfile.TemporaryDirectory() as out:
        for path in paths:
            start = time.perf_counter()
            command = [sys.executable, "-m", "otter", "run", "-a", bundle, "-o", out, "--no-logo", path]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "wall": usage.wall, "cpu": usage.cpu, "peak": usage.peak_megabytes}


def measure_otter_warm(bundle: str, *paths: str) -> dict[str, object]:
    import otter.api

    own = resource.getrusage(resource.RUSAGE_SELF)
    seconds = []
    with _Usage() as usage, open(os.devnull, "w") as null:
        for path in paths:
            start = time.perf_counter()
            out, sys.stdout = sys.stdout, null
            try:
                otter.api.grade_submission(path, bundle, quiet=True)
            finally:
                sys.stdout = out
            seconds.append(time.perf_counter() - start)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.cpu + spent.ru_utime + spent.ru_stime - own.ru_utime - own.ru_stime
    return {"seconds": seconds, "wall": usage.wall, "cpu": cpu, "peak": usage.peak_megabytes}


def measure_nbgrader(course: str, *students: str) -> dict[str, object]:
    seconds = []
    with _Usage() as usage:
        for student in students:
            start = time.perf_counter()
            command = [sys.executable, "-m", "nbgrader", "autograde", "topic", "--student", student]
            subprocess.run(
                command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
            )
            seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "wall": usage.wall, "cpu": usage.cpu, "peak": usage.peak_megabytes}


def measure_autograder(folder: str, workers: str) -> dict[str, object]:
    """The engine's own function for many submissions; start-up is measured apart, with one submission."""
    from autograder.commands.common import find_protections
    from autograder.pool import grade_all
    from autograder.sandbox.limits import Limits
    from autograder.submissions import find_submissions

    course = load_course(ROOT)
    submissions, _ = find_submissions(Path(folder), course.topics)
    limits = Limits()
    protections = find_protections(limits, None, False)
    seconds = []
    own = resource.getrusage(resource.RUSAGE_SELF)
    with _Usage() as usage:
        first = 0.0
        warm = int(workers) * 4  # the workers are still starting while these are graded
        results = grade_all(course, submissions, limits=limits, workers=int(workers), protections=protections)
        for number, result in enumerate(results, 1):
            if number == warm:
                first = time.perf_counter()
            if number > warm:
                seconds.append(result.seconds)
        wall = time.perf_counter() - first
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.cpu + spent.ru_utime + spent.ru_stime - own.ru_utime - own.ru_stime
    return {"seconds": seconds, "wall": wall, "cpu": cpu, "peak": usage.peak_megabytes}


def measure_overhead(topic_name: str, repeats: str) -> dict[str, object]:
    """Right submissions: graded as a worker does it, and their cells and tests run in one process, unconfined."""
    from autograder.grading import grade_submission
    from autograder.pictures import without_pictures
    from autograder.processors import claim_processor
    from autograder.sandbox.launchers import open_launcher
    from autograder.sandbox.limits import Limits
    from autograder.submissions import find_submissions, read_cells

    course = load_course(ROOT)
    topic = course.topics[topic_name]
    claim = claim_processor()
    graded, plain = [], []
    with tempfile.TemporaryDirectory() as folder, open_launcher(course.preload, Limits()) as launcher:
        for index, source in enumerate(_sources(topic, False)[: 1 + len(topic.alternatives)]):
            _write(Path(folder) / f"student-{index:03d}", topic.name, source, ".py")
        submissions, _ = find_submissions(Path(folder), course.topics)
        for submission in list(submissions) * int(repeats):
            start = time.perf_counter()
            result = grade_submission(submission, topic, launcher, {})
            graded.append(time.perf_counter() - start)
            assert result.total == result.possible, result
            cells = without_pictures(topic, read_cells(submission))
            space: dict[str, object] = {"__name__": "__main__"}
            start = time.perf_counter()
            for cell in cells:
                exec(compile(cell.source, cell.name, "exec"), space)
            for exercise in topic.exercises:
                tests = copy.copy(exercise.tests)
                tests.run({item.name: space[item.name] for item in topic.exercises})
            plain.append(time.perf_counter() - start)
    if claim is not None:
        claim.close()
    return {"graded": graded, "plain": plain}


def _nbgrader_course(folder: Path, topic: Topic, sources: Sequence[str]) -> list[str]:
    """A course for nbgrader: the submission's cells, then one cell of tests for each exercise."""
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\nc.ExecutePreprocessor.timeout = 120\n"
        "c.ClearSolutions.enforce_metadata = False\n"  # the masters' solution regions stand in plain cells
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    )
    students = []
    for number, source in enumerate([topic.source, *sources]):
        notebook = _notebook(source)
        for cell in notebook.cells:
            if cell.cell_type == "code" and "import otter" in cell.source:
                cell.source = "from genai_course import plots\n" + (
                    "class grader:\n    check = staticmethod(lambda name: None)\n"
                )
        for exercise in topic.exercises:
            code = (
                f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
                "from otter.test_files.exception_test import ExceptionTestFile\n"
                f"tests = ExceptionTestFile.from_file({exercise.tests.path!r})\n"
                "tests.run(globals())\n"
                "tests.score"
            )
            cell = nbformat.v4.new_code_cell(code, id=f"test-{exercise.name}".replace("_", "-"))
            cell.metadata["nbgrader"] = {
                "grade": True,
                "grade_id": f"test-{exercise.name}",
                "locked": False,
                "points": exercise.possible,
                "schema_version": 3,
                "solution": False,
                "task": False,
            }
            notebook.cells.append(cell)
        if number == 0:
            place = folder / "source" / "topic"
        else:
            students.append(f"student-{number:03d}")
            place = folder / "submitted" / students[-1] / "topic"
        place.mkdir(parents=True)
        nbformat.write(notebook, place / "topic.ipynb")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "topic"]
    # nbgrader starts `alembic` by its bare name, which lies beside this Python, on the path or not.
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": search}, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"nbgrader generate_assignment failed:\n{done.stderr}")
    return students


def _row(tool: str, kind: str, count: int, answer: dict[str, object]) -> Row:
    seconds = answer["seconds"]
    assert isinstance(seconds, list)
    numbers = [float(str(answer[key])) for key in ("wall", "cpu", "peak")]
    return Row(tool, kind, len(seconds), seconds, numbers[0], numbers[1] * len(seconds) / count, numbers[2])


def _quantile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]


def measure(course: Course, topic: Topic, few: int, many: int) -> Iterable[Row]:
    """Every tool on the same submissions: ``few`` for those that take seconds, ``many`` for the others."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        work = Path(name)
        bundle = work / "autograder.zip"
        bundle.write_bytes(otter_bundle(topic))
        for kind, suffix, pictures in (
            (".py", ".py", False),
            ("notebook", ".ipynb", False),
            ("notebook with pictures", ".ipynb", True),
        ):
            sources = _sources(topic, pictures)
            sample = [sources[index % len(sources)] for index in range(few)]
            place = work / f"few-{suffix}-{pictures}"
            paths = [str(_write(place, f"{i:03d}", source, suffix)) for i, source in enumerate(sample)]
            yield _row("otter run", kind, few, _in_child("otter_run", str(bundle), *paths))
            yield _row("otter.api, warm", kind, few, _in_child("otter_warm", str(bundle), *paths))
            if suffix == ".ipynb":
                folder = work / f"nbgrader-{pictures}"
                folder.mkdir()
                students = _nbgrader_course(folder, topic, sample)
                yield _row("nbgrader autograde", kind, few, _in_child("nbgrader", str(folder), *students))
            folder = work / f"many-{suffix}-{pictures}"
            for index in range(many):
                _write(folder / f"student-{index:04d}", topic.name, sources[index % len(sources)], suffix)
            for workers in (1, 2):
                answer = _in_child("autograder", str(folder), str(workers))
                tool = f"autograder grade, {workers} worker{'s' if workers > 1 else ''}"
                yield _row(tool, kind, many, answer)
            shutil.rmtree(folder)


def _print_table(rows: Sequence[Row]) -> None:
    print("| submissions | tool | a second | x otter run | p50, ms | p95, ms | CPU s each | peak MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    peers = {row.kind: row for row in rows if row.tool == "otter run"}
    for row in rows:
        p50, p95 = statistics.median(row.seconds), _quantile(row.seconds, 0.95)
        ratio = row.rate / peers[row.kind].rate
        print(
            f"| {row.kind} | {row.tool} | {row.rate:.2f} | {ratio:.1f} | {p50 * 1e3:.1f} | {p95 * 1e3:.1f} "
            f"| {row.cpu / row.count:.3f} | {row.peak_megabytes:.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--topic", default="attention")
    parser.add_argument("--few", type=int, default=6, help="submissions for the tools that take seconds")
    parser.add_argument("--many", type=int, default=300, help="submissions for autograder")
    parser.add_argument("--measure", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if arguments.measure:
        name, *rest = arguments.measure
        print(json.dumps(globals()[f"measure_{name}"](*rest)))
        return
    course = load_course(ROOT)
    if arguments.topic not in course.topics:
        parser.error(f"there is no topic {arguments.topic!r}; there is {', '.join(course.topics)}")
    rows = []
    for row in measure(course, course.topics[arguments.topic], arguments.few, arguments.many):
        rows.append(row)
        print(f"{row.kind}: {row.tool}: {row.rate:.2f} a second", file=sys.stderr)
    print(f"\n{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}\n")
    _print_table(rows)
    overhead = _in_child("overhead", arguments.topic, "20")
    graded, plain = (statistics.median(overhead[key]) * 1e3 for key in ("graded", "plain"))
    print(
        f"\nA right .py submission, p50: {graded:.1f} ms graded in confinement, {plain:.1f} ms for its cells and tests "
        f"in one process: {graded - plain:.1f} ms more."
    )


if __name__ == "__main__":
    main()
