"""Turns a known mistake (or an alternative) into what a student would hand in: source that overrides one function."""

from __future__ import annotations

import ast
import re

from autograder.author import KnownMistake, RightAnotherWay
from autograder.course import Topic

__all__ = ["override_source"]


def _is_ours(node: ast.stmt) -> bool:
    """Imports of the engine and of the reference, which a submission does not have."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in ("autograder", "solutions")
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in ("autograder", "solutions") for alias in node.names)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def override_source(topic: Topic, entry: KnownMistake | RightAnotherWay) -> str:
    """Source that, run after the reference solution, replaces one exercise by ``entry``.

    It holds the mistakes file's imports and helper functions, and the function itself under the exercise's name.
    """
    lines = topic.mistakes_source.splitlines()
    parts: list[str] = []
    function = ""
    for node in ast.parse(topic.mistakes_source).body:
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            if node.name == entry.id:
                function = re.sub(rf"^def {re.escape(entry.id)}\(", f"def {entry.exercise}(", text)
        elif not _is_ours(node):
            parts.append(text)
    return "\n\n\n".join([*parts, function]) + "\n"
