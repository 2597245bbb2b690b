"""The real zip for Gradescope installs itself and grades: `make gradescope-test`, some minutes and pip's network."""

import os
import subprocess
import sys
from pathlib import Path

from tests.formats.container import Container


def test_the_real_zip_installs_itself_and_grades(tmp_path):
    """The command builds the package, setup.sh installs it into a fresh environment, and run_autograder grades."""
    repository = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "autograder", "release", "--to", "gradescope", "--topic", "attention"]
    subprocess.run([*command, "--course", str(repository), "--out", str(tmp_path)], check=True, timeout=900)
    container = Container(tmp_path / "machine", (tmp_path / "gradescope-attention.zip").read_bytes())
    environment = os.environ | {
        "AUTOGRADER_ROOT": str(container.root),
        "AUTOGRADER_VENV": str(container.venv),
    }
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        ["bash", str(container.root / "source" / "setup.sh")], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "installed" in done.stdout and "hostile submissions can be graded here" in done.stdout
    submission = repository / "examples" / "submissions" / "student-003" / "attention.py"
    document, printed = container.grade({"attention.py": submission.read_bytes()})
    assert document["score"] == 14, printed
