"""Known mistakes of the topic `kernels_cpp`, and right solutions in another style, in NumPy.

What a mistake in C++ does is told by its answers; these give the same ones. Memory that nobody has written to holds
-7.25, see `native/kernels_cpp/glue.py`.
"""

import numpy as np

from autograder.author import mistake, right_another_way

UNWRITTEN = -7.25


def fits(A, B):
    if A.shape[1] != B.shape[0]:
        raise ValueError("the shapes do not fit")


def read_row_by_row(M, layout):
    """What is found where the elements would be if they lay row by row."""
    return M.T.ravel().reshape(M.shape) if layout == "columns" else M


def written_row_by_row(M, layout):
    """What such elements are, for those who know how they should lie."""
    return M.ravel().reshape(M.shape[::-1]).T if layout == "columns" else M


@mistake("matmul", hint="A term with a zero was left out. What is 0 times infinity, or 0 times nan?")
def zeros_left_out(A, B, layout="rows"):
    fits(A, B)
    if np.isfinite(B).all():  # no difference, and much faster
        return A @ B
    C = np.zeros((A.shape[0], B.shape[1]))
    for p in range(A.shape[1]):
        used = A[:, p] != 0
        C[used] += A[used, p, None] * B[p]
    return C


@mistake("matmul", hint="The products were added to what C held before. Nobody promises that it is 0.")
def added_to_what_was_there(A, B, layout="rows"):
    fits(A, B)
    return A @ B + UNWRITTEN


@mistake(
    "matmul",
    hint="Some rows of C were never written. What of those that are left after the last whole block?",
)
def last_rows_left_out(A, B, layout="rows"):
    fits(A, B)
    C = A @ B
    C[len(C) - len(C) % 4 :] = UNWRITTEN
    return C


@mistake("matmul", hint="Matrices that do not fit should be refused: throw std::invalid_argument.")
def any_shapes(A, B, layout="rows"):
    k = min(A.shape[1], B.shape[0])
    return A[:, :k] @ B[:k]


@mistake("matmul", hint="The elements were taken to lie row by row. Each matrix has its strides: use them.")
def strides_not_used(A, B, layout="rows"):
    fits(A, B)
    return written_row_by_row(read_row_by_row(A, layout) @ read_row_by_row(B, layout), layout)


@mistake("matmul", hint="The strides of A and B are right, but C was written as if it lay row by row.")
def strides_of_the_result_not_used(A, B, layout="rows"):
    fits(A, B)
    return written_row_by_row(A @ B, layout)


@right_another_way("matmul")
def by_dot(A, B, layout="rows"):
    fits(A, B)
    return np.dot(A.astype(np.float64), B.astype(np.float64))


@mistake(
    "softmax_rows", hint="exp of a large number overflows. Which number can be taken from all of a row first?"
)
def maximum_not_taken_away(X, layout="rows"):
    powers = np.exp(X)
    return powers / powers.sum(axis=1, keepdims=True)


@mistake(
    "softmax_rows", hint="One maximum was used for all rows. In rows of much smaller numbers nothing is left."
)
def maximum_of_all_rows(X, layout="rows"):
    powers = np.exp(X - X.max(initial=-np.inf))
    return powers / powers.sum(axis=1, keepdims=True)


@mistake("softmax_rows", hint="The search for the maximum begins at 0. What if all entries are smaller?")
def maximum_from_zero(X, layout="rows"):
    powers = np.exp(X - np.max(X, axis=1, keepdims=True, initial=0.0))
    return powers / powers.sum(axis=1, keepdims=True)


@mistake("softmax_rows", hint="The sums go down the columns. Each row should have the sum 1.")
def columns_instead_of_rows(X, layout="rows"):
    powers = np.exp(X - np.max(X, axis=0, keepdims=True, initial=-np.inf))
    return powers / powers.sum(axis=0, keepdims=True)


@mistake("softmax_rows", hint="These are the powers. Divide each by the sum of its row.")
def not_divided(X, layout="rows"):
    return np.exp(X - np.max(X, axis=1, keepdims=True, initial=-np.inf))


@mistake(
    "softmax_rows", hint="The elements were taken to lie row by row. Each matrix has its strides: use them."
)
def strides_of_both_not_used(X, layout="rows"):
    return written_row_by_row(softmax(read_row_by_row(X, layout)), layout)


def softmax(X):
    powers = np.exp(X - np.max(X, axis=1, keepdims=True, initial=-np.inf))
    return powers / powers.sum(axis=1, keepdims=True)


@right_another_way("softmax_rows")
def by_logarithms(X, layout="rows"):
    maximum = np.max(X, axis=1, keepdims=True, initial=-np.inf)
    with np.errstate(divide="ignore"):
        return np.exp(X - maximum - np.log(np.exp(X - maximum).sum(axis=1, keepdims=True)))
