"""softmax, log_softmax and nll_loss against long double."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genai_course import kernels
from tests.kernels import oracle

QUICK = settings(max_examples=150, deadline=None)
FLOATS = [np.float32, np.float64]


def values(dtype: Any, bound: float) -> st.SearchStrategy[float]:
    width = np.dtype(dtype).itemsize * 8
    limit = float(dtype(bound))
    return st.one_of(
        st.floats(-limit, limit, width=width),  # type: ignore[arg-type]
        st.sampled_from([0.0, -math.inf, math.inf, math.nan, 88.0, -103.5, -87.4, 1e4, 16384.5]),
    )


@QUICK
@given(st.data())
def test_within_four_units_in_the_last_place(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(FLOATS))
    bound = data.draw(st.sampled_from([1.0, 100.0, 3e4, 1e30]))
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=40))
    x = data.draw(hnp.arrays(dtype, shape, elements=values(dtype, bound)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    if data.draw(st.booleans()):
        x = np.flip(x).T
        axis = -1 - axis if axis < 0 else x.ndim - 1 - axis
    before = x.copy()
    y = kernels.softmax(x, axis)
    assert y.dtype == dtype
    assert oracle.ulps(y, oracle.softmax(x, axis)) <= 4
    z = kernels.log_softmax(x, axis=axis)
    exact = oracle.log_softmax(x, axis)
    np.testing.assert_array_equal(np.isnan(z), np.isnan(exact))
    good = np.isfinite(exact) & (np.abs(exact) < np.finfo(dtype).max)
    slack = 2 * np.finfo(dtype).eps * np.maximum(1, np.abs(exact[good]))
    assert (np.abs(z[good] - exact[good]) <= slack).all()
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [1, 15, 16, 17, 1000, 50257])
def test_long_rows(dtype: Any, n: int) -> None:
    rng = np.random.default_rng(n)
    rows = [
        rng.standard_normal(n) * 10,
        np.linspace(-120, 0, n),
        np.where(np.arange(n) % 3 == 0, 0.3, -1.7),  # adding one number again and again drifts in float32
        np.full(n, -5.1),
        rng.standard_normal(n) * 1e4,
        -np.abs(rng.standard_normal(n)) * 700,
    ]
    x = np.stack(rows).astype(dtype)
    exact = oracle.softmax(x)
    assert oracle.ulps(kernels.softmax(x), exact) <= 4
    assert oracle.ulps(kernels.softmax(x.T, axis=0), exact.T) <= 4
    np.testing.assert_allclose(
        kernels.log_softmax(x),
        oracle.log_softmax(x),
        rtol=3e-7 if dtype is np.float32 else 5e-16,
        atol=2 * np.finfo(dtype).eps,
    )


@pytest.mark.parametrize("dtype", FLOATS)
def test_every_size_of_input_to_the_exponential(dtype: Any) -> None:
    # Two columns: the second weight is e^x / (1 + e^x), so each x tests the exponential itself.
    low = -104 if dtype is np.float32 else -746
    x = np.zeros((200_001, 2), dtype)
    x[:, 1] = np.linspace(low, 0, len(x))
    assert oracle.ulps(kernels.softmax(x), oracle.softmax(x)) <= 4
    x += dtype(16000)
    assert oracle.ulps(kernels.softmax(x), oracle.softmax(x)) <= 4


@pytest.mark.parametrize("function", [kernels.softmax, kernels.log_softmax])
def test_conventions(function: Any) -> None:
    inf, nan = np.inf, np.nan
    for row in ([-inf, -inf], [nan, 1], [1, nan], [inf, 1], [inf, inf], [inf, -inf], [-inf, nan]):
        for length in (2, 20):
            assert np.isnan(function(np.array(row + [0.5] * 0 + [row[0]] * (length - 2)))).all()
    assert function(np.zeros((3, 0))).shape == (3, 0)
    assert function(np.zeros((0, 3))).shape == (0, 3)
    assert function(np.zeros((0, 3)), axis=0).shape == (0, 3)
    assert function(np.zeros((3, 2, 0)), axis=1).shape == (3, 2, 0)


def test_minus_infinity_among_others_is_an_exact_zero() -> None:
    x = np.array([0.0, -np.inf, 1.0], np.float32)
    assert kernels.softmax(x)[1] == 0
    assert kernels.log_softmax(x)[1] == -np.inf
    assert kernels.log_softmax(np.array([1000.0, 1.0])).tolist() == [0.0, -999.0]
    assert kernels.softmax(np.array([1e5, 0.0])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("function", [kernels.softmax, kernels.log_softmax])
def test_other_types(function: Any) -> None:
    for dtype in ("i1", "u8", "?", ">f8", ">i4"):
        x = np.arange(6).reshape(2, 3).astype(dtype)
        np.testing.assert_array_equal(function(x), function(x.astype(np.float64)), strict=True)
    for dtype in ("f2", ">f4"):
        x = np.arange(6).reshape(2, 3).astype(dtype)
        np.testing.assert_array_equal(function(x), function(x.astype(np.float32)), strict=True)
    assert function([0, 0]).dtype == np.float64
    for wrong in (np.ones(2, complex), np.array(["a"]), np.array([None]), np.ones(2, np.longdouble)):
        with pytest.raises(TypeError, match=f"{function.__name__}: x has dtype"):
            function(wrong)


@pytest.mark.parametrize("function", [kernels.softmax, kernels.log_softmax])
def test_wrong_axis(function: Any) -> None:
    for x, axis in ((np.ones((2, 3)), 2), (np.ones((2, 3)), -3), (np.float64(1.0), -1)):
        with pytest.raises(
            np.exceptions.AxisError,
            match=rf"{function.__name__}: x has shape {re.escape(str(x.shape))}: axis {axis} is out of bounds",
        ):
            function(x, axis)
    with pytest.raises(np.exceptions.AxisError, match="is out of bounds"):
        function(np.ones(2), 10**30)
    for wrong, name in ((None, "NoneType"), ((0, 1), "tuple"), (1.0, "float")):
        with pytest.raises(TypeError, match=f"{function.__name__}: axis must be an integer, not {name}"):
            function(np.ones((2, 2)), wrong)
    np.testing.assert_array_equal(function(np.ones((2, 2)), np.int8(-2)), function(np.ones((2, 2)), 0))


@pytest.mark.parametrize("function", [kernels.softmax, kernels.log_softmax])
def test_out(function: Any) -> None:
    rng = np.random.default_rng(0)
    for axis in (0, 1, 2):
        x = rng.standard_normal((4, 5, 6)).astype(np.float32)
        want = function(x, axis)
        for out in (
            np.empty((4, 5, 6), np.float32),
            np.empty((6, 5, 4), np.float32).T,
            np.empty((4, 5, 12), np.float32)[..., ::-2],
        ):
            assert function(x, axis, out) is out
            np.testing.assert_array_equal(out, want)
        assert function(x, axis, out=x) is x
        np.testing.assert_array_equal(x, want)
    x = rng.standard_normal((5, 5))
    want = function(x, -1).copy()
    function(x, -1, out=x.T)  # overlaps in another order
    np.testing.assert_array_equal(x.T, want)
    with pytest.raises(ValueError, match=r"out has shape \(2,\), the result has shape \(3,\)"):
        function(np.ones(3), out=np.empty(2))
    with pytest.raises(TypeError, match="out has dtype float32, the result has dtype float64"):
        function(np.ones(3), out=np.empty(3, np.float32))


@QUICK
@given(st.data())
def test_nll_loss(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(FLOATS))
    rows, classes = data.draw(st.integers(0, 20)), data.draw(st.integers(1, 70))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    logits = (rng.standard_normal((rows, classes)) * data.draw(st.sampled_from([0.1, 10, 1000]))).astype(
        dtype
    )
    ids = rng.integers(0, classes, rows)
    loss = kernels.nll_loss(logits, ids)
    assert type(loss) is float
    exact = oracle.nll(logits, ids)
    assert loss == pytest.approx(
        exact, rel=1e-6 if dtype is np.float32 else 1e-14, abs=1e-5 if dtype is np.float32 else 1e-13
    )
    assert kernels.nll_loss(np.asfortranarray(logits)[::-1], ids[::-1].astype(np.uint8)) == pytest.approx(
        loss, rel=1e-6, abs=1e-5
    )


def test_nll_loss_of_a_vocabulary() -> None:
    rng = np.random.default_rng(0)
    logits = (rng.standard_normal((40, 50257)) * 5).astype(np.float32)
    ids = rng.integers(0, 50257, 40)
    assert kernels.nll_loss(logits, ids) == pytest.approx(oracle.nll(logits, ids), rel=1e-7)
    assert kernels.nll_loss(logits, ids) == kernels.nll_loss(logits, ids)  # whichever thread is faster


def test_nll_loss_conventions() -> None:
    assert kernels.nll_loss(np.zeros((0, 5)), []) == 0.0
    assert kernels.nll_loss(np.zeros((2, 4)), [0, 3]) == pytest.approx(2 * math.log(4))
    assert kernels.nll_loss([[0.0, -np.inf]], [1]) == math.inf
    assert kernels.nll_loss([[1e5, 0.0]], [1]) == 1e5
    for row in ([np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf], [-np.inf, np.nan]):
        for n in (2, 5000):
            assert math.isnan(kernels.nll_loss([row + [row[0]] * (n - 2)], [0]))


def test_nll_loss_errors() -> None:
    logits = np.zeros((3, 5))
    for ids, shown in (([0, 5, 1], r"ids\[1\] = 5"), ([0, 0, -1], r"ids\[2\] = -1")):
        with pytest.raises(IndexError, match=shown + " is not one of the 5 columns"):
            kernels.nll_loss(logits, ids)
    with pytest.raises(IndexError, match=rf"ids\[2\] = {2**63 + 1} is not one of"):
        kernels.nll_loss(logits, np.array([0, 0, 2**63 + 1], np.uint64))
    for bad_logits, bad_ids in ((logits, [0, 1]), (logits[0], [0]), (logits, [[0, 1, 2]])):
        with pytest.raises(ValueError, match="nll_loss: logits has shape") as error:
            kernels.nll_loss(bad_logits, bad_ids)
        assert str(np.shape(bad_logits)) in str(error.value)
        assert str(np.shape(bad_ids)) in str(error.value)
    for ids in ([0.0, 1.0, 2.0], [True, False, True], [0, 1, None], [0, 1, 10**30], ["a", "b", "c"]):
        with pytest.raises(TypeError, match="expected integers"):
            kernels.nll_loss(logits, ids)
    with pytest.raises(TypeError, match="logits has dtype complex128"):
        kernels.nll_loss(logits + 0j, [0, 0, 0])


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_few_large_elements_do_not_cost_digits(dtype: Any) -> None:
    # One lane of the vectors then holds most of the sum, and every rounding of that lane shows.
    rng = np.random.default_rng(5)
    worst = 0.0
    for n in (33, 64, 65, 257):
        for scale in (5, 20):
            x = (rng.standard_normal((400, n)) * scale).astype(dtype)
            worst = max(worst, oracle.ulps(kernels.softmax(x), oracle.softmax(x)))
    assert worst <= 4
