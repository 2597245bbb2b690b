"""What a notebook's cells expect around them, without a notebook: magics, shell lines, a display, a grader.

Magics that only matter on screen do nothing, ``%time`` and its like run what they time, shell lines are skipped with a
printed line, and ``otter.Notebook`` is an object whose checks do nothing, as is ``autograder.notebook``: the grading
happens elsewhere.
"""

from __future__ import annotations

import ast
import builtins
import re
import reprlib
import sys
import types
from typing import Any

__all__ = ["as_plain_python", "install", "split_last_value"]

_MAX_ITEMS = 1000
_LINE_END = re.compile(r"\r\n|\r|\n")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_TIMING = {"time", "timeit", "prun", "capture", "memit", "mprun", "lprun"}


def as_plain_python(source: str) -> str:
    """Turn IPython's syntax (``%magic``, ``!shell``, ``name?``) into calls; lines keep their numbers."""
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return source
    try:
        plain = TransformerManager().transform_cell(source)
    except SyntaxError:
        return source
    return _above(source) + plain.removeprefix(_above(plain))  # IPython takes off the empty lines above


def _above(source: str) -> str:
    """The empty lines that a cell begins with."""
    return source[: len(source) - len(source.lstrip("\n"))]


def split_last_value(tree: ast.Module, source: str) -> ast.Interactive | None:
    """Take a cell's last expression off, as what shows its value; None if there is none, or a semicolon behind it."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or last.end_lineno is None or last.end_col_offset is None:
        return None
    lines = _LINE_END.split(source)
    if lines[last.end_lineno - 1].encode()[last.end_col_offset :].lstrip().startswith(b";"):
        return None
    return ast.Interactive([tree.body.pop()])


def _short_repr(value: object) -> str:
    """The value as a notebook prints it: of a long list its beginning, and no addresses, which differ each time."""
    if isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) > _MAX_ITEMS:
        short = reprlib.Repr()
        short.maxlist = short.maxtuple = short.maxset = short.maxfrozenset = short.maxdict = 100
        return _ADDRESS.sub("", short.repr(value))
    return _ADDRESS.sub("", repr(value))


def _show(value: object) -> None:
    """Show the value of an expression below its cell; a figure is shown as a picture."""
    if value is None:
        return
    if "matplotlib.pyplot" in sys.modules and type(value).__name__ == "Figure":
        from autograder.sandbox import figures

        figures.draw(value)
        return
    try:
        text = _short_repr(value)
    except Exception as error:  # the cell has run by then, in a notebook too
        text = f"{type(value).__name__} (its repr raised {type(error).__name__})"
    print(text)


def _display(*values: object, **_: object) -> None:
    """IPython's ``display``."""
    for value in values:
        _show(value)


class _Shell:
    """Stands in for IPython's shell: the object that transformed cells call."""

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> Any:
        if name in _TIMING:
            main = sys.modules["__main__"].__dict__
            statement = line.strip()
            while statement.startswith("-"):  # options of %timeit, such as -n 10
                parts = statement.split(maxsplit=2)
                attached = len(parts[0]) > 2 or parts[0] in ("-q", "-o", "-c")
                statement = statement.split(maxsplit=1)[1] if attached else parts[2] if len(parts) > 2 else ""
            try:
                return eval(statement, main)
            except SyntaxError:
                exec(statement, main)
        return None

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        if name in _TIMING:
            exec(compile(as_plain_python(cell), f"<%%{name}>", "exec"), sys.modules["__main__"].__dict__)
        else:
            print(f"%%{name} is not run here")

    def system(self, command: str) -> None:
        print(f"shell commands are not run here: !{command}")

    def getoutput(self, command: str) -> list[str]:
        self.system(command)
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


class _Grader:
    """Stands in for ``otter.Notebook``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def check(self, question: str = "", *args: Any, **kwargs: Any) -> None:
        print(f"{question}: graded after the notebook has run")

    def check_all(self, *args: Any, **kwargs: Any) -> None:
        pass

    def export(self, *args: Any, **kwargs: Any) -> None:
        pass


def install() -> None:
    """Put the stand-ins where a submission finds them."""
    shell = _Shell()
    vars(builtins)["get_ipython"] = lambda: shell
    vars(builtins)["display"] = _display
    sys.displayhook = sys.__displayhook__ = _show
    otter = types.ModuleType("otter")
    vars(otter)["Notebook"] = _Grader
    sys.modules["otter"] = otter
    checks = types.ModuleType("autograder.notebook")
    vars(checks)["check"] = lambda *args, **kwargs: None
    sys.modules["autograder.notebook"] = checks
