"""Pictures of the topic `kernels`: times of matrix products, and how an online softmax runs along a row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from genai_course.plots import BLUE, GREEN, GREY, OKABE_ITO, RED, SMALL_SIZE, new_figure, styled

__all__ = ["running", "times"]

_MARKERS = "osD^v"


@styled
def times(seconds: Mapping[str, Mapping[int, float]], width: float = 7.5, height: float = 4.2) -> Figure:
    """A line for each function: the time of one n x n matrix product against n, both on logarithmic axes.

    Thin grey lines have the slope of n³. Behind each line's end stands how many floating-point operations a
    second its largest product makes, 2 n³ in all.

    Args:
        seconds: for each function, n and the seconds of one product.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(width=width, height=height)
    ax = axes[0][0]
    sizes = np.array(sorted({n for of_one in seconds.values() for n in of_one}), dtype=np.float64)
    all_times = [time for of_one in seconds.values() for time in of_one.values()]
    low, high = min(all_times) / 2, max(all_times) * 2
    for start in np.arange(-16.0, 6.0):
        ax.plot(sizes, 10.0**start * sizes**3, color=GREY, alpha=0.35, linewidth=0.8, zorder=0)
    ends = []
    for number, (name, of_one) in enumerate(seconds.items()):
        n = np.array(sorted(of_one))
        values = np.array([of_one[size] for size in n])
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        marker = _MARKERS[number % len(_MARKERS)]
        ax.plot(n, values, color=colour, marker=marker, markersize=5, linewidth=2, label=name)
        ends.append((float(values[-1]), float(n[-1]), colour))
    last = 0.0
    for value, size, colour in sorted(ends):
        # Labels at the same size keep a distance from each other.
        last = max(value, last * 1.6) if size == sizes[-1] else value
        note = f"{2 * size**3 / value / 1e9:.2g} GFLOP/s"
        ax.annotate(
            note, (size, last), (8, 0), textcoords="offset points", va="center", size=SMALL_SIZE, color=colour
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(sizes[0] / 1.15, sizes[-1] * 2.2)
    ax.set_ylim(low, high)
    ax.xaxis.set_major_locator(FixedLocator(sizes.tolist()))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("n (rows and columns)")
    ax.set_ylabel("seconds for one product")
    ax.set_title("The same sums in three programs" if len(seconds) == 3 else "The same sums, timed")
    ax.legend(loc="upper left")
    return figure


@styled
def running(
    row: NDArray[np.float64], sums: NDArray[np.float64], width: float = 8.0, height: float = 4.6
) -> Figure:
    """Two panels: a row with its running maximum above, the running sum of the online softmax below.

    Vertical lines mark where a larger maximum comes; there the sum so far is scaled down.

    Args:
        row: (m,), the entries.
        sums: (m,), the sum of exp(x - maximum) over the entries up to each one.
        width: inches.
        height: inches.
    """
    figure, axes = new_figure(2, 1, width=width, height=height, sharex=True)
    above, below = axes[0][0], axes[1][0]
    at = np.arange(len(row))
    maximum = np.maximum.accumulate(row)
    rises = np.flatnonzero(np.diff(maximum) > 0) + 1
    for ax in (above, below):
        for place in rises:
            ax.axvline(float(place), color=GREY, alpha=0.5, linewidth=0.8, zorder=0)
    above.step(at, maximum, where="post", color=RED, linewidth=2, label="running maximum m")
    above.plot(at, row, "o", color=BLUE, markersize=5, label="entry x")
    above.set_ylabel("x and m")
    above.set_title("One pass along a row: where the maximum rises, the sum so far shrinks")
    above.legend(loc="lower right", ncols=2)
    scaled = sums - np.exp(row - maximum)  # what the entries before count in units of the new maximum
    below.bar(at, scaled, color=GREEN, width=0.75, label="the sum so far, in the unit of the new maximum")
    below.bar(at, sums - scaled, bottom=scaled, color=BLUE, width=0.75, label="the new entry, exp(x - m)")
    for place in rises:
        before = float(sums[place - 1])
        below.plot([place - 0.375, place + 0.375], [before, before], color=RED, linewidth=1.5)
        below.annotate(
            "",
            (float(place), float(scaled[place])),
            (float(place), before),
            arrowprops={"arrowstyle": "->", "color": RED, "linewidth": 1.2},
        )
    below.set_ylabel("running sum s")
    below.set_xlabel("entry")
    below.set_xticks(at)
    below.set_ylim(0.0, float(sums.max()) * 1.35)
    below.legend(loc="upper left", ncols=2)
    return figure
