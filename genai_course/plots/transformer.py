"""Pictures of the topic `transformer`: vectors normalised, heads, layers, and a text that is being written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genai_course.plots import BLUE, GREY, RED, SEQUENTIAL, SMALL_SIZE, WIDTH, new_figure, styled

__all__ = [
    "greedy_steps",
    "how_alike",
    "one_map_a_head",
    "rows_before_and_after",
    "who_hears_of_a_change",
]

Array = NDArray[np.float64]
Part = Callable[[Array], Array]
Attention = Callable[[Array, Array, NDArray[np.bool_] | None], Array]
EncoderLayer = Callable[[Array, Part, Part, Part, Part], Array]
DecoderLayer = Callable[[Array, Array, Attention, Attention, Part, Sequence[Part]], Array]
NextProbs = Callable[[list[int]], Array]
GreedyDecode = Callable[[NextProbs, list[int], int, int], list[int]]

_SEED = 2017


class MultiHead(Protocol):
    """`multi_head_attention`, as the pictures call it."""

    def __call__(
        self,
        x: Array,
        mem: Array,
        Wq: Array,
        Wk: Array,
        Wv: Array,
        Wo: Array,
        h: int,
        mask: NDArray[np.bool_] | None = None,
    ) -> Array: ...


def _norm(x: Array) -> Array:
    """A layer normalisation without factors and offsets."""
    normalised: Array = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    return normalised


def _random_attention(rng: np.random.Generator, d: int) -> Attention:
    """An attention with one head and random matrices."""
    Wq, Wk, Wv = rng.normal(scale=d**-0.5, size=(3, d, d))

    def attention(q: Array, kv: Array, mask: NDArray[np.bool_] | None) -> Array:
        scores = (q @ Wq) @ (kv @ Wk).T / np.sqrt(d)
        if mask is not None:
            scores = np.where(mask, scores, -np.inf)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        out: Array = e / e.sum(axis=1, keepdims=True) @ kv @ Wv
        return out

    return attention


def _random_ffn(rng: np.random.Generator, d: int) -> Part:
    """A feed-forward network with random matrices, four times as wide inside."""
    W1 = rng.normal(scale=d**-0.5, size=(d, 4 * d))
    W2 = rng.normal(scale=(4 * d) ** -0.5, size=(4 * d, d))

    def ffn(x: Array) -> Array:
        out: Array = np.maximum(x @ W1, 0.0) @ W2
        return out

    return ffn


@styled
def rows_before_and_after(x: Array, y: Array, width: float = WIDTH, height: float = 3.0) -> Figure:
    """The numbers of each token as dots on a line, before and after a normalisation; a bar marks their mean."""
    figure, [row] = new_figure(1, 2, width=width, height=height, sharey=True)
    for axes, rows, title in [(row[0], x, "before"), (row[1], y, "after layer_norm")]:
        axes.axvline(0.0, color=GREY, linewidth=1, linestyle=":")
        for i, numbers in enumerate(rows):
            axes.plot(numbers, np.full(len(numbers), i), "o", color=BLUE, markersize=5, alpha=0.5, mew=0)
            axes.plot([numbers.mean()] * 2, [i - 0.32, i + 0.32], color=RED, linewidth=2.5)
        axes.set_title(title)
        axes.set_xlabel("the numbers of a token's vector")
    row[0].set_ylabel("token")
    row[0].set_yticks(range(len(x)))
    row[0].invert_yaxis()
    row[1].set_xlim(-4, 4)
    row[1].plot([], [], color=RED, linewidth=2.5, label="mean")
    row[1].legend(loc="upper right")
    return figure


@styled
def one_map_a_head(
    multi_head_attention: MultiHead,
    x: Array,
    words: Sequence[str],
    h: int,
    width: float = 9.5,
    height: float = 3.6,
) -> Figure:
    """One image a head: how much the output of each word (row) changes when another (column) is hidden from it.

    Only that head's rows of Wo are kept, so that no other head plays a part. Every image has its own scale.
    """
    n, d = x.shape
    Wq, Wk, Wv = np.random.default_rng(_SEED).normal(scale=1.5 * d**-0.5, size=(3, d, d))
    figure, [row] = new_figure(1, h, width=width, height=height, sharey=True)
    for head, axes in enumerate(row):
        Wo = np.zeros((d, d))
        own = slice(head * d // h, (head + 1) * d // h)
        Wo[own, own] = np.eye(d // h)
        free = multi_head_attention(x, x, Wq, Wk, Wv, Wo, h, np.ones((n, n), dtype=bool))
        effect = np.zeros((n, n))
        for j in range(n):
            mask = np.ones((n, n), dtype=bool)
            mask[:, j] = False
            effect[:, j] = np.linalg.norm(multi_head_attention(x, x, Wq, Wk, Wv, Wo, h, mask) - free, axis=1)
        axes.imshow(effect, cmap=SEQUENTIAL, vmin=0.0)
        axes.set_title(f"head {head}")
        axes.set_xticks(range(n), words, rotation=90)
        axes.spines[:].set_visible(False)
    row[0].set_yticks(range(n), words)
    row[0].set_ylabel("whose output changes")
    figure.supxlabel("which word is hidden", fontsize=10)
    return figure


def _likeness(x: Array) -> float:
    """Mean cosine between two different tokens."""
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    cosines = unit @ unit.T
    return float(cosines[~np.eye(len(x), dtype=bool)].mean())


@styled
def how_alike(
    encoder_layer: EncoderLayer, layers: int = 10, width: float = WIDTH, height: float = 3.0
) -> Figure:
    """How alike eight tokens are, layer by layer: by attention alone, and by encoder layers.

    0 means that they have nothing in common, 1 that they all point in one direction.
    """
    rng = np.random.default_rng(_SEED)
    d = 32
    start = rng.normal(size=(8, d))
    alone, layered = start, start
    of_alone, of_layered = [_likeness(start)], [_likeness(start)]
    for _ in range(layers):
        attention, ffn = _random_attention(rng, d), _random_ffn(rng, d)

        def attn(x: Array, attention: Attention = attention) -> Array:
            return attention(x, x, None)

        alone = _norm(attn(alone))
        layered = encoder_layer(layered, attn, ffn, _norm, _norm)
        of_alone.append(_likeness(alone))
        of_layered.append(_likeness(layered))
    figure, [[axes]] = new_figure(width=width, height=height)
    axes.plot(of_alone, "--", color=RED, linewidth=2)
    axes.plot(of_layered, "-", color=BLUE, linewidth=2)
    axes.annotate("attention alone", (2, of_alone[2]), (10, -8), textcoords="offset points", color=RED)
    axes.annotate("your encoder_layer", (3, of_layered[3]), (10, -6), textcoords="offset points", color=BLUE)
    axes.set_ylim(-0.1, 1.05)
    axes.set_xlim(0, layers)
    axes.set_xlabel("layers")
    axes.set_ylabel("mean cosine of two tokens")
    axes.set_title("Mixing makes tokens alike; the residual connection slows it down")
    return figure


def _changes(layer: Callable[[Array], Array], x: Array) -> Array:
    """How much each output (row) changes when each row of x (column) is changed, the largest change as 1."""
    before = layer(x.copy())
    changes = np.zeros((len(before), len(x)))
    for j in range(len(x)):
        other = x.copy()
        other[j] = -other[j]
        changes[:, j] = np.linalg.norm(layer(other) - before, axis=1)
    scaled: Array = changes / max(float(changes.max()), 1e-12)
    return scaled


def _draw_changes(axes: Axes, changes: Array, title: str, below: str) -> None:
    axes.imshow(np.sqrt(changes), cmap=SEQUENTIAL, vmin=0.0, vmax=1.0)
    for (i, j), change in np.ndenumerate(changes):
        if change < 1e-9:
            axes.text(j, i, "0", ha="center", va="center", color="white", fontsize=SMALL_SIZE)
    axes.set_title(title)
    axes.set_xlabel(below)
    axes.set_xticks(range(changes.shape[1]))
    axes.set_yticks(range(changes.shape[0]))
    axes.spines[:].set_visible(False)


@styled
def who_hears_of_a_change(
    encoder_layer: EncoderLayer, decoder_layer: DecoderLayer, width: float = 9.5, height: float = 3.6
) -> Figure:
    """Three images: how much each output (row) changes when one input (column) does; 0 where not at all.

    The encoder's tokens by its input, the decoder's by its own input, and the decoder's by the memory.
    """
    rng = np.random.default_rng(_SEED)
    d = 16
    mine, cross, ffn = _random_attention(rng, d), _random_attention(rng, d), _random_ffn(rng, d)
    x, y = rng.normal(size=(6, d)), rng.normal(size=(7, d))

    def encode(tokens: Array) -> Array:
        return encoder_layer(tokens, lambda a: mine(a, a, None), ffn, _norm, _norm)

    def decode(tokens: Array, memory: Array) -> Array:
        return decoder_layer(tokens, memory, mine, cross, ffn, [_norm, _norm, _norm])

    figure, [row] = new_figure(1, 3, width=width, height=height, width_ratios=[6, 7, 6])
    _draw_changes(row[0], _changes(encode, x), "encoder", "changed token of the input")
    _draw_changes(row[1], _changes(lambda a: decode(a, x), y), "decoder", "changed token of the output")
    _draw_changes(row[2], _changes(lambda a: decode(y, a), x), "decoder", "changed token of the memory")
    row[0].set_ylabel("token whose vector changes")
    figure.suptitle("bright: changes much, dark: little, 0: not at all")
    return figure


@styled
def greedy_steps(
    greedy_decode: GreedyDecode,
    next_probs: NextProbs,
    prompt: list[int],
    eos: int,
    vocabulary: Sequence[str],
    max_new: int = 8,
    top: int = 5,
    columns: int = 4,
    width: float = 9.5,
    row_height: float = 1.9,
) -> Figure:
    """One panel for each new token: the most probable ones as bars, with the one that was taken in blue.

    The title of a panel is the end of the text that the model was asked about.
    """
    text = greedy_decode(next_probs, list(prompt), eos, max_new)
    steps = max(len(text) - len(prompt), 1)
    rows = -(-steps // columns)
    figure, grid = new_figure(rows, columns, width=width, height=0.5 + row_height * rows)
    panels = [axes for row in grid for axes in row]
    for axes in panels[steps:]:
        axes.set_axis_off()
    for step, (axes, taken) in enumerate(zip(panels, text[len(prompt) :], strict=False)):
        so_far = text[: len(prompt) + step]
        p = np.asarray(next_probs(list(so_far)))
        shown = [token for token in np.argsort(-p, kind="stable")[:top].tolist() if p[token] > 0]
        places = np.arange(len(shown))
        axes.barh(places, p[shown], color=[BLUE if token == taken else GREY for token in shown])
        axes.set_yticks(places, [vocabulary[token] for token in shown])
        axes.set_ylim(top - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes.set_title("… " + " ".join(vocabulary[token] for token in so_far[-3:]), fontsize=9)
    figure.suptitle(" ".join(vocabulary[token] for token in text))
    figure.supxlabel("probability of the next token", fontsize=10)
    return figure
