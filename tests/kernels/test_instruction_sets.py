"""Each instruction set that this processor runs gives the same answers; others are refused by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genai_course import kernels

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", kernels.cpu_features())
def test_short_set(name: str) -> None:
    if not kernels.cpu_features()[name]:
        pytest.skip(f"this processor does not have {name}")
    result = subprocess.run(
        [sys.executable, HERE / "short_set.py"],
        env={**os.environ, "GENAI_ISA": name},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    used, checks = result.stdout.split()
    assert used == name
    assert int(checks) > 10_000


def test_unknown_set_is_named_with_the_known_ones() -> None:
    result = subprocess.run(
        [sys.executable, "-P", "-c", "import genai_course.kernels"],
        env={**os.environ, "GENAI_ISA": "mmx"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1
    assert "ImportError: GENAI_ISA=mmx is not one of" in result.stderr
    assert "portable" in result.stderr


def test_the_best_set_is_chosen() -> None:
    features = kernels.cpu_features()
    if not os.environ.get("GENAI_ISA"):
        assert kernels.instruction_set() == next(name for name, supported in features.items() if supported)
    assert features["portable"]
