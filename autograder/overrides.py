"""Turns a known mistake (or an alternative) into what a student would hand in: source that overrides one function."""

from __future__ import annotations

import ast
import re

from autograder.author import KnownMistake, RightAnotherWay
from autograder.course import Topic, is_mark, is_marked

__all__ = ["override_source"]


def _is_ours(node: ast.stmt) -> bool:
    """Imports of the engine and of the reference, which a submission does not have."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in ("autograder", "solutions")
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in ("autograder", "solutions") for alias in node.names)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _lines(lines: list[str], node: ast.stmt) -> list[str]:
    """A statement as it stands, with its decorators."""
    start = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    return lines[start - 1 : node.end_lineno]


def _renamed(lines: list[str], node: ast.FunctionDef, name: str) -> str:
    """A marked function without its mark, under another name (and under its own where it calls itself)."""
    kept = [ast.unparse(decorator) for decorator in node.decorator_list if not is_mark(decorator)]
    text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    text = re.sub(rf"^def\s+{re.escape(node.name)}\s*\(", f"def {name}(", text)
    calls_itself = any(isinstance(item, ast.Name) and item.id == node.name for item in ast.walk(node))
    return (
        "".join(f"@{item}\n" for item in kept)
        + text
        + (f"\n\n\n{node.name} = {name}" if calls_itself else "")
    )


def override_source(topic: Topic, entry: KnownMistake | RightAnotherWay) -> str:
    """Source that, run after the reference solution, replaces one exercise by ``entry``.

    It holds the mistakes file's imports and helper functions, and the function itself under the exercise's name.
    """
    lines = topic.mistakes_source.split("\n")
    parts: list[str] = []
    function = ""
    for node in ast.parse(topic.mistakes_source).body:
        if is_marked(node):
            if node.name == entry.id:
                function = _renamed(lines, node, entry.exercise)
        elif not _is_ours(node):
            parts.append("\n".join(_lines(lines, node)))
    return "\n\n\n".join([*parts, function]) + "\n"
