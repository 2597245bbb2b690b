"""The same attacks when the grader itself has no rights: run by another user, on both tiers."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from tests.attacks import unprivileged
from tests.attacks.loader import HERE

ROOT = HERE.parents[1]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user")
def test_the_suite_holds_without_rights():
    own = tempfile.mkdtemp(prefix="attacks-own-")
    try:
        run_as_nobody(Path(own))
    finally:
        shutil.rmtree(own)


def run_as_nobody(own: Path) -> None:
    os.chown(own, unprivileged.NOBODY, unprivileged.NOBODY)
    wanted = {sys.prefix, sys.base_prefix, sys.executable, str(ROOT), str(own), sysconfig.get_path("stdlib")}
    wanted |= {path for path in sys.path if os.path.isdir(path)}
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(own),
        "TMPDIR": str(own),
        "MPLCONFIGDIR": str(own / "matplotlib"),
        "PYTHONPATH": os.pathsep.join([*(path for path in sys.path if path), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ATTACKS_SAMPLE": "1",
    }
    helper = [sys.executable, str(HERE / "unprivileged.py"), *sorted(wanted), "--", sys.executable]
    options = {"cwd": ROOT, "env": environment, "capture_output": True, "text": True}
    trial = subprocess.run([*helper, "-c", "import autograder, numpy, otter, pytest"], timeout=60, **options)
    if trial.returncode != 0:
        pytest.skip(f"another user cannot run this Python here: {trial.stderr.strip()[-300:]}")
    tests = [str(HERE / name) for name in ("test_attacks.py", "test_neighbours.py")]
    run = [
        *helper,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--basetemp",
        str(own / "tests"),
        "-rs",
        *tests,
    ]
    done = subprocess.run(run, timeout=280, **options)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout, done.stdout[-2000:]
