"""README's two commands are what it says of them."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.paths.pages import ROOT, blocks

if not (ROOT / "solutions").is_dir():
    pytest.skip("needs the course's solutions", allow_module_level=True)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """What `make demo` works on, with an environment that counts as installed: the one that runs the tests."""
    tree = tmp_path_factory.mktemp("readme") / "tree"
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    for name in ("solutions", "exercises", "examples"):
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    for name in ("Makefile", "pyproject.toml", "CMakeLists.txt", "README.md"):
        shutil.copy(ROOT / name, tree)
    programs = tree / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, module in (("autograder", "autograder"), ("pytest", "pytest")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)
    for mark in ("made", "installed", "installed-tests"):
        (tree / ".venv" / mark).touch()
    return tree


def make(tree, *arguments):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTEST"))
    }
    path = os.pathsep.join(item for item in (environment.get("PYTHONPATH"), str(ROOT)) if item)
    return subprocess.run(
        ["make", *arguments],
        cwd=tree,
        env={**environment, "COLUMNS": "130", "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )


def test_there_are_two():
    first, *_ = (block for block in blocks(ROOT / "README.md") if block.language == "sh")
    assert [line.partition("#")[0].strip() for line in first.text.splitlines()] == ["make demo", "make test"]


def test_demo_grades_the_class_and_leaves_the_results(tree):
    done = make(tree, "demo")
    assert done.returncode == 0, done.stderr
    assert "mistakes and remarks" in done.stdout
    for said in (
        "graded",
        "timeout",
        "crashed",
        "unreadable",
    ):  # right and wrong work, broken and hostile files
        assert said in done.stdout
    assert (tree / "grading" / "grades.csv").is_file()
    assert (tree / "grading" / "index.html").is_file()


def test_test_runs_every_test(tree):
    printed = make(tree, "--dry-run", "test").stdout.strip()
    assert printed == ".venv/bin/pytest --numprocesses 2 --dist loadfile"  # and no choice of tests


def test_help_lists_the_other_commands(tree):
    printed = make(tree, "help").stdout
    for command in ("make demo", "make test", "make lint", "make docs", "make bench"):
        assert command in printed
