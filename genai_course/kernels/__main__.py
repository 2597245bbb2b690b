"""What this machine makes of the kernels, in about a minute: python -m genai_course.kernels [picture.png]

Prints the instruction sets and a table that compares the kernels with NumPy (and with PyTorch, where it is
installed), and draws the table into a picture where matplotlib is. Each has one thread: threads of several
libraries in one process wait for work at each other's expense.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # NumPy asks for it when it is imported
    for library in ("OMP", "OPENBLAS", "MKL", "VECLIB"):
        os.environ[f"{library}_{'MAXIMUM' if library == 'VECLIB' else 'NUM'}_THREADS"] = "1"

import numpy as np

from genai_course import kernels

SECONDS = 1.2  # for each row of the table
# Processor time, which other programs disturb less, where it is counted finely enough.
CLOCK = time.thread_time if time.get_clock_info("thread_time").resolution <= 1e-6 else time.perf_counter
Calls = dict[str, Callable[[], Any]]


def np_softmax(x: Any) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def np_attention(q: Any, k: Any, v: Any, causal: bool) -> Any:
    scores = q @ k.swapaxes(-1, -2) / np.float32(np.sqrt(q.shape[-1]))
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=np.bool_), scores, np.float32(-np.inf))
    return np_softmax(scores) @ v


def cases(torch: Any) -> list[tuple[str, Calls]]:
    """Each row: what is computed, and who computes it how."""
    rng = np.random.default_rng(0)
    found: list[tuple[str, Calls]] = []

    def add(
        name: str, numpy: Callable[..., Any], ours: Callable[..., Any], theirs: Any, *arrays: Any
    ) -> None:
        calls: Calls = {"kernels": lambda: ours(*arrays), "NumPy": lambda: numpy(*arrays)}
        if torch is not None:
            tensors = [torch.from_numpy(a) for a in arrays]
            calls["PyTorch"] = lambda: theirs(*tensors)
        found.append((name, calls))

    def floats(*shape: int, dtype: str = "float32") -> Any:
        return rng.standard_normal(shape).astype(dtype)

    def matmul(a: Any, b: Any) -> Any:
        return torch.matmul(a, b)

    for dtype in ("float32", "float64"):
        for n in (8, 32, 128, 512, 1024):
            a, b = floats(n, n, dtype=dtype), floats(n, n, dtype=dtype)
            add(f"matmul {n} x {n}, {dtype}", np.matmul, kernels.matmul, matmul, a, b)
    add("vector of 768 @ matrix", np.matmul, kernels.matmul, matmul, floats(1, 768), floats(768, 768))
    for rows, columns in ((8, 64), (256, 1000), (64, 50257)):
        x = floats(rows, columns)
        add(f"softmax {rows} x {columns}", np_softmax, kernels.softmax, lambda t: torch.softmax(t, -1), x)
    for causal in (False, True):
        for t in (32, 512):
            q, k, v = (floats(1, 4, t, 64) for _ in range(3))
            add(
                f"attention 4 x {t} x 64{', causal' if causal else ''}",
                lambda q, k, v, causal=causal: np_attention(q, k, v, causal),
                lambda q, k, v, causal=causal: kernels.attention(q, k, v, causal=causal),
                lambda q, k, v, causal=causal: torch.nn.functional.scaled_dot_product_attention(
                    q, k, v, is_causal=causal
                ),
                q,
                k,
                v,
            )
    return found


def fastest(calls: Calls, seconds: float) -> dict[str, float]:
    """The fastest turn of each in seconds a call; they take turns, so that what disturbs one disturbs all."""
    repeats = {}
    for who, call in calls.items():
        call()
        start = time.perf_counter()
        call()
        repeats[who] = max(1, int(0.01 / max(1e-7, time.perf_counter() - start)))
    best = dict.fromkeys(calls, float("inf"))
    end = time.perf_counter() + seconds
    turns = 0
    while turns < 3 or time.perf_counter() < end:
        turns += 1
        for who, call in calls.items():
            start = CLOCK()
            for _ in range(repeats[who]):
                call()
            best[who] = min(best[who], (CLOCK() - start) / repeats[who])
    return best


def draw(rows: list[tuple[str, dict[str, float]]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 0.42 * len(rows) + 1.2), layout="constrained")
    peers = [who for who in rows[0][1] if who != "kernels"]
    height = 0.8 / len(peers)
    for i, peer in enumerate(peers):
        ratios = [best[peer] / best["kernels"] for _, best in rows]
        at = [j + (i - (len(peers) - 1) / 2) * height for j in range(len(rows))]
        axes.barh(at, ratios, height * 0.9, label=peer)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log", base=2)
    ratios = [best[peer] / best["kernels"] for _, best in rows for peer in peers]
    low, high = math.floor(math.log2(min(0.5, *ratios))), math.ceil(math.log2(max(8.0, *ratios)))
    axes.set_xticks([2.0**i for i in range(low, high + 1)], [f"{2.0**i:g}" for i in range(low, high + 1)])
    axes.set_xlim(2.0**low, 2.0**high)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_title("How many times faster the kernels are than ...", loc="left")
    axes.set_xlabel(f"the other's time divided by ours ({kernels.instruction_set()}, one thread)")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m genai_course.kernels",
        description="Compares the kernels with NumPy and PyTorch on this machine, in about a minute.",
        epilog="example: python -m genai_course.kernels comparison.png",
    )
    parser.add_argument(
        "picture",
        nargs="?",
        type=Path,
        default=Path("kernels.png"),
        help="where to draw (default: kernels.png)",
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each row (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not 0 <= options.seconds < math.inf:
        parser.error(f"--seconds {options.seconds}: expected 0 or more")
    if not options.picture.suffix:
        options.picture = options.picture.with_suffix(".png")
    if not options.picture.parent.is_dir():
        parser.error(f"{options.picture.parent} is not a folder to put the picture in")
    sets = [name if here else f"({name})" for name, here in kernels.cpu_features().items()]
    print(f"Instruction sets, best first: {', '.join(sets)}; in brackets: not on this processor")
    print(f"In use: {kernels.instruction_set()}; one thread of {os.cpu_count()} cores")
    torch: Any = None
    if importlib.util.find_spec("torch"):
        torch = importlib.import_module("torch")
        torch.set_grad_enabled(False)
        torch.set_num_threads(1)
    threads = kernels.get_num_threads()
    kernels.set_num_threads(1)
    rows: list[tuple[str, dict[str, float]]] = []
    peers: list[str] = []
    for name, calls in cases(torch):
        if not rows:
            peers = [who for who in calls if who != "kernels"]
            print(f"\n{'':30}{'kernels':>10}" + "".join(f"{'over ' + peer:>15}" for peer in peers))
        best = fastest(calls, options.seconds)
        rows.append((name, best))
        ratios = "".join(f"{best[peer] / best['kernels']:>15.2f}" for peer in peers)
        print(f"{name:30}{duration(best['kernels']):>10}{ratios}", flush=True)
    kernels.set_num_threads(threads)
    print("\n'over X' is X's fastest time divided by that of the kernels: above 1 the kernels are faster.")
    print("A machine that does other things meanwhile moves each of them; another run tells how far.")
    if importlib.util.find_spec("matplotlib"):
        draw(rows, options.picture)
        print(f"The same as a picture: {options.picture}")
    else:
        print("No picture: matplotlib is not installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
