"""The store: what was added is there whatever comes after, and nothing else is."""

import sqlite3
import sys

import msgspec
import pytest

from autograder import store as module
from autograder.identity import Conditions
from autograder.results import ExerciseResult, Result
from autograder.store import Graded, Store, StoreError

CONDITIONS = Conditions(topic="tiny", files={"solutions/tiny.py": "a"}, engine="1", limits={"tier": "A"})


def result(name="s/tiny.py", total=1.0, status="graded", **fields):
    exercise = ExerciseResult(name="total", score=total, possible=4, tests=[], mistake=None)
    whole = {
        "student": name.partition("/")[0],
        "topic": "tiny",
        "status": status,
        "total": total,
        "possible": 4,
        "seconds": 0.5,
        "exercises": [exercise],
        "protections": {"tier": "A"},
        "error": "",
    }
    return Result(submission=name, **(whole | fields))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "grades.sqlite"


@pytest.fixture
def store(path):
    with Store(path) as opened:
        yield opened


def add(store, *results, content="c", conditions=CONDITIONS, finish=True):
    run = store.begin(len(results))
    number = store.number_of(conditions)
    store.add(run, [Graded(item, content, number) for item in results])
    if finish:
        store.finish(run)
    return run


def test_results_come_back_as_they_were_and_in_order(store, path):
    results = [result("b/tiny.py"), result("a/tiny.py", 4), result("ä/tiny.py"), result("B/tiny.py")]
    run = add(store, *results)
    stored = store.results(run)
    assert list(stored) == sorted(results, key=lambda item: item.submission)
    assert stored[1].submission == "a/tiny.py"
    assert [item.submission for item in stored[1:3]] == ["a/tiny.py", "b/tiny.py"]
    assert (len(stored), stored[-1].submission) == (4, "ä/tiny.py")
    assert store.counts(run) == {"graded": 4}
    store.close()
    with Store(path, create=False) as again:
        assert [item.submission for item in again.results(run)] == [
            "B/tiny.py",
            "a/tiny.py",
            "b/tiny.py",
            "ä/tiny.py",
        ]


def test_what_was_graded_is_found_by_its_whole_key(store):
    add(store, result())
    number = store.number_of(CONDITIONS)
    other = store.number_of(msgspec.structs.replace(CONDITIONS, engine="2"))
    assert number != other and store.number_of(CONDITIONS) == number
    assert store.find("s/tiny.py", "c", number) is not None
    for key in (("t/tiny.py", "c", number), ("s/tiny.py", "d", number), ("s/tiny.py", "c", other)):
        assert store.find(*key) is None
    assert store.knows([number]) and not store.knows([other])


def test_what_the_grader_failed_on_is_not_found(store):
    add(
        store,
        result(status="crashed", protections={}),
        result("t/tiny.py", status="unreadable", protections={}),
    )
    number = store.number_of(CONDITIONS)
    assert store.find("s/tiny.py", "c", number) is None
    assert store.find("t/tiny.py", "c", number) is not None
    assert store.counts(1) == {"failed": 1, "unreadable": 1}


def test_a_later_run_lists_what_it_keeps(store):
    add(store, result("a/tiny.py"), result("b/tiny.py"))
    number = store.number_of(CONDITIONS)
    run = store.begin(3)
    store.keep(run, [("a/tiny.py", store.find("a/tiny.py", "c", number))])
    store.add(run, [Graded(result("b/tiny.py", 3), "d", number)])
    assert [item.total for item in store.results(run)] == [1, 3]
    assert [item.total for item in store.results(1)] == [1, 1]  # history
    first, second = store.runs()
    assert (first.found, first.done, first.new, bool(first.finished_at)) == (2, 2, 2, True)
    assert (second.found, second.done, second.new, second.finished_at) == (3, 2, 1, "")


def test_results_are_added_all_or_none(store):
    run = store.begin(2)
    number = store.number_of(CONDITIONS)

    def broken():
        yield Graded(result("a/tiny.py"), "c", number)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.add(run, broken())
    assert len(store.results(run)) == 0
    assert store.find("a/tiny.py", "c", number) is None
    store.add(run, [Graded(result("a/tiny.py"), "c", number)])
    assert len(store.results(run)) == 1


def test_a_full_disk_loses_nothing_that_was_added(store, path):
    run = add(store, result("a/tiny.py"))
    number = store.number_of(CONDITIONS)
    pages = store._file.execute("PRAGMA page_count").fetchone()[0]
    store._file.execute(f"PRAGMA max_page_count = {pages + 2}")
    large = result("b/tiny.py", error="".join(chr(33 + (n * n) % 90) for n in range(1 << 17)))
    with pytest.raises(
        StoreError, match=r"grades\.sqlite: database or disk is full; is the disk full\? Make room"
    ):
        for _ in range(50):
            store.add(run, [Graded(large, "c", number)])
    store.close()
    with Store(path) as again:
        assert [item.submission for item in again.results(run)][0] == "a/tiny.py"
        assert again._file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_is_no_store_is_told(tmp_path):
    (tmp_path / "text.sqlite").write_text("no database at all, but long enough to be looked at\n" * 50)
    with pytest.raises(StoreError, match=r"text\.sqlite: file is not a database; move it away"):
        Store(tmp_path / "text.sqlite")
    with pytest.raises(StoreError, match="there is no such file; run `autograder grade` first"):
        Store(tmp_path / "nowhere.sqlite", create=False)
    assert not (tmp_path / "nowhere.sqlite").exists()
    with pytest.raises(StoreError, match="unable to open database file"):
        Store(tmp_path / "no" / "folder.sqlite")


def test_an_older_file_is_brought_up_to_date_and_a_newer_one_refused(store, path, monkeypatch):
    run = add(store, result())
    store.close()
    newer = (*module._MIGRATIONS, "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'")
    with monkeypatch.context() as patch:
        patch.setattr(module, "_MIGRATIONS", newer)
        with Store(path) as again:
            assert again._file.execute("SELECT note FROM runs").fetchall() == [("none",)]
            assert len(again.results(run)) == 1
    with pytest.raises(StoreError, match=r"newer autograder \(version 2, this one knows 1\)"):
        Store(path)


def test_a_migration_that_fails_leaves_the_file_as_it_was(store, path, monkeypatch):
    store.close()
    broken = (
        *module._MIGRATIONS,
        "ALTER TABLE runs ADD COLUMN note TEXT; ALTER TABLE nowhere ADD COLUMN x TEXT",
    )
    with monkeypatch.context() as patch:
        patch.setattr(module, "_MIGRATIONS", broken)
        with pytest.raises(StoreError, match="no such table: nowhere"):
            Store(path)
    with Store(path) as again:
        assert "note" not in {row[1] for row in again._file.execute("PRAGMA table_info(runs)")}


def test_two_graders_may_write_to_one_store(store, path):
    with Store(path) as other:
        first, second = store.begin(1), other.begin(1)
        number = store.number_of(CONDITIONS)
        store.add(first, [Graded(result("a/tiny.py"), "c", number)])
        other.add(second, [Graded(result("b/tiny.py"), "c", number)])
        assert [len(other.results(run)) for run in (first, second)] == [1, 1]


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_one_at_a_time_grades_into_a_folder(store, path):
    store.claim()
    with Store(path) as other:
        with pytest.raises(
            StoreError, match="another `autograder grade` is grading into it; wait for its end"
        ):
            other.claim()
        store.close()
        other.claim()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE results SET json_zlib = zeroblob(50)", "a result in it is broken"),
        ("UPDATE results SET json_zlib = substr(json_zlib, 1, 30)", "a result in it is broken"),
        ("DELETE FROM results", "row 1 of it is missing"),
    ],
)
def test_a_result_that_is_broken_is_told(store, damage, says):
    run = add(store, result())
    store._file.execute(damage)
    with pytest.raises(StoreError, match=rf"grades\.sqlite: {says}.*; move it away and grade again"):
        list(store.results(run))


def test_a_power_cut_keeps_what_was_committed(store):
    assert store._file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._file.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize(
    ("changed", "content", "reasons"),
    [
        ({}, "c", ("it was graded afresh",)),
        ({}, "d", ("another file was handed in",)),
        ({"files": {"solutions/tiny.py": "b"}}, "c", ("solutions/tiny.py has changed",)),
        (
            {"files": {"solutions/tests/tiny/total.py": "x"}},
            "d",
            (
                "another file was handed in",
                "solutions/tests/tiny/total.py is new",
                "solutions/tiny.py is gone",
            ),
        ),
        ({"engine": "2"}, "c", ("the grader is 2, not 1",)),
        ({"limits": {"tier": "B"}}, "c", ("tier: B, not A",)),
    ],
)
def test_changes_tell_why(store, changed, content, reasons):
    before = add(store, result(total=1))
    after = add(
        store, result(total=2), content=content, conditions=msgspec.structs.replace(CONDITIONS, **changed)
    )
    (change,) = store.changes(before, after)
    assert (change.submission, change.before.total, change.after.total) == ("s/tiny.py", 1, 2)
    assert change.reasons == reasons


def test_changes_tell_of_who_came_and_went(store):
    before = add(store, result("a/tiny.py"), result("b/tiny.py"))
    after = store.begin(2)
    number = store.number_of(CONDITIONS)
    store.keep(after, [("b/tiny.py", store.find("b/tiny.py", "c", number))])
    store.add(after, [Graded(result("c/tiny.py"), "c", number)])
    found = {change.submission: (change.before, change.after) for change in store.changes(before, after)}
    assert list(found) == ["a/tiny.py", "c/tiny.py"]
    assert found["a/tiny.py"][1] is None and found["c/tiny.py"][0] is None


def test_a_file_where_nothing_can_be_written_can_be_read(store, path, monkeypatch):
    run = add(store, result())
    store.close()
    before = {file.name: file.stat().st_mtime_ns for file in path.parent.iterdir()}
    monkeypatch.setattr(module.os, "access", lambda *_: False)
    with Store(path, create=False) as fixed:
        assert [item.submission for item in fixed.results(run)] == ["s/tiny.py"]
        assert {file.name: file.stat().st_mtime_ns for file in path.parent.iterdir()} == before
        with pytest.raises(StoreError, match="attempt to write a readonly database; may it be written to"):
            fixed.begin(1)


def test_the_file_can_be_read_by_any_sqlite(store, path):
    add(store, result(total=3))
    other = sqlite3.connect(path)
    assert other.execute("SELECT student, topic, status, total FROM results").fetchall() == [
        ("s", "tiny", "graded", 3)
    ]
    other.close()
