"""Pictures of the topic `symbolic_ai`: who has borrowed what, and what the query and the rule say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from genai_course.plots import BLUE, BODY_SIZE, GREEN, GREY, RED, SMALL_SIZE, WIDTH, new_figure, styled

__all__ = ["loans", "rule_table"]

_ROW = 0.5  # inches for each row
_NEUTRAL = "#E4E4E4"
_LIGHT_BLUE = "#CFE5F5"
_DARK = "#555555"


@styled
def loans(
    answers: Mapping[str, bool],
    members: Collection[str],
    borrowed: Collection[tuple[str, str]],
    width: float = WIDTH,
) -> Figure:
    """A graph of people and books with an arrow for each loan, and beside each book the answers to the query.

    Members and their loans are blue; people who are not members, and what they took, are grey and dashed.
    The first answer is that of the closed world. In an open world a "yes" turns into "unknown", for a loan
    that is not listed may exist all the same.

    Args:
        answers: for each book, whether it is available.
        members: the members.
        borrowed: pairs (who, what).
        width: inches.
    """
    people = sorted({*members, *(who for who, _ in borrowed)}, key=lambda who: (who not in members, who))
    books = list(answers)
    rows = max(len(people), len(books), 1)
    figure, axes = new_figure(width=width, height=1.5 + _ROW * rows)
    ax = axes[0][0]
    # Whichever column is the shorter one is spread over the whole height.
    place = {book: (row + 0.5) * rows / len(books) - 0.5 for row, book in enumerate(books)}
    home = {who: (row + 0.5) * rows / len(people) - 0.5 for row, who in enumerate(people)}
    for who, what in sorted(borrowed):
        if what not in answers:
            continue
        ours = who in members
        ax.annotate(
            "",
            (2.0, place[what]),
            (1.0, home[who]),
            arrowprops={
                "arrowstyle": "-|>",
                "color": BLUE if ours else GREY,
                "linestyle": "-" if ours else "--",
                "linewidth": 1.6,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
    for who in people:
        ours = who in members
        colour, edge = (_LIGHT_BLUE, BLUE) if ours else ("white", GREY)
        _box(ax, 0.55, home[who], 0.9, who, colour, edge=edge, dashed=not ours)
    for book in books:
        y = place[book]
        _box(ax, 2.5, y, 1.0, book, "white", edge=_DARK)
        yes = answers[book]
        _box(ax, 3.7, y, 0.9, "yes" if yes else "no", GREEN if yes else RED, edge="none", light=True)
        _box(
            ax, 4.8, y, 0.9, "unknown" if yes else "no", _NEUTRAL if yes else RED, edge="none", light=not yes
        )
    heads = (
        (0.55, "who\n(dashed: no member)"),
        (2.5, "book"),
        (3.7, "available?\nclosed world"),
        (4.8, "available?\nopen world"),
    )
    _heads(ax, heads)
    _frame(ax, 0.0, 5.35, rows)
    ax.set_title("Who has borrowed what, and what follows for each book")
    return figure


@styled
def rule_table(
    available: Collection[str],
    lent: Mapping[str, bool],
    kept: Mapping[str, bool],
    holds: bool,
    width: float = WIDTH,
) -> Figure:
    """A table, a row for each book: the query's answer, the two parts of the rule, and whether it is kept.

    Args:
        available: what is listed as available.
        lent: for each book, whether a member has borrowed it.
        kept: for each book, whether the rule holds for it alone.
        holds: whether the rule holds for all books.
        width: inches.
    """
    books = list(lent)
    figure, axes = new_figure(width=width, height=1.9 + _ROW * max(len(books), 1))
    ax = axes[0][0]
    for row, book in enumerate(books):
        listed = book in available
        _box(ax, 0.6, row, 1.0, book, "white", edge=_DARK)
        for x, true in ((1.8, not lent[book]), (3.1, listed), (4.2, lent[book])):
            _box(ax, x, row, 0.9, "true" if true else "false", _LIGHT_BLUE if true else _NEUTRAL, edge="none")
        good = kept[book]
        _box(ax, 5.5, row, 0.9, "kept" if good else "broken", GREEN if good else RED, edge="none", light=True)
    ax.plot([2.45, 2.45], [-0.5, len(books) - 0.5], color=GREY, linewidth=1)
    ax.text(3.65, -1.0, "∨", ha="center", va="center", size=BODY_SIZE)
    ax.text(4.85, -1.0, "=", ha="center", va="center", size=BODY_SIZE)
    heads = (
        (0.6, "book x"),
        (1.8, "the query:\nno member has it"),
        (3.1, "Available(x):\nit is listed"),
        (4.2, "∃y …: a member\nhas it"),
        (5.5, "the rule\nfor this book"),
    )
    _heads(ax, heads)
    last = len(books)
    ax.text(4.95, last, "∀x: for all books together", ha="right", va="center", size=BODY_SIZE)
    _box(ax, 5.5, last, 0.9, "holds" if holds else "broken", GREEN if holds else RED, edge="none", light=True)
    _frame(ax, 0.0, 6.1, last + 1)
    ax.set_title("The query guesses from what is missing; the rule checks what is listed")
    return figure


def _box(
    ax: Axes,
    x: float,
    y: float,
    width: float,
    text: str,
    colour: str,
    *,
    edge: str,
    dashed: bool = False,
    light: bool = False,
) -> None:
    """A word in a coloured box around (x, y)."""
    patch = FancyBboxPatch(
        (x - width / 2, y - 0.33),
        width,
        0.66,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=colour,
        edgecolor=edge,
        linestyle="--" if dashed else "-",
        linewidth=1.2,
    )
    ax.add_patch(patch)
    colour = "white" if light else "#222222"
    weight = "bold" if light else "normal"
    ax.text(x, y, text, ha="center", va="center", color=colour, weight=weight, size=BODY_SIZE)


def _heads(ax: Axes, heads: Sequence[tuple[float, str]]) -> None:
    """What stands above each column."""
    for x, text in heads:
        ax.text(x, -0.62, text, ha="center", va="bottom", size=SMALL_SIZE, color=_DARK)


def _frame(ax: Axes, left: float, right: float, rows: int) -> None:
    """Limits around the rows, row 0 on top, and nothing of the axes themselves."""
    ax.set_xlim(left, right)
    ax.set_ylim(rows - 0.5, -1.3)
    ax.set_axis_off()
