"""SciPy's own tests of softmax and log_softmax, run on ours.

SciPy takes all axes together by default, or several in a tuple; ours takes one. Such calls are reshaped so that the
axes become one, and the arithmetic is still ours: nothing falls back.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genai_course import kernels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    theirs = pytest.importorskip("scipy.special.tests.test_logsumexp")


def over_axes(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(x: Any, axis: int | tuple[int, ...] | None = None) -> Any:
        x = np.asarray(x)
        if isinstance(axis, int):
            return function(x, axis)
        axes = tuple(range(x.ndim)) if axis is None else axis
        last = np.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
        rows = last.reshape(*last.shape[: x.ndim - len(axes)], math.prod(x.shape[a] for a in axes))
        moved = np.moveaxis(function(rows).reshape(last.shape), range(x.ndim - len(axes), x.ndim), axes)
        return moved[()] if moved.ndim == 0 else moved

    return call


@pytest.fixture
def xp() -> Any:
    return np


@pytest.fixture(autouse=True)
def ours_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theirs, "softmax", over_axes(kernels.softmax))
    monkeypatch.setattr(theirs, "log_softmax", over_axes(kernels.log_softmax))


class TestSoftmax(theirs.TestSoftmax):  # type: ignore[misc, name-defined]
    pass


class TestLogSoftmax(theirs.TestLogSoftmax):  # type: ignore[misc, name-defined]
    pass
