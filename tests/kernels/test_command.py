"""python -m genai_course.kernels: the table and the picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from genai_course import kernels
from genai_course.kernels import __main__ as command


def test_table_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "comparison.png"
    assert command.main([str(tmp_path / "comparison"), "--seconds", "0"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in kernels.cpu_features())
    assert f"In use: {kernels.instruction_set()}" in said
    rows = re.findall(r"^(.{30}) +([\d.e+]+ (?:ns|µs|ms|s))((?: +\d+\.\d\d)+)$", said, re.MULTILINE)
    assert len(rows) > 15
    assert all(float(ratio) > 0 for _, _, ratios in rows for ratio in ratios.split())
    if "No picture" not in said:
        assert f"The same as a picture: {picture}" in said
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main([str(tmp_path / "nowhere" / "a.png")])
    assert end.value.code == 2
    assert "nowhere is not a folder" in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf"])
def test_seconds_that_are_no_duration_are_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(["--seconds", seconds])
    assert end.value.code == 2
    assert "expected 0 or more" in capsys.readouterr().err
