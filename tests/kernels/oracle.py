"""What the kernels must compute, in NumPy and with more digits."""

from __future__ import annotations

from typing import Any

import numpy as np

LONG = np.longdouble


def floats(x: Any) -> np.ndarray:
    """x in the type the kernels compute in: float32 and float16 become float32, the rest float64."""
    x = np.asarray(x)
    return x.astype(np.float32 if x.dtype in (np.float16, np.float32) else np.float64)


def matmul(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The product in long double, and how far from it a result in the type of a @ b may be."""
    eps = float(np.finfo(np.result_type(a, b)).eps)
    exact = np.matmul(a.astype(LONG), b.astype(LONG))
    size = np.matmul(np.abs(a.astype(LONG)), np.abs(b.astype(LONG)))
    return exact, size * eps * (2 + np.sqrt(a.shape[-1]))


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """softmax in long double, with NaN where the kernels promise it."""
    x = x.astype(LONG)
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))
        return np.asarray(e / e.sum(axis=axis, keepdims=True))


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    x = x.astype(LONG)
    with np.errstate(all="ignore"):
        top = x.max(axis=axis, keepdims=True, initial=-np.inf)
        return np.asarray((x - top) - np.log(np.exp(x - top).sum(axis=axis, keepdims=True)))


def ulps(y: np.ndarray, exact: np.ndarray) -> float:
    """The largest distance of y from the exact result, in units in y's last place."""
    assert y.shape == exact.shape
    assert np.array_equal(np.isnan(y), np.isnan(exact))
    good = ~np.isnan(exact)
    if not good.any():
        return 0.0
    unit = np.spacing(np.abs(exact[good].astype(y.dtype)))
    return float(np.max(np.abs(y[good].astype(LONG) - exact[good]) / unit.astype(LONG)))


def nll(logits: np.ndarray, ids: np.ndarray) -> float:
    rows = np.arange(len(ids))
    return float(-log_softmax(logits)[rows, ids].sum()) if len(ids) else 0.0


def attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None, causal: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Output and weights in float64; a row without an allowed key is zero, a forbidden key does not count."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    n, m, d = q.shape[-2], k.shape[-2], q.shape[-1]
    scores = np.matmul(q, k.swapaxes(-1, -2)) / (np.sqrt(d) if d else 1.0)
    allowed = np.ones((n, m), bool) if mask is None else mask
    if causal:
        allowed = allowed & np.tri(n, m, dtype=bool)
    scores, allowed = np.broadcast_arrays(scores, allowed)
    scores = np.where(allowed, scores, -np.inf)
    with np.errstate(all="ignore"):
        top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
        e = np.where(allowed, np.exp(scores - top), 0)
        total = e.sum(axis=-1, keepdims=True)
        weights = np.where(allowed, e / np.where(allowed.any(-1, keepdims=True), total, 1), 0)
    return np.matmul(weights, v), weights
