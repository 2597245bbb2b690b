"""What is said of a release in several places is the same in all of them."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PROJECT["project"]["version"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_version_is_one():
    assert re.search(r"^version: (.+)$", read("CITATION.cff"), re.MULTILINE)[1] == VERSION
    assert re.findall(r"^## (\d\S*)", read("CHANGELOG.md"), re.MULTILINE)[0] == VERSION


def test_the_licence_is_one():
    assert PROJECT["project"]["license"] == "MIT"
    assert re.search(r"^license: (.+)$", read("CITATION.cff"), re.MULTILINE)[1] == "MIT"
    assert read("LICENSE").startswith("MIT License")


def test_each_python_that_is_promised_gets_a_wheel():
    listed = " ".join(PROJECT["project"]["classifiers"])
    promised = re.findall(r"Python :: 3\.(\d+)", listed)
    assert promised == ["11", "12", "13", "14"]
    assert PROJECT["project"]["requires-python"] == f">=3.{promised[0]}"
    built = PROJECT["tool"]["cibuildwheel"]["build"]
    assert built == [*(f"cp3{minor}-*" for minor in promised), "cp314t-*"]
    assert "Free Threading" in listed
    assert "py::mod_gil_not_used()" in read("csrc/bindings.cpp")


def test_each_python_that_is_promised_is_type_checked():
    assert PROJECT["tool"]["mypy"]["python_version"] == "3.11"
    assert "--python-version 3.14" in read("Makefile")


def test_wheels_for_each_system_are_tested_by_what_is_installed_for_it():
    wheels = PROJECT["tool"]["cibuildwheel"]
    assert wheels["linux"]["archs"] == ["x86_64", "aarch64"]
    assert {"macos", "windows"} <= set(wheels)
    assert wheels["test-command"].startswith("pytest {project}/tests/kernels")
    assert set(wheels["test-groups"]) <= set(PROJECT["dependency-groups"])


def test_every_command_of_the_makefile_is_explained():
    targets = re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)[1].split()
    helped = re.findall(r'^\t@echo "make (\S+)', read("Makefile"), re.MULTILINE)
    assert sorted(helped) == sorted(set(targets) - {"help"})
    explained = re.findall(r"^\| `make (\S+)`", read("CONTRIBUTING.md"), re.MULTILINE)
    assert sorted(explained) == sorted(helped)


def test_commit_hooks_run_what_lint_runs():
    hooks = re.findall(r"entry: \.venv/bin/(\S+)", read(".pre-commit-config.yaml"))
    lint = re.findall(
        r"^\t\$\(BIN\)/(\S+)", re.search(r"^lint:.*?\n\n", read("Makefile"), re.M | re.S)[0], re.M
    )
    assert set(hooks) == set(lint)
