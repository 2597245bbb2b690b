"""Builds, installs and tests the project with each Python that this machine has: `make test-pythons`.

    python tools/test_pythons.py              every one that is found
    python tools/test_pythons.py 3.12 3.13    these

Looks on the PATH and where pyenv keeps its versions. Each gets an environment of its own below build/pythons, a wheel
that is built from the source archive, and the tests of the kernels, of the engine and of the example class; the
free-threaded build those of the kernels, which is what it is supported for. Prints what was found, what was not, and
what came of it; ends with 1 if a suite failed, or if nothing was found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "pythons"
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.14t")
KERNELS = ["tests/kernels", "--ignore=tests/kernels/peers"]
ENGINE = ["tests/engine", "tests/test_examples.py"]

_WHICH = """
import sys, sysconfig
print("%d.%d" % sys.version_info[:2] + "t" * bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
"""


def is_version(program: Path, version: str) -> bool:
    """Whether a program is a Python of this version; the shims of pyenv are there for versions that are not."""
    done = subprocess.run([program, "-c", _WHICH], capture_output=True, encoding="utf-8", check=False)
    return done.returncode == 0 and done.stdout.strip() == version


def find_python(version: str) -> Path | None:
    """A Python of this version, on the PATH or of pyenv."""
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    programs = [
        *(folder / name for name in (f"python{version}", "python3") for folder in folders),
        *sorted(pyenv.glob(f"{version.removesuffix('t')}*/bin/python3")),
    ]
    return next((path for path in programs if os.access(path, os.X_OK) and is_version(path, version)), None)


def run(*command: str | Path, where: Path = ROOT) -> bool:
    print("$", *command, flush=True)
    return subprocess.run([str(part) for part in command], cwd=where, check=False).returncode == 0


def make_environment(python: Path, folder: Path) -> Path | None:
    """A new virtual environment; its Python, or None if there is no making one."""
    made = run(python, "-m", "venv", "--clear", folder)
    own = folder / "bin" / "python"
    return own if made and run(own, "-m", "pip", "install", "--quiet", "--upgrade", "pip", "build") else None


def test(version: str, python: Path) -> bool:
    """Build, install and test with one Python."""
    folder = WORK / version
    own = make_environment(python, folder)
    if own is None:
        return False
    dist = folder / "dist"
    if not run(own, "-m", "build", "--outdir", dist, ROOT):  # the archive first, and from that the wheel
        return False
    (wheel,) = dist.glob("*.whl")
    threads_only = version.endswith("t")
    what = str(wheel) if threads_only else f"{wheel}[instructor]"
    suite = KERNELS if threads_only else [*KERNELS, *ENGINE]
    return run(own, "-m", "pip", "install", "--quiet", what, "--group", "wheel-test") and run(
        folder / "bin" / "pytest", "-q", "-p", "no:cacheprovider", *suite
    )


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(VERSIONS):
        print(
            f"not a Python of this project: {', '.join(sorted(unknown))}; there is {', '.join(VERSIONS)}",
            file=sys.stderr,
        )
        return 2
    shutil.rmtree(WORK, ignore_errors=True)
    outcomes: dict[str, str] = {}
    for version in wanted or VERSIONS:
        python = find_python(version)
        if python is None:
            outcomes[version] = "not found"
            continue
        start = time.monotonic()
        outcome = "passed" if test(version, python) else "FAILED"
        outcomes[version] = f"{outcome} ({python}, {time.monotonic() - start:.0f} s)"
    for version, outcome in outcomes.items():
        print(f"Python {version:6} {outcome}")
    said = " ".join(outcomes.values())
    return 0 if "passed" in said and "FAILED" not in said else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
