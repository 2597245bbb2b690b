"""The command itself, run from inside a folder of hostile files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.launchers import SandboxError
from tests.attacks.loader import HERE
from tests.attacks.world import World

SHADOWS = (
    "pickle random numpy otter msgspec msgpack tempfile struct socket selectors signal sitecustomize usercustomize "
    "conftest autograder solutions pebble matplotlib json encodings site os"
)
# Row 41: small to send, 32 GB once a test's NumPy makes an array of it.
SWELLS = "def normalise(x):\n    return ['x' * (8 << 20)] + [''] * 1000\n"
PLAIN = "def root(x):\n    return 3.0\n"


@pytest.fixture
def graded(world: World, tmp_path: Path) -> tuple[dict[str, dict], Path]:
    """The results of grading a folder of hostile files from inside it, by student."""
    try:
        world.launcher("A")
    except SandboxError:
        pytest.skip("tier A is not to be had here")
    folder, owned = tmp_path / "submissions", tmp_path / "owned"
    owned.mkdir()
    shadow = f"import os\nopen({str(owned)!r} + '/' + str(os.getpid()), 'w').close()\nraise SystemExit(1)\n"
    for student, source in {
        "honest": (HERE / "honest.py").read_text(),
        "swells": SWELLS,
        "plain": PLAIN,
    }.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "quiz.py").write_text(source)
        for name in SHADOWS.split():
            (folder / student / f"{name}.py").write_text(shadow)
    for name in SHADOWS.split():
        (folder / f"{name}.py").write_text(shadow)
        (folder / f"{name}_quiz.py").write_text(shadow)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p pickle\n")
    (folder / "evil.pth").write_text("import pickle\n")
    # As pip installs it: a script, with its own folder on the path and not the working folder.
    script = tmp_path / "bin" / "autograder"
    script.parent.mkdir()
    script.write_text(
        f"import sys\nsys.path.append({str(HERE.parents[1])!r})\nfrom autograder.cli import main\n"
        "if __name__ == '__main__':\n    main()\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [
        sys.executable,
        str(script),
        "grade",
        ".",
        "--course",
        str(world.course),
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(
        [*command, "--quiet", "--workers", "2", "--memory", "256"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stderr  # 1 where a file tells no topic
    lines = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
    return {result["student"]: result for result in map(json.loads, lines)}, owned


def test_nothing_of_the_submissions_runs_in_the_grader(graded):
    results, owned = graded
    assert list(owned.iterdir()) == []  # rows 11 and 25
    assert (results["honest"]["status"], results["honest"]["total"]) == ("graded", 10)
    assert (results["plain"]["status"], results["plain"]["total"]) == ("graded", 1)
    assert (results["swells"]["status"], results["swells"]["total"]) == ("graded", 0)
    for name in SHADOWS.split():
        assert results[name]["total"] == 0
