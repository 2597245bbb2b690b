"""genai_course.kernels side by side with NumPy, PyTorch and SciPy: python benchmarks/kernels.py [--only TEXT].

Each library runs in its own process and all of them take turns, so that whatever else the machine does hits all alike.
A turn calls one function for some milliseconds; the tables show the fastest and the median turn, and how many
times faster than each peer ours was. Only ratios hold: the times depend on the machine and on its day.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

Call = Callable[[], Any]
TURN = 0.02  # seconds


@dataclass(frozen=True)
class Case:
    """What is measured: its name, the work of one call in GFLOP (or 0), and the floors over each peer."""

    group: str
    name: str
    key: tuple[Any, ...]
    gflop: float = 0.0
    floors: tuple[tuple[str, float], ...] = ()
    by_median: bool = False


def cases(threads: int) -> list[Case]:
    found: list[Case] = []
    for dtype in ("float32", "float64"):
        for n in (8, 16, 32, 64, 128, 256, 512, 1024, 2048):
            if threads > 1:
                floors: tuple[tuple[str, float], ...] = (("numpy", 1.0),)
            elif n <= 16:
                floors = (("numpy", 2.2), ("torch", 3.0))
            elif n <= 64:
                floors = (("numpy", 1.2),)
            elif n <= 512:
                floors = (("numpy", 1.05), ("torch", 0.95))
            else:
                floors = (("numpy", 1.0), ("torch", 0.9))
            if threads == 1 or n >= 128:
                key = ("matmul", dtype, (n, n), (n, n), False)
                found.append(Case(f"matmul {dtype}", f"{n}", key, 2e-9 * n**3, floors, threads > 1))
        d = 768
        if threads == 1:
            for rows, transposed, floors in (
                (1, False, (("numpy", 1.0),)),
                (1, True, (("numpy", 1.0),)),
                (64, False, ()),
                (64, True, (("torch", 1.0),)),
            ):
                name = f"{rows} x {d} @ W{'.T' if transposed else ''}"
                key = ("matmul", dtype, (rows, d), (d, d), transposed)
                found.append(Case(f"matmul {dtype}", name, key, 2e-9 * rows * d * d, floors))
        key = ("matmul", dtype, (32, 64, 64), (32, 64, 64), False)
        floors = (("numpy", 1.4),) if threads > 1 else ()
        found.append(Case(f"matmul {dtype}", "32 of 64", key, 2e-9 * 32 * 64**3, floors, threads > 1))
    for function in ("softmax", "log_softmax"):
        floors = (("torch", 1.2), ("scipy", 3.5)) if function == "softmax" else (("torch", 1.2),)
        for rows, columns in ((8, 64), (64, 1000), (1024, 1024), (64, 50257), (1024, 50257)):
            key = (function, "float32", (rows, columns))
            found.append(Case(function, f"{rows} x {columns}", key, 0, floors if threads == 1 else ()))
    key = ("nll_loss", "float32", (4096, 50257))
    found.append(Case("nll_loss", "4096 x 50257", key, 0, (("torch", 4.5),) if threads == 1 else ()))
    for causal in (False, True):
        for shape in ((1, 2, 8, 16), (1, 4, 32, 32), (2, 4, 256, 64), (2, 4, 1024, 64)):
            t = shape[2]
            floor = 3.0 if t <= 8 else 1.4 if causal and t >= 256 else 1.05
            key = ("attention", "float32", shape, causal)
            name = f"{' x '.join(map(str, shape))}"
            work = 4e-9 * math.prod(shape) * t
            floors = (("torch", floor),) if threads == 1 else ()
            found.append(Case(f"attention{' causal' if causal else ''}", name, key, work, floors))
    return found


def calls_of(library: str) -> dict[str, Callable[..., Call]]:
    """For each function a maker of calls on prepared arrays, as that library's users would write them."""
    import numpy as np

    rng = np.random.default_rng(0)

    def array(shape: tuple[int, ...], dtype: str) -> Any:
        return rng.standard_normal(shape, dtype="float32").astype(dtype, copy=False)

    def classes(shape: tuple[int, ...]) -> Any:
        return rng.integers(0, shape[1], shape[0])

    def swap(x: Any, transposed: bool) -> Any:
        return x.T if transposed else x

    if library == "genai":
        from genai_course import kernels

        def loss(dtype: str, shape: tuple[int, ...]) -> Call:
            x, ids = array(shape, dtype), classes(shape)
            return lambda: kernels.nll_loss(x, ids)

        def matmul(dtype: str, a: tuple[int, ...], b: tuple[int, ...], transposed: bool) -> Call:
            x, y = array(a, dtype), swap(array(b, dtype), transposed)
            return lambda: kernels.matmul(x, y)

        def over_rows(function: Callable[..., Any]) -> Callable[..., Call]:
            def make(dtype: str, shape: tuple[int, ...]) -> Call:
                x = array(shape, dtype)
                return lambda: function(x)

            return make

        def attention(dtype: str, shape: tuple[int, ...], causal: bool) -> Call:
            q, k, v = (array(shape, dtype) for _ in range(3))
            return lambda: kernels.attention(q, k, v, causal=causal)

        return {
            "matmul": matmul,
            "softmax": over_rows(kernels.softmax),
            "log_softmax": over_rows(kernels.log_softmax),
            "nll_loss": loss,
            "attention": attention,
        }
    if library == "numpy":

        def np_matmul(dtype: str, a: tuple[int, ...], b: tuple[int, ...], transposed: bool) -> Call:
            x, y = array(a, dtype), swap(array(b, dtype), transposed)
            return lambda: np.matmul(x, y)

        return {"matmul": np_matmul}
    if library == "scipy":
        from scipy import special

        def scipy_rows(function: Callable[..., Any]) -> Callable[..., Call]:
            def make(dtype: str, shape: tuple[int, ...]) -> Call:
                x = array(shape, dtype)
                return lambda: function(x, axis=-1)

            return make

        return {"softmax": scipy_rows(special.softmax), "log_softmax": scipy_rows(special.log_softmax)}

    import torch
    from torch.nn import functional as F

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.set_grad_enabled(False)

    def t_matmul(dtype: str, a: tuple[int, ...], b: tuple[int, ...], transposed: bool) -> Call:
        x, y = torch.from_numpy(array(a, dtype)), swap(torch.from_numpy(array(b, dtype)), transposed)
        return lambda: torch.matmul(x, y)

    def t_rows(function: Callable[..., Any]) -> Callable[..., Call]:
        def make(dtype: str, shape: tuple[int, ...]) -> Call:
            x = torch.from_numpy(array(shape, dtype))
            return lambda: function(x, -1)

        return make

    def t_loss(dtype: str, shape: tuple[int, ...]) -> Call:
        x, ids = torch.from_numpy(array(shape, dtype)), torch.from_numpy(classes(shape))
        return lambda: F.cross_entropy(x, ids, reduction="sum")

    def t_attention(dtype: str, shape: tuple[int, ...], causal: bool) -> Call:
        q, k, v = (torch.from_numpy(array(shape, dtype)) for _ in range(3))
        return lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal)

    return {
        "matmul": t_matmul,
        "softmax": t_rows(torch.softmax),
        "log_softmax": t_rows(torch.log_softmax),
        "nll_loss": t_loss,
        "attention": t_attention,
    }


def serve(library: str, threads: int, clock_name: str, pipe: Connection) -> None:
    """A library's process: prepares a case when told its key, measures one turn when told None."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GENAI_NUM_THREADS"):
        os.environ[name] = str(threads)
    try:
        makers = calls_of(library)
    except ImportError:
        pipe.send(None)
        return
    pipe.send(sorted(makers))
    clock = time.thread_time if clock_name == "cpu" else time.perf_counter
    call: Call = lambda: None  # noqa: E731
    repeat = 1
    while True:
        key = pipe.recv()
        if key == "end":
            return
        if key is not None:
            call = makers[key[0]](*key[1:])
            call()
            start = time.perf_counter()
            call()
            repeat = max(1, min(20_000, int(TURN / max(1e-7, time.perf_counter() - start))))
            pipe.send(None)
            continue
        start = clock()
        for _ in range(repeat):
            call()
        pipe.send((clock() - start) / repeat)


def seconds(value: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def run(threads: int, only: str, turns: int, clock: str) -> list[tuple[Case, str, float, float]]:
    context = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    offers: dict[str, list[str]] = {}
    for library in ("genai", "numpy", "torch", "scipy"):
        ours, theirs = context.Pipe()
        context.Process(target=serve, args=(library, threads, clock, theirs), daemon=True).start()
        if (offer := ours.recv()) is not None:
            pipes[library], offers[library] = ours, offer
    missed: list[tuple[Case, str, float, float]] = []
    group = ""
    for case in cases(threads):
        if only not in f"{case.group} {case.name}":
            continue
        if case.group != group:
            group = case.group
            print(f"\n### {group}, {threads} thread{'s' * (threads > 1)}\n")
            print("| size | ours | GFLOP/s | over NumPy | over PyTorch | over SciPy | floors |")
            print("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
        who = [library for library in pipes if case.key[0] in offers[library]]
        times: dict[str, list[float]] = {library: [] for library in who}
        for library in who:
            pipes[library].send(case.key)
            pipes[library].recv()
        for turn in range(turns):
            for library in who[turn % len(who) :] + who[: turn % len(who)]:
                time.sleep(0.002)  # the other libraries' threads fall asleep
                pipes[library].send(None)
                times[library].append(pipes[library].recv())
            if sum(map(sum, times.values())) > 60:
                break
        best = {library: (min(t), statistics.median(t)) for library, t in times.items()}
        cells = []
        for peer in ("numpy", "torch", "scipy"):
            if peer not in best:
                cells.append("")
                continue
            cells.append(" / ".join(f"{best[peer][i] / best['genai'][i]:.2f}" for i in (0, 1)))
        verdict = []
        for peer, floor in case.floors:
            if peer in best:
                ratio = best[peer][case.by_median] / best["genai"][case.by_median]
                verdict.append(f"{peer} {floor}: {'reached' if ratio >= floor else 'NOT'}")
                if ratio < floor:
                    missed.append((case, peer, floor, ratio))
        rate = f"{case.gflop / best['genai'][0]:.0f}" if case.gflop else ""
        ours_text = " / ".join(seconds(t) for t in best["genai"])
        print(
            f"| {case.name} | {ours_text} | {rate} | {' | '.join(cells)} | {', '.join(verdict)} |", flush=True
        )
    for pipe in pipes.values():
        pipe.send("end")
    return missed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="only cases whose group and size contain this text")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--turns", type=int, default=25, help="how often each library has its turn")
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu: with one thread measure processor time, which other processes disturb less",
    )
    options = parser.parse_args()
    from genai_course import kernels

    print(
        f"Instruction set {kernels.instruction_set()}; Python {platform.python_version()}; {os.cpu_count()} cores."
    )
    print("Each cell: fastest turn / median turn.")
    missed = []
    for threads in options.threads:
        missed += run(threads, options.only, options.turns, "wall" if threads > 1 else options.clock)
    print("\nFloors not reached:" if missed else "\nEvery floor was reached.")
    for case, peer, floor, ratio in missed:
        print(f"- {case.group} {case.name}: {ratio:.2f} times {peer}, floor {floor}")


if __name__ == "__main__":
    sys.exit(main())
