"""Formulas in LaTeX: as pages show them, and what is wrong with those in a master's text."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["as_mathml", "broken_formulas"]

_BLOCK = re.compile(r"\$\$(?P<latex>.+?)\$\$", re.DOTALL)
_IN_TEXT = re.compile(r"(?<![\\$\w])\$(?=\S)(?P<latex>[^$\n]+(?:\n[^$\n]+)?)(?<=\S)\$(?![\w$])")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_ARG = re.compile(r"\\arg(?![a-zA-Z])")
_BRACE = re.compile(r"(?<!\\)[{}]")
_UNKNOWN = re.compile(r"<m[io]>(?P<command>\\[A-Za-z]+)</m[io]>")


def as_mathml(latex: str, display: str = "inline") -> str:
    """A formula as pages show it; what cannot be read raises one of many errors."""
    from latex2mathml.converter import convert

    return convert(_ARG.sub(r"\\operatorname{arg}", latex), display=display)


def _complaint(latex: str) -> str:
    """What keeps a formula from being shown; empty when nothing does."""
    braces = _BRACE.findall(latex)
    if braces.count("{") != braces.count("}"):
        return "its braces do not match"
    try:
        shown = as_mathml(latex)
    except Exception as error:  # it has a class of its own for each of many errors
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__.removesuffix("Error")).lower()
        return f"{error}" or words
    unknown = _UNKNOWN.search(shown)
    return f"pages know no {unknown['command']}" if unknown else ""


def _texts(source: str) -> Iterator[tuple[int, str]]:
    """The text cells of a master, each with the number of its first line, without the code in them."""
    line, text, start = 0, list[str](), 0
    for line, content in enumerate([*source.splitlines(), "# %%"], 1):
        if content.startswith("# %%"):
            if start:
                yield start, _CODE.sub(lambda code: "\n" * code[0].count("\n"), "\n".join(text))
            text, start = [], line + 1 if "[markdown]" in content else 0
        elif start:
            text.append(content.removeprefix("#").removeprefix(" "))


def broken_formulas(source: str) -> list[str]:
    """The formulas in the text of a percent-format master that a notebook would not show as such.

    Returns:
        A line each: where, what, and why.
    """
    found = []
    for start, text in _texts(source):
        blocks = list(_BLOCK.finditer(text))
        rest = _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
        formulas = [(text, block) for block in blocks] + [(rest, item) for item in _IN_TEXT.finditer(rest)]
        if "$$" in rest:
            line = start + rest[: rest.index("$$")].count("\n")
            found.append(f"line {line}: the formula that begins with $$ has no $$ at its end")
        for whole, formula in formulas:
            if complaint := _complaint(formula["latex"].strip()):
                line = start + whole[: formula.start()].count("\n")
                latex = " ".join(formula["latex"].split())
                found.append(f"line {line}: the formula {latex[:80]} cannot be shown: {complaint}")
    return found
