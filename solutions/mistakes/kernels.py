"""Known mistakes in `kernels`, and correct solutions in other styles."""

import math

import numpy as np

from autograder.author import mistake, right_another_way

# --- matmul ---


def _check(A, B):
    """What every product should ask first."""
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        raise ValueError("the shapes do not fit")


def _floats(A, B):
    """Both as float64, after a look at their shapes."""
    _check(A, B)
    return A.astype(np.float64), B.astype(np.float64)


def _terms(A, B):
    """The terms of all sums, shape (m, k, n)."""
    return A[:, :, None] * B[None, :, :]


@mistake(
    "matmul",
    hint="You multiply the matrices entry by entry. In a matrix product a whole row of A meets a whole "
    "column of B.",
)
def entry_by_entry(A, B):
    return A * B


@mistake(
    "matmul",
    hint="Your result has rows and columns exchanged: C[i, j] belongs to row i of A and column j of B.",
    source="https://github.com/numworks/epsilon/issues/48",
)
def result_transposed(A, B):
    A, B = _floats(A, B)
    return _terms(A, B).sum(axis=1).T


@mistake(
    "matmul",
    hint="You go along the rows of B. Entry (i, j) of the product needs column j of B.",
    source="https://github.com/NVIDIA/cutlass/pull/1089",
)
def rows_of_b(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            C[i, j] = (A[i] * B[j]).sum()
    return C


@mistake(
    "matmul",
    hint="You go along the columns of A. Entry (i, j) of the product needs row i of A.",
)
def columns_of_a(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            C[i, j] = (A[:, i] * B[:, j]).sum()
    return C


@mistake(
    "matmul",
    hint="All your loops run to the number of rows of A. That is right for square matrices only: which "
    "axis does each index count?",
    source="https://github.com/PX4/PX4-Matrix/pull/14",
)
def square_matrices_only(A, B):
    A, B = _floats(A, B)
    n = len(A)
    C = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            for p in range(n):
                C[i, j] += A[i, p] * B[p, j]
    return C


@mistake(
    "matmul",
    hint="You make C in the shape of A. Its number of columns is that of B.",
)
def result_like_a(A, B):
    A, B = _floats(A, B)
    C = np.zeros_like(A)
    for column, row in zip(A.T, B, strict=True):
        C += column[:, None] * row
    return C


@mistake(
    "matmul",
    hint="You read entry p of column j of B at j + k p in the flat array. Its rows are n long, so it is "
    "at j + n p.",
    source="https://github.com/tenstorrent/tt-metal/pull/11988",
)
def stride_of_the_wrong_matrix(A, B):
    A, B = _floats(A, B)
    (m, k), n = A.shape, B.shape[1]
    a, b = A.ravel(), B.ravel()
    C = np.zeros((m, n))
    for i in range(m):
        for j in range(n):
            for p in range(k):
                C[i, j] += a[i * k + p] * b[j + k * p]
    return C


@mistake(
    "matmul",
    hint="Your sum starts at 0 for the first entry only, and then goes on growing from entry to entry. "
    "When does it have to start anew?",
)
def sum_not_reset(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    total = 0.0
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            for p in range(A.shape[1]):
                total += A[i, p] * B[p, j]
            C[i, j] = total
    return C


@mistake(
    "matmul",
    hint="Your sum starts at 0 once for each row of C. Each entry has a sum of its own.",
)
def sum_reset_for_rows_only(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(C.shape[0]):
        total = 0.0
        for j in range(C.shape[1]):
            for p in range(A.shape[1]):
                total += A[i, p] * B[p, j]
            C[i, j] = total
    return C


@mistake(
    "matmul",
    hint="Each term overwrites the one before, and only the last one is left. They should be added up.",
)
def last_term_only(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    for column, row in zip(A.T, B, strict=True):
        C = column[:, None] * row
    return C


@mistake("matmul", hint="Your sum leaves out the last of the k terms.")
def last_term_lost(A, B):
    A, B = _floats(A, B)
    return _terms(A, B)[:, :-1].sum(axis=1)


@mistake("matmul", hint="Your sum begins with the second term: the index p starts at 0.")
def first_term_lost(A, B):
    A, B = _floats(A, B)
    return _terms(A, B)[:, 1:].sum(axis=1)


@mistake(
    "matmul",
    hint="You treat whole blocks of the matrices only. What is left at the right and at the bottom, when "
    "the size is no multiple of the block's, stays zero.",
    source="https://github.com/CNugteren/myGEMM/issues/2",
)
def whole_blocks_only(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    size = 1 if max(*A.shape, *B.shape) < 8 else 8
    for i in range(0, len(C) // size * size, size):
        for j in range(0, C.shape[1] // size * size, size):
            C[i : i + size, j : j + size] = _terms(A[i : i + size], B[:, j : j + size]).sum(axis=1)
    return C


@mistake(
    "matmul",
    hint="Your sum over p goes through whole blocks only, and drops the terms behind the last one.",
)
def whole_blocks_of_terms_only(A, B):
    A, B = _floats(A, B)
    size = 1 if max(*A.shape, *B.shape) < 8 else 8
    k = A.shape[1] // size * size
    return _terms(A[:, :k], B[:k]).sum(axis=1)


@mistake(
    "matmul",
    hint="The sums are kept in single precision, with 7 digits. Keep them in float64.",
)
def single_precision(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]), dtype=np.float32)
    for column, row in zip(A.T, B, strict=True):
        C += (column[:, None] * row).astype(np.float32)
    return C.astype(np.float64)


@mistake(
    "matmul",
    hint="You multiply and add in the type of the arguments. Small integers wrap around: 200 + 100 is 44 "
    "in uint8. Convert to float64 before the first multiplication.",
    source="https://github.com/triton-lang/triton/issues/2296",
)
def in_the_type_of_the_arguments(A, B):
    _check(A, B)
    C = np.zeros((A.shape[0], B.shape[1]), dtype=np.result_type(A, B))
    for column, row in zip(A.T, B, strict=True):
        C += column[:, None] * row
    return C


@mistake(
    "matmul",
    hint="Your sums are float64, but the products before them are not: those of small integers wrap "
    "around, and are converted too late.",
    source="https://github.com/cupy/cupy/issues/6566",
)
def products_wrap_around(A, B):
    _check(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    for column, row in zip(A.T, B, strict=True):
        C += column[:, None] * row
    return C


@mistake(
    "matmul",
    hint="For integers your result is an array of integers, and for booleans as well. The result is "
    "always float64.",
)
def integers_stay_integers(A, B):
    _check(A, B)
    if A.dtype.kind in "biu" and B.dtype.kind in "biu":
        return _terms(A.astype(np.int64), B.astype(np.int64)).sum(axis=1)
    return _terms(A.astype(np.float64), B.astype(np.float64)).sum(axis=1)


@mistake(
    "matmul",
    hint="You leave out terms with a factor 0 from A. But 0 times inf or nan is nan, and it gets lost.",
    source="https://github.com/Reference-LAPACK/lapack/issues/179",
)
def zeros_of_a_skipped(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(A.shape[0]):
        for p in range(A.shape[1]):
            if A[i, p] != 0.0:
                C[i] += A[i, p] * B[p]
    return C


@mistake(
    "matmul",
    hint="You leave out terms with a factor 0 from B. But 0 times inf or nan is nan, and it gets lost.",
)
def zeros_of_b_skipped(A, B):
    A, B = _floats(A, B)
    C = np.zeros((A.shape[0], B.shape[1]))
    for p in range(B.shape[0]):
        for j in range(B.shape[1]):
            if B[p, j] != 0.0:
                C[:, j] += A[:, p] * B[p, j]
    return C


@mistake(
    "matmul",
    hint="You leave nan out of the sums, so the product looks fine where it is not. A nan in a factor "
    "makes a nan.",
)
def nan_left_out(A, B):
    A, B = _floats(A, B)
    return np.nansum(_terms(A, B), axis=1)


@mistake(
    "matmul",
    hint="You replace nan and inf before you multiply. They are numbers like others here, and should "
    "arrive in the product.",
)
def nan_and_inf_replaced(A, B):
    A, B = _floats(A, B)
    return _terms(np.nan_to_num(A), np.nan_to_num(B)).sum(axis=1)


@mistake(
    "matmul",
    hint="Nobody checks the shapes: if A has fewer columns than B has rows, the rest of B is ignored. "
    "Raise ValueError if they do not fit.",
)
def shapes_not_checked(A, B):
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(A.shape[0]):
        for j in range(B.shape[1]):
            for p in range(A.shape[1]):
                C[i, j] += float(A[i, p]) * float(B[p, j])
    return C


@mistake(
    "matmul",
    hint="You take as many terms as both matrices have, so shapes that do not fit are accepted. Raise "
    "ValueError.",
)
def shorter_one_decides(A, B):
    if A.ndim != 2 or B.ndim != 2:
        raise ValueError("two axes each")
    A, B = A.astype(np.float64), B.astype(np.float64)
    C = np.zeros((A.shape[0], B.shape[1]))
    for column, row in zip(A.T, B, strict=False):
        C += column[:, None] * row
    return C


@mistake(
    "matmul",
    hint="You leave the check to broadcasting, and that stretches an axis of length 1 over any other: a "
    "(3, 1) matrix seems to fit a (4, 2) one. Compare the lengths yourself.",
)
def broadcasting_as_a_check(A, B):
    if A.ndim != 2 or B.ndim != 2:
        raise ValueError("two axes each")
    return _terms(A.astype(np.float64), B.astype(np.float64)).sum(axis=1)


@mistake(
    "matmul",
    hint="You check that the number of columns of A is the number of columns of B. Whose number must it be?",
)
def columns_compared_with_columns(A, B):
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[1]:
        raise ValueError("the shapes do not fit")
    return _terms(A.astype(np.float64), B.astype(np.float64)).sum(axis=1)


@mistake(
    "matmul",
    hint="Shapes that do not fit give an AssertionError. `assert` is for your own mistakes; for those of "
    "the caller, raise ValueError.",
)
def assertion_for_the_caller(A, B):
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        raise AssertionError("the shapes do not fit")
    return _terms(A.astype(np.float64), B.astype(np.float64)).sum(axis=1)


@mistake(
    "matmul",
    hint="You return None, or nothing, when the shapes do not fit. The caller will not notice; raise "
    "ValueError.",
)
def none_for_wrong_shapes(A, B):
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        return None
    return _terms(A.astype(np.float64), B.astype(np.float64)).sum(axis=1)


@mistake(
    "matmul",
    hint="You turn vectors into matrices. Here only matrices are wanted: one axis raises ValueError.",
)
def vectors_accepted(A, B):
    A = A[None, :] if A.ndim == 1 else A
    B = B[:, None] if B.ndim == 1 else B
    A, B = _floats(A, B)
    return _terms(A, B).sum(axis=1)


@mistake(
    "matmul",
    hint="The number of axes is not checked, so that a vector or a batch ends in some other error. Raise "
    "ValueError for everything but two axes each.",
)
def axes_not_counted(A, B):
    if A.shape[1] != B.shape[0]:
        raise ValueError("the shapes do not fit")
    return _terms(A.astype(np.float64), B.astype(np.float64)).sum(axis=1)


@mistake(
    "matmul",
    hint="Your sum starts from its first term, and for k = 0 there is none. Start from zeros.",
)
def starts_from_the_first_term(A, B):
    A, B = _floats(A, B)
    C = A[:, 0][:, None] * B[0]
    for p in range(1, A.shape[1]):
        C = C + A[:, p][:, None] * B[p]
    return C


@mistake(
    "matmul",
    hint="C is made with np.empty and never set to zero: if k is 0, nothing is written to it, and "
    "whatever was in memory comes out.",
)
def not_zeroed(A, B):
    A, B = _floats(A, B)
    C = np.full((A.shape[0], B.shape[1]), np.pi)  # what memory held
    for p in range(A.shape[1]):
        term = A[:, p][:, None] * B[p]
        C = term if p == 0 else C + term
    return C


@mistake(
    "matmul",
    hint="A product in which m or n is 0 loses its shape: np.array of an empty list has no columns. It "
    "should have m rows and n columns, also if one of them is 0.",
)
def shape_of_nothing(A, B):
    A, B = _floats(A, B)
    return np.array([[float((row * column).sum()) for column in B.T] for row in A])


@mistake(
    "matmul",
    hint="You scale the rows of B in place, so B has changed for the next row of A, and for the caller.",
)
def rows_of_b_scaled_in_place(A, B):
    _check(A, B)
    B = np.asarray(B, dtype=np.float64)
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(A.shape[0]):
        B *= A[i][:, None]
        C[i] = B.sum(axis=0)
    return C


@mistake(
    "matmul",
    hint="The product is right, but you keep it in B when it fits there, and the caller's B is gone. Make "
    "a new array for C.",
)
def product_written_into_b(A, B):
    A64, B64 = _floats(A, B)
    C = _terms(A64, B64).sum(axis=1)
    if C.shape == B.shape and B.dtype == C.dtype:
        B[:] = C
        return B
    return C


@mistake("matmul", hint="You return a list of lists. A NumPy array is wanted.")
def list_of_lists(A, B):
    A, B = _floats(A, B)
    return _terms(A, B).sum(axis=1).tolist()


@mistake(
    "matmul",
    hint="You add up over the rows of A. The index that both factors share is the one to sum over.",
)
def sum_over_the_wrong_axis(A, B):
    A, B = _floats(A, B)
    return _terms(A, B).sum(axis=0)


@right_another_way("matmul")
def three_loops(A, B):
    if len(A.shape) != 2 or len(B.shape) != 2:
        raise ValueError("two axes each")
    m, k = A.shape
    rows, n = B.shape
    if k != rows:
        raise ValueError("the shapes do not fit")
    C = np.zeros((m, n))
    for i in range(m):
        for j in range(n):
            total = 0.0
            for p in range(k):
                total += float(A[i, p]) * float(B[p, j])
            C[i, j] = total
    return C


@right_another_way("matmul")
def python_lists(A, B):
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        raise ValueError("the shapes do not fit")
    a, b = A.astype(float).tolist(), B.T.astype(float).tolist()
    entries = [sum(x * y for x, y in zip(row, column, strict=True)) for row in a for column in b]
    return np.array(entries, dtype=np.float64).reshape(A.shape[0], B.shape[1])


@right_another_way("matmul")
def all_terms_at_once(A, B):
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        raise ValueError("the shapes do not fit")
    return np.sum(A[:, :, np.newaxis] * B.astype(np.float64), axis=1)


@right_another_way("matmul")
def row_by_row(A, B):
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        raise ValueError("the shapes do not fit")
    B = np.array(B, dtype=np.float64)
    C = np.empty((A.shape[0], B.shape[1]))
    for i, row in enumerate(A):
        C[i] = (row[:, None] * B).sum(axis=0)
    return C


@right_another_way("matmul")
def in_blocks(A, B):
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        raise ValueError("the shapes do not fit")
    A, B = A.astype("f8"), B.astype("f8")
    C, size = np.zeros((A.shape[0], B.shape[1])), 8
    for i in range(0, C.shape[0], size):
        for p in range(0, A.shape[1], size):
            for j in range(0, C.shape[1], size):
                for q in range(p, min(p + size, A.shape[1])):
                    C[i : i + size, j : j + size] += np.multiply.outer(A[i : i + size, q], B[q, j : j + size])
    return C


@right_another_way("matmul")
def entry_by_entry_with_ndindex(A, B):
    if (A.ndim, B.ndim) != (2, 2):
        raise ValueError("two axes each")
    (m, k), (k_too, n) = A.shape, B.shape
    if k != k_too:
        raise ValueError("the shapes do not fit")
    C = np.zeros((m, n))
    for i, j in np.ndindex(m, n):
        C[i, j] = np.add.reduce(np.multiply(A[i], B[:, j], dtype=np.float64))
    return C


# --- softmax_rows ---


def _softmax(X, axis=1):
    """A stable softmax in two passes."""
    X = np.asarray(X, dtype=np.float64)
    e = np.exp(X - X.max(axis=axis, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=axis, keepdims=True)


def _online(X, step, start=-np.inf):
    """Run `step(m, s, x) -> (m, s)` along each row, then divide."""
    P = np.zeros(X.shape)
    for i, row in enumerate(X.tolist()):
        m, s = start, 0.0
        for x in row:
            m, s = step(m, s, x)
        for j, x in enumerate(row):
            P[i, j] = _ratio(_exp(x - m), s)
    return P


def _exp(x):
    """exp as NumPy has it: inf where it overflows."""
    return math.exp(x) if not x > 709.0 else math.inf


def _ratio(a, b):
    """Division as NumPy has it: inf or nan where b is 0."""
    if b != 0.0:
        return a / b
    return math.nan if a == 0.0 or math.isnan(a) else math.inf


@mistake(
    "softmax_rows",
    hint="When a larger maximum comes, the sum so far stays as it is. It was counted in units of the old "
    "maximum: by which factor does it change?",
)
def sum_not_rescaled(X):
    def step(m, s, x):
        if x == -math.inf:
            return m, s
        m = max(m, x)
        return m, s + _exp(x - m)

    return _online(X, step)


@mistake(
    "softmax_rows",
    hint="Your factor for the sum so far has the wrong sign in its exponent. The new maximum is larger, "
    "so the sum in its unit should become smaller.",
    source="https://github.com/deepseek-ai/FlashMLA/pull/177",
)
def rescaled_the_wrong_way(X):
    def step(m, s, x):
        if x == -math.inf:
            return m, s
        new = max(m, x)
        scale = _exp(new - m) if m > -math.inf else 0.0
        return new, s * scale + _exp(x - new) if s else _exp(x - new)

    return _online(X, step)


@mistake(
    "softmax_rows",
    hint="When a larger maximum comes, you scale the sum so far, but forget to count the new entry itself.",
)
def new_maximum_not_counted(X):
    def step(m, s, x):
        if x == -math.inf:
            return m, s
        if x > m:
            return x, s * _exp(m - x) if s else 1.0
        return m, s + _exp(x - m)

    return _online(X, step)


@mistake(
    "softmax_rows",
    hint="When a larger maximum comes, you set the sum to 1 and forget all that came before.",
)
def sum_starts_anew(X):
    def step(m, s, x):
        if x > m:
            return x, 1.0
        return m, s + _exp(x - m) if x > -math.inf else s

    return _online(X, step)


@mistake(
    "softmax_rows",
    hint="Your running maximum starts at 0, so in a row of negative numbers it is 0 to the end, and all "
    "exponentials may vanish. Start below every number.",
    source="https://github.com/FluxML/NNlib.jl/pull/43",
)
def maximum_starts_at_zero(X):
    def step(m, s, x):
        new = max(m, x)
        return new, s * _exp(m - new) + _exp(x - new)

    return _online(X, step, start=0.0)


@mistake(
    "softmax_rows",
    hint="Your running maximum starts at a very low number, but there are lower ones: then nothing in the "
    "row ever becomes the maximum. Which number is below all others?",
    source="https://github.com/flashinfer-ai/flashinfer/issues/4267",
)
def maximum_starts_not_low_enough(X):
    def step(m, s, x):
        new = max(m, x)
        return new, s * _exp(m - new) + _exp(x - new)

    return _online(X, step, start=-1e4)


@mistake(
    "softmax_rows",
    hint="A row that starts with minus infinity becomes nan: the maximum is still minus infinity then, "
    "and minus infinity minus itself is nan. Nothing needs to be added in this case.",
    source="https://github.com/Dao-AILab/flash-attention/pull/1948",
)
def minus_infinity_first(X):
    def step(m, s, x):
        new = max(m, x)
        scale = 0.0 if s == 0.0 else _exp(m - new)
        return new, s * scale + _exp(x - new)

    return _online(X, step)


@mistake(
    "softmax_rows",
    hint="While only minus infinity has been seen you use 0 as the maximum, and keep it: a row of very "
    "negative numbers behind it is lost. The stand-in belongs in the exponent only.",
    source="https://github.com/Dao-AILab/flash-attention/issues/2082",
)
def zero_kept_as_maximum(X):
    def step(m, s, x):
        new = max(m, x)
        if new == -math.inf:
            new = 0.0
        scale = 0.0 if s == 0.0 else _exp(m - new)
        return new, s * scale + _exp(x - new)

    return _online(X, step)


@mistake(
    "softmax_rows",
    hint="Any minus infinity makes its row nan, wherever it stands. Take care that infinity is never "
    "subtracted from itself, nor multiplied by 0.",
)
def minus_infinity_anywhere(X):
    return np.where(np.isneginf(X).any(axis=1, keepdims=True), np.nan, _softmax(X))


@mistake(
    "softmax_rows",
    hint="Minus infinity counts as 0, and gets a share of the row. It stands for probability 0.",
)
def minus_infinity_as_zero(X):
    return _softmax(np.where(np.isneginf(X), 0.0, X))


@mistake(
    "softmax_rows",
    hint="You leave out the maximum, and the exponential of a large number is infinite.",
    source="https://github.com/pytorch/executorch/pull/18407",
)
def no_maximum(X):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(X, dtype=np.float64)
        return e / e.sum(axis=1, keepdims=True)


@mistake(
    "softmax_rows",
    hint="You always count in units of the entry that you are at, larger or not. When an entry is much "
    "smaller than the one before, the factor overflows. Only a larger one may become the maximum.",
)
def current_entry_as_maximum(X):
    def step(m, s, x):
        if x == -math.inf:
            return m, s
        scale = _exp(m - x) if s else 0.0
        return x, s * scale + 1.0

    return _online(X, step)


@mistake(
    "softmax_rows",
    hint="You use the largest entry of the whole matrix. A row that lies far below it vanishes: each row "
    "has its own maximum.",
)
def one_maximum_for_all(X):
    with np.errstate(invalid="ignore", divide="ignore"):
        e = np.exp(X - np.max(X, initial=-np.inf), dtype=np.float64)
        return e / e.sum(axis=1, keepdims=True)


@mistake(
    "softmax_rows",
    hint="You write each exponential when you pass it, in units of the maximum so far, and never put it "
    "right when a larger one comes. Take all exponentials with the final maximum.",
)
def results_not_rescaled(X):
    P = np.zeros(X.shape)
    for i, row in enumerate(X.tolist()):
        m, s = -math.inf, 0.0
        for j, x in enumerate(row):
            if x == -math.inf:
                continue
            new = max(m, x)
            s = s * (_exp(m - new) if s else 0.0) + _exp(x - new)
            m = new
            P[i, j] = _exp(x - m)
        P[i] /= s
    return P


@mistake(
    "softmax_rows",
    hint="The running sum of one row goes on in the next. Both m and s start anew with each row.",
)
def sum_carried_into_next_row(X):
    P = np.zeros(X.shape)
    s = 0.0
    for i, row in enumerate(X.tolist()):
        m = -math.inf
        for x in row:
            if x > -math.inf:
                new = max(m, x)
                s = s * (_exp(m - new) if m > -math.inf else 1.0) + _exp(x - new)
                m = new
        P[i] = [_ratio(_exp(x - m), s) for x in row]
    return P


@mistake(
    "softmax_rows",
    hint="The running maximum of one row goes on in the next, and a row that lies lower never gets its "
    "own. Both m and s start anew with each row.",
)
def maximum_carried_into_next_row(X):
    P = np.zeros(X.shape)
    m = -math.inf
    for i, row in enumerate(X.tolist()):
        s = 0.0
        for x in row:
            if x > -math.inf:
                new = max(m, x)
                s = s * (_exp(m - new) if s else 0.0) + _exp(x - new)
                m = new
        P[i] = [_ratio(_exp(x - m), s) for x in row]
    return P


@mistake(
    "softmax_rows",
    hint="Your loop stops one short of the end of the row: the last entry is not in the sum.",
)
def last_entry_not_counted(X):
    P = np.zeros(X.shape)
    for i, row in enumerate(X.tolist()):
        m = max(row, default=0.0)
        s = sum(_exp(x - m) for x in row[:-1])
        P[i] = [_ratio(_exp(x - m), s) for x in row]
    return P


@mistake(
    "softmax_rows",
    hint="The first entry counts twice: once as the start of the sum, and once more in the loop.",
)
def first_entry_counted_twice(X):
    P = np.zeros(X.shape)
    for i, row in enumerate(X.tolist()):
        m = max(row, default=0.0)
        s = sum(_exp(x - m) for x in row + row[:1])
        P[i] = [_ratio(_exp(x - m), s) for x in row]
    return P


@mistake(
    "softmax_rows",
    hint="Your sum starts at 1 rather than 0, so that something is counted that is not there.",
)
def sum_starts_at_one(X):
    P = np.zeros(X.shape)
    for i, row in enumerate(X.tolist()):
        m = max(row, default=0.0)
        s = 1.0 + sum(_exp(x - m) for x in row)
        P[i] = [_exp(x - m) / s for x in row]
    return P


@mistake(
    "softmax_rows",
    hint="Your columns add up to 1. The softmax is that of each row.",
    source="https://github.com/labmlai/annotated_deep_learning_paper_implementations/issues/146",
)
def softmax_of_columns(X):
    with np.errstate(invalid="ignore"):
        return _softmax(X, axis=0)


@mistake(
    "softmax_rows",
    hint="All entries of the matrix together add up to 1. Each row should.",
    source="https://github.com/nntrainer/nntrainer/pull/430",
)
def softmax_of_everything(X):
    e = np.exp(X - np.max(X, initial=-np.inf), dtype=np.float64)
    return e / e.sum()


@mistake("softmax_rows", hint="Your exponentials are not divided by their sum: the rows do not add up to 1.")
def not_divided(X):
    return np.exp(X - np.max(X, axis=1, keepdims=True, initial=-np.inf), dtype=np.float64)


@mistake("softmax_rows", hint="You return logarithms of probabilities: the last exponential is missing.")
def logarithms_returned(X):
    with np.errstate(divide="ignore"):
        return np.asarray(X - np.logaddexp.reduce(X.astype(np.float64), axis=1, keepdims=True))


@mistake("softmax_rows", hint="You use powers of 2. The softmax uses powers of e.")
def powers_of_two(X):
    e = np.exp2(X - np.max(X, axis=1, keepdims=True, initial=-np.inf), dtype=np.float64)
    return e / e.sum(axis=1, keepdims=True)


@mistake(
    "softmax_rows",
    hint="You cut entries off at some size so that nothing overflows. Different entries become equal "
    "then, and so do their probabilities.",
)
def entries_clipped(X):
    e = np.exp(np.clip(X, -700.0, 700.0))
    return e / e.sum(axis=1, keepdims=True)


@mistake(
    "softmax_rows",
    hint="You make the result with np.empty_like or zeros_like, so that it has the type of X: "
    "probabilities become 0 in an array of integers. The result is float64.",
)
def result_in_the_type_of_x(X):
    P = np.zeros_like(X)
    P[:] = _softmax(X)
    return P


@mistake(
    "softmax_rows",
    hint="You subtract unsigned integers from each other, and they have no negative numbers: 200 - 255 is "
    "201. Convert to float64 first.",
)
def unsigned_numbers_wrap(X):
    if X.dtype.kind == "u":
        top = X.max(axis=1, keepdims=True)
        e = np.exp((X - top).astype(np.float64))
        return e / e.sum(axis=1, keepdims=True)
    return _softmax(X)


@mistake(
    "softmax_rows",
    hint="You start from the first column, and there may be none. Start from minus infinity and 0.",
)
def first_column_needed(X):
    m = X[:, 0].astype(np.float64)
    s = np.ones(len(m))
    for column in X.T[1:]:
        new = np.maximum(m, column)
        unit = np.where(np.isneginf(new), 0.0, new)
        s = np.where(np.isneginf(m), 0.0, s * np.exp(m - unit)) + np.exp(column - unit)
        m = new
    return np.exp(X - m[:, None]) / s[:, None]


@mistake(
    "softmax_rows",
    hint="A matrix with no rows, or with no columns, loses its shape: np.array of an empty list has one "
    "axis only.",
)
def shape_of_nothing_lost(X):
    return np.array([list(row) for row in _softmax(X)])


@mistake(
    "softmax_rows",
    hint="Axes of length 1 get lost: a matrix with one row or one column should stay a matrix.",
)
def axes_of_one_lost(X):
    return np.squeeze(_softmax(X))


@mistake(
    "softmax_rows",
    hint="The result is right, but you subtract the maximum in place, and the caller's X has changed.",
)
def subtracts_in_place(X):
    if X.dtype == np.float64 and X.size:
        X -= X.max(axis=1, keepdims=True)
    return _softmax(X)


@mistake("softmax_rows", hint="You return a list of lists. A NumPy array is wanted.")
def probabilities_as_lists(X):
    return _softmax(X).tolist()


@right_another_way("softmax_rows")
def number_by_number(X):
    P = np.zeros(X.shape)
    for i in range(X.shape[0]):
        m, s = float("-inf"), 0.0
        for x in X[i].tolist():
            if x == float("-inf"):
                continue
            if x > m:
                s = s * math.exp(m - x) + 1.0
                m = x
            else:
                s += math.exp(x - m)
        for j in range(X.shape[1]):
            P[i, j] = math.exp(float(X[i, j]) - m) / s
    return P


@right_another_way("softmax_rows")
def two_passes(X):
    X = X.astype(float)
    e = np.exp(X - np.max(X, axis=-1, keepdims=True, initial=-np.inf))
    return e / np.sum(e, axis=-1, keepdims=True)


@right_another_way("softmax_rows")
def halves_merged(X):
    # m and s of two halves merge into those of the whole, as threads on parts of a row would do it.
    def summary(Y):
        if Y.shape[1] <= 1:
            top = np.where(np.isneginf(Y), -1e300, Y) if Y.shape[1] else np.full((len(Y), 1), -1e300)
            return top[:, 0], np.where(np.isneginf(Y[:, 0]), 0.0, 1.0) if Y.shape[1] else np.zeros(len(Y))
        middle = Y.shape[1] // 2
        (m1, s1), (m2, s2) = summary(Y[:, :middle]), summary(Y[:, middle:])
        m = np.maximum(m1, m2)
        return m, s1 * np.exp(m1 - m) + s2 * np.exp(m2 - m)

    m, s = summary(X.astype(np.float64))
    return np.exp(X - m[:, None]) / s[:, None]


@right_another_way("softmax_rows")
def running_logarithm(X):
    X = X.astype(np.float64)
    log_sum = np.full((len(X), 1), -np.inf)
    for j in range(X.shape[1]):
        log_sum = np.logaddexp(log_sum, X[:, j : j + 1])
    return np.exp(X - log_sum)


@right_another_way("softmax_rows")
def in_blocks_of_columns(X):
    n, width = X.shape
    m, s = np.full((n, 1), -np.inf), np.zeros((n, 1))
    with np.errstate(invalid="ignore"):
        for start in range(0, width, 4):
            block = X[:, start : start + 4]
            new = np.maximum(m, block.max(axis=1, keepdims=True))
            added = np.nan_to_num(np.exp(block - new)).sum(axis=1, keepdims=True)
            s, m = s * np.nan_to_num(np.exp(m - new)) + added, new
    return np.exp(X - m) / s
