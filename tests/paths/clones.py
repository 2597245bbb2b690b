"""A clone of the repository as it stands, and the changes that a page makes to its files."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.paths.pages import ROOT, Block

_COMMITTER = ("-c", "user.name=contributor", "-c", "user.email=contributor@localhost")


def tracked_files() -> list[str]:
    """What git knows of and is still there; empty where this is no clone."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def git(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["git", *_COMMITTER, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def make_clone(folder: Path, *, of: Sequence[str] = ("",)) -> Path:
    """A repository of its own with the tracked files, or those whose paths begin in one of the ways of ``of``."""
    for name in tracked_files():
        if name.startswith(tuple(of)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "as it stands")
    return folder


def write(block: Block, folder: Path) -> None:
    """Do to a file what a block with a title says: all of it, or a change."""
    path = folder / block.title
    if block.language == "diff":
        text = path.read_text(encoding="utf-8")
        for hunk in block.text.split("@@\n"):
            text = _changed(text, hunk.splitlines(), block)
    else:
        assert not path.exists(), f"{block.title} is there already"
        text = block.text
    path.write_text(text, encoding="utf-8")


def _changed(text: str, hunk: Sequence[str], block: Block) -> str:
    """The text with the hunk's lines in place of those that it names, which must be found once."""
    lines = text.splitlines()
    before = [" ".join(line[1:].split()) for line in hunk if line[0] in " -"]
    plain = [" ".join(line.split()) for line in lines]
    places = [start for start in range(len(lines)) if plain[start : start + len(before)] == before]
    assert len(places) == 1, (
        f"{block.title}: {before} is there {len(places)} times ({block.page.name}:{block.line})"
    )
    kept = iter(lines[places[0] :])
    after = []
    for line in hunk:
        if line[0] == "+":
            after.append(line[1:])
        else:
            old = next(kept)
            after += [old] if line[0] == " " else []
    return "\n".join([*lines[: places[0]], *after, *lines[places[0] + len(before) :], ""])
