"""Draws the README's picture: the table of a graded class, as SVG.

python tools/make_pictures.py
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from rich.console import Console

from autograder.commands.grade import class_table
from autograder.results import Result

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory() as out:
        command = [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            "examples/submissions",
            "--out",
            out,
            "--quiet",
        ]
        subprocess.run(command, cwd=ROOT, check=False)
        lines = (Path(out) / "results.jsonl").read_bytes().splitlines()
    results = [msgspec.json.decode(line, type=Result) for line in lines]
    shown = [result for result in results if result.topic == "attention" or result.status != "graded"]
    console = Console(record=True, width=130, file=io.StringIO())
    console.print(class_table(shown, f"{len(shown)} of {len(results)} submissions"))
    picture = ROOT / "docs" / "images" / "class.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    svg = console.export_svg(title="autograder grade examples/submissions")
    picture.write_text(re.sub(r"@font-face \{.*?\}\n", "", svg, flags=re.DOTALL))  # no font from elsewhere
    print(picture.relative_to(ROOT))


if __name__ == "__main__":
    main()
