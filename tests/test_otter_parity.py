"""Honest work gets the same points from otter's own engine, one process for all; dishonest work does not.

The bundles are those that ``autograder release`` makes. Every submission goes through ``otter.api.grade_submission``,
which is what ``otter run`` calls, in two warm processes at once; one of them through the command itself too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import Course, load_course
from autograder.grading import grade_cells
from autograder.release import otter_bundle
from autograder.sandbox.launchers import open_launcher
from autograder.sandbox.limits import Limits
from autograder.submissions import find_submissions, read_cells

REPOSITORY = Path(__file__).resolve().parent.parent
CLASS = REPOSITORY / "examples" / "submissions"
EXPECTED = {
    row["submission"]: row
    for row in json.loads((REPOSITORY / "examples" / "expected.json").read_text(encoding="utf-8"))
}
TOPICS = ("tokenization", "nll_loss", "positional_encoding", "attention", "diffusion")
# What each of these does is in its file; see examples/README.md.
CHEATS = {
    "a lying array": "student-034/attention.py",
    "patched assertions": "student-035/positional_encoding.py",
    "a frame walker": "student-036/nll_loss.py",
}

Points = dict[str, float]


def topic_of(submission: str) -> str:
    return next(topic for topic in TOPICS if Path(submission).stem.endswith(topic))


HONEST = [name for name, row in EXPECTED.items() if row["kind"] == "honest"]


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(REPOSITORY)


@pytest.fixture(scope="module")
def bundles(course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    made = {}
    for topic in TOPICS:
        made[topic] = folder / f"autograder-{topic}.zip"
        made[topic].write_bytes(otter_bundle(course.topics[topic]))
    return made


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """No settings of whoever runs the tests, and one thread for each kernel.

    Half of a kernel's start would go into a grammar of web addresses, which jsonschema loads if it can.
    """
    without = tmp_path_factory.mktemp("without")
    (without / "rfc3987_syntax.py").write_text("raise ImportError('left out')\n")
    folder = tmp_path_factory.mktemp("home")
    settings = {name: str(folder) for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "GENAI")}
    return {**os.environ, **settings, **one_thread, "MPLBACKEND": "Agg", "PYTHONPATH": str(without)}


@pytest.fixture(scope="module")
def otter_points(bundles: dict[str, Path], environment: dict[str, str]) -> dict[str, Points]:
    """What otter gives each honest and each cheating submission."""
    jobs = [[str(bundles[topic_of(name)]), str(CLASS / name)] for name in (*HONEST, *CHEATS.values())]
    command = [sys.executable, "-P", str(REPOSITORY / "tests" / "run_otter.py")]
    processes = [
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    for half, process in enumerate(processes):
        assert process.stdin is not None
        json.dump(jobs[half::2], process.stdin)
        process.stdin.close()
    points = {}
    for process in processes:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                submission, scores = json.loads(line)
                points[Path(submission).relative_to(CLASS).as_posix()] = scores
        assert process.wait() == 0
    return points


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_honest_submissions_get_the_same_points_from_otter(topic, otter_points):
    """``test_examples.py`` holds the same table against autograder."""
    names = [name for name in HONEST if topic_of(name) == topic]
    assert len(names) >= 10
    differing = {
        name: (otter_points[name], EXPECTED[name]["scores"])
        for name in names
        if otter_points[name] != EXPECTED[name]["scores"]
    }
    assert not differing


@pytest.mark.slow
@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_gets_full_marks_from_otter_and_none_here(cheat, course, otter_points):
    name = CHEATS[cheat]
    topic = course.topics[topic_of(name)]
    full = {exercise.name: exercise.possible for exercise in topic.exercises}
    assert otter_points[name] == full
    (submission,), _ = find_submissions(CLASS / name, course.topics)
    with open_launcher(course.preload, Limits()) as launcher:
        results, _ = grade_cells(topic, read_cells(submission), launcher)
    # The frame walker's guess, 0.0, happens to be the loss of an empty sequence: one point out of 20.
    assert {result.name: result.score for result in results} == EXPECTED[name]["scores"]
    assert sum(EXPECTED[name]["scores"].values()) <= 1


@pytest.mark.slow
def test_the_command_gives_what_the_function_gives(bundles, environment, otter_points, tmp_path):
    name = "student-026/attention.py"
    subprocess.run(
        [sys.executable, "-P", "-m", "otter", "run", "-a", str(bundles["attention"]), str(CLASS / name)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
    )
    tests = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["tests"]
    assert {test["name"]: test["score"] for test in tests if "score" in test} == otter_points[name]
