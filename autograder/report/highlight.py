"""Source as HTML with a few classes of tokens: what Pygments knows, without a span around every comma."""

from __future__ import annotations

import functools
import itertools

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers.c_cpp import CppLexer
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

from autograder.results import clean_text

__all__ = ["code_html", "is_prose"]

_MAX_SOURCE = 100_000
_CLASSES = (
    (Comment, "c"),
    (String, "s"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Number, "n"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "f"),
)


def _class(token: _TokenType) -> str:
    return next((name for kind, name in _CLASSES if token in kind), "")


def code_html(source: str, submission: str) -> Markup:
    """Highlighted source, in the language that the submission's name tells. Many cells of a class are alike."""
    return _highlighted(source, CppLexer if submission.endswith(".cpp") else PythonLexer)


@functools.lru_cache(maxsize=2048)
def _highlighted(source: str, lexer: type[Lexer]) -> Markup:
    tokens = lexer(stripnl=False, ensurenl=False).get_tokens(clean_text(source, _MAX_SOURCE))
    parts = []
    for name, group in itertools.groupby(
        ((_class(kind), text) for kind, text in tokens), lambda pair: pair[0]
    ):
        text = escape("".join(text for _, text in group))
        parts.append(Markup('<span class="{}">{}</span>').format(name, text) if name else text)
    return Markup("").join(parts)


def is_prose(source: str) -> bool:
    """Whether a cell is nothing but comments, as the text cells of a script are."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in source.splitlines())
