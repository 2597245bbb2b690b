"""The steps of softmax and attention in csrc/README.md: python benchmarks/kernel_steps.py measures them.

With --draw it draws the tables of csrc/README.md, those of matmul too, into csrc/steps.svg instead.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from genai_course import kernels

README = Path(__file__).parent.parent / "csrc" / "README.md"
ROWS, COLUMNS = 256, 50257
HEADS, LENGTH, WIDTH = 8, 1024, 64


def softmax_steps() -> dict[str, Callable[[], Any]]:
    x = np.random.default_rng(0).standard_normal((ROWS, COLUMNS), dtype=np.float32)
    ids = np.random.default_rng(1).integers(0, COLUMNS, ROWS)
    out = np.empty_like(x)

    def by_numpy() -> Any:
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    return {
        "softmax, an operation of NumPy's at a time": by_numpy,
        "softmax, three passes over a row": lambda: kernels.softmax(x),
        "the same into an array that exists": lambda: kernels.softmax(x, out=out),
        "loss from log_softmax": lambda: -kernels.log_softmax(x, out=out)[np.arange(ROWS), ids].sum(),
        "loss online, each number read once": lambda: kernels.nll_loss(x, ids),
    }


def attention_steps() -> dict[str, Callable[[], Any]]:
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal((HEADS, LENGTH, WIDTH), dtype=np.float32) for _ in range(3))
    scale = np.float32(WIDTH**-0.5)

    def by_numpy() -> Any:
        s = q @ k.swapaxes(-1, -2) * scale
        e = np.exp(s - s.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True) @ v

    def by_kernels() -> Any:
        s = kernels.matmul(q * scale, k.swapaxes(-1, -2))
        return kernels.matmul(kernels.softmax(s, out=s), v)

    return {
        "the formula in NumPy": by_numpy,
        "matmul, softmax, matmul": by_kernels,
        "block by block": lambda: kernels.attention(q, k, v),
        "block by block, causal": lambda: kernels.attention(q, k, v, causal=True),
    }


def measure(steps: dict[str, Callable[[], Any]], turns: int) -> None:
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(turns):
        for name, step in steps.items():
            start = time.thread_time()
            step()
            best[name] = min(best[name], time.thread_time() - start)
    for name, seconds in best.items():
        print(f"| {name} | {seconds * 1e3:.1f} |")


def draw() -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "steps"
    tables: list[list[list[str]]] = []
    previous = False
    for line in README.read_text(encoding="utf-8").splitlines():
        is_row = line.startswith("|")
        if is_row:
            if not previous:
                tables.append([])
            tables[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        previous = is_row
    steps = [t for t in tables if t[0][0].startswith("step")]
    figure, axes = pyplot.subplots(
        len(steps), 1, figsize=(8, 7), layout="constrained", height_ratios=[len(t) + 0.5 for t in steps]
    )
    for axis, (head, _, *rows) in zip(axes, steps, strict=True):
        names = [row[0] for row in rows]
        columns = len(head) - 1
        for c in range(columns):
            at = [r + (c - (columns - 1) / 2) * 0.38 for r in range(len(rows))]
            axis.barh(at, [float(row[c + 1]) for row in rows], 0.76 / columns, label=head[c + 1])
        axis.set_yticks(range(len(rows)), names)
        axis.invert_yaxis()
        axis.set_title(head[0].partition(", ")[2], loc="left", fontsize=10)
        if columns > 1:
            axis.legend(frameon=False)
        else:
            axis.set_xlabel(head[1])
    figure.savefig(README.parent / "steps.svg", metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--draw", action="store_true", help="draw csrc/README.md's tables into csrc/steps.svg"
    )
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    if options.draw:
        draw()
        return
    kernels.set_num_threads(1)
    for steps in (softmax_steps(), attention_steps()):
        print("| step | ms |\n| --- | ---: |")
        measure(steps, options.turns)


if __name__ == "__main__":
    main()
