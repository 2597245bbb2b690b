"""What a notebook's cells expect around them, without a notebook: magics, shell lines, a grader object.

Magics that only matter on screen do nothing, ``%time`` and its like run what they time, shell lines are skipped with a
printed line, and ``otter.Notebook`` is an object whose checks do nothing, as is ``autograder.notebook``: the grading
happens elsewhere.
"""

from __future__ import annotations

import builtins
import sys
import types
from typing import Any

__all__ = ["as_plain_python", "install"]

_TIMING = {"time", "timeit", "prun", "capture", "memit", "mprun", "lprun"}


def as_plain_python(source: str) -> str:
    """Turn IPython's syntax (``%magic``, ``!shell``, ``name?``) into calls on ``get_ipython()``."""
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return source
    try:
        return TransformerManager().transform_cell(source)
    except SyntaxError:
        return source


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
    vars(builtins)["display"] = print
    otter = types.ModuleType("otter")
    vars(otter)["Notebook"] = _Grader
    sys.modules["otter"] = otter
    checks = types.ModuleType("autograder.notebook")
    vars(checks)["check"] = lambda *args, **kwargs: None
    sys.modules["autograder.notebook"] = checks
