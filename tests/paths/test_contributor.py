"""A contributor's page: what it names is there, and a kernel that is added as it says can be called.

`make contributor-test` does the page's commands, too, in a clone and a clean environment (walk_contributor.py).
"""

import os
import re
import subprocess
import sys

import pytest

from tests.paths.clones import make_clone, tracked_files, write
from tests.paths.pages import ROOT, blocks

if not (ROOT / "solutions").is_dir():
    pytest.skip("needs the course's solutions", allow_module_level=True)
if not tracked_files():
    pytest.skip("needs a clone", allow_module_level=True)

PAGE = ROOT / "CONTRIBUTING.md"
TEXT = PAGE.read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]


def test_the_table_has_each_target_and_no_other():
    listed = re.findall(r"^\| `make ([\w-]+)` \|", TEXT, re.MULTILINE)
    targets = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)[1].replace("\\", " ").split()
    rules = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)
    helped = re.findall(r'^\t@echo "make ([\w-]+) ', MAKEFILE, re.MULTILINE)
    assert sorted(rules) == sorted(targets)
    assert sorted([*listed, "help"]) == sorted(targets)
    assert sorted([*helped, "help"]) == sorted(targets)


def test_what_the_map_and_the_journey_name_is_there():
    tracked = tracked_files()
    first_column = "".join(re.findall(r"^\|([^|]*)\|", section("The map of the house"), re.MULTILINE))
    rooms = re.findall(r"`([\w/]+/)`", first_column)
    known = [room if (ROOT / room).is_dir() else f"autograder/{room}" for room in rooms]
    assert len(known) > 10
    for room in known:
        assert any(name.startswith(room) for name in tracked), room
    folders = {name.split("/")[0] + "/" for name in tracked if "/" in name and not name.startswith(".")}
    assert folders <= set(known), "a room is missing from the map"
    modules = re.findall(r"`([\w/]+\.py)`", section("How a submission travels"))
    assert len(modules) > 8
    for module in modules:
        assert (ROOT / "autograder" / module).is_file(), module


def test_the_files_that_the_page_names_are_there():
    made = {block.title for block in blocks(PAGE) if block.title and block.language != "diff"}
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.\w+|[\w.-]+\.(?:toml|md|txt))`", TEXT))
    assert len(named) >= 8
    for name in named - made:
        assert (ROOT / name).is_file() or (ROOT / "autograder" / name).is_file(), name


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kernel_as_the_page_adds_it(tmp_path):
    clone = make_clone(
        tmp_path / "clone",
        of=[
            "pyproject.toml",
            "CMake",
            "README.md",
            "LICENSE",
            "csrc",
            "genai_course",
            "autograder",
            "tests/kernels",
        ],
    )
    for block in blocks(PAGE):
        if block.title:
            write(block, clone)
    installed = tmp_path / "installed"
    # Without optimisation it compiles in half the time.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", installed, clone]
    done = subprocess.run(
        [*command, "--config-settings", "cmake.build-type=Debug"], capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    call = "from genai_course import kernels; print(kernels.__file__, kernels.gelu([0, 1, 2]))"
    for command in (["-P", "-c", call], ["-P", "-m", "pytest", "-q", "tests/kernels/test_gelu.py"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=clone, env=environment, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "0.84134475" in done.stdout and str(installed) in done.stdout or "passed" in done.stdout
