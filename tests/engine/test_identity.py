"""What a grade depends on: each thing that can change one changes the key, and nothing else does."""

import dataclasses
from pathlib import Path

import pytest

from autograder import identity
from autograder.course import load_course
from autograder.identity import conditions_of, content_digest, engine_identity
from autograder.sandbox.limits import Limits
from autograder.submissions import Submission
from tests.engine.small_course import COURSE, TINY_TOTAL, write_files

HELPED = {
    "solutions/tests/tiny/total.py": f"from solutions.helpers import near\n{TINY_TOTAL}",
    "solutions/helpers/__init__.py": "",
    "solutions/helpers/near.py": "from . import numbers\nfrom solutions.alone import SMALL\n",
    "solutions/helpers/numbers.py": "SMALL = 1e-9\n",
    "solutions/helpers/table.csv": "1,2\n",
    "solutions/alone.py": "SMALL = 1e-9\n",
    "solutions/unused.py": "",
    "solutions/tests/tiny/data.csv": "1,2\n",
}


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / "course", COURSE | HELPED)


def digests(folder, **limits):
    course = load_course(folder)
    return {topic: item.digest for topic, item in conditions_of(course, Limits(**limits), "A").items()}


@pytest.mark.parametrize(
    ("path", "topics"),
    [
        ("solutions/tiny.py", {"tiny"}),
        ("solutions/tests/tiny/mean_of.py", {"tiny"}),
        ("solutions/tests/tiny/data.csv", {"tiny"}),
        ("solutions/mistakes/tiny.py", {"tiny"}),
        ("solutions/helpers/near.py", {"tiny"}),
        ("solutions/helpers/numbers.py", {"tiny"}),
        ("solutions/helpers/table.csv", {"tiny"}),
        ("solutions/alone.py", {"tiny"}),
        ("solutions/double.py", {"double"}),
        ("solutions/unused.py", set()),
        ("pyproject.toml", set()),
    ],
)
def test_a_change_costs_the_topics_that_it_is_about(folder, path, topics):
    before = digests(folder)
    assert digests(folder) == before
    with open(folder / path, "a") as file:
        file.write("\n# changed\n")
    after = digests(folder)
    assert {topic for topic in before if before[topic] != after[topic]} == topics


def test_the_files_are_told_by_name(folder):
    files = conditions_of(load_course(folder), Limits(), "A")["tiny"].files
    assert sorted(name for name in files if name.startswith("solutions/")) == [
        "solutions/alone.py",
        "solutions/helpers/__init__.py",
        "solutions/helpers/near.py",
        "solutions/helpers/numbers.py",
        "solutions/helpers/table.csv",
        "solutions/mistakes/tiny.py",
        "solutions/tests/tiny/data.csv",
        "solutions/tests/tiny/mean_of.py",
        "solutions/tests/tiny/total.py",
        "solutions/tiny.py",
    ]
    assert files["numpy"][0].isdigit()  # what is not the course's own, by its version


def test_a_package_of_the_course_counts_whole(folder, monkeypatch):
    write_files(folder, {"ownlib/__init__.py": "", "ownlib/data.txt": "1", "ownlib/__pycache__/x.pyc": "1"})
    tests = f"import ownlib\n{TINY_TOTAL}"
    write_files(folder, {"solutions/tests/tiny/total.py": tests})
    monkeypatch.syspath_prepend(folder)
    before = digests(folder)
    files = conditions_of(load_course(folder), Limits(), "A")["tiny"].files
    assert [name for name in files if name.startswith("ownlib")] == ["ownlib/__init__.py", "ownlib/data.txt"]
    write_files(folder, {"ownlib/data.txt": "2", "ownlib/__pycache__/x.pyc": "2"})
    assert digests(folder)["tiny"] != before["tiny"]


def test_limits_and_tier_count(folder):
    course = load_course(folder)
    found = {
        conditions_of(course, limits, tier)["tiny"].digest
        for limits, tier in ((Limits(), "A"), (Limits(), "B"), (Limits(call_seconds=4.0), "A"))
    }
    assert len(found) == 3


def test_the_engine_counts(folder, monkeypatch):
    before = digests(folder)
    assert engine_identity().startswith("autograder ")
    monkeypatch.setattr(identity, "engine_identity", lambda: "another")
    after = digests(folder)
    assert all(before[topic] != after[topic] for topic in before)


def test_what_decides_over_a_grade_is_part_of_the_engine():
    folder = Path(identity.__file__).parent
    closure = identity._Closure("autograder", folder)
    closure.add(folder / "grading.py")
    assert {
        "grading.py",
        "diagnosis.py",
        "course.py",
        "transcript.py",
        "results.py",
        "sandbox/client.py",
    } <= (closure.files.keys())
    assert not {"cli.py", "store.py", "commands/grade.py"} & closure.files.keys()


def test_the_content_is_what_was_handed_in():
    base = Submission("s/tiny.py", "s", "tiny", Path("s/tiny.py"), data=b"x = 1")
    others = [
        {"data": b"x = 2"},
        {"data": None, "problem": "it is a folder, not a file"},
        {"topic": "double"},
        {"path": Path("s/work.py")},
        {"member": "inside/other.py"},
    ]
    digests = {content_digest(dataclasses.replace(base, **change)) for change in others}
    assert len(digests | {content_digest(base)}) == 6
    moved = dataclasses.replace(base, path=Path("elsewhere/tiny.py"), name="t/tiny.py", student="t")
    assert content_digest(moved) == content_digest(base)
