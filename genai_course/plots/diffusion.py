"""Pictures of the topic `diffusion`: values and a cat dissolve into noise, and come back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genai_course import data
from genai_course.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SEQUENTIAL, WIDTH, new_figure, styled

__all__ = [
    "denoising_strip",
    "guessing_x0",
    "noising_strip",
    "paths_back",
    "schedules",
    "two_peaks_dissolve",
    "where_a_step_goes",
]

Array = npt.NDArray[np.float64]
Denoiser = Callable[[Array, int], Array]
Shortcut = Callable[[Array, npt.NDArray[np.int64], Array, Array], Array]

_SEED = 2020


def linear_betas(steps: int) -> Array:
    """Ho et al.'s straight line, 0.0001 to 0.02 over 1000 steps, stretched to this number of steps."""
    scale = 1000 / steps
    return np.linspace(1e-4 * scale, 0.02 * scale, steps)


def cosine_betas(steps: int) -> Array:
    """Nichol and Dhariwal's cosine (2021, equation 17), with their offset 0.008 and cap 0.999."""
    left = np.cos((np.arange(steps + 1) / steps + 0.008) / 1.008 * np.pi / 2) ** 2
    betas: Array = np.minimum(1.0 - left[1:] / left[:-1], 0.999)
    return betas


def small_cat(size: int = 60) -> Array:
    """The cat's face, (size, size, 3), from -1 (black) to 1 (white); size divides 300."""
    block = 300 // size
    face = data.cat_photo()[:, 80:380].astype(np.float64)
    cat: Array = face.reshape(size, block, size, block, 3).mean(axis=(1, 3)) / 127.5 - 1.0
    return cat


def best_denoiser_of_two_peaks(betas: Array) -> Denoiser:
    """The best possible guess of the noise if x_0 is -1 or +1, each as likely as the other."""
    left = np.cumprod(1.0 - betas)

    def denoiser(x: Array, t: int) -> Array:
        a = left[t - 1]
        x0: Array = np.tanh(np.sqrt(a) * x / (1.0 - a))  # the mean of x_0, seen from x_t
        eps: Array = (x - np.sqrt(a) * x0) / np.sqrt(1.0 - a)
        return eps

    return denoiser


def _show(axes: Axes, picture: Array, title: str) -> None:
    axes.imshow(np.clip((picture + 1.0) / 2.0, 0.0, 1.0))
    axes.set_title(title, fontsize=9)
    axes.set_axis_off()


@styled
def two_peaks_dissolve(
    forward_step: Callable[[Array, float, Array], Array], *, width: float = WIDTH, height: float = 3.2
) -> Figure:
    """Where 4000 values are after each of 150 forward steps: two lines at -1 and +1 become one bell curve."""
    rng = np.random.default_rng(_SEED)
    betas = linear_betas(150)
    x = np.where(np.arange(4000) % 2 == 0, 1.0, -1.0)
    edges = np.linspace(-3.2, 3.2, 97)
    counts = [np.histogram(x, edges)[0]]
    for beta in betas.tolist():
        x = forward_step(x, beta, rng.normal(size=x.shape))
        counts.append(np.histogram(x, edges)[0])

    figure, [[over_time, at_end]] = new_figure(
        1, 2, width=width, height=height, width_ratios=[4, 1], sharey=True
    )
    density = np.array(counts, dtype=np.float64).T
    over_time.imshow(
        np.sqrt(density / density.max(axis=0)),
        cmap=SEQUENTIAL,
        origin="lower",
        aspect="auto",
        extent=(-0.5, 150.5, -3.2, 3.2),
    )
    over_time.set_xlabel("step t")
    over_time.set_ylabel("value")
    over_time.set_title("where the values are, step by step")

    centres = (edges[1:] + edges[:-1]) / 2
    at_end.barh(centres, density[:, -1], height=edges[1] - edges[0], color=BLUE)
    normal = np.exp(-(centres**2) / 2) / np.sqrt(2 * np.pi) * len(x) * (edges[1] - edges[0])
    at_end.plot(normal, centres, color=RED, linewidth=2, label="N(0, 1)")
    at_end.set_xticks([])
    at_end.set_title("after the last")
    at_end.legend(loc="upper right")
    return figure


@styled
def schedules(alpha_bar: Callable[[Array], Array], *, width: float = WIDTH, height: float = 3.2) -> Figure:
    """What is left of the picture, and how much noise there is, under a linear and a cosine schedule."""
    figure, [row] = new_figure(1, 2, width=width, height=height, sharey=True)
    t = np.arange(1001)
    for axes, name, betas in [
        (row[0], "linear (Ho et al. 2020)", linear_betas(1000)),
        (row[1], "cosine (Nichol, Dhariwal 2021)", cosine_betas(1000)),
    ]:
        a = np.concatenate([[1.0], alpha_bar(betas)])
        axes.plot(t, np.sqrt(a), color=BLUE, linewidth=2)
        axes.plot(t, np.sqrt(1.0 - a), color=RED, linewidth=2, linestyle="--")
        axes.set_title(name)
        axes.set_xlabel("t")
        # Each name stands beside its curve, where the two are far apart.
        for text, y, colour, offset in [
            (r"picture: $\sqrt{\bar\alpha_t}$", np.sqrt(a[760]), BLUE, (8, 8)),
            (r"noise: $\sqrt{1-\bar\alpha_t}$", np.sqrt(1.0 - a[760]), RED, (-8, -18)),
        ]:
            axes.annotate(text, (760, y), offset, textcoords="offset points", color=colour)
    row[0].set_ylabel("factor")
    return figure


@styled
def noising_strip(q_sample: Shortcut, *, width: float = WIDTH, height: float = 3.6) -> Figure:
    """The cat at eight times from t = 0 to t = 1000, over the curves of the two factors at those times."""
    betas = linear_betas(1000)
    times = np.array([0, 20, 60, 130, 250, 400, 600, 1000])
    cat = small_cat()
    x0 = np.repeat(cat[None], len(times), axis=0)
    eps = np.repeat(np.random.default_rng(_SEED).normal(size=cat.shape)[None], len(times), axis=0)
    noisy = q_sample(x0, times, betas, eps)
    # A sample of 1 without noise shows the factor of the picture, one of 0 with noise 1 that of the noise.
    every, one, zero = np.arange(1001), np.ones(1001), np.zeros(1001)
    of_picture, of_noise = q_sample(one, every, betas, zero), q_sample(zero, every, betas, one)

    figure, rows = new_figure(2, len(times), width=width, height=height, height_ratios=[1, 1.7])
    for axes, picture, t in zip(rows[0], noisy, times.tolist(), strict=True):
        _show(axes, picture, f"t = {t}")
    curves = _one_axes_below(figure, rows[1])
    curves.plot(of_picture, "-", color=BLUE, linewidth=2, label=r"picture: $\sqrt{\bar\alpha_t}$")
    curves.plot(of_noise, "--", color=RED, linewidth=2, label=r"noise: $\sqrt{1-\bar\alpha_t}$")
    curves.plot(times, of_picture[times], "o", color=BLUE)
    curves.plot(times, of_noise[times], "s", color=RED)
    curves.set_xlabel("t")
    curves.set_ylabel("factor")
    curves.legend(loc="center right")
    figure.suptitle("the forward process: one call of q_sample, no loop")
    return figure


def _one_axes_below(figure: Figure, row: list[Axes]) -> Axes:
    """Put one wide pair of axes where a row of narrow ones is."""
    grid = row[0].get_gridspec()
    for axes in row:
        axes.remove()
    assert grid is not None
    return figure.add_subplot(grid[1, :])


@styled
def guessing_x0(
    predict_x0: Shortcut, q_sample: Shortcut, *, width: float = WIDTH, height: float = 3.9
) -> Figure:
    """Three rows of cats: noisy ones, their x_0 by the true noise, and by noise that is guessed 5 % wrong."""
    betas = linear_betas(1000)
    times = np.array([60, 130, 250, 400, 600, 800])
    rng = np.random.default_rng(_SEED)
    x0 = np.repeat(small_cat()[None], len(times), axis=0)
    eps = np.repeat(rng.normal(size=x0.shape[1:])[None], len(times), axis=0)
    error = np.repeat(0.05 * rng.normal(size=x0.shape[1:])[None], len(times), axis=0)
    x_t = q_sample(x0, times, betas, eps)

    figure, rows = new_figure(3, len(times), width=width, height=height)
    names = ["the noisy cat\n$x_t$", "$\\hat x_0$ by the\ntrue noise", "$\\hat x_0$ by noise\n5 % wrong"]
    batches = [x_t, predict_x0(x_t, times, betas, eps), predict_x0(x_t, times, betas, eps + error)]
    for axes_row, batch, name in zip(rows, batches, names, strict=True):
        for axes, picture, t in zip(axes_row, batch, times.tolist(), strict=True):
            _show(axes, picture, f"t = {t}" if axes_row is rows[0] else "")
        first = axes_row[0]
        first.text(-0.12, 0.5, name, transform=first.transAxes, ha="right", va="center", fontsize=9)
    return figure


@styled
def where_a_step_goes(
    reverse_step: Callable[[Array, int, Array, Array, Array], Array],
    *,
    width: float = WIDTH,
    height: float = 3.4,
) -> Figure:
    """How far one step back moves a value, over where the value is, for five times; data at -1 and +1."""
    betas = linear_betas(150)
    denoiser = best_denoiser_of_two_peaks(betas)
    x = np.linspace(-2.5, 2.5, 401)[:, None]
    figure, [[axes]] = new_figure(1, 1, width=width, height=height)
    axes.axhline(0.0, color=GREY, linewidth=1)
    for peak in (-1.0, 1.0):
        axes.axvline(peak, color=GREY, linewidth=1, linestyle=":")
    times = [
        (150, PURPLE, ":"),
        (90, ORANGE, "-."),
        (50, GREEN, "--"),
        (20, RED, (0, (6, 1))),
        (6, BLUE, "-"),
    ]
    for t, colour, line in times:
        moved = reverse_step(x, t, betas, denoiser(x, t), np.zeros_like(x)) - x
        axes.plot(x[:, 0], moved[:, 0], color=colour, linestyle=line, linewidth=2, label=f"t = {t}")
    axes.set_xlabel("$x_t$  (the data are at the dotted lines)")
    axes.set_ylabel("$x_{t-1} - x_t$")
    axes.set_title("where one step back pushes a value, without its fresh noise")
    axes.legend(loc="upper right")
    return figure


@styled
def denoising_strip(
    sample: Callable[[Denoiser, Array, Array, Array], Array], *, width: float = WIDTH, height: float = 1.6
) -> Figure:
    """From noise to the cat in 200 steps, led by a denoiser that always names the true noise."""
    steps = 200
    betas = linear_betas(steps)
    left = np.cumprod(1.0 - betas)
    cat = small_cat()[None]
    rng = np.random.default_rng(_SEED)
    shown = [200, 120, 80, 50, 30, 15, 5]
    seen: dict[int, Array] = {}

    def oracle(x: Array, t: int) -> Array:
        seen[int(t)] = np.array(x)
        eps: Array = (x - np.sqrt(left[t - 1]) * cat) / np.sqrt(1.0 - left[t - 1])
        return eps

    start, noise = rng.normal(size=cat.shape), rng.normal(size=(steps, *cat.shape))
    seen[0] = sample(oracle, start, betas, noise)
    figure, [row] = new_figure(1, len(shown) + 1, width=width, height=height)
    for axes, t in zip(row, [*shown, 0], strict=True):
        if t in seen:  # a loop that skips this time leaves a gap
            _show(axes, seen[t][0], f"t = {t}")
        else:
            axes.set_axis_off()
    figure.suptitle("the way back, with a denoiser that knows the cat")
    return figure


@styled
def paths_back(
    sample: Callable[[Denoiser, Array, Array, Array], Array], *, width: float = WIDTH, height: float = 3.4
) -> Figure:
    """Sixty values on their way back from noise: each ends at -1 or +1, which are the data."""
    steps, many = 150, 60
    betas = linear_betas(steps)
    best = best_denoiser_of_two_peaks(betas)
    rng = np.random.default_rng(_SEED)
    seen: dict[int, Array] = {}

    def denoiser(x: Array, t: int) -> Array:
        seen[int(t)] = np.array(x)
        return best(x, t)

    end = sample(denoiser, rng.normal(size=(many, 1)), betas, rng.normal(size=(steps, many, 1)))
    seen[0] = end
    times = sorted(seen)
    paths = np.array([seen[t][:, 0] for t in times])

    figure, [[axes]] = new_figure(1, 1, width=width, height=height)
    up = paths[0] > 0.0
    axes.plot(times, paths[:, up], color=BLUE, linewidth=0.8, alpha=0.6)
    axes.plot(times, paths[:, ~up], color=RED, linewidth=0.8, alpha=0.6)
    axes.set_xlim(steps, -8)
    axes.set_xlabel("t, from noise on the left to samples on the right")
    axes.set_ylabel("value")
    at_plus, at_minus = (int((abs(paths[0] - peak) < 0.1).sum()) for peak in (1.0, -1.0))
    axes.set_title(f"{at_plus} of {many} samples end at +1, {at_minus} at -1")
    return figure
