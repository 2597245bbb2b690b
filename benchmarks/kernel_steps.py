"""The steps of matmul, softmax and attention in csrc/README.md: python benchmarks/kernel_steps.py measures them.

One thread, processor time. The steps of matmul are C++ (matmul_steps.cpp, which this compiles beside csrc/matmul.cpp).
--write puts the tables into csrc/README.md and draws them into csrc/steps.svg.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy asks for it when it is imported

import numpy as np

from genai_course import kernels

ROOT = Path(__file__).parent.parent
README = ROOT / "csrc" / "README.md"
AVX512 = "-mavx512f -mavx512dq -mavx512vl -mavx512bw -mavx2 -mfma -mprefer-vector-width=512"
FLAGS = {  # as in CMakeLists.txt
    "amx": f"-DGENAI_ISA=avx512 -DGENAI_ISA_AVX512=1 {AVX512} -mamx-tile -mamx-bf16 -DGENAI_STEP_AMX csrc/amx.cpp",
    "avx512": f"-DGENAI_ISA=avx512 -DGENAI_ISA_AVX512=1 {AVX512}",
    "avx2": "-DGENAI_ISA=avx2 -DGENAI_ISA_AVX2=1 -mavx2 -mfma",
}
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


def matmul_table() -> list[str]:
    used = kernels.instruction_set()
    flags = FLAGS.get(used, f"-DGENAI_ISA={used} -DGENAI_ISA_{used.upper()}=1").split()
    sources = ["benchmarks/matmul_steps.cpp", "csrc/matmul.cpp", "csrc/pool.cpp"]
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/steps"
        compiler = [os.environ.get("CXX", "c++"), "-std=c++20", "-O3", "-ffp-contract=off", "-fno-math-errno"]
        subprocess.run(
            [*compiler, "-Icsrc", "-o", program, *sources, *flags, "-lpthread"], cwd=ROOT, check=True
        )
        found = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    head = ["| step, matmul float32 in GFLOP/s | n = 256 | n = 1024 |", "| --- | ---: | ---: |"]
    return head + [f"| {' | '.join(line.split(';'))} |" for line in found.splitlines()]


def table(head: str, steps: dict[str, Callable[[], Any]], turns: int) -> list[str]:
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(turns):
        for name, step in steps.items():
            start = time.thread_time()
            step()
            best[name] = min(best[name], time.thread_time() - start)
    rows = [f"| {name} | {seconds * 1e3:.1f} |" for name, seconds in best.items()]
    return [f"| step, {head} | ms |", "| --- | ---: |", *rows]


def replace(text: str, rows: list[str]) -> str:
    """The text with these rows in place of the table that starts like them."""
    before, head, rest = text.partition(rows[0] + "\n")
    if not head:
        raise SystemExit(f"{README} has no table that starts with: {rows[0]}")
    return before + "\n".join(rows) + "\n\n" + rest.partition("\n\n")[2]


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
        "--write", action="store_true", help="put the tables into csrc/README.md and draw them"
    )
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    kernels.set_num_threads(1)
    attention = f"attention of {HEADS} heads, {LENGTH} x {WIDTH}, in float32"
    tables = [
        matmul_table(),
        table(f"softmax and loss of {ROWS} x {COLUMNS} in float32", softmax_steps(), options.turns),
        table(attention, attention_steps(), options.turns),
    ]
    for rows in tables:
        print("\n".join(rows), end="\n\n")
    if options.write:
        text = README.read_text(encoding="utf-8")
        for rows in tables:
            text = replace(text, rows)
        README.write_text(text, encoding="utf-8")
        draw()


if __name__ == "__main__":
    main()
