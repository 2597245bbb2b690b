"""genai_course.kernels side by side with NumPy, PyTorch and SciPy: python benchmarks/kernels.py [--only TEXT].

Each library runs in its own process and all of them take turns, so that whatever else the machine does hits all alike.
A turn calls one function for some milliseconds; the tables show the fastest and the median turn, and how many
times faster than each peer ours was. Only ratios hold: the times depend on the machine and on its day.

Parts: "speed" with one thread and with two, "neighbour" (another process wants the processors too), "accuracy". At the
end each floor is listed with its figure, reached or not. --write puts all of that into benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Call = Callable[[], Any]
TURN = 0.02  # seconds
PAUSE = (
    0.2  # seconds: so long OpenBLAS's threads wait for more work, and take a processor from the next library
)
NAMES = {"genai": "ours", "numpy": "NumPy", "torch": "PyTorch", "scipy": "SciPy"}
README = Path(__file__).parent / "README.md"
MARKS = "<!-- kernels: python benchmarks/kernels.py --write -->\n", "<!-- end of kernels -->\n"


@dataclass(frozen=True)
class Floor:
    """At least so many times as fast as a peer; `aim` is what would be better still."""

    peer: str
    ratio: float
    aim: float = 0


@dataclass(frozen=True)
class Case:
    """What is measured: its name, the work of one call in GFLOP (or 0), and its floors (for the fastest turn)."""

    group: str
    name: str
    key: tuple[Any, ...]
    gflop: float = 0
    floors: tuple[Floor, ...] = ()
    by_median: bool = False


@dataclass(frozen=True)
class Verdict:
    """A floor and what was measured."""

    what: str
    asked: str
    figure: str
    reached: bool


def matmul_floors(dtype: str, n: int, threads: int, amx: bool) -> tuple[Floor, ...]:
    if threads > 1:
        return (Floor("numpy", 1.0),)
    if n <= 16:
        return Floor("numpy", 2.2), Floor("torch", 3.0)
    if n <= 64:
        return (Floor("numpy", 1.2),)
    if amx and dtype == "float32" and 256 <= n <= 1024:  # above what multiply-adds can do
        return Floor("numpy", 1.4), Floor("torch", 0.95 if n <= 512 else 0.9)
    if n <= 512:
        return Floor("numpy", 1.05), Floor("torch", 0.95)
    return Floor("numpy", 1.0), Floor("torch", 0.9)


def cases(threads: int, amx: bool) -> Iterator[Case]:
    one = threads == 1
    for dtype in ("float32", "float64"):
        group = f"matmul {dtype}"
        for n in (8, 16, 32, 64, 128, 256, 512, 1024, 2048):
            if one or n >= 128:
                key = ("matmul", dtype, (n, n), (n, n), False)
                yield Case(group, f"{n}", key, 2e-9 * n**3, matmul_floors(dtype, n, threads, amx), not one)
        d = 768
        for rows, transposed, floors in (
            (1, False, (Floor("numpy", 1.0),)),
            (1, True, (Floor("numpy", 1.0),)),
            (64, False, ()),
            (64, True, (Floor("torch", 1.0),)),
        ):
            name = f"{rows} x {d} @ W{'.T' if transposed else ''}"
            key = ("matmul", dtype, (rows, d), (d, d), transposed)
            if one:
                yield Case(group, name, key, 2e-9 * rows * d * d, floors)
        key = ("matmul", dtype, (32, 64, 64), (32, 64, 64), False)
        yield Case(group, "32 of 64", key, 2e-9 * 32 * 64**3, () if one else (Floor("numpy", 1.4),), not one)
    for function in ("softmax", "log_softmax") if one else ():
        floors = (Floor("torch", 1.2),)
        if function == "softmax":
            floors = Floor("torch", 1.2, 1.5), Floor("scipy", 3.5, 4.5)
        for shape in ((8, 64), (64, 1000), (1024, 1024), (64, 50257), (1024, 50257)):
            yield Case(function, f"{shape[0]} x {shape[1]}", (function, "float32", shape), 0, floors)
    if one:
        key = ("nll_loss", "float32", (4096, 50257))
        yield Case("nll_loss", "4096 x 50257", key, 0, (Floor("torch", 4.5),))
    for causal in (False, True):
        for shape in ((1, 2, 8, 16), (1, 4, 32, 32), (2, 4, 256, 64), (2, 4, 1024, 64)):
            t = shape[2]
            floor = 3.0 if t <= 8 else 1.4 if causal and t >= 256 else 1.05
            key = ("attention", "float32", shape, causal)
            name = f"{' x '.join(map(str, shape))}"
            floors = (Floor("torch", floor),) if one else ()
            yield Case(
                f"attention{' causal' if causal else ''}", name, key, 4e-9 * math.prod(shape) * t, floors
            )


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


def serve(library: str, threads: int, clock_name: str, first: bool, pipe: Connection) -> None:
    """A library's process, before all others of the machine if `first`. Told a case's key it prepares that; told "turn"
    it measures one; told a number, it calls for so many seconds and answers with the time of each call.
    """
    if first:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
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
    while (asked := pipe.recv()) != "end":
        if asked == "turn":
            start = clock()
            for _ in range(repeat):
                call()
            pipe.send((clock() - start) / repeat)
        elif isinstance(asked, float):
            times = []
            end = time.perf_counter() + asked
            while (start := time.perf_counter()) < end:
                call()
                times.append(time.perf_counter() - start)
            pipe.send(times)
        else:
            call = makers[asked[0]](*asked[1:])
            call()
            start = time.perf_counter()
            call()
            repeat = max(1, min(20_000, int(TURN / max(1e-7, time.perf_counter() - start))))
            pipe.send(None)


class Libraries:
    """A process for each library that is installed, and what each offers."""

    def __init__(
        self, threads: int, clock: str = "wall", first: bool = False, names: tuple[str, ...] = tuple(NAMES)
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipes: dict[str, Connection] = {}
        self.offers: dict[str, list[str]] = {}
        for name in names:
            ours, theirs = context.Pipe()
            context.Process(target=serve, args=(name, threads, clock, first, theirs), daemon=True).start()
            if (offer := ours.recv()) is not None:
                self.pipes[name], self.offers[name] = ours, offer

    def ask(self, name: str, what: Any) -> Any:
        self.pipes[name].send(what)
        return self.pipes[name].recv()

    def __enter__(self) -> Libraries:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self.pipes.values():
            pipe.send("end")


def seconds(value: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def say(*cells: str) -> None:
    print("|", " | ".join(cells), "|", flush=True)


def speed(threads: int, options: argparse.Namespace, amx: bool) -> list[Verdict]:
    verdicts = []
    group = ""
    clock = "wall" if threads > 1 else options.clock
    with Libraries(threads, clock, options.realtime) as libraries:
        for case in cases(threads, amx):
            if options.only not in f"{case.group} {case.name}":
                continue
            who = [library for library, offer in libraries.offers.items() if case.key[0] in offer]
            if case.group != group:
                group = case.group
                print(f"\n### {group}, {threads} thread{'s' * (threads > 1)}\n")
                say("size", "ours", "GFLOP/s", *(f"over {NAMES[peer]}" for peer in who[1:]))
                say("---", *["---:"] * (len(who) + 1))
            times: dict[str, list[float]] = {library: [] for library in who}
            for library in who:
                libraries.ask(library, case.key)
            for turn in range(options.turns):
                for library in who[turn % len(who) :] + who[: turn % len(who)]:
                    time.sleep(PAUSE if threads > 1 else 0.002)
                    times[library].append(libraries.ask(library, "turn"))
                if sum(map(sum, times.values())) > 20:
                    break
            best = {library: (min(t), statistics.median(t)) for library, t in times.items()}
            ratios = {peer: [best[peer][i] / best["genai"][i] for i in (0, 1)] for peer in who[1:]}
            rate = f"{case.gflop / best['genai'][0]:.0f}" if case.gflop else ""
            ours = " / ".join(seconds(t) for t in best["genai"])
            say(case.name, ours, rate, *(f"{least:.2f} / {median:.2f}" for least, median in ratios.values()))
            for floor in case.floors:
                if floor.peer in ratios:
                    ratio = ratios[floor.peer][case.by_median]
                    what = f"{case.group} {case.name}, {threads} thread{'s' * (threads > 1)}"
                    asked = f"{floor.ratio} x {NAMES[floor.peer]}" + (
                        f" (aim: {floor.aim})" if floor.aim else ""
                    )
                    verdicts.append(Verdict(what, asked, f"{ratio:.2f}", ratio >= floor.ratio))
    return verdicts


def spin(core: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    while True:
        pass


@contextlib.contextmanager
def neighbours(cores: list[int]) -> Iterator[None]:
    """On each of these cores a process that computes all the time."""
    context = multiprocessing.get_context("spawn")
    busy = [context.Process(target=spin, args=(core,), daemon=True) for core in cores]
    for process in busy:
        process.start()
    time.sleep(0.5 if busy else 0)
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.join()


def neighbour(n: int = 256, turns: int = 4, turn: float = 0.5) -> list[Verdict]:
    """The time of single calls while other processes want the same cores."""
    cores = (
        sorted(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else list(range(os.cpu_count() or 1))
    )
    names = ("genai", "numpy", "torch")
    print(f"\n### A busy neighbour: matmul float32 {n}, single calls\n")
    verdicts: list[Verdict] = []
    quiet = 0.0
    for threads, taken in ((1, 0), (2, 0), (2, 1), (2, len(cores))):
        with Libraries(threads, names=names) as libraries, neighbours(cores[:taken]):
            if not quiet:
                say("median / 9 of 10 are below", *(NAMES[name] for name in libraries.pipes))
                say("---", *["---:"] * len(libraries.pipes))
            for name in libraries.pipes:
                libraries.ask(name, ("matmul", "float32", (n, n), (n, n), False))
            times: dict[str, list[float]] = {name: [] for name in libraries.pipes}
            for _ in range(turns):
                for name in times:
                    time.sleep(PAUSE)
                    times[name] += libraries.ask(name, turn)
        what = f"{threads} thread{'s' * (threads > 1)}, "
        what += "alone" if not taken else f"{taken} of {len(cores)} cores taken"
        median = {name: statistics.median(t) for name, t in times.items()}
        say(
            what,
            *(
                f"{seconds(median[name])} / {seconds(sorted(t)[len(t) * 9 // 10])}"
                for name, t in times.items()
            ),
        )
        quiet = quiet or median["genai"]
        if taken:
            ratio = median["genai"] / quiet
            verdicts.append(
                Verdict(
                    f"matmul float32 {n}, {what}", "at most 5 x alone, 1 thread", f"{ratio:.2f}", ratio <= 5
                )
            )
    return verdicts


def accuracy() -> list[Verdict]:
    """How far from the exact results: softmax in units in the last place, float32 products beside NumPy's."""
    import numpy as np

    from genai_course import kernels

    rng = np.random.default_rng(0)
    verdicts = []
    print("\n### Accuracy\n")
    softmaxes: dict[str, Callable[[Any], Any]] = {"ours": kernels.softmax}
    with contextlib.suppress(ImportError):
        import torch

        softmaxes["PyTorch"] = lambda x: torch.softmax(torch.from_numpy(x), -1).numpy()
    with contextlib.suppress(ImportError):
        from scipy import special

        softmaxes["SciPy"] = lambda x: special.softmax(x, axis=-1)
    say("largest error of softmax in units", *softmaxes)
    say("---", *["---:"] * len(softmaxes))
    worst = 0.0
    for dtype in ("float32", "float64"):
        for spread in (1, 10, 50):
            x = (rng.standard_normal((500, 1000)) * spread).astype(dtype)
            e = np.exp(x.astype(np.longdouble) - x.max(axis=-1, keepdims=True))
            exact = e / e.sum(axis=-1, keepdims=True)
            unit = np.spacing(np.maximum(exact, np.finfo(dtype).tiny).astype(dtype))
            errors = {name: float((np.abs(f(x) - exact) / unit).max()) for name, f in softmaxes.items()}
            say(f"{dtype} 500 x 1000, normal times {spread}", *(f"{error:.1f}" for error in errors.values()))
            worst = max(worst, errors["ours"])
    verdicts.append(Verdict("softmax, largest error", "4 units", f"{worst:.1f}", worst <= 4))
    print()
    say("error of a float32 product in units of eps times abs(a) @ abs(b)", "ours, largest / mean", "NumPy")
    say("---", "---:", "---:")
    for n in (256, 512, 1024):
        a, b = (rng.standard_normal((n, n), dtype="float32") for _ in range(2))
        exact = a.astype("float64") @ b
        unit = np.finfo("float32").eps * (np.abs(a) @ np.abs(b))
        found = []
        for product in (kernels.matmul(a, b), a @ b):
            error = np.abs(product - exact) / unit
            found.append((float(error.max()), float(error.mean())))
        say(f"{n}", *(f"{largest:.4f} / {mean:.5f}" for largest, mean in found))
        ratio = found[0][1] / found[1][1]
        verdicts.append(
            Verdict(f"matmul float32 {n}, mean error", "NumPy's", f"{ratio:.2f} of it", ratio <= 1)
        )
    return verdicts


def measure(options: argparse.Namespace) -> None:
    from genai_course import kernels

    used = kernels.instruction_set()
    print(f"Instruction set {used}; Python {platform.python_version()}; {os.cpu_count()} cores.")
    processor = ", in processor time with one thread" if options.clock == "cpu" else ""
    realtime = "; nothing else may run during a turn" if options.realtime else ""
    print(f"Each cell: fastest turn / median turn{processor}{realtime}.")
    verdicts = []
    if "speed" in options.part:
        for threads in options.threads:
            verdicts += speed(threads, options, used == "amx")
    if "neighbour" in options.part:
        verdicts += neighbour()
    if "accuracy" in options.part:
        verdicts += accuracy()
    reached = sum(verdict.reached for verdict in verdicts)
    print(f"\n### Floors: {reached} of {len(verdicts)} reached\n")
    if used not in ("amx", "avx512"):
        print(f"They are meant for AVX-512; this was measured with {used}.\n")
    say("what", "asked", "measured", "")
    say("---", "---", "---:", "---")
    for verdict in sorted(verdicts, key=lambda verdict: verdict.reached):
        say(verdict.what, verdict.asked, verdict.figure, "reached" if verdict.reached else "NOT reached")


class Both(io.StringIO):
    """Kept for the file, and shown while it is measured."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        return super().write(text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ["speed", "neighbour", "accuracy"]
    parser.add_argument("--part", nargs="+", choices=parts, default=parts)
    parser.add_argument("--only", default="", help="only cases whose group and size contain this text")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--turns", type=int, default=15, help="how often each library has its turn")
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu: with one thread measure processor time, which other processes disturb less",
    )
    parser.add_argument(
        "--realtime",
        action="store_true",
        help="each turn before all other work of the machine (SCHED_FIFO; Linux, the superuser); not with a neighbour",
    )
    parser.add_argument("--write", action="store_true", help="put what is printed into benchmarks/README.md")
    options = parser.parse_args()
    text = Both()
    with contextlib.redirect_stdout(text):
        measure(options)
    if options.write:
        before, _, rest = README.read_text(encoding="utf-8").partition(MARKS[0])
        _, end, after = rest.partition(MARKS[1])
        if not end:
            parser.error(f"{README} lacks the lines {MARKS[0].strip()} and {MARKS[1].strip()}")
        README.write_text(f"{before}{MARKS[0]}\n{text.getvalue()}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
