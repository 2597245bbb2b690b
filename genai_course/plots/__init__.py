"""The look that all pictures of the course share, and the way a notebook asks for one.

In a notebook::

    from genai_course import plots

    with plots.when_done("causal_mask"):
        plots.attention.mask_picture(causal_mask(8))

Each topic's pictures live in a module of the topic's name (`plots.tokenization`, `plots.nll_loss`,
`plots.positional_encoding`, `plots.attention`, `plots.diffusion`). A module is imported when it is first
asked for, so importing `plots` costs nothing and needs no matplotlib.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

__all__ = [
    "BLACK",
    "BLUE",
    "BODY_SIZE",
    "DIVERGING",
    "GREEN",
    "GREY",
    "OKABE_ITO",
    "ORANGE",
    "PURPLE",
    "RED",
    "SEQUENTIAL",
    "SKY",
    "SMALL_SIZE",
    "STYLE",
    "TITLE_SIZE",
    "WIDTH",
    "YELLOW",
    "new_figure",
    "styled",
    "when_done",
]

# Okabe and Ito's colours: told apart with every common form of colour blindness.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
RED = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#999999"  # for what stands in the background; not one of the eight

OKABE_ITO: tuple[str, ...] = (BLUE, RED, GREEN, ORANGE, SKY, PURPLE, YELLOW, BLACK)
"""The order in which lines and bars take their colours: the strong ones first."""

SEQUENTIAL = "viridis"
"""Colour map for values from little to much (probabilities, weights)."""

DIVERGING = "PuOr"
"""Colour map for values around zero; set symmetric limits."""

WIDTH = 8.0
"""Width of a picture in inches, unless it has a reason to differ."""

TITLE_SIZE = 12.0
BODY_SIZE = 10.0
SMALL_SIZE = 8.0

STYLE: Mapping[str, Any] = MappingProxyType(
    {
        # White behind everything, and dark text: the picture reads the same in a dark notebook.
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "axes.facecolor": "white",
        "text.color": "#222222",
        "axes.labelcolor": "#222222",
        "axes.titlecolor": "#222222",
        "xtick.color": "#222222",
        "ytick.color": "#222222",
        "axes.edgecolor": "#666666",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": TITLE_SIZE,
        "figure.titlesize": TITLE_SIZE,
        "axes.labelsize": BODY_SIZE,
        "font.size": BODY_SIZE,
        "xtick.labelsize": SMALL_SIZE,
        "ytick.labelsize": SMALL_SIZE,
        "legend.fontsize": SMALL_SIZE,
        "legend.frameon": False,
        "figure.dpi": 110,
        "image.interpolation": "nearest",
    }
)
"""Settings of matplotlib (`rcParams`), which `new_figure` and `styled` apply while they run."""


@contextmanager
def _style() -> Iterator[None]:
    """Set the course's style, and afterwards put back these settings alone.

    `matplotlib.rc_context` would put back all of them. In a notebook the first figure turns interactive
    mode on; to turn that off again would leave every later figure unseen.
    """
    import matplotlib
    from cycler import cycler

    settings: Any = matplotlib.rcParams
    ours = {**STYLE, "axes.prop_cycle": cycler(color=OKABE_ITO)}
    before = {name: settings[name] for name in ours}
    settings.update(ours)
    try:
        yield
    finally:
        settings.update(before)


def styled(picture: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that draws, so that all it draws is in the course's style.

    The first paragraph of its docstring is the alt text of the figure that it returns: the figure's label.
    """
    told = " ".join((picture.__doc__ or "").partition("\n\n")[0].split())

    @functools.wraps(picture)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with _style():
            drawn = picture(*args, **kwargs)
        if hasattr(drawn, "set_label"):
            drawn.set_label(told)
        return drawn

    return in_style


def new_figure(
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = WIDTH,
    height: float = 3.5,
    **subplots: Any,
) -> tuple[Figure, list[list[Axes]]]:
    """A new figure in the course's style, with its axes as `axes[row][column]`.

    Args:
        rows: rows of axes.
        columns: columns of axes.
        width: inches.
        height: inches.
        **subplots: handed to `matplotlib.pyplot.subplots` (`sharex`, `width_ratios`, ...).

    The figure is known to pyplot, so a notebook shows it when the cell ends. The reader's own settings stay
    as they are; what is drawn afterwards (titles, legends) is in the course's style in a `styled` function.
    """
    from matplotlib import pyplot

    with _style():
        figure, axes = pyplot.subplots(
            rows, columns, figsize=(width, height), squeeze=False, layout="constrained", **subplots
        )
    return figure, [list(row) for row in axes]


@contextmanager
def when_done(*names: str) -> Iterator[None]:
    """Run the block if the exercise is written; print one line, and no traceback, if it is not.

    Args:
        *names: the exercise, or all those that the block needs; none if it needs none.

    Only `NotImplementedError`, which the empty exercise raises, is caught: any other error is the student's
    to see. A figure that the block has begun by then is thrown away. In a notebook, what the block draws is shown
    with its alt text.

    >>> with when_done("causal_mask"):
    ...     raise NotImplementedError
    `causal_mask` is not done yet: write it above, then run this cell again.
    """
    before = _open_figures()
    try:
        yield
    except NotImplementedError:
        for number in _open_figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)
        listed = " or ".join(f"`{name}`" for name in names)
        print(f"{listed} is not done yet: write it above, then run this cell again.")
    else:
        if _is_inline():
            _show_with_alt_texts(_open_figures() - before)


def _is_inline() -> bool:
    """Whether figures are shown as pictures below a notebook's cell."""
    matplotlib = sys.modules.get("matplotlib")
    return matplotlib is not None and "inline" in str(matplotlib.get_backend())


def _show_with_alt_texts(numbers: set[int]) -> None:
    """Show figures and close them. A notebook by itself would show them without a word for who cannot see them."""
    import base64
    import html
    import io

    from IPython.display import display
    from matplotlib import pyplot

    for number in sorted(numbers):
        figure, file = pyplot.figure(number), io.BytesIO()
        figure.savefig(file, format="png", bbox_inches="tight")
        data = base64.b64encode(file.getvalue()).decode()
        alt = html.escape(str(figure.get_label() or "A picture."))
        image = f'<img alt="{alt}" src="data:image/png;base64,{data}">'
        display({"text/html": image, "text/plain": f"[{alt}]"}, raw=True)
        pyplot.close(figure)


def _open_figures() -> set[int]:
    """The numbers of pyplot's figures, without importing pyplot."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def __getattr__(name: str) -> ModuleType:
    """Import the pictures of a topic when they are first asked for."""
    if not name.startswith("_"):
        module = f"{__name__}.{name}"
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name == "matplotlib":
                raise ModuleNotFoundError(
                    "the pictures need matplotlib: install the course with its extra `student`",
                    name="matplotlib",
                ) from error
            if error.name != module:
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
