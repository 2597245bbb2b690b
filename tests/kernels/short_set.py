"""A check of every kernel in a second or two: python short_set.py, in whatever environment is to be checked.

The tests run it once for each instruction set, and under sanitizers and emulators, where pytest would be too
slow. Prints the instruction set and the number of comparisons.
"""

from __future__ import annotations

import itertools
import os
import sys

import numpy as np
import oracle

from genai_course import kernels


def strided(x: np.ndarray, how: int) -> np.ndarray:
    """x's values laid out as they are, columns first, every other element, backwards, or off by 4 bytes."""
    if how == 0:
        return x
    if how == 1:
        return np.asfortranarray(x)
    if how == 2:
        wide = np.full([2 * s for s in x.shape], np.nan, x.dtype)
        wide[tuple(slice(None, None, 2) for _ in x.shape)] = x
        return wide[tuple(slice(None, None, 2) for _ in x.shape)]
    if how == 3:
        flip = tuple(slice(None, None, -1) for _ in x.shape)
        return np.ascontiguousarray(x[flip])[flip]
    raw = np.zeros(x.nbytes + 4, np.uint8)
    moved = raw[4:].view(x.dtype).reshape(x.shape)
    moved[...] = x
    return moved


def main(sizes: str) -> int:
    rng = np.random.default_rng(7)
    checks = 0
    full = sizes == "full"
    # Valgrind computes long double, the oracle's type, with the 53 bits of a double.
    units = 4 if np.longdouble(1) + np.finfo(np.longdouble).eps > 1 else 40
    lengths = (1, 2, 3, 7, 8, 16, 17, 31, 33, 64, 97) if full else (1, 3, 17, 33)
    for dtype in (np.float32, np.float64):
        eps = float(np.finfo(dtype).eps)
        for m, k, n in itertools.product(lengths, repeat=3):
            a = rng.standard_normal((m, k)).astype(dtype)
            b = rng.standard_normal((k, n)).astype(dtype)
            exact, allowed = oracle.matmul(a, b)
            for how in range(5):
                c = kernels.matmul(strided(a, how), strided(b, (how * (m + n)) % 5))
                assert (np.abs(c - exact) <= allowed).all(), ("matmul", dtype, m, k, n, how)
                checks += 1
        for shape in ((150, 600, 130), (40, 33, 1100), (1, 300, 700), (500, 301, 1), (301, 64, 3)):
            m, k, n = shape if full else (shape[0] // 3 + 1, shape[1] // 3 + 1, shape[2] // 3 + 1)
            a = rng.standard_normal((2, m, k)).astype(dtype)
            b = rng.standard_normal((k, n)).astype(dtype)
            exact, allowed = oracle.matmul(a, b)
            for how in range(4):
                c = kernels.matmul(strided(a, how), strided(b, how))
                assert (np.abs(c - exact) <= allowed).all(), ("matmul", dtype, m, k, n, how)
                checks += 1
        for n in (*lengths, 200, 3001):
            for scale in (0.1, 5, 60, 1e4, 1e6):
                x = (rng.standard_normal((5, n)) * scale).astype(dtype)
                if n > 3:
                    x[1, n // 2] = -np.inf
                    x[2, n // 3] = np.inf
                    x[3, n - 1] = np.nan
                    x[4, :] = -np.inf
                for how in range(4):
                    y = kernels.softmax(strided(x, how))
                    assert oracle.ulps(y, oracle.softmax(x)) <= units, ("softmax", dtype, n, scale, how)
                    z = kernels.log_softmax(strided(x, how))
                    exact = oracle.log_softmax(x)
                    with np.errstate(invalid="ignore"):
                        far = np.abs(z - exact) > 2 * eps * np.maximum(1, np.abs(exact))
                    assert np.array_equal(np.isnan(z), np.isnan(exact)), ("log_softmax", dtype, n, scale, how)
                    assert not far.any(), ("log_softmax", dtype, n, scale, how)
                    checks += 2
                ids = rng.integers(0, n, 1)
                loss = kernels.nll_loss(x[:1], ids)
                exact_loss = oracle.nll(x[:1], ids)
                assert abs(loss - exact_loss) <= 4 * eps * max(1, abs(exact_loss)), (
                    "nll_loss",
                    dtype,
                    n,
                    scale,
                )
                checks += 1
        for n, m, dk, dv in (
            (1, 1, 1, 1),
            (5, 7, 3, 2),
            (33, 17, 16, 40),
            (100, 300, 8, 33),
            (3, 600, 20, 1),
            (1, 500, 24, 17),
        ):
            q = rng.standard_normal((2, n, dk)).astype(dtype)
            key = rng.standard_normal((m, dk)).astype(dtype)
            v = rng.standard_normal((2, m, dv)).astype(dtype)
            mask = rng.random((n, m)) < 0.4
            mask[n // 2] = False
            for how, use_mask, causal in itertools.product(range(4), (False, True), (False, True)):
                args = strided(q, how), strided(key, how), strided(v, how), mask if use_mask else None, causal
                exact, weights = oracle.attention(q, key, v, args[3], causal)
                out = kernels.attention(*args)
                out2, w = kernels.attention(*args, return_weights=True)
                for got, want in ((out, exact), (out2, exact), (w, weights)):
                    assert got.shape == want.shape
                    assert np.abs(got - want).max(initial=0) <= 40 * eps, (
                        "attention",
                        dtype,
                        n,
                        m,
                        how,
                        causal,
                    )
                    checks += 1
    return checks


if __name__ == "__main__":
    done = main(sys.argv[1] if len(sys.argv) > 1 else "full")
    wanted = os.environ.get("GENAI_ISA") or kernels.instruction_set()
    assert kernels.instruction_set() == wanted
    print(kernels.instruction_set(), done)
