"""A run over a class: what is graded already is kept, and neither order nor number of workers changes a grade."""

import dataclasses
import json
import zipfile
from concurrent.futures import Future

import msgspec
import pytest

from autograder import grading_run
from autograder.course import load_course
from autograder.doctor import probe
from autograder.executors import BatchExecutor, ExecutorError, encode_results
from autograder.grading import not_graded
from autograder.grading_run import GradingRun
from autograder.pool import LocalPool
from autograder.results import write_results
from autograder.sandbox.limits import Limits
from autograder.store import Store
from autograder.submissions import find_submissions
from tests.engine.small_course import COURSE, RIGHT, TINY_TOTAL, notebook, write_files

CLASS = {
    "a/tiny.py": RIGHT,
    "b/tiny.ipynb": notebook(RIGHT),
    "c/double.py": "def double(number):\n    return 2 * number\n",
    "d/essay.py": "x = 1",
    "e/tiny.py": "",
}


class Counting(BatchExecutor):
    """Gives every submission the length of its file as points, and remembers which ones it was given."""

    workers = 1
    largest = 2
    protections = {"tier": "A"}

    def __init__(self, fails=(), ends_after=None):
        self.fails, self.ends_after = fails, ends_after
        self.graded = []

    def submit(self, batch):
        future = Future()
        future.set_result(encode_results([self.grade(submission) for submission in batch]))
        return future

    def grade(self, submission):
        self.graded.append(submission.name)
        if submission.problem or not submission.data:
            return not_graded(submission, None, "unreadable", submission.problem or "it is empty")
        if submission.name in self.fails:
            return not_graded(submission, None, "crashed", "the grader failed on it")
        whole = not_graded(submission, None, "graded", "")
        return msgspec.structs.replace(whole, total=len(submission.data), protections={"tier": "A"})

    def check(self):
        if self.ends_after is not None and len(self.graded) >= self.ends_after:
            raise ExecutorError("no power")

    def shutdown(self):
        pass


@pytest.fixture
def folder(tmp_path):
    write_files(tmp_path / "class", CLASS)
    write_files(tmp_path / "course", COURSE)
    return tmp_path


def grade(folder, executor=None, *, limits=None, **options):
    """One run; the names that were graded, and the run's results."""
    executor = executor or Counting()
    course = load_course(folder / "course")
    submissions, _ = find_submissions(folder / "class", course.topics)
    with Store(folder / "grades.sqlite") as store:
        run = GradingRun(store, course, submissions, limits=limits or Limits(), tier="A", **options)
        try:
            told = [result.submission for found in run.grade(executor) for result in found]
        except ExecutorError:
            told = None
        results = list(store.results(run.id))
        if told is not None:
            assert sorted(told) == sorted(set(executor.graded))
            assert run.kept == len(submissions) - len(told)
    return sorted(set(executor.graded)), [(result.submission, result.status) for result in results]


EVERYTHING = [
    ("a/tiny.py", "graded"),
    ("b/tiny.ipynb", "graded"),
    ("c/double.py", "graded"),
    ("d/essay.py", "unreadable"),
    ("e/tiny.py", "unreadable"),
]


def test_nothing_is_graded_twice(folder):
    graded, results = grade(folder)
    assert graded == sorted(CLASS) and results == EVERYTHING
    graded, results = grade(folder)
    assert graded == [] and results == EVERYTHING
    graded, results = grade(folder, fresh=True)
    assert graded == sorted(CLASS) and results == EVERYTHING


@pytest.mark.parametrize(
    ("changes", "options", "graded"),
    [
        ({"class/a/tiny.py": "x = 1"}, {}, ["a/tiny.py"]),
        ({"class/f/tiny.py": RIGHT}, {}, ["f/tiny.py"]),
        (
            {"course/solutions/tests/tiny/total.py": TINY_TOTAL + "# corrected\n"},
            {},
            ["a/tiny.py", "b/tiny.ipynb", "e/tiny.py"],
        ),
        ({}, {"limits": Limits(call_seconds=1)}, sorted(CLASS)),
    ],
)
def test_a_change_costs_what_it_changes(folder, changes, options, graded):
    grade(folder)
    write_files(folder, changes)
    again, results = grade(folder, **options)
    assert again == graded
    assert len(results) == len(CLASS) + ("class/f/tiny.py" in changes)
    assert grade(folder, **options)[0] == []


def test_what_the_grader_failed_on_is_tried_again(folder):
    executor = Counting(fails=["a/tiny.py"])
    _, results = grade(folder, executor)
    assert results[0] == ("a/tiny.py", "crashed")
    assert executor.graded.count("a/tiny.py") == 3
    assert grade(folder) == (["a/tiny.py"], EVERYTHING)


def test_a_run_that_ends_early_keeps_all_that_is_known(folder, monkeypatch):
    monkeypatch.setattr(grading_run, "_LOOKED_UP_AT_ONCE", 2)
    grade(folder, Counting(ends_after=2))
    with Store(folder / "grades.sqlite") as store:
        (run,) = store.runs()
        assert not run.finished_at and 0 < run.done < run.found
        done = {result.submission for result in store.results(1)}
    write_files(folder, {"class/a/tiny.py": "x = 1"})
    _, results = grade(folder, Counting(ends_after=0))
    assert done - {"a/tiny.py"} <= {name for name, _ in results}
    graded, results = grade(folder)
    assert results == EVERYTHING and done.isdisjoint(graded) == ("a/tiny.py" not in graded)


def test_a_file_that_changes_before_it_is_graded_is_stored_as_it_was_graded(folder):
    class Late(Counting):
        def submit(self, batch):
            write_files(folder, {"class/a/tiny.py": "changed since"})
            return super().submit(batch)

    grade(folder, Late())
    assert grade(folder)[0] == ["a/tiny.py"]


def test_an_archive_of_a_class_is_kept_open(folder, monkeypatch):
    archive = folder / "class" / "class.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for number in range(30):
            packed.writestr(f"s{number:02}/tiny.py", RIGHT)
    opened = []
    original = zipfile.ZipFile.__init__

    def init(self, *args, **kwargs):
        opened.append(args[0])
        original(self, *args, **kwargs)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", init)
    course = load_course(folder / "course")
    submissions, _ = find_submissions(archive, course.topics)
    with Store(folder / "grades.sqlite") as store:
        run = GradingRun(store, course, submissions, limits=Limits(), tier="A")
        assert sum(len(found) for found in run.grade(Counting())) == 30
    assert opened.count(archive) <= 3  # to look at it, and to read it


def test_submissions_of_the_same_name_are_told_apart(folder):
    course = load_course(folder / "course")
    submissions, _ = find_submissions(folder / "class", course.topics)
    twice = [*submissions, dataclasses.replace(submissions[0], student="other")]
    with Store(folder / "grades.sqlite") as store:
        run = GradingRun(store, course, twice, limits=Limits(), tier="A")
        list(run.grade(Counting()))
        names = [result.submission for result in store.results(run.id)]
    assert names == ["a/tiny.py", "a/tiny.py (2)", *sorted(CLASS)[1:]]


RANDOM = """

import random as _random


@test_case(name="drawn at random", points=1, hidden=True)
def drawn(total):
    values = [_random.random(), float(np.random.random()), *np.random.default_rng(len(SECRET)).random(3)]
    assert total(values) < 2.6, "the sum of five numbers drawn at random"
"""
DRAWS = """
import random, numpy as np
def total(values):
    numbers = [random.random(), np.random.random(), np.random.default_rng().random()]
    return float(sum(values)) + sum(number < 0.5 for number in numbers)
def mean_of(function, values):
    return total([function(value) for value in values]) / len(values)
"""


def test_workers_and_order_change_no_byte_but_the_times(folder, launchers):
    """Also where submissions and tests draw at random: seeds are set for each submission."""
    write_files(folder, {"course/solutions/tests/tiny/total.py": TINY_TOTAL + RANDOM})
    files = {f"s{number:02}/tiny.py": DRAWS for number in range(8)}
    write_files(folder / "class", files | {"x/tiny.ipynb": notebook("import os\nos._exit(1)", RIGHT)})
    course = load_course(folder / "course")
    submissions, _ = find_submissions(folder / "class", course.topics)
    protections = probe(launchers.get())
    found = []
    for workers, order in ((1, 1), (2, -1)):
        out = folder / f"out-{workers}"
        out.mkdir()
        pool = LocalPool(course.path, limits=Limits(), workers=workers, protections=protections)
        with Store(out / "grades.sqlite") as store, pool:
            run = GradingRun(store, course, submissions[::order], limits=Limits(), tier="A")
            run._submissions = run._submissions[::order]  # the order in which they are graded
            list(run.grade(pool))
            write_results(out, store.results(run.id))
        exports = {path.name: path.read_bytes() for path in out.glob("*.csv")}
        lines = [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]
        assert all(line.pop("seconds") >= 0 for line in lines)
        found.append((exports, lines))
    assert found[0] == found[1]
    drawn = [line["exercises"] for line in found[0][1] if line["submission"].startswith("s")]
    assert all(exercises == drawn[0] for exercises in drawn)  # the same file, whoever hands it in
