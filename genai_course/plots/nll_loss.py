"""Pictures of the topic `nll_loss`: what softmax does, what a token costs, and where products underflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from genai_course.plots import BLACK, BLUE, GREY, OKABE_ITO, ORANGE, RED, SMALL_SIZE, new_figure, styled

__all__ = ["logits_and_probabilities", "perplexity_curves", "surprise_bars", "underflow_cliff"]

_SMALLEST = -323.3  # log10 of the smallest float64 above 0, 4.9e-324


@styled
def logits_and_probabilities(
    words: Sequence[str], logits: npt.NDArray[np.float64], probabilities: npt.NDArray[np.float64]
) -> Figure:
    """Bars for each word, twice: its logit on the left, and the probability it becomes on the right.

    Args:
        words: one word for each logit.
        logits: (V,).
        probabilities: (V,), the softmax of the logits.
    """
    figure, axes = new_figure(1, 2, height=3.0)
    left, right = axes[0]
    places = np.arange(len(words))
    left.bar(places, logits, color=ORANGE, width=0.7)
    left.axhline(0, color=BLACK, linewidth=0.8)
    left.set_ylabel("logit")
    left.set_title("Scores: any number")
    right.bar(places, probabilities, color=BLUE, width=0.7)
    for place, p in zip(places, probabilities, strict=True):
        right.annotate(
            f"{p:.1%}",
            (float(place), float(p)),
            (0, 2),
            textcoords="offset points",
            ha="center",
            size=SMALL_SIZE,
        )
    right.set_ylim(0, 1)
    right.set_ylabel("probability")
    right.set_title(f"After softmax: they sum to {float(np.sum(probabilities)):.3f}")
    for ax in (left, right):
        ax.set_xticks(places, words)
        ax.set_xlabel("next token")
    return figure


@styled
def surprise_bars(words: Sequence[str], surprise: Sequence[float], total: float) -> Figure:
    """Bars of -log p: what each token of a text costs, with the probability that it had; the sum is the loss.

    Args:
        words: the tokens of the text.
        surprise: -log p of each token, in nats.
        total: the loss of the whole text.
    """
    figure, axes = new_figure(height=3.4)
    ax = axes[0][0]
    places = np.arange(len(words))
    ax.bar(places, surprise, color=BLUE, width=0.7)
    for place, cost in zip(places, surprise, strict=True):
        ax.annotate(
            f"p = {float(np.exp(-cost)):.2f}",
            (float(place), cost),
            (0, 4),
            textcoords="offset points",
            ha="center",
            size=SMALL_SIZE,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )
    mean = total / max(len(words), 1)
    ax.axhline(mean, color=RED, linestyle="--", linewidth=1.2)
    ax.annotate(
        f"mean {mean:.2f}",
        (1, mean),
        (-2, 4),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        color=RED,
        size=SMALL_SIZE,
    )
    ax.set_xticks(places, words)
    ax.set_xlim(-0.6, len(words) + 0.3)
    ax.margins(y=0.12)
    ax.set_xlabel("token that came next")
    ax.set_ylabel("−log p (nats)")
    ax.set_title(f"What each token costs; together L = {total:.2f}")
    return figure


@styled
def underflow_cliff(probabilities: npt.NDArray[np.float64], losses: npt.NDArray[np.float64]) -> Figure:
    """Two lines: the probability of the first n tokens as a product, which falls to 0, and from the loss.

    Args:
        probabilities: (k,), the probability of each token.
        losses: (k + 1,), the loss of the first 0, 1, ..., k tokens.
    """
    products = np.concatenate([[1.0], np.cumprod(probabilities)])
    alive = products > 0
    count = np.arange(len(products))
    figure, axes = new_figure(height=3.8)
    ax = axes[0][0]
    ax.plot(
        count,
        -np.asarray(losses) / np.log(10),
        color=ORANGE,
        linewidth=4,
        alpha=0.8,
        label="from the loss: −L / ln 10",
    )
    ax.plot(count[alive], np.log10(products[alive]), color=BLUE, label="product of the probabilities")
    ax.axhline(_SMALLEST, color=GREY, linestyle="--", linewidth=1)
    ax.annotate(
        "the smallest float64 above 0",
        (0, _SMALLEST),
        (4, 4),
        textcoords="offset points",
        color="#555555",
        size=SMALL_SIZE,
    )
    if not alive.all():
        cliff = int(np.argmin(alive))
        bottom = min(1.05 * float(-np.max(losses) / np.log(10)), 1.5 * _SMALLEST)
        fall = {"arrowstyle": "-|>", "color": BLUE, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (cliff, bottom), (cliff, _SMALLEST), arrowprops=fall)
        ax.set_ylim(bottom=bottom)
        ax.annotate(
            f"from {cliff} tokens on\nthe product is 0 and its log −∞",
            (cliff, (bottom + _SMALLEST) / 2),
            (-8, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=BLUE,
            size=SMALL_SIZE,
        )
    ax.set_xlim(left=0)
    ax.set_xlabel("tokens of the text, n")
    ax.set_ylabel("log₁₀ p(s₁ … sₙ)")
    ax.set_title("Multiplied probabilities fall off a cliff; summed logarithms go on")
    ax.legend(loc="upper right")
    return figure


@styled
def perplexity_curves(
    factors: npt.NDArray[np.float64], curves: Mapping[str, Sequence[float]], vocabulary: int
) -> Figure:
    """A line for each model: its perplexity when all logits are multiplied by a factor.

    Args:
        factors: (n,), what the logits were multiplied by.
        curves: for each model its n perplexities.
        vocabulary: the number of tokens; even guessing has this perplexity.
    """
    figure, axes = new_figure(height=3.4)
    ax = axes[0][0]
    ax.axhline(vocabulary, color=GREY, linestyle="--", linewidth=1)
    ax.annotate(
        f"even guessing among {vocabulary} tokens",
        (float(factors[-1]), vocabulary),
        (0, -11),
        textcoords="offset points",
        ha="right",
        color="#555555",
        size=SMALL_SIZE,
    )
    styles = ("-", "--", "-.", ":")
    for number, (name, values) in enumerate(curves.items()):
        style = styles[number % len(styles)]
        ax.plot(factors, values, style, color=OKABE_ITO[number % len(OKABE_ITO)], linewidth=2, label=name)
    ax.set_yscale("log")
    ax.set_ylim(bottom=1)
    ax.set_xlabel("factor on the logits (0: no opinion at all)")
    ax.set_ylabel("perplexity")
    ax.set_title("Being sure pays off only if you are right")
    ax.legend(loc="upper left")
    return figure
