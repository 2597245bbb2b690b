"""Pictures of the topic `tokenization`: tokens as coloured spans, one row for each step.

A span is as wide as its bytes, so equal letters stand below each other from row to row. Equal tokens have the
same colour within a picture; the colours only help to tell neighbours apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from genai_course.plots import BLUE, BODY_SIZE, GREY, SMALL_SIZE, WIDTH, new_figure, styled

__all__ = ["decoded", "id_rows", "merge_steps", "pair_counts", "token_spans", "tokens_left"]

# Light tints of Okabe and Ito's colours, so that dark letters are easy to read on each of them.
_TINTS = ("#9CCBE8", "#F6C96B", "#8FD9C4", "#E9BFD6", "#F3EA8A", "#F2A77C", "#B9C4E8", "#D9D9D9")


@styled
def pair_counts(counts: Mapping[tuple[int, int], int], most: int = 15) -> Figure:
    """Bars: the pairs that occur most often and their counts, the most frequent one on top.

    Args:
        counts: count of each pair of ids; ids below 256 are shown as the byte they stand for.
        most: how many pairs to show at most.
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ranked[:most]
    figure, axes = new_figure(height=1.2 + 0.24 * max(len(shown), 1))
    ax = axes[0][0]
    names = [f"{_shown_id(left)}  {_shown_id(right)}" for (left, right), _ in shown]
    values = [count for _, count in shown]
    ax.barh(range(len(shown)), values, color=BLUE, height=0.7)
    for row, value in enumerate(values):
        ax.annotate(
            str(value), (value, row), (4, 0), textcoords="offset points", va="center", size=SMALL_SIZE
        )
    ax.set_yticks(range(len(shown)), names, family="monospace", size=BODY_SIZE)
    ax.invert_yaxis()
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("how often the pair occurs")
    ax.set_ylabel("pair of neighbours")
    rest = f" (the first {len(shown)} of {len(ranked)})" if len(ranked) > len(shown) else ""
    ax.set_title(f"The pairs of the sentence{rest}")
    return figure


@styled
def id_rows(rows: Sequence[Sequence[int]], vocab: Mapping[int, bytes]) -> Figure:
    """Coloured spans of ids: each row one list, the id below the bytes it stands for.

    Args:
        rows: lists of ids, the first one before any merge.
        vocab: the bytes of each id above 255; lower ids are single bytes.
    """
    tokens = [[_bytes_of(i, vocab) for i in row] for row in rows]
    labels = ["the start"] + [f"merge {step}" for step in range(1, len(rows))]
    notes = [[str(i) for i in row] for row in rows]
    return _span_figure(tokens, labels, notes, title="Each merge makes the list shorter")


@styled
def tokens_left(words: Mapping[bytes, int], merges: Sequence[tuple[bytes, bytes]]) -> Figure:
    """Falling steps: how many tokens the words need after each merge, with the token that it made.

    Args:
        words: each word with how often it occurs.
        merges: the learned merges, in their order.
    """
    corpus = [([word[i : i + 1] for i in range(len(word))], count) for word, count in words.items()]
    sizes = [_size(corpus)]
    for left, right in merges:
        corpus = [(_merged(tokens, left, right), count) for tokens, count in corpus]
        sizes.append(_size(corpus))
    figure, axes = new_figure(height=3.6)
    ax = axes[0][0]
    ax.plot(range(len(sizes)), sizes, color=BLUE, marker="o", markersize=4)
    ax.axhline(sum(words.values()), color=GREY, linestyle="--", linewidth=1)
    ax.annotate(
        "one token for each word",
        (0, sum(words.values())),
        (0, 4),
        textcoords="offset points",
        color="#555555",
        size=SMALL_SIZE,
    )
    names = ["bytes"] + [f"{_shown(left)} + {_shown(right)}" for left, right in merges]
    ax.set_xticks(
        range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor", family="monospace"
    )
    ax.set_ylim(bottom=0)
    ax.set_xlabel("merge, in the order learned")
    ax.set_ylabel("tokens in the whole text")
    ax.set_title("What each merge saves")
    return figure


@styled
def merge_steps(steps: Sequence[Sequence[bytes]], merges: Sequence[tuple[bytes, bytes]]) -> Figure:
    """Coloured spans of one word: a row for the start, and one after each merge.

    Args:
        steps: the tokens after the first 0, 1, 2, ... merges.
        merges: the merges; one fewer than there are steps.
    """
    labels = ["the start"] + [f"{_shown(left)} + {_shown(right)}" for left, right in merges]
    word = _shown(b"".join(steps[0])) if steps else ""
    return _span_figure(steps, labels, title=f"The word “{word}”, merge by merge")


@styled
def token_spans(
    rows: Sequence[Sequence[bytes]], labels: Sequence[str], title: str = "Where the text is cut"
) -> Figure:
    """Coloured spans: each row one way to cut the same text, with the number of tokens at its end.

    Args:
        rows: tokens; joined, each row gives the same bytes.
        labels: what stands to the left of each row.
        title: the title of the picture.
    """
    return _span_figure(rows, labels, title=title, totals=True)


@styled
def decoded(tokens: Sequence[bytes], alone: Sequence[str], together: str) -> Figure:
    """Three rows: the bytes of each token, what each token is when decoded alone, and all of them together.

    Args:
        tokens: the bytes of each token.
        alone: each token decoded by itself.
        together: the text of all tokens.
    """
    figure, axes = new_figure(height=2.5)
    ax = axes[0][0]
    start = 0
    for number, (token, text) in enumerate(zip(tokens, alone, strict=True)):
        colour = _TINTS[number % len(_TINTS)]
        _span(ax, start, len(token), 0, " ".join(f"{byte:02x}" for byte in token), colour, size=SMALL_SIZE)
        _span(ax, start, len(token), 1, text.replace(" ", "␣"), colour)
        start += len(token)
    end = 0
    for letter in together:
        width = len(letter.encode())
        _span(ax, end, width, 2, letter.replace(" ", "␣"), "white")
        end += width
    _finish_spans(ax, max(start, end), ["bytes of each token", "each one alone", "all together"])
    ax.set_title("A letter may be cut in two: join the bytes, then decode")
    return figure


def _span_figure(
    rows: Sequence[Sequence[bytes]],
    labels: Sequence[str],
    notes: Sequence[Sequence[str]] | None = None,
    *,
    title: str,
    totals: bool = False,
) -> Figure:
    colours = _colours(rows)
    width = max((sum(len(token) for token in row) for row in rows), default=1)
    tall = 0.62 if notes else 0.46
    figure, axes = new_figure(width=min(WIDTH, 2.6 + 0.55 * width), height=0.7 + tall * max(len(rows), 1))
    ax = axes[0][0]
    for number, row in enumerate(rows):
        start = 0
        for place, token in enumerate(row):
            note = notes[number][place] if notes else ""
            _span(ax, start, len(token), number, _shown(token), colours[token], note=note)
            start += len(token)
        if totals:
            ax.annotate(
                f"{len(row)} tokens", (start, number), (6, 0), textcoords="offset points", va="center"
            )
    _finish_spans(ax, width, labels)
    ax.set_title(title)
    return figure


def _span(
    ax: Axes,
    start: float,
    width: float,
    row: int,
    text: str,
    colour: str,
    *,
    note: str = "",
    size: float = BODY_SIZE,
) -> None:
    box = FancyBboxPatch(
        (start + 0.06, row - 0.36),
        max(width - 0.12, 0.05),
        0.72,
        boxstyle="round,pad=0,rounding_size=0.15",
        facecolor=colour,
        edgecolor="#555555",
        linewidth=0.8,
    )
    ax.add_patch(box)
    middle = start + width / 2
    ax.text(
        middle,
        row - (0.1 if note else 0),
        text,
        ha="center",
        va="center",
        family="monospace",
        size=size,
        clip_on=True,
    )
    if note:
        ax.text(middle, row + 0.22, note, ha="center", va="center", size=SMALL_SIZE - 1, color="#444444")


def _finish_spans(ax: Axes, width: float, labels: Sequence[str]) -> None:
    ax.set_xlim(0, max(width, 1))
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_yticks(range(len(labels)), labels, size=BODY_SIZE)
    ax.set_xticks([])
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _colours(rows: Sequence[Sequence[bytes]]) -> dict[bytes, str]:
    """A tint for each token: the rarest tint among those that no neighbour has."""
    neighbours: dict[bytes, set[bytes]] = {}
    for row in rows:
        for token in row:
            neighbours.setdefault(token, set())
        for left, right in zip(row, row[1:], strict=False):
            if left != right:
                neighbours[left].add(right)
                neighbours[right].add(left)
    colours: dict[bytes, str] = {}
    used = dict.fromkeys(_TINTS, 0)
    for token, others in neighbours.items():
        taken = {colours[other] for other in others if other in colours}
        free = [tint for tint in _TINTS if tint not in taken] or list(_TINTS)
        colours[token] = min(free, key=lambda tint: used[tint])
        used[colours[token]] += 1
    return colours


def _shown(token: bytes) -> str:
    """The token as text: a blank as ␣, and bytes that are no text on their own as two hexadecimal digits."""
    try:
        return token.decode("utf-8").replace(" ", "␣").replace("\n", "↵")
    except UnicodeDecodeError:
        return " ".join(f"{byte:02x}" for byte in token)


def _shown_id(token_id: int) -> str:
    return _shown(bytes([token_id])) if 0 <= token_id < 256 else str(token_id)


def _bytes_of(token_id: int, vocab: Mapping[int, bytes]) -> bytes:
    if token_id in vocab:
        return vocab[token_id]
    return bytes([token_id]) if 0 <= token_id < 256 else b"?"


def _merged(tokens: list[bytes], left: bytes, right: bytes) -> list[bytes]:
    out: list[bytes] = []
    for token in tokens:
        if out and (out[-1], token) == (left, right):
            out[-1] = left + right
        else:
            out.append(token)
    return out


def _size(corpus: Sequence[tuple[Sequence[bytes], int]]) -> int:
    return sum(len(tokens) * count for tokens, count in corpus)
