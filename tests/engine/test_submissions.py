"""Submissions: whose file it is, which files count, and what is read of them."""

import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import submissions
from autograder.submissions import UnreadableError, find_submissions, read_bytes, read_cells, script_cells
from tests.engine.small_course import notebook, write_files

TOPICS = ["tiny", "double", "nll", "deep_nll"]
PY = "x = 1\n"


def found(folder, topic=None):
    """(name, student, topic) of each submission, and the notices."""
    items, notices = find_submissions(folder, TOPICS, topic)
    return [(item.name, item.student, item.topic) for item in items], notices


def cells_of(path, topic=None):
    (item,), _ = find_submissions(path, TOPICS, topic)
    return read_cells(item)


def sources(path):
    return [cell.source for cell in cells_of(path)]


def why_unreadable(path):
    with pytest.raises(UnreadableError) as caught:
        cells_of(path)
    return str(caught.value)


# Names.


def test_a_folder_for_each_student(tmp_path):
    write_files(
        tmp_path,
        {
            "student-001/tiny.ipynb": notebook(PY),
            "student-001/double.py": PY,
            "student-002/deep/down/tiny.py": PY,
            "student-003/my_tiny.py": PY,
            "student-003/work-double.py": PY,
            "student-004/TINY.txt": "",
            ".cache/x/y.txt": "",
        },
    )
    for folder in ("student-005", "student-006/empty", ".git", ".empty", "__pycache__"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "student-007").symlink_to(tmp_path / "student-001")
    assert found(tmp_path) == (
        [
            ("student-001/double.py", "student-001", "double"),
            ("student-001/tiny.ipynb", "student-001", "tiny"),
            ("student-002/deep/down/tiny.py", "student-002", "tiny"),
            ("student-003/my_tiny.py", "student-003", "tiny"),
            ("student-003/work-double.py", "student-003", "double"),
        ],
        [
            "student-007: left out, it is a link",
            ".cache/x/y.txt: left out, it is no notebook and no .py file",
            "student-004/TINY.txt: left out, it is no notebook and no .py file",
            "student-005: left out, the folder is empty",
            "student-006: left out, the folder is empty",
        ],
    )


def test_flat_files(tmp_path):
    files = [
        "student-001_tiny.py",
        "student-002-tiny.ipynb",
        "a_b_double.py",
        "s_nll.py",
        "s_deep_nll.py",
        "tiny.py",
    ]
    write_files(tmp_path / "class", dict.fromkeys(files, PY))
    assert found(tmp_path / "class")[0] == [
        ("a_b_double.py", "a_b", "double"),
        ("s_deep_nll.py", "s", "deep_nll"),
        ("s_nll.py", "s", "nll"),
        ("student-001_tiny.py", "student-001", "tiny"),
        ("student-002-tiny.ipynb", "student-002", "tiny"),
        ("tiny.py", "class", "tiny"),
    ]


def test_one_file(tmp_path):
    write_files(tmp_path / "student-001", {"tiny.py": PY, "essay.py": PY, "student-002_tiny.py": PY})
    assert found(tmp_path / "student-001" / "tiny.py")[0] == [("tiny.py", "student-001", "tiny")]
    assert found(tmp_path / "student-001" / "essay.py", "double")[0] == [("essay.py", "essay", "double")]
    assert found(tmp_path / "student-001" / "student-002_tiny.py")[0][0][1:] == ("student-002", "tiny")
    assert "its name tells no topic" in why_unreadable(tmp_path / "student-001" / "essay.py")


def test_a_file_that_names_no_topic(tmp_path):
    write_files(
        tmp_path,
        {"s1/notes.py": PY, "s2/notes.py": PY, "s2/tiny.py": PY, "s3/tiny2.py": PY, "s4/tinytiny.py": PY},
    )
    listed, notices = found(tmp_path)
    assert listed == [
        ("s1/notes.py", "s1", ""),
        ("s2/tiny.py", "s2", "tiny"),
        ("s3/tiny2.py", "s3", ""),
        ("s4/tinytiny.py", "s4", ""),
    ]
    assert notices == ["s2/notes.py: left out, its name is no topic's"]


def test_of_two_files_of_one_student_the_notebook_counts(tmp_path):
    write_files(
        tmp_path,
        {
            "s/tiny.py": PY,
            "s/a/tiny.ipynb": notebook(PY),
            "s/b/tiny.ipynb": notebook(PY),
            "t/z_tiny.py": PY,
            "t/tiny.py": PY,
        },
    )
    listed, notices = found(tmp_path)
    assert [name for name, _, _ in listed] == ["s/a/tiny.ipynb", "t/tiny.py"]
    assert notices == [
        "s/b/tiny.ipynb: left out, s/a/tiny.ipynb is graded instead",
        "s/tiny.py: left out, s/a/tiny.ipynb is graded instead",
        "t/z_tiny.py: left out, t/tiny.py is graded instead",
    ]


def test_with_a_topic_every_file_is_of_it_and_its_own_name_goes_first(tmp_path):
    write_files(
        tmp_path, {"s/a.ipynb": notebook(PY), "s/tiny.py": PY, "t/work.py": PY, "u_tiny.py": PY, "v.py": PY}
    )
    listed, notices = found(tmp_path, "tiny")
    assert listed == [
        ("s/tiny.py", "s", "tiny"),
        ("t/work.py", "t", "tiny"),
        ("u_tiny.py", "u", "tiny"),
        ("v.py", "v", "tiny"),
    ]
    assert notices == ["s/a.ipynb: left out, s/tiny.py is graded instead"]


def test_what_is_no_submission_is_passed_over(tmp_path):
    skipped = ["__pycache__/tiny.py", ".ipynb_checkpoints/tiny.ipynb", "__MACOSX/tiny.py", ".git/tiny.py"]
    others = ["tiny.txt", "tiny.pyc", ".tiny.py", "._tiny.ipynb", "tiny"]
    write_files(tmp_path, {f"s/{name}": PY for name in (*skipped, *others)})
    submissions, (notice,) = found(tmp_path)  # one a folder, so that no student vanishes unseen
    assert submissions == [] and notice.endswith(": left out, it is no notebook and no .py file")
    assert found(tmp_path / "s") == ([], [])


@pytest.mark.parametrize("topic", [None, "tiny"])
def test_of_two_downloads_the_plainly_named_counts(tmp_path, topic):
    write_files(tmp_path, {"s/tiny (1).ipynb": notebook(PY), "s/tiny.ipynb": notebook(PY)})
    submissions, notices = find_submissions(tmp_path, ["tiny"], topic)
    assert [item.name for item in submissions] == ["s/tiny.ipynb"]
    assert notices == ["s/tiny (1).ipynb: left out, s/tiny.ipynb is graded instead"]


def test_what_jupyter_duplicated_counts_where_it_is_alone(tmp_path):
    names = ["s/tiny-Copy1.ipynb", "s/tiny.ipynb", "t/tiny-Copy2.ipynb", "u_tiny-Copy10.py"]
    found, notices = find_submissions(write_files(tmp_path, dict.fromkeys(names, notebook(PY))), ["tiny"])
    assert [(item.student, item.topic) for item in found] == [(name, "tiny") for name in "stu"]
    assert notices == ["s/tiny-Copy1.ipynb: left out, s/tiny.ipynb is graded instead"]


def test_upper_case_suffixes_count(tmp_path):
    write_files(tmp_path, {"s/tiny.IPYNB": notebook(PY), "t/tiny.PY": PY})
    assert [name for name, _, _ in found(tmp_path)[0]] == ["s/tiny.IPYNB", "t/tiny.PY"]
    assert sources(tmp_path / "s" / "tiny.IPYNB") == [PY]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"new\nline", "new\\nline"),
        (b"esc\x1b[31m", "esc\\x1b[31m"),
        (b"bytes\xff\xfe", "bytes\\udcff\\udcfe"),
        ("right\u202eleft".encode(), "right\\u202eleft"),
        (b"=1+1", "=1+1"),
        (b"a b'\"<&>", "a b'\"<&>"),
        ("\N{SNOWMAN}é".encode(), "\N{SNOWMAN}é"),
    ],
)
def test_names_that_cannot_be_shown(tmp_path, raw, shown):
    folder = os.fsencode(tmp_path) + b"/" + raw
    os.mkdir(folder)
    with open(folder + b"/tiny.py", "w") as file:
        file.write(PY)
    assert found(tmp_path)[0] == [(f"{shown}/tiny.py", shown, "tiny")]
    (item,), _ = find_submissions(tmp_path, TOPICS)
    assert len(read_cells(item)) == 1


def test_students_whose_names_look_the_same_stay_two(tmp_path):
    for name in (b"s\xff", b"s\xfe", b"s\n", b"s "):
        os.mkdir(os.fsencode(tmp_path) + b"/" + name)
        with open(os.fsencode(tmp_path) + b"/" + name + b"/tiny.py", "w") as file:
            file.write(PY)
    listed, notices = found(tmp_path)
    assert len({student for _, student, _ in listed}) == len({name for name, _, _ in listed}) == 4
    assert notices == []


student_names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=9
)


@given(names=st.lists(student_names))
def test_any_name_is_found(names, tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    for name in {
        name for name in names if name not in (".", "..") and name not in submissions._SKIPPED_FOLDERS
    }:
        if not name.lower().endswith((".py", ".ipynb", ".zip")):
            write_files(folder, {f"{name}/tiny.py": PY})
    listed, _ = found(folder)
    assert len(listed) == len(list(folder.iterdir()))


# What lies there is not what it seems.


def test_links_folders_and_pipes_are_not_read(tmp_path):
    write_files(
        tmp_path, {"secret.txt": "secret", "s1/x.txt": "", "s2/tiny.ipynb/inner.py": PY, "s3/x.txt": ""}
    )
    (tmp_path / "s1" / "tiny.py").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(tmp_path / "s3" / "tiny.py")
    (tmp_path / "s4").symlink_to(tmp_path / "s2")
    items, notices = find_submissions(tmp_path, TOPICS)
    assert [item.name for item in items] == ["s1/tiny.py", "s2/tiny.ipynb", "s3/tiny.py"]
    messages = []
    for item in items:
        with pytest.raises(UnreadableError) as caught:
            read_cells(item)
        messages.append(str(caught.value))
    assert "symbolic link" in messages[0]
    assert "folder" in messages[1]
    assert "not a regular file" in messages[2]
    assert notices == ["s4: left out, it is a link"]


def test_a_folder_that_is_named_as_a_file_of_no_topic(tmp_path):
    write_files(tmp_path, {"s/essay.ipynb/inner.py": PY, "t/a.py/tiny.ipynb": PY, "t/tiny.py": PY})
    (item, other), notices = find_submissions(tmp_path, TOPICS)
    assert (item.name, item.problem[:14], other.name) == ("s/essay.ipynb", "it is a folder", "t/tiny.py")
    assert notices == ["t/a.py: left out, it is a folder; hand in a notebook or a .py file"]


def test_a_link_that_leads_nowhere_or_to_itself(tmp_path):
    write_files(tmp_path, {"s/x.txt": "", "t/x.txt": ""})
    (tmp_path / "s" / "tiny.py").symlink_to("nowhere")
    (tmp_path / "t" / "loop").symlink_to(tmp_path)
    (tmp_path / "t" / "tiny.py").symlink_to("tiny.py")
    items, notices = find_submissions(tmp_path, TOPICS)
    for item in items:
        with pytest.raises(UnreadableError, match="symbolic link"):
            read_cells(item)
    assert len(items) == 2
    assert notices == ["t/loop: left out, it is a link"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path):
    write_files(tmp_path, {"s/tiny.py": PY, "t/tiny.py": PY})
    (tmp_path / "s").chmod(0)
    (tmp_path / "t" / "tiny.py").chmod(0)
    (item,), notices = find_submissions(tmp_path, TOPICS)
    assert notices == ["s: left out, the folder cannot be read: Permission denied"]
    with pytest.raises(UnreadableError, match="Permission denied"):
        read_cells(item)
    (tmp_path / "s").chmod(0o700)


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(UnreadableError, match="No such file"):
        read_bytes(tmp_path / "tiny.py")


def test_a_file_over_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_FILE_BYTES", 100)
    write_files(tmp_path, {"tiny.py": "#" * 101, "double.py": "#" * 99 + "\n"})
    assert "clear the notebook's outputs" in why_unreadable(tmp_path / "tiny.py")
    assert sources(tmp_path / "double.py") == ["#" * 99 + "\n"]


def test_dev_zero_is_no_file(tmp_path):
    with pytest.raises(UnreadableError, match="not a regular file"):
        read_bytes(type(tmp_path)("/dev/zero"))


# Notebooks.


CELL = '{"cell_type": "code", "source": "x = 1"}'


def write_notebook(tmp_path, data):
    if isinstance(data, str):
        data = data.replace("CELL", CELL)
    return write_files(tmp_path, {"tiny.ipynb": data}) / "tiny.ipynb"


def test_only_the_source_of_code_cells_counts(tmp_path):
    data = json.loads(notebook("x = 1", ["y = 2\n", "z = 3"], ""))
    data["cells"].insert(1, {"cell_type": "markdown", "source": "x = 2"})
    data["cells"].insert(1, {"cell_type": "raw", "source": "x = 3"})
    data["cells"].append({"cell_type": "code"})
    data["cells"].append({})
    data["cells"][0]["outputs"] = [{"output_type": "stream", "text": "x = 9" * 1000}]
    data["metadata"] = {"kernelspec": {"name": "../../evil"}, "otter": {"tests": ["x"]}}
    path = write_notebook(tmp_path, json.dumps(data))
    assert [(cell.name, cell.source) for cell in cells_of(path)] == [
        ("cell 1", "x = 1"),
        ("cell 2", "y = 2\nz = 3"),
        ("cell 3", ""),
        ("cell 4", ""),
    ]


@pytest.mark.parametrize(
    "data",
    [
        '{"nbformat": 4, "cells": [CELL]}',
        '{"nbformat": 4.0, "cells": [CELL]}',
        '{"nbformat": 5, "cells": [CELL]}',
        '{"cells": [CELL], "nbformat": 4, "nbformat_minor": null, "metadata": null}',
        '\ufeff{"nbformat": 4, "cells": [CELL]}\r\n',
        '{"nbformat": 3, "nbformat": 4, "cells": [], "cells": [CELL]}',
        '{"nbformat": 4, "cells": [CELL], "metadata": {"n": NaN, "i": -Infinity}}',
        '{"nbformat": 4, "cells": [CELL], "metadata": "\\ud83d"}',
        '{"nbformat": 4, "cells": [CELL], "x": ' + "[" * 400 + "]" * 400 + "}",
        '{"nbformat": 4, "cells": [CELL], "x": 1e999, "y": ' + "9" * 5000 + "}",
    ],
    ids=range(10),
)  # fmt: skip
def test_what_jupyter_opens_is_read(tmp_path, data):
    assert sources(write_notebook(tmp_path, data)) == ["x = 1"]


def test_half_a_character_in_the_source_becomes_a_question_mark(tmp_path):
    data = '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = \'\\ud83d\'"}]}'
    assert sources(write_notebook(tmp_path, data)) == ["x = '?'"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("not json", "not a notebook"),
        ("[]", "not a notebook"),
        ("null", "not a notebook"),
        ("{}", "not a notebook"),
        ('{"nbformat": 4}', "it holds no code"),
        ('{"nbformat": 4, "cells": []}', "it holds no code"),
        ('{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "x"}]}', "it holds no code"),
        ('{"nbformat": 4, "cells": {}}', "not a notebook"),
        ('{"nbformat": 4, "cells": [1]}', "not a notebook"),
        ('{"nbformat": "4", "cells": []}', "not a notebook"),
        ('{"nbformat": 3, "worksheets": [{"cells": []}]}', "its notebook format is 3"),
        ('{"nbformat": NaN, "cells": [CELL]}', "its notebook format is nan"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": 1}]}', "not a notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a", 1]}]}', "not a notebook"),
        ('{"nbformat": 4, "cells": [CELL]', "not a notebook"),
        ('{"nbformat": 4, "cells": [CELL]} more', "not a notebook"),
        ('{"nbformat": 4, "metadata": %s}' % ("[" * 10**6), "not a notebook"),
        ('{"nbformat": 4, "metadata": %s}' % ('{"a":' * 10**5), "not a notebook"),
        (json.dumps({"nbformat": 4}).encode("utf-16"), "not a notebook"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\xff"}]}', "not a notebook"),
        (b"PK\x03\x04", "not a notebook"),
        (b"\x00" * 100, "not a notebook"),
    ],
    ids=range(24),
)  # fmt: skip
def test_what_is_no_notebook_is_told(tmp_path, data, why):
    assert why in why_unreadable(write_notebook(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "mend"),
    [
        ("<!DOCTYPE html>\n<html>Log in</html>", "it is a web page"),
        ("\n <html>", "it is a web page"),
        ("not json", "; download or export it again"),
        ('{"nbformat": 4, "cells": {}}', "; open it in Jupyter and save it again"),
    ],
)
def test_the_mend_for_what_is_no_notebook_is_one_that_helps(tmp_path, data, mend):
    assert mend in why_unreadable(write_notebook(tmp_path, data))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_the_readers(data):
    for read in (submissions._notebook_cells, lambda data: script_cells(data, "tiny.py")):
        try:
            cells = read(data)
        except UnreadableError:
            continue
        for cell in cells:
            cell.source.encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(json_values, json_values, json_values, json_values)
def test_no_notebook_breaks_the_reader(version, source, kind, cells):
    for data in (
        {"nbformat": version, "cells": cells},
        {"nbformat": 4, "cells": [{"cell_type": kind, "source": source}]},
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": source, "metadata": cells}]},
    ):
        try:
            read = submissions._notebook_cells(json.dumps(data).encode())
        except UnreadableError:
            continue
        assert all(isinstance(cell.source, str) for cell in read)


# Scripts.


def write_script(tmp_path, data):
    return write_files(tmp_path, {"tiny.py": data}) / "tiny.py"


def test_a_script_is_split_at_its_markers_and_keeps_its_lines(tmp_path):
    text = "# header\n\n# %% [markdown]\n# # Title\n# %%\nx = 1\n\n#%% tags\ny = 2\n# %%time\n"
    cells = cells_of(write_script(tmp_path, text))
    assert [cell.name for cell in cells] == ["tiny.py"] * 4
    lines = text.split("\n")
    for cell in cells:
        for number, line in enumerate(cell.source.split("\n")):
            assert line in ("", lines[number])
    assert cells[2].source.endswith("x = 1\n\n")
    assert cells[3].source.endswith("y = 2\n# %%time\n")


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (b"x = 1", "x = 1"),
        (b"\xef\xbb\xbfx = 1", "x = 1"),
        (b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
        ("x = 'é\N{SNOWMAN}'".encode(), "x = 'é\N{SNOWMAN}'"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'", "# -*- coding: latin-1 -*-\nx = 'é'"),
        (b"#!py\n# vim: set fileencoding=cp1252 :\nx = '\x80'", "#!py\n# vim: set fileencoding=cp1252 :\nx = '€'"),
        ("# encoding: where é stands".encode(), "# encoding: where é stands"),  # a title
        (b"x = 1\0", "x = 1\0"),
        (b"def f(:\n\tbroken", "def f(:\n\tbroken"),
        (b"\x0cx = 1\x0b", "\x0cx = 1\x0b"),
        # A title that Python would take for the declaration of an encoding named "telling".
        (b"# %%\n# # Positional encoding: telling\nx = 1", "# %%\n# # Positional encoding: telling\nx = 1"),
    ],
)  # fmt: skip
def test_scripts_in_every_shape(tmp_path, data, source):
    assert sources(write_script(tmp_path, data)) == [source]


@pytest.mark.parametrize(
    "data",
    [
        b"x = '\xe9'",
        "x = 1".encode("utf-16"),
        b"# coding: nowhere\nx = '\xe9'",
        b"\xef\xbb\xbf# coding: latin-1\nx = 1",
        b"# coding: rot13\nx = 1",
        b"# coding: undefined\nx = 1",
        b"# coding: idna\nx = 1",
        b"# coding: punycode\nx = 1",
        b"# coding: unicode_escape\nx = 1",
        b"# coding: utf-32\nx = 1",
    ],
)
def test_scripts_in_no_known_encoding(tmp_path, data):
    assert "it is not text in a known encoding" in why_unreadable(write_script(tmp_path, data))


@pytest.mark.parametrize("data", [b"", b"\n\n", b" \t\n", b"\xef\xbb\xbf"])
def test_scripts_without_code(tmp_path, data):
    assert why_unreadable(write_script(tmp_path, data)) in ("it is empty", "it holds no code")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names of files are Unicode")
def test_a_name_of_another_encoding_can_be_sent(tmp_path):
    os.mkdir(tmp_path / "student-001")
    with open(os.fsencode(tmp_path) + b"/student-001/\xdcbung_attention.py", "w") as file:
        file.write("x = 1\n")
    (submission,), _ = find_submissions(tmp_path, ["attention"])
    (cell,) = read_cells(submission)
    cell.name.encode()
    assert cell.name.endswith("bung_attention.py")
