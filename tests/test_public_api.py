"""The public signatures are the ones that were agreed on."""

import difflib
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("public_api", ROOT / "tools" / "public_api.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_public_signature_changed_by_accident(tool):
    agreed = tool.AGREED.read_text(encoding="utf-8").splitlines()
    changes = difflib.unified_diff(agreed, tool.public_api().splitlines(), "agreed", "now", n=0, lineterm="")
    changed = "\n".join(changes)
    assert not changed, f"if this is meant, run `make api` and tell of it in CHANGELOG.md:\n{changed}"


def test_a_signature_says_all_that_a_caller_can_rely_on(tool):
    listed = tool.signatures()
    assert "autograder.results.TestResult.hidden: bool" in listed
    assert "genai_course.kernels.nll_loss(logits: ArrayLike, ids: ArrayLike) -> float" in listed
    assert "genai_course.plots.when_done(*names: str) -> Iterator[None]" in listed
    (mistake,) = [line for line in listed if line.startswith("autograder.author.mistake(")]
    assert "(exercise: str, *, hint: str, source: str = '')" in mistake
    assert len([line for line in listed if line.startswith("genai_course.kernels.softmax(")]) == 2
    untyped = [line for line in listed if line.endswith(")") and not line.startswith("class ")]
    assert not untyped, "without the type of what it returns"
