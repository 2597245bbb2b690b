"""NumPy's own tests of matmul, run on ours.

NumPy's multiplication of objects, complex numbers and integers is not what the kernels are for. A test that hands
over such arrays falls back to NumPy for these calls; it counts only if at least one call reached ours, and none that
did may be wrong. What differs on purpose is listed with its reason.
"""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from genai_course import kernels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    theirs = pytest.importorskip("numpy._core.tests.test_multiarray", reason="NumPy 2 ships its tests here")

ON_PURPOSE = {
    "test_empty_out": "an out of the wrong shape is a ValueError with other words",
}


class Calls:
    """np.matmul's place: float32 and float64 go to ours, the rest to NumPy."""

    def __init__(self) -> None:
        self.ours = 0
        self.fallbacks = 0

    def matmul(self, a: Any, b: Any, out: Any = None) -> Any:
        floats = (np.float32, np.float64)
        dtypes = {np.asarray(x).dtype for x in (a, b, a if out is None else out)}
        if not all(dtype in floats for dtype in dtypes):
            self.fallbacks += 1
            return np.matmul(a, b, out) if out is not None else np.matmul(a, b)
        self.ours += 1
        result = kernels.matmul(a, b, out)
        return result[()] if result.ndim == 0 else result  # NumPy gives a scalar for two vectors


class TestMatmul(theirs.TestMatmul):  # type: ignore[misc, name-defined]
    types = "ffd"  # their loops leave out the first

    @pytest.fixture(autouse=True)
    def ours_instead(self, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
        if reason := ON_PURPOSE.get(request.node.originalname):
            pytest.skip(reason)
        calls = Calls()
        names = {name: getattr(np, name) for name in dir(np) if not name.startswith("__")}
        monkeypatch.setattr(theirs, "np", SimpleNamespace(**{**names, "matmul": calls.matmul}))
        monkeypatch.setattr(type(self), "matmul", staticmethod(calls.matmul))
        yield
        if not calls.ours:
            pytest.skip("every call falls back: objects, complex numbers or integers only")
