"""attention against equation 1 in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_course import kernels
from tests.kernels import oracle

QUICK = settings(max_examples=120, deadline=None)
FLOATS = [np.float32, np.float64]


def check(q: Any, k: Any, v: Any, mask: Any = None, causal: bool = False, ulps: float = 40) -> np.ndarray:
    exact, exact_weights = oracle.attention(q, k, v, mask, causal)
    eps = float(np.finfo(np.result_type(q, k, v)).eps)
    out = kernels.attention(q, k, v, mask, causal)
    out_again, weights = kernels.attention(q, k, v, mask, causal, return_weights=True)
    for got, want in (
        (out, exact),
        (out_again, exact),
        (weights, np.broadcast_to(exact_weights, weights.shape)),
    ):
        assert got.dtype == np.result_type(q, k, v)
        assert got.shape == want.shape
        assert got.flags.c_contiguous
        np.testing.assert_allclose(got, want, rtol=ulps * eps, atol=ulps * eps)
    return out


@QUICK
@given(st.data())
def test_any_shape(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(FLOATS))
    n, m, dk, dv = (data.draw(st.integers(0, 40), label=name) for name in ("n", "m", "dk", "dv"))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    batches = data.draw(
        st.sampled_from([((), (), ()), ((2,), (), (2,)), ((3, 1), (2,), (3, 2)), ((0,), (1,), ())])
    )
    q, k, v = (
        rng.standard_normal((*batch, *shape)).astype(dtype)
        for batch, shape in zip(batches, ((n, dk), (m, dk), (m, dv)), strict=True)
    )
    layout = data.draw(st.sampled_from(["C", "F", "reversed"]))
    if layout == "F":
        q, k, v = np.asfortranarray(q), np.asfortranarray(k), np.asfortranarray(v)
    elif layout == "reversed":
        q, k, v = np.flip(q), np.flip(k), np.flip(v)
    shape = data.draw(st.sampled_from([None, (n, m), (1, m), (n, 1), (2, 1, n, m), (m,), ()]))
    mask = None if shape is None else rng.random(shape) < 0.5
    if shape == (2, 1, n, m) and batches[0] != ():
        mask = None
    check(q, k, v, mask, data.draw(st.booleans()))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "n,m,d", [(300, 300, 64), (97, 700, 32), (700, 97, 8), (1, 1000, 64), (530, 530, 16)]
)
def test_long_sequences(n: int, m: int, d: int, causal: bool, dtype: Any) -> None:
    rng = np.random.default_rng(n + m)
    q = rng.standard_normal((2, n, d)).astype(dtype) * dtype(2)
    k, v = (rng.standard_normal((2, m, d)).astype(dtype) for _ in range(2))
    check(q, k, v, None, causal, ulps=60)
    mask = rng.random((2, n, m)) < 0.1
    mask[:, n // 2] = False
    mask[0, -1, : m - 1] = False
    check(q, k, v, mask, causal, ulps=60)


def test_scores_that_grow_along_the_keys() -> None:
    # Every block of keys brings a larger score than all before: the output so far is rescaled each time.
    m = 1500
    q = np.ones((3, 1))
    k = np.linspace(-300, 300, m)[:, None]
    v = np.random.default_rng(0).standard_normal((m, 5))
    check(q, k, v)
    check(q, k[::-1], v)
    check(q.astype(np.float32), k.astype(np.float32), v.astype(np.float32), ulps=400)
    check(q, k * 1e4, v)


@pytest.mark.parametrize("dtype", FLOATS)
def test_rows_that_may_attend_to_nothing_are_zero(dtype: Any) -> None:
    rng = np.random.default_rng(1)
    q, k, v = (rng.standard_normal((40, 8)).astype(dtype) for _ in range(3))
    mask = np.zeros((40, 40), bool)
    out, weights = kernels.attention(q, k, v, mask, return_weights=True)
    assert not out.any()
    assert not weights.any()
    mask[3, 5] = True
    out, weights = kernels.attention(q, k, v, mask, return_weights=True)
    np.testing.assert_array_equal(out[3], v[5])
    assert weights.sum() == 1
    assert not kernels.attention(q, k[:0], v[:0]).any()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("m", [20, 600])
def test_a_forbidden_key_has_no_influence(bad: float, m: int, dtype: Any) -> None:
    rng = np.random.default_rng(2)
    q, k, v = (rng.standard_normal((m, 6)).astype(dtype) for _ in range(3))
    want, want_weights = oracle.attention(q[:, :], k, v, np.arange(m) != 7)
    k[7] = bad
    v[7] = bad
    mask = np.arange(m) != 7
    got, weights = kernels.attention(q, k, v, mask, return_weights=True)
    np.testing.assert_allclose(got, want, atol=1e-5)
    np.testing.assert_allclose(weights, want_weights, atol=1e-5)
    np.testing.assert_allclose(kernels.attention(q, k, v, mask), want, atol=1e-5)
    # Causal: queries before the seventh do not see it, the others do.
    causal = kernels.attention(q, k, v, causal=True)
    assert np.isfinite(causal[:7]).all()
    assert not np.isfinite(causal[7:]).all(axis=1).any()


def test_nan_and_infinite_scores_reach_their_own_row_only() -> None:
    rng = np.random.default_rng(3)
    for m in (10, 600):
        q, k, v = (rng.standard_normal((m, 4)) for _ in range(3))
        want = kernels.attention(q, k, v)
        spoilt = q.copy()
        spoilt[2, 1] = np.nan
        spoilt[4, 1] = np.inf
        out, weights = kernels.attention(spoilt, k, v, return_weights=True)
        bad = np.isin(np.arange(m), (2, 4))
        assert np.isnan(out[bad]).all()
        assert np.isnan(weights[bad]).all()
        np.testing.assert_allclose(out[~bad], want[~bad], rtol=1e-9, atol=1e-14)
        mask = np.ones((m, m), bool)
        mask[:, 0] = False
        _, weights = kernels.attention(spoilt, k, v, mask, return_weights=True)
        assert not weights[:, 0].any()


def test_one_key_decides() -> None:
    q = np.array([[1000.0, 0.0]], np.float32)
    k = np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32)
    v = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)
    assert kernels.attention(q, k, v).tolist() == [[1.0, 2.0, 3.0]]


def test_mask_layouts() -> None:
    rng = np.random.default_rng(4)
    q, k, v = (rng.standard_normal((2, 3, 50, 8)).astype(np.float32) for _ in range(3))
    mask = rng.random((2, 3, 50, 50)) < 0.5
    check(q, k, v, mask)
    check(q, k, v, mask.swapaxes(-1, -2))
    check(q, k, v, np.flip(mask))
    check(q, k, v, mask[:, :1, :, :1])
    check(q, k, v, np.tri(50, dtype=bool))
    assert kernels.attention(q[0, 0], k[0, 0], v[0, 0], mask).shape == (2, 3, 50, 8)
    lower = kernels.attention(q, k, v, np.tri(50, dtype=bool))
    np.testing.assert_allclose(kernels.attention(q, k, v, causal=True), lower, rtol=1e-5, atol=1e-6)


def test_other_types() -> None:
    q = np.arange(6).reshape(3, 2)
    want = kernels.attention(q.astype(float), q.astype(float), q.astype(float))
    np.testing.assert_array_equal(kernels.attention(q, q.tolist(), q.astype(np.float16)), want, strict=True)
    assert kernels.attention(*[q.astype(np.float16)] * 3).dtype == np.float32
    with pytest.raises(TypeError, match="attention: k has dtype complex128"):
        kernels.attention(q, q + 0j, q)
    for mask in (np.ones((3, 3), int), np.zeros((3, 3))):
        with pytest.raises(TypeError, match="mask has dtype .*; expected bool"):
            kernels.attention(q, q, q, mask)


@pytest.mark.parametrize(
    "q,k,v,mask,text",
    [
        ((3, 4), (5, 6), (5, 7), None, "last axis"),
        ((3, 4), (5, 4), (6, 7), None, "number of keys"),
        ((4,), (5, 4), (5, 7), None, "expected"),
        ((2, 3, 4), (3, 5, 4), (5, 7), None, "broadcast"),
        ((3, 4), (5, 4), (5, 7), (3, 4), "mask"),
        ((3, 4), (5, 4), (5, 7), (4, 5), "mask"),
        ((2, 3, 4), (5, 4), (5, 7), (3, 3, 5), "broadcast"),
    ],
)
def test_wrong_shapes_are_named(q: Any, k: Any, v: Any, mask: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text) as error:
        kernels.attention(np.ones(q), np.ones(k), np.ones(v), None if mask is None else np.ones(mask, bool))
    named = [mask] if text == "mask" else [q, k, v]
    for shape in named:
        assert str(shape) in str(error.value)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m", [0, 1, 5, 64, 300, 3000])
def test_a_single_query(m: int, dtype: Any) -> None:
    # As when a text is made token by token; the keys are then read where they lie, however they lie.
    rng = np.random.default_rng(m)
    q = rng.standard_normal((2, 3, 1, 24)).astype(dtype)
    k, v = (rng.standard_normal((2, 1, m, 24)).astype(dtype) for _ in range(2))
    mask = rng.random((2, 1, 1, m)) < 0.5
    mask[1] = False
    for keys, values in (
        (k, v),
        (np.asfortranarray(k), np.asfortranarray(v)),
        (k[..., ::-1, :], v[..., ::-1]),
    ):
        for allowed in (None, mask):
            for causal in (False, True):
                check(q, keys, values, allowed, causal, ulps=60)
    if m > 3:
        k[:, :, 2] = np.nan
        v[:, :, 2] = np.inf
        want = kernels.attention(q, np.delete(k, 2, 2), np.delete(v, 2, 2))
        got = kernels.attention(q, k, v, np.arange(m) != 2)
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)
        assert np.isnan(kernels.attention(q, k, v)).all()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [1, 7, 150])
def test_out(n: int, dtype: Any) -> None:
    rng = np.random.default_rng(n)
    q, k, v = (rng.standard_normal((2, n, 16)).astype(dtype) for _ in range(3))
    mask = np.tri(n, dtype=bool)
    want, want_weights = kernels.attention(q, k, v, mask, return_weights=True)
    wide = np.full((2, n, 40), 7, dtype)
    outs = [np.empty_like(q), wide[:, :, 5:21], np.empty((16, n, 2), dtype).T, np.empty_like(q)[:, ::-1]]
    for out in outs:
        assert kernels.attention(q, k, v, mask, out=out) is out
        np.testing.assert_allclose(out, want, rtol=1e-5, atol=1e-6)
        got, weights = kernels.attention(q, k, v, mask, return_weights=True, out=out)
        assert got is out
        np.testing.assert_array_equal(out, want)
        np.testing.assert_array_equal(weights, want_weights)
    assert (wide[:, :, :5] == 7).all()
    assert (wide[:, :, 21:] == 7).all()
    for which in range(3):  # over an input, and over a part of one
        args = [q.copy(), k.copy(), v.copy()]
        assert kernels.attention(*args, mask, return_weights=True, out=args[which])[0] is args[which]
        np.testing.assert_array_equal(args[which], want)
    both = np.concatenate([v, v], axis=1)
    kernels.attention(q, k, both[:, :n], mask, return_weights=True, out=both[:, 1 : n + 1])
    np.testing.assert_array_equal(both[:, 1 : n + 1], want)


def test_wrong_out_is_refused() -> None:
    q = np.ones((3, 4), np.float32)
    with pytest.raises(ValueError, match=r"attention: out has shape \(4, 3\), the result has shape \(3, 4\)"):
        kernels.attention(q, q, q, out=np.ones((4, 3), np.float32))
    with pytest.raises(TypeError, match="out has dtype float64, the result has dtype float32"):
        kernels.attention(q, q, q, out=np.ones((3, 4)))
    with pytest.raises(TypeError, match="out must be an array, not list"):
        kernels.attention(q, q, q, out=[1.0])
    frozen = np.ones((3, 4), np.float32)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="out is read-only"):
        kernels.attention(q, q, q, out=frozen)


@pytest.mark.parametrize("option", ["causal", "return_weights"])
def test_options_are_true_or_false(option: str) -> None:
    q = np.ones((2, 3))
    np.testing.assert_array_equal(
        kernels.attention(q, q, q, **{option: np.False_}), kernels.attention(q, q, q), strict=True
    )
    for wrong, name in (("no", "str"), (1, "int"), (None, "NoneType")):
        with pytest.raises(TypeError, match=f"attention: {option} must be True or False, not {name}"):
            kernels.attention(q, q, q, **{option: wrong})
