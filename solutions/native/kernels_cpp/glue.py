"""Makes Python functions of the compiled exercises. Runs in the submission's process, with `library` loaded."""

import ctypes

import numpy as np

GAP = -7.25  # what lies between elements, and has to stay there


class Matrix(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("rows", ctypes.c_ssize_t),
        ("columns", ctypes.c_ssize_t),
        ("row_stride", ctypes.c_ssize_t),
        ("column_stride", ctypes.c_ssize_t),
    ]


def described(view):
    """A matrix as the header has it."""
    rows, columns = view.shape
    return Matrix(view.ctypes.data, rows, columns, *(stride // 8 for stride in view.strides))


def room(shape, layout):
    """Memory for a matrix, and the matrix in it.

    "rows" and "columns" lie one after another, "reversed" likewise but from the last element to the first, "spread" has
    gaps between columns and between rows.
    """
    rows, columns = shape
    if layout == "columns":
        memory = np.full((columns, rows), GAP)
        return memory, memory.T
    if layout == "spread":
        memory = np.full((rows + 2, 2 * columns + 3), GAP)
        return memory, memory[1 : rows + 1, 1 : 2 * columns + 1 : 2]
    memory = np.full((rows, columns), GAP)
    return memory, memory[::-1, ::-1] if layout == "reversed" else memory


def placed(values, layout):
    """A copy of a matrix in such memory."""
    values = np.asarray(values, dtype=np.float64)
    _, view = room(values.shape, layout)
    view[...] = values
    return view


def result_of(name, shape, layout, *arguments):
    """Call an exercise; its result is in fresh memory, whose gaps have to stay as they are."""
    memory, view = room(shape, layout)
    message = ctypes.create_string_buffer(400)
    matrices = [described(matrix) for matrix in (*arguments, view)]
    function = getattr(library, f"call_{name}")  # noqa: F821 - the engine has loaded it
    outcome = function(*map(ctypes.byref, matrices), message, ctypes.c_size_t(400))
    text = message.value.decode("utf-8", "replace")
    if outcome == 1:
        raise ValueError(text)
    if outcome == 2:
        raise NotImplementedError("not done yet")
    if outcome == 3:
        raise NotImplementedError(f"there is no {name} with the arguments that the header has")
    if outcome:
        raise MemoryError if outcome == 4 else RuntimeError(f"{name} threw an exception: {text}")
    result = view.copy()
    view[...] = GAP
    if not (memory == GAP).all():
        raise RuntimeError(f"{name} wrote between the elements of its result")
    return result


def matmul(A, B, layout="rows"):
    """The exercise on matrices of this layout."""
    A, B = placed(A, layout), placed(B, layout)
    return result_of("matmul", (A.shape[0], B.shape[1]), layout, A, B)


def softmax_rows(X, layout="rows"):
    X = placed(X, layout)
    return result_of("softmax_rows", X.shape, layout, X)
