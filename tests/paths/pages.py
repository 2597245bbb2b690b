"""Follows a page of the documentation as a reader would: its commands, in order, in one shell."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(
    r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?= (?:of 60 seconds|submissions a second|kB|s\b))|(?<=^tier )[AB]")


@dataclass(frozen=True)
class Block:
    """A block of code on a page; with a title, it is a file of that name."""

    language: str
    title: str
    text: str
    page: Path
    line: int

    def __str__(self) -> str:
        return f"{self.page.name}, line {self.line}: {self.text.strip()}"


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            found["language"],
            found["title"] or "",
            found["text"],
            page,
            text.count("\n", 0, found.start()) + 1,
        )
        for found in _BLOCK.finditer(text)
    ]


def same_output(printed: str, shown: str) -> bool:
    """Whether the lines that a page shows were printed, one after the other; times and sizes may differ."""

    def plain(text: str) -> list[str]:
        return [_NUMBER.sub("N", line).rstrip() for line in text.strip().splitlines()]

    lines, wanted = plain(printed), plain(shown)
    return any(lines[start : start + len(wanted)] == wanted for start in range(len(lines)))


def environment(folder: Path) -> dict[str, str]:
    """What a newcomer's shell has: nothing of the Python that runs the tests, and no settings of this machine's user.

    ``python3`` is the Python that the tests' own environment was made from.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "JUPYTER", "IPYTHON", "MPL", "AUTOGRADER"))
    }
    programs = folder / "bin"
    programs.mkdir(parents=True)
    python = programs / "python3"
    python.write_text(f'#!/bin/sh\nexec "{_base_python()}" "$@"\n')
    python.chmod(0o755)
    own = str(Path(sys.executable).parent)
    path = [part for part in kept.get("PATH", os.defpath).split(os.pathsep) if part != own]
    settings = {
        name: str(folder / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "IPYTHONDIR",
            "MPLCONFIGDIR",
        )
    }
    quiet = {"PIP_QUIET": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "COLUMNS": "120"}
    return {**kept, **settings, **quiet, "PATH": os.pathsep.join([str(programs), *path])}


def _base_python() -> str:
    return getattr(sys, "_base_executable", "") or sys.executable


class Shell:
    """One shell that stays open, so that ``cd`` and an activated environment last from block to block."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def run(self, commands: str) -> tuple[int, str]:
        """Run commands, and give the exit code of the first that fails (or 0), and what all of them printed."""
        process, mark = self._process, secrets.token_hex(8)
        assert process.stdin is not None
        assert process.stdout is not None
        steps = " && ".join(f"{{ {line}\n}}" for line in _commands(commands))
        process.stdin.write(f"{{ {steps}\n}} </dev/null; printf '\\n{mark} %d\\n' $?\n")
        process.stdin.flush()
        printed: list[str] = []
        for line in process.stdout:
            if line.startswith(mark):
                return int(line.split()[1]), "".join(printed).removesuffix("\n")
            printed.append(line)
        raise AssertionError(f"the shell ended: {''.join(printed)}")

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)


def _commands(text: str) -> list[str]:
    """The commands of a block, each a line, or several that a backslash joins."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
