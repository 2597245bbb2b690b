"""Submissions that are broken before any code of theirs runs: each gets a clear answer, and the run goes on.

Rows 53 to 56; archives (51, 52) are tested where they are read, in tests/engine.
"""

import json
import os
import socket
from pathlib import Path

import pytest

from autograder import submissions
from autograder.sandbox.launchers import Launcher
from autograder.submissions import find_submissions
from tests.attacks.loader import HERE, notebook
from tests.attacks.world import World

HONEST = (HERE / "honest.py").read_text()


def cells(*sources: object) -> bytes:
    made = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}).encode()


def claiming_success() -> bytes:
    """Row 22: outputs, metadata, a kernel and a log that say that all is done."""
    made = json.loads(notebook("def normalise(x):\n    return None"))
    output = {"output_type": "stream", "name": "stdout", "text": "All tests passed!"}
    made["cells"][0]["outputs"] = [
        output,
        {"output_type": "execute_result", "data": {"text/html": "<script>"}},
    ]
    made["cells"][0]["metadata"] = {
        "nbgrader": {"points": 10, "grade": True, "locked": True},
        "tags": ["graded"],
    }
    made["metadata"] = {
        "kernelspec": {"name": "../../evil", "display_name": "x", "argv": ["/bin/sh", "-c", "touch owned"]},
        "otter": {"tests": {"normalise": {"score": 10}}, "OK_FORMAT": True},
        "grade": {"total": 10},
    }
    return json.dumps(made).encode()


FILES = {
    # name: content, status, points, pattern of the error
    "forged.ipynb": (claiming_success(), "graded", 0, ""),
    "text.ipynb": (b"not JSON", "unreadable", 0, "not a notebook"),
    "number.ipynb": (b"7", "unreadable", 0, "not a notebook"),
    "old.ipynb": (b'{"nbformat": 3, "worksheets": []}', "unreadable", 0, "notebook format is 3"),
    "no-version.ipynb": (b'{"cells": []}', "unreadable", 0, "not a notebook"),
    "no-cells.ipynb": (b'{"nbformat": 4}', "unreadable", 0, "no code"),
    "no-code.ipynb": (
        b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "x"}]}',
        "unreadable",
        0,
        "no code",
    ),
    "half.ipynb": (cells(HONEST)[:-20], "unreadable", 0, "not a notebook"),
    "deep.ipynb": (
        b'{"nbformat": 4, "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        "unreadable",
        0,
        "recursion",
    ),
    "twice.ipynb": (b'{"nbformat": 4, "cells": [], ' + cells(HONEST)[1:], "graded", 10, ""),
    "wrong-types.ipynb": (b'{"nbformat": 4, "cells": {"a": 1}}', "unreadable", 0, "not a notebook"),
    "odd-source.ipynb": (cells({"a": 1}), "unreadable", 0, "not a notebook"),
    "lines.ipynb": (cells(HONEST.splitlines(keepends=True)), "graded", 10, ""),
    "empty-cells.ipynb": (
        b'{"nbformat": 4, "cells": [' + b"{}," * 300_000 + b"{}]}",
        "unreadable",
        0,
        "cells",
    ),
    "many-cells.ipynb": (cells(*["x = 1"] * 20_000), "unreadable", 0, "cells"),
    "much-code.ipynb": (cells("x = 1\n" * 2_000_000), "unreadable", 0, "code"),
    "large-outputs.ipynb": (
        cells(HONEST)[:-1] + b', "more": "' + b"x" * (20 << 20) + b'"}',
        "graded",
        10,
        "",
    ),
    "nan.ipynb": (cells(HONEST)[:-1] + b', "more": NaN}', "graded", 10, ""),
    "broken-cell.ipynb": (cells("def (", HONEST, "print 'Python 2'"), "graded", 10, "SyntaxError"),
    "empty.py": (b"", "unreadable", 0, "empty"),
    "blank.py": (b" \n\t\n", "unreadable", 0, "empty"),
    "comment.py": (b"# nothing\n", "graded", 0, ""),
    "bom.py": (b"\xef\xbb\xbf" + HONEST.encode(), "graded", 10, ""),
    "crlf.py": (HONEST.replace("\n", "\r\n").encode(), "graded", 10, ""),
    "cr.py": (HONEST.replace("\n", "\r").encode(), "graded", 10, ""),
    "latin.py": (b"# coding: latin-1\nname = '\xe9'\n" + HONEST.encode(), "graded", 10, ""),
    "not-utf8.py": (b"name = '\xe9'\n" + HONEST.encode(), "unreadable", 0, "encoding"),
    "utf16.py": (HONEST.encode("utf-16"), "unreadable", 0, "encoding"),
    "rot13.py": (b"# coding: rot13\n" + HONEST.encode(), "unreadable", 0, "encoding"),
    "punycode.py": (
        b"# coding: punycode\n" + b"a" * 50_000 + b"-" + b"z9" * 50_000,
        "unreadable",
        0,
        "encoding",
    ),
    "nul.py": (HONEST.encode() + b"\n# %%\nx = '\0'\n", "graded", 10, "null"),
    "tabs.py": (HONEST.encode() + b"\n# %%\nif 1:\n\tx = 1\n        y = 2\n", "graded", 10, "tabs|indent"),
    "python2.py": (HONEST.encode() + b"\n# %%\nprint 'hello'\nexec 'x'\n", "graded", 10, "SyntaxError"),
    "parentheses.py": (HONEST.encode() + b"\n# %%\nx = " + b"(" * 100_000, "graded", 10, "parentheses"),
    "operators.py": (
        HONEST.encode() + b"\n# %%\nx = " + b"-" * 100_000 + b"1",
        "graded",
        10,
        "MemoryError|Recursion",
    ),
    "attributes.py": (
        HONEST.encode() + b"\n# %%\nx = a" + b".b" * 100_000,
        "graded",
        10,
        "RecursionError|Memory",
    ),
    "surrogates.py": (
        HONEST.encode() + b"\n# %%\nx = '\\ud800'; print(x)\n",
        "graded",
        10,
        "",
    ),
    "markers.py": (b"# %%\nx\n" * 30_000, "unreadable", 0, "cells"),
    "long-line.py": (
        b"x = 1" + b" + 1" * 50_000 + b"\n# %%\n" + HONEST.encode(),
        "graded",
        10,
        "RecursionError|^$",
    ),
    "zip.py": (b"PK\x03\x04" + bytes(range(256)), "unreadable", 0, "encoding"),
    "zip.ipynb": (b"PK\x03\x04" + bytes(range(256)), "unreadable", 0, "not a notebook"),
    "pickle.py": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00", "unreadable", 0, "encoding"),
}


@pytest.mark.parametrize("name", FILES)
def test_broken_file(name: str, world: World, launcher: Launcher, tmp_path: Path):
    content, status, points, pattern = FILES[name]
    before = world.state()
    file = tmp_path / name
    file.write_bytes(content)
    result = world.grade(file, launcher)
    assert (result.status, result.total) == (status, points), result.error
    if pattern:
        assert any(part in result.error for part in pattern.replace("^$", "").split("|")), result.error
    else:
        assert result.error == ""
    assert "\n" not in result.error and len(result.error) < 700
    assert world.secret not in result.error
    assert world.state() == before


def test_files_that_are_none(world: World, launcher: Launcher, tmp_path: Path):
    """Row 56: a folder, a pipe, a socket, a device and links in place of a file."""
    secret = world.folder / "secret"
    for student in ("folder", "pipe", "socket", "link", "loop", "device", "nowhere"):
        (tmp_path / student).mkdir()
    (tmp_path / "folder" / "quiz.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe" / "quiz.py")
    os.symlink(secret, tmp_path / "link" / "quiz.py")
    os.symlink("quiz.py", tmp_path / "loop" / "quiz.py")
    os.symlink("/dev/zero", tmp_path / "device" / "quiz.py")
    os.symlink("missing", tmp_path / "nowhere" / "quiz.ipynb")
    os.symlink(world.folder, tmp_path / "elsewhere")
    here = os.getcwd()
    os.chdir(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("quiz.py")
        os.chdir(here)
        found, _ = find_submissions(tmp_path, ["quiz"])
        assert {item.student for item in found} == {path.name for path in tmp_path.iterdir()} - {"elsewhere"}
        for item in found:
            result = submissions_result(world, item, launcher)
            assert (result.status, result.total) == ("unreadable", 0), result
            assert world.secret not in result.error


def submissions_result(world: World, item: submissions.Submission, launcher: Launcher):
    from autograder.grading import grade_submission

    return grade_submission(item, world.topic, launcher, {})


def test_two_files_of_one_student(world: World, tmp_path: Path):
    (tmp_path / "student-001").mkdir()
    for name in ("quiz.py", "quiz.ipynb", "old_quiz.py"):
        (tmp_path / "student-001" / name).write_text(HONEST)
    found, notices = find_submissions(tmp_path, ["quiz"])
    assert [item.name for item in found] == ["student-001/quiz.ipynb"]
    assert len(notices) == 2


def test_a_file_is_read_once(
    world: World, launcher: Launcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Row 55: what was read is what runs, whatever happens to the file meanwhile."""
    file = tmp_path / "quiz.py"
    file.write_text(HONEST)
    read, opened = submissions.read_bytes, []

    def reading(path: Path) -> bytes:
        data = read(path)
        opened.append(path)
        file.write_text("raise SystemExit")
        return data

    monkeypatch.setattr(submissions, "read_bytes", reading)
    assert world.grade(file, launcher).total == 10
    assert opened == [file]


def test_hostile_names(world: World, launcher: Launcher, tmp_path: Path):
    """Row 21: names of students and files that act on terminals, pages and tables."""
    names = [
        "=cmd|calc",
        "+1",
        "-rf",
        "@SUM(1)",
        "<script>",
        "a\nb",
        "\x1b[2J",
        "\u202etxt",
        "$(id)",
        "'; --",
        " ",
    ]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "quiz.py").write_text(HONEST)
    (tmp_path / "\udcff").mkdir()
    (tmp_path / "\udcff" / "quiz.py").write_text(HONEST)
    found, _ = find_submissions(tmp_path, ["quiz"])
    assert len(found) == len(names) + 1
    for item in found:
        result = submissions_result(world, item, launcher)
        assert result.total == 10
        for text in (result.submission, result.student):
            assert text.isprintable() and not set(text) & set("\u202e\x1b\n")
