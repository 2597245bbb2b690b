"""Templates, and what they share: the style, the content security policy, small pieces of HTML."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from importlib import resources

import svg
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder import __version__
from autograder.formulas import as_mathml
from autograder.report import pictures
from autograder.report.states import ABSENT
from autograder.results import Shown, TestResult, clean_text

__all__ = ["environment", "formula_html", "is_long", "meter", "points", "policy", "policy_of", "text_file"]

_MAX_TEXT = 100_000
_SHORT_LINES, _SHORT_TEXT = 12, 600
_MARKED = re.compile(r"`([^`\n]+)`|(?<!\w)\*([^*\s](?:[^*\n]*[^*\s])?)\*(?!\w)")


@functools.cache
def text_file(name: str) -> str:
    """A file beside the templates."""
    return (resources.files("autograder.report") / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def policy_of(style: str, script: str = "") -> str:
    """A content security policy: a page may have this style and script, images in itself, and nothing else."""
    scripts = f"script-src {_digest(script)}; " if script else ""
    return (
        f"default-src 'none'; {scripts}style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@functools.cache
def policy(script: str = "") -> str:
    """The policy of a page with the pages' style, and the script of that name."""
    return policy_of(text_file("style.css"), text_file(script) if script else "")


def points(value: float) -> str:
    """Points with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _number(value: int) -> str:
    return f"{value:,}"


@functools.lru_cache(maxsize=4096)
def meter(share: float, name: str = "full") -> Markup:
    """A bar as long as a share; the figure stands beside it."""
    width = round(100 * min(max(share, 0.0), 1.0), 1)
    kind = name if name != "full" or share >= 0.5 else "low"
    bar = svg.Rect(width=f"{width}%", height="100%", class_=[kind])  # type: ignore[arg-type]
    return Markup(svg.SVG(class_=["meter"], elements=[bar], extra={"aria-hidden": "true"}).as_str())


@functools.lru_cache(maxsize=512)
def formula_html(latex: str) -> Markup:
    """A formula as MathML, or as it was written if it is not understood."""
    if not latex:
        return Markup("")
    try:
        return Markup(as_mathml(latex, "block"))
    except Exception:  # it has a class of its own for each of many errors
        return Markup("<code>{}</code>").format(latex)


def _printable(value: object) -> object:
    """Text without characters that nobody sees, wherever it comes from."""
    return clean_text(value, _MAX_TEXT) if type(value) is str else value


def is_long(test: TestResult) -> bool:
    """Whether a test's message says at length what its card shows better."""
    return test.shown is not None and bool(test.shown.parts) and test.message.count("\n") > 3


def is_short(shown: Shown) -> bool:
    """Whether a call's arguments take so little room that they are shown at once."""
    texts = [argument.value.text for argument in shown.arguments]
    return sum(text.count("\n") + 1 for text in texts) <= _SHORT_LINES and sum(map(len, texts)) <= _SHORT_TEXT


def prose(text: str) -> Markup:
    """Text with its `code` and its *titles* set as such."""
    parts = []
    end = 0
    for found in _MARKED.finditer(clean := clean_text(text, _MAX_TEXT)):
        code, title = found.groups()
        marked = Markup("<code>{}</code>").format(code) if code else Markup("<em>{}</em>").format(title)
        parts += [escape(clean[end : found.start()]), marked]
        end = found.end()
    return Markup("").join([*parts, escape(clean[end:])])


@functools.cache
def environment() -> Environment:
    """The templates, with everything escaped that is not marked as HTML."""
    made = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        version=__version__,
        style=Markup(text_file("style.css")),
        script="",
        meter=meter,
        points=points,
        number=_number,
        is_long=is_long,
        is_short=is_short,
        prose=prose,
        ABSENT=ABSENT,
        kind_of=pictures.kind_of,
        is_whole=pictures.is_whole,
        heatmap=pictures.heatmap,
        images=pictures.images,
        bars=pictures.bars,
        tokens=pictures.tokens,
        png_url=pictures.png_url,
    )
    return made
