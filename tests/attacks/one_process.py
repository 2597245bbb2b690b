"""The positive control: the same tests in the submission's own process, as graders that share it run them.

    python one_process.py COURSE FILE [FILE ...]

Prints a line of JSON for each file: its points, and what it printed. Each file has a process of its own, so that one
attack does not spoil the next; within it, the submission runs first and otter's tests of the course after it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from pathlib import Path

from autograder.course import load_course
from autograder.submissions import Submission, read_cells


def points_of(file: Path, course: Path) -> float:
    """Run a submission and the course's tests on what it defined."""
    cells = read_cells(Submission(file.name, "student-001", "quiz", file))
    namespace = sys.modules["__main__"].__dict__
    for cell in cells:
        try:
            exec(compile(cell.source, f"<{cell.name}>", "exec"), namespace)
        except Exception as error:
            print(f"{cell.name}: {type(error).__name__}: {error}")
    total = 0.0
    for exercise in load_course(course).topics["quiz"].exercises:
        exercise.tests.run(namespace)
        total += exercise.tests.score
    return total


def main(course: Path, files: list[Path]) -> None:
    for file in files:
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as answer:
            if (child := os.fork()) == 0:
                resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
                os.dup2(printed.fileno(), 1)
                os.dup2(printed.fileno(), 2)
                try:
                    os.write(answer.fileno(), json.dumps(points_of(file, course)).encode())
                    sys.stdout.flush()
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            printed.seek(0)
            answer.seek(0)
            points = json.loads(answer.read() or b"-1")
            text = printed.read(1 << 20).decode("utf-8", "replace")
            print(json.dumps({"file": str(file), "points": points, "printed": text}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
