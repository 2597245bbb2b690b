"""Tells which cells of a notebook only look at results, so that grading for points can leave them out.

The exercises hold cells that draw a student's result or ask the notebook's own grader, and in nbgrader's form cells
that run the public tests. Drawing costs ten times what grading does. A cell is left out only if it stands in the
submission as it was handed out, and if no cell that runs mentions a name that it binds.
"""

from __future__ import annotations

import ast
import functools
import re
import symtable
import warnings
from collections.abc import Sequence

from autograder.course import Topic
from autograder.nbgrader.cells import public_tests_cell
from autograder.sandbox.protocol import Cell

__all__ = ["without_pictures"]

_NOTEBOOK_ONLY = re.compile(r'^# %% tags=\["active-ipynb"\]\n(?P<body>(?:#(?! %%).*\n|\n)*)', re.MULTILINE)

_REFLECTION = {"eval", "exec", "globals", "locals", "vars"}
_MAX_SOURCE = 1 << 20


def _bound_names(source: str) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return frozenset(names)


@functools.lru_cache(maxsize=64)
def _handed_out(source: str) -> dict[str, frozenset[str]]:
    """The notebook-only cells of a master, and the names that each binds."""
    cells = {}
    for found in _NOTEBOOK_ONLY.finditer(source):
        lines = [re.sub(r"^# ?", "", line) for line in found["body"].splitlines()]
        text = "\n".join(lines).strip()
        try:
            cells[text] = _bound_names(text)
        except SyntaxError:  # it holds a magic: let it run
            continue
    return cells


def _global_names(source: str) -> set[str]:
    """Names that a cell reads or binds in the notebook's own scope."""
    names: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the student's code, to nobody who could mend it
        tables = [symtable.symtable(source, "<cell>", "exec")]
    while tables:
        table = tables.pop()
        top = table.get_type() == "module"
        names |= {symbol.get_name() for symbol in table.get_symbols() if top or symbol.is_global()}
        tables += table.get_children()
    return names


def without_pictures(topic: Topic, cells: Sequence[Cell]) -> list[Cell]:
    """The cells that have to run for the topic's functions to be what they are."""
    tests = {public_tests_cell(topic.name, exercise) for exercise in topic.exercises}
    cells = [cell for cell in cells if cell.source.strip() not in tests]  # they bind nothing to build on
    known = _handed_out(topic.source)
    left_out = {index for index, cell in enumerate(cells) if cell.source.strip() in known}
    if not left_out or sum(len(cell.source) for cell in cells) > _MAX_SOURCE:
        return list(cells)
    try:
        names = {i: _global_names(cell.source) for i, cell in enumerate(cells) if i not in left_out}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return list(cells)  # a magic, or something broken
    if _REFLECTION & set().union(*names.values()):
        return list(cells)
    while True:
        running = set().union(*names.values())
        needed = {index for index in left_out if known[cells[index].source.strip()] & running}
        if not needed:
            return [cell for index, cell in enumerate(cells) if index not in left_out]
        left_out -= needed
        names |= {index: _global_names(cells[index].source) for index in needed}
