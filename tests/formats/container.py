"""Gradescope's container, replayed in folders, and its specification of results.json."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.engine.small_course import write_files

METADATA = json.dumps(
    {
        "id": 1,
        "users": [{"email": "ada@uni.example", "id": 7, "name": "Ada"}],
        "assignment": {"total_points": "6.0"},
    }
)


VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
TEXT_FORMATS = {"text", "html", "simple_format", "md", "ansi"}
OF_ALL = {
    "score": (int, float),
    "execution_time": int,
    "output": str,
    "output_format": TEXT_FORMATS,
    "test_output_format": TEXT_FORMATS,
    "test_name_format": TEXT_FORMATS,
    "visibility": VISIBILITIES,
    "stdout_visibility": VISIBILITIES,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
OF_A_TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": {"passed", "failed"},
    "name": str,
    "name_format": TEXT_FORMATS,
    "number": str,
    "output": str,
    "output_format": TEXT_FORMATS,
    "tags": list,
    "visibility": VISIBILITIES,
    "extra_data": dict,
}


def check_specification(document: dict) -> dict:
    """Every key, type and word is one of Gradescope's."""
    for found, allowed in ((document, OF_ALL), *((test, OF_A_TEST) for test in document["tests"])):
        assert set(found) <= set(allowed)
        for key, value in found.items():
            if isinstance(allowed[key], set):
                assert value in allowed[key]
            else:
                assert isinstance(value, allowed[key])
    assert "score" in document
    return document


class Container:
    """Gradescope's folders below some folder instead of /, and the programs that it runs."""

    def __init__(self, folder: Path, bundle: bytes) -> None:
        self.root = folder / "autograder"
        folder.mkdir(exist_ok=True)
        (folder / "bundle.zip").write_bytes(bundle)
        for name in ("source", "submission", "results"):
            (self.root / name).mkdir(parents=True)
        subprocess.run(
            [sys.executable, "-m", "zipfile", "-e", str(folder / "bundle.zip"), str(self.root / "source")],
            check=True,
        )
        (self.root / "submission_metadata.json").write_text(METADATA)
        self.venv = folder / "venv"
        # The Python of these tests stands for the one that setup.sh installs.
        self.python(f'exec "{sys.executable}" "$@"')

    def python(self, line: str) -> None:
        (self.venv / "bin").mkdir(parents=True, exist_ok=True)
        (self.venv / "bin" / "python").write_text(f"#!/bin/sh\n{line}\n")
        (self.venv / "bin" / "python").chmod(0o755)

    def settings(self, **changes: object) -> None:
        path = self.root / "source" / "autograder.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    def grade(self, files: dict[str, str | bytes]) -> tuple[dict, str]:
        """What results.json says, and what was printed, once these files are handed in."""
        write_files(self.root / "submission", files)
        environment = os.environ | {"AUTOGRADER_ROOT": str(self.root), "AUTOGRADER_VENV": str(self.venv)}
        done = subprocess.run(
            ["bash", str(self.root / "source" / "run_autograder")],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        document = json.loads((self.root / "results" / "results.json").read_text(encoding="utf-8"))
        return check_specification(document), done.stdout + done.stderr
