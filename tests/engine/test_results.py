"""Results: the two files, what stands in them, and that nothing else is touched."""

import csv
import io
import json
import os
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.results import (
    ExerciseResult,
    Mistake,
    Result,
    TestResult,
    check_writable,
    clean_text,
    write_atomically,
    write_results,
)

COLUMNS = ["submission", "student", "topic", "status", "total", "possible", "percent", "final", "adjustment"]


def result(submission="s1/tiny.py", **fields):
    test = TestResult(name="a case", hidden=True, passed=False, points=2, message="Look again.")
    exercise = ExerciseResult(
        name="total", score=1, possible=4, tests=[test], mistake=Mistake(id="absolute", hint="Signs.")
    )
    given = {
        "submission": submission,
        "student": submission.partition("/")[0],
        "topic": "tiny",
        "status": "graded",
        "total": 1.0,
        "possible": 4.0,
        "seconds": 0.0123,
        "exercises": [exercise],
        "protections": {"tier": "A", "files": True},
        "error": "",
    }
    return Result(**(given | fields))


def other(submission, topic="double"):
    exercise = ExerciseResult(name=topic, score=3, possible=3, tests=[], mistake=None)
    return result(submission, topic=topic, exercises=[exercise], total=3, possible=3)


def rows(folder, name="grades.csv"):
    return list(csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8"))))


def test_the_columns_of_one_topic(tmp_path):
    written = write_results(tmp_path, [result("a/tiny.py", total=4), result("b/tiny.py")])
    assert rows(tmp_path) == [
        [*COLUMNS, "total"],
        ["a/tiny.py", "a", "tiny", "graded", "4", "4", "100", "4", "", "1"],
        ["b/tiny.py", "b", "tiny", "graded", "1", "4", "25", "1", "", "1"],
    ]
    assert (
        sorted(path.name for path in written)
        == ["grades.csv", "results.jsonl"]
        == sorted(os.listdir(tmp_path))
    )


def test_the_tables_of_several_topics(tmp_path):
    write_results(
        tmp_path, [other("a/double.py"), result("a/tiny.py"), result("b/x.py", topic="", exercises=[])]
    )
    assert rows(tmp_path)[0] == COLUMNS
    assert [row[0] for row in rows(tmp_path)[1:]] == ["a/double.py", "a/tiny.py", "b/x.py"]
    assert rows(tmp_path, "grades-tiny.csv")[0][-1] == "total"
    assert rows(tmp_path, "grades-double.csv")[1] == [
        "a/double.py",
        "a",
        "double",
        "graded",
        "3",
        "3",
        "100",
        "3",
        "",
        "3",
    ]
    assert sorted(os.listdir(tmp_path)) == [
        "grades-double.csv",
        "grades-tiny.csv",
        "grades.csv",
        "results.jsonl",
    ]


def test_one_topic_and_files_of_none_make_one_table(tmp_path):
    unread = result(
        "b/x.py", topic="", exercises=[], status="unreadable", total=0, possible=0, protections={}
    )
    write_results(tmp_path, [result("a/tiny.py"), unread])
    assert rows(tmp_path)[0][-1] == "total"
    assert rows(tmp_path)[2] == ["b/x.py", "b", "", "unreadable", "0", "0", "0", "0", "", ""]


def test_no_results_at_all(tmp_path):
    write_results(tmp_path / "new" / "folder", [])
    assert len(rows(tmp_path / "new" / "folder")) == 1
    assert (tmp_path / "new" / "folder" / "results.jsonl").read_bytes() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="looks for processes as POSIX does")
def test_what_a_killed_process_was_writing_is_removed(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = [f".results.jsonl.{gone.pid}.partial", f".index.html.{gone.pid}.partial"]
    others = [f".grades.csv.{os.getppid()}.partial", ".mine.partial", f"notes.{gone.pid}.partial"]
    for name in left + others:
        (tmp_path / name).write_text("half of it")
    write_results(tmp_path, [result()])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*others, "grades.csv", "results.jsonl"]
    )


def test_the_objects_of_results_jsonl(tmp_path):
    write_results(tmp_path, [result()])
    (line,) = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "submission": "s1/tiny.py",
        "student": "s1",
        "topic": "tiny",
        "status": "graded",
        "total": 1,
        "possible": 4,
        "seconds": 0.0123,
        "exercises": [
            {
                "name": "total",
                "score": 1,
                "possible": 4,
                "tests": [
                    {
                        "name": "a case",
                        "hidden": True,
                        "passed": False,
                        "points": 2,
                        "message": "Look again.",
                        "shown": None,
                    }
                ],
                "mistake": {"id": "absolute", "hint": "Signs."},
            }
        ],
        "protections": {"tier": "A", "files": True},
        "error": "",
        "account": "",
        "adjustment": None,
        "hidden_endings": "",
        "cells": [],
    }
    assert msgspec.json.decode(line, type=Result) == result()
    assert json.loads(msgspec.json.encode(other("x")))["exercises"][0]["mistake"] is None


def test_tables_of_an_earlier_run_go_and_other_files_stay(tmp_path):
    write_results(tmp_path, [result("a/tiny.py"), other("a/double.py")])
    (tmp_path / "grades-2023.csv").write_text("name,grade\n")
    (tmp_path / "grades-folder.csv").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    write_results(tmp_path, [result("a/tiny.py")])
    assert sorted(os.listdir(tmp_path)) == [
        "grades-2023.csv",
        "grades-folder.csv",
        "grades.csv",
        "notes.txt",
        "results.jsonl",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (4.0, "4"),
        (0.1 + 0.2, "0.3"),
        (12345.678, "12345.678"),
        (1e7, "10000000"),
        (2 / 3, "0.6666666667"),
    ],
)
def test_numbers_are_not_rounded_away(tmp_path, value, shown):
    write_results(tmp_path, [result(total=value)])
    assert rows(tmp_path)[1][4] == shown


def test_percent():
    assert result(total=1, possible=3).percent == 33.33
    assert result(total=0, possible=0).percent == 0


def test_a_result_without_protections_was_not_run():
    assert result().was_run
    assert not result(protections={}).was_run


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(tmp_path, start):
    write_results(tmp_path, [result(f"{start}/tiny.py", student=start, topic=start)])
    (row,) = rows(tmp_path)[1:]
    assert not any(
        cell.lstrip().startswith(("=", "+", "-", "@")) and not cell.startswith(" ") for cell in row[:3]
    )


@given(st.text(max_size=30))
def test_clean_text_is_plain(text):
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert all(char == "\n" or char.isprintable() or char.isspace() for char in cleaned)
    assert "\x1b" not in cleaned
    assert "\u202e" not in cleaned
    assert "\t" not in cleaned
    assert clean_text(cleaned) == cleaned


def test_clean_text_is_bounded():
    assert len(clean_text("x" * 10**6)) < 2100
    assert clean_text("abc", 2) == "ab …"
    assert (
        clean_text("a\r\nb\0\x1b[31m\ud800")
        == "a\nb\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"
    )


@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_text_makes_whole_files(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("any")
    write_results(folder, [result(clean_text(text), error=clean_text(text)) for text in texts])
    assert len(rows(folder)) == len(texts) + 1
    lines = (folder / "results.jsonl").read_bytes().split(b"\n")
    assert sorted(json.loads(line)["error"] for line in lines if line) == sorted(
        clean_text(text) for text in texts
    )


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    write_atomically(path, b"before")

    def fails(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"after")
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["grades.csv"]


def test_a_folder_in_the_place_of_a_table(tmp_path):
    write_results(tmp_path, [result()])
    before = (tmp_path / "results.jsonl").read_bytes()
    (tmp_path / "grades.csv").unlink()
    (tmp_path / "grades.csv").mkdir()
    with pytest.raises(IsADirectoryError, match="grades.csv"):
        write_results(tmp_path, [])
    assert (tmp_path / "results.jsonl").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["grades.csv", "results.jsonl"]


def test_a_folder_that_cannot_be_written(tmp_path):
    check_writable(tmp_path / "a" / "b")
    assert os.listdir(tmp_path / "a" / "b") == []
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("n" * 300)):
        with pytest.raises(OSError):
            check_writable(path)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        check_writable(tmp_path)
    tmp_path.chmod(0o700)
