"""Reads the attacks: each is a submission whose first lines say what it must get.

    # rows: 1, 5                  the kinds of attack that it tries, by their number in the list in README.md
    # what: lies about equality   in a few words
    # expect: graded 0            status and points
    # expect on B: timeout 2      where they differ on a tier
    # control: 10                 points that the same file gets where tests run in the submission's own process
    # steals: yes                 the control prints the secret
    # honest: tally, pick         functions for which the right answer is put in front
    # error, message, output: X   a pattern in the result's error, in some test's message, in what was printed
    # never: X                    a pattern that must be in none of them
    # seconds: 0.4                time limit of a call and of a cell
    # variants: 9                 try it so many times, with another @variant@
    # tiers: A                    all of them on tier A, the first one on tier B
    # forms: py                   only as a script, or only as a notebook
    # needs: x86_64               only on this machine

Each is tried as a script, and its last variant as a notebook, which has a cell for each part between ``# %%``
lines. What stands between two @ is put in from the world around it: @folder@ (planted files outside), @port@ and
@datagrams@ (listening sockets), @pid@ (the grader), @course@, @home@ (the superuser's).
"""

from __future__ import annotations

import ast
import json
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
_HEADER = re.compile(r"# (?P<key>[a-z ]+(?: on [AB])?): (?P<value>.*)")


@dataclass(frozen=True)
class Attack:
    """One submission, in one form, with what it must get."""

    name: str
    source: str
    form: str
    header: Mapping[str, str]
    variant: int = 0

    @property
    def id(self) -> str:
        number = f"-{self.variant}" if "variants" in self.header else ""
        return f"{self.name}{number}.{self.form}"

    @property
    def rows(self) -> list[int]:
        return [int(row) for row in self.header["rows"].split(",")]

    @property
    def seconds(self) -> float | None:
        return float(self.header["seconds"]) if "seconds" in self.header else None

    def belongs_to(self, tier: str, sample: bool) -> bool:
        """Scripts are tried on both tiers, notebooks on the first; a sample has the first variant of each."""
        if tier == "B" and (self.form != "py" or (self.variant > 0 and self.header.get("tiers") == "A")):
            return False
        return self.variant == 0 or not sample

    def on(self, key: str, tier: str) -> str | None:
        """What the header says under ``key`` for a tier."""
        return self.header.get(f"{key} on {tier}", self.header.get(key))

    def expected(self, tier: str) -> tuple[str, float]:
        """Status and points."""
        status, points = (self.on("expect", tier) or "").split()
        return status, float(points)

    def write(self, folder: Path, world: Mapping[str, str]) -> Path:
        """Write the submission to ``folder`` as a student would hand it in."""
        source = self.source
        for key, value in {**world, "variant": str(self.variant)}.items():
            source = source.replace(f"@{key}@", value)
        honest = [name.strip() for name in self.header.get("honest", "").split(",") if name.strip()]
        source = right_answers(honest) + source
        file = folder / f"quiz.{self.form}"
        file.write_text(source if self.form == "py" else notebook(source), encoding="utf-8")
        return file


def right_answers(functions: list[str]) -> str:
    """Source of the right solutions of some functions."""
    if not functions:
        return ""
    source = (HERE / "honest.py").read_text()
    nodes = ast.parse(source).body
    wanted = [node for node in nodes if isinstance(node, ast.Import)]
    wanted += [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name in functions]
    return "\n".join(ast.unparse(node) for node in wanted) + "\n\n# %%\n"


def notebook(source: str) -> str:
    """A script as a notebook: a cell for each part between ``# %%`` lines."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": part.strip()}
        for part in re.split(r"^# %%.*$", source, flags=re.MULTILINE)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def _header(source: str) -> dict[str, str]:
    header: dict[str, str] = {}
    for line in source.splitlines():
        if not (found := _HEADER.fullmatch(line)):
            break
        header[found["key"]] = found["value"].strip()
    return header


def load_attacks() -> Iterator[Attack]:
    """Every attack in every form."""
    for file in sorted((HERE / "submissions").glob("*.py")):
        source = file.read_text(encoding="utf-8")
        header = _header(source)
        if header.get("needs", platform.machine()) != platform.machine():
            continue
        base = Attack(file.stem, source, "py", header)
        variants = int(header.get("variants", 1))
        if header.get("forms") != "ipynb":
            yield from (replace(base, variant=variant) for variant in range(variants))
        if header.get("forms") != "py":
            yield replace(base, form="ipynb", variant=variants - 1)
