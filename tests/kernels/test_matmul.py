"""matmul against long double, over shapes, strides, types and values that are not numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genai_course import kernels
from tests.kernels import oracle

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FLOATS = st.sampled_from([np.float32, np.float64])
ANY_DTYPE = st.sampled_from(["f4", "f8", ">f4", ">f8", "f2", "i1", "u2", "i4", "i8", "u8", "?"])


def check(a: Any, b: Any) -> np.ndarray:
    x, y = np.asarray(a), np.asarray(b)
    common = np.result_type(x, y)
    dtype = np.float32 if common in (np.float16, np.float32) else np.float64
    got = kernels.matmul(a, b)
    exact, allowed = oracle.matmul(x.astype(dtype), y.astype(dtype))
    assert type(got) is np.ndarray
    assert got.dtype == dtype
    assert got.shape == exact.shape
    assert got.flags.c_contiguous
    assert (np.abs(got - exact) <= allowed).all()
    return got


@st.composite
def layouts(draw: st.DrawFn, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Small whole numbers of that shape, with steps, reversed, transposed, repeated or unaligned."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    steps = [draw(st.sampled_from([1, 1, 2, 3, -1, -2, 0])) for _ in shape]
    order = draw(st.permutations(range(len(shape))))
    storage = [1 if steps[i] == 0 else shape[i] * abs(steps[i]) for i in order]
    offset = draw(st.sampled_from([0, 0, 1, 4]))
    dtype = np.dtype(dtype)
    count = int(np.prod(storage, dtype=int))
    raw = np.zeros(count * dtype.itemsize + offset, np.uint8)
    base = raw[offset : offset + count * dtype.itemsize].view(dtype).reshape(storage)
    low = 0 if dtype.kind in "ub" else -4
    base[...] = rng.integers(low, 5 if dtype.kind != "b" else 2, storage)
    x = base.transpose(np.argsort(order))
    for axis, step in enumerate(steps):
        index: list[Any] = [slice(None)] * x.ndim
        index[axis] = slice(None, None, step or None)
        x = x[tuple(index)]
    return np.broadcast_to(x, shape) if 0 in steps else x


@QUICK
@given(st.data())
def test_any_shape_layout_and_type(data: st.DataObject) -> None:
    m, k, n = (data.draw(st.integers(0, 40), label=name) for name in "mkn")
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3))
    a = data.draw(layouts((*shapes.input_shapes[0], m, k), data.draw(ANY_DTYPE)))
    b = data.draw(layouts((*shapes.input_shapes[1], k, n), data.draw(ANY_DTYPE)))
    # Small whole numbers: every sum is exact, in whatever order.
    dtype = np.float32 if np.result_type(a, b) in (np.float16, np.float32) else np.float64
    want = np.matmul(a.astype(dtype), b.astype(dtype))
    np.testing.assert_array_equal(kernels.matmul(a, b), want, strict=True)


@QUICK
@given(st.data())
def test_vectors_as_numpy_treats_them(data: st.DataObject) -> None:
    k, n = data.draw(st.integers(0, 70)), data.draw(st.integers(0, 70))
    dtype = data.draw(FLOATS)
    vector = data.draw(layouts((k,), dtype))
    for other, vector_first in (((k, n), True), ((2, 3, k, n), True), ((n, k), False), ((3, n, k), False)):
        x = data.draw(layouts(other, dtype))
        args = (vector, x) if vector_first else (x, vector)
        np.testing.assert_array_equal(kernels.matmul(*args), np.matmul(*args), strict=True)
    # NumPy's product of two vectors is a scalar; ours an array without axes.
    got = kernels.matmul(vector, vector)
    assert got.shape == ()
    assert got == np.matmul(vector, vector)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "m,k,n",
    [
        (1, 768, 768),
        (64, 768, 300),
        (257, 511, 129),
        (1000, 3, 1000),
        (3, 1000, 3),
        (13, 2049, 35),
        (512, 512, 512),
    ],
)
def test_large(m: int, k: int, n: int, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((m, k)).astype(dtype), rng.standard_normal((k, n)).astype(dtype)
    want = a.astype(np.float64) @ b.astype(np.float64)
    bound = np.finfo(dtype).eps * (2 + np.sqrt(k)) * (np.abs(a) @ np.abs(b)).astype(np.float64)
    for x in (a, np.asfortranarray(a), a[::-1][::-1], np.repeat(a, 2, axis=1)[:, ::2]):
        for y in (b, np.asfortranarray(b)):
            assert (np.abs(kernels.matmul(x, y) - want) <= bound).all()


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize(
    ("m", "k", "n"),
    [(33, 100, 2070), (40, 1030, 1025), (129, 513, 97), (300, 600, 33), (250, 250, 250), (1029, 520, 40)],
)
def test_blocks_and_their_edges(m: int, k: int, n: int, threads: int) -> None:
    """Panels, blocks and the threads' shares that end with less than a whole one; whole numbers, so exact."""
    rng = np.random.default_rng(3)
    a, b = (rng.integers(-9, 10, shape).astype(np.float32) for shape in ((m, k), (k, n)))
    spoilt = a.copy()
    spoilt[m - 1, k - 1] = np.inf  # whoever has this share finds that another way is to be taken
    before = kernels.get_num_threads()
    kernels.set_num_threads(threads)
    try:
        for x in (a, spoilt):
            y = b if x is a else np.abs(b) + 1  # no 0 * inf
            want = x.astype(np.float64) @ y
            np.testing.assert_array_equal(kernels.matmul(x, y), want.astype(np.float32), strict=True)
    finally:
        kernels.set_num_threads(before)


@pytest.mark.parametrize("n", [64, 128, 256, 700])
def test_error_is_no_larger_than_numpys(n: int) -> None:
    rng = np.random.default_rng(1)
    for make in (rng.standard_normal, rng.random):
        a, b = (make((n, n)).astype(np.float32) for _ in range(2))
        exact = a.astype(np.float64) @ b.astype(np.float64)
        ours, theirs = (np.sqrt(np.mean((c - exact) ** 2)) for c in (kernels.matmul(a, b), a @ b))
        assert ours <= 1.1 * theirs


@pytest.mark.parametrize("scale_a", [1e-44, 1e-38, 1e-33, 1e-20, 1e-3, 1e18, 1e30, 1e38])
@pytest.mark.parametrize("scale_b", [1e-20, 1.0, 1e20])
def test_every_magnitude_of_float32(scale_a: float, scale_b: float) -> None:
    # Where numbers are split into parts of fewer bits, no part may vanish or overflow.
    rng = np.random.default_rng(8)
    n = 130
    a = (rng.uniform(-1, 1, (n, n)) * scale_a).astype(np.float32)
    b = (rng.uniform(-1, 1, (n, n)) * scale_b).astype(np.float32)
    a[0] = 0
    a[1, 1] = 1
    exact, bound = oracle.matmul(a, b)
    got = kernels.matmul(a, b)
    unit = n * float(np.finfo(np.float32).smallest_subnormal)
    # Partial sums may overflow where the whole sum would not, in whatever order.
    good = np.matmul(np.abs(a).astype(np.longdouble), np.abs(b).astype(np.longdouble)) < 3e38
    assert (np.abs(got - exact)[good] <= (bound + unit)[good]).all()
    assert not np.isfinite(got[np.abs(exact) > 3.5e38]).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_that_are_not_finite(dtype: Any) -> None:
    rng = np.random.default_rng(2)
    for m, k, n in ((1, 9, 9), (9, 9, 1), (5, 40, 33), (100, 300, 70), (150, 300, 600)):
        a, b = rng.standard_normal((m, k)).astype(dtype), rng.standard_normal((k, n)).astype(dtype)
        a[0, k // 2] = np.nan
        b[0, n - 1] = np.inf
        b[k - 1, 0] = -np.inf
        with np.errstate(invalid="ignore"):
            want = np.matmul(a, b)
        got = kernels.matmul(a, b)
        np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
        np.testing.assert_array_equal(got[np.isinf(want)], want[np.isinf(want)])
        np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_smallest_and_largest_numbers(dtype: Any) -> None:
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    for n in (40, 140):
        for value in (tiny, huge):
            x = np.full((n, n), value)
            np.testing.assert_array_equal(kernels.matmul(x, np.eye(n, dtype=dtype)), x)


def test_empty_axes_give_zeros_or_nothing() -> None:
    np.testing.assert_array_equal(kernels.matmul(np.ones((2, 0)), np.ones((0, 3))), np.zeros((2, 3)))
    np.testing.assert_array_equal(kernels.matmul(np.ones(0), np.ones((0, 3))), np.zeros(3))
    assert kernels.matmul(np.ones(0), np.ones(0)) == 0
    assert kernels.matmul(np.ones((0, 4)), np.ones((4, 3))).shape == (0, 3)
    assert kernels.matmul(np.ones((0, 5, 4)), np.ones((4, 3))).shape == (0, 5, 3)
    out = np.full((2, 3), np.nan)
    kernels.matmul(np.ones((2, 0)), np.ones((0, 3)), out=out)
    assert not out.any()


def test_one_matrix_for_a_whole_batch() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((4, 6, 8, 16)).astype(np.float32)
    w = rng.standard_normal((16, 20)).astype(np.float32)
    check(x, w)
    check(x[:, ::2], w)
    check(x.swapaxes(0, 1), w)
    check(np.broadcast_to(x[:1], x.shape), w)
    check(w.T, x.swapaxes(-1, -2))


def test_out() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((5, 7)), rng.standard_normal((7, 5))
    want = kernels.matmul(a, b)
    for out in (
        np.empty((5, 5)),
        np.empty((5, 5), order="F"),
        np.empty((5, 10))[:, ::2],
        np.empty((10, 5))[::-2],
    ):
        assert kernels.matmul(a, b, out=out) is out
        np.testing.assert_array_equal(out, want)
    square = rng.standard_normal((6, 6))
    want = kernels.matmul(square, square)
    kernels.matmul(square, square, out=square)
    np.testing.assert_array_equal(square, want)
    shared = np.arange(40.0)
    a, b, out = shared[:9].reshape(3, 3), shared[9:18].reshape(3, 3), shared[5:14].reshape(3, 3)
    want = kernels.matmul(a.copy(), b.copy())
    kernels.matmul(a, b, out)
    np.testing.assert_array_equal(out, want)


def test_out_that_does_not_fit() -> None:
    a = np.ones((2, 3), np.float32)
    b = np.ones((3, 4), np.float32)
    with pytest.raises(ValueError, match=r"out has shape \(4, 2\), the result has shape \(2, 4\)"):
        kernels.matmul(a, b, np.empty((4, 2), np.float32))
    with pytest.raises(TypeError, match="out has dtype float64, the result has dtype float32"):
        kernels.matmul(a, b, np.empty((2, 4)))
    with pytest.raises(TypeError, match="out must be an array, not list"):
        kernels.matmul(a, b, [[0.0] * 4] * 2)  # type: ignore[call-overload]
    frozen = np.empty((2, 4), np.float32)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        kernels.matmul(a, b, frozen)


@pytest.mark.parametrize(
    "a,b",
    [
        ((2, 3), (4, 5)),
        ((3,), (4,)),
        ((2, 3), (2,)),
        ((2,), (3, 2)),
        ((2, 4, 5), (3, 5, 4)),
        ((1, 0), (1, 0)),
    ],
)
def test_wrong_shapes_name_both(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="matmul") as error:
        kernels.matmul(np.ones(a), np.ones(b))
    assert f"a has shape {a}" in str(error.value)
    assert f"b has shape {b}" in str(error.value)


def test_scalars_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a has shape \(\), b has shape \(2,\)"):
        kernels.matmul(3.0, np.ones(2))


@pytest.mark.parametrize(
    "wrong",
    [
        np.ones((2, 2), complex),
        np.array([["a"]]),
        np.array([[None]]),
        np.array([[1]], "M8[s]"),
        np.ones((2, 2), np.longdouble),
    ],
)
def test_types_without_a_float_meaning_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(TypeError, match="matmul: b has dtype"):
        kernels.matmul(np.ones((2, 2)), wrong)
    with pytest.raises(TypeError, match="matmul: a has dtype"):
        kernels.matmul(wrong, np.ones((2, 2)))


def test_contiguous_input_is_not_copied() -> None:
    # With a limit on the result's size alone nothing shows; the pages touched do.
    import tracemalloc

    a, b, out = (np.ones((600, 600), np.float32) for _ in range(3))
    kernels.matmul(a, b.T, out)
    tracemalloc.start()
    kernels.matmul(a, b, out)
    kernels.matmul(a.T, b.T, out)
    kernels.matmul(a[::-1], b[:, ::-1], out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < a.nbytes / 2


def test_lists_and_subclasses() -> None:
    assert kernels.matmul([[1, 2]], [[3], [4]]).tolist() == [[11.0]]
    masked = np.ma.masked_array(np.eye(2), mask=[[True, False], [False, False]])
    assert type(kernels.matmul(masked, masked)) is np.ndarray
