# # Kernels in C++: fast, and inside its memory
"""The two kernels in NumPy, for tests and known mistakes to compare with. The exercise itself is `kernels_cpp.cpp`.

`layout` says how the matrices lie in memory (see `native/kernels_cpp/glue.py`); for the results it makes no difference.
"""

import numpy as np


def matmul(A: np.ndarray, B: np.ndarray, layout: str = "rows") -> np.ndarray:
    if A.shape[1] != B.shape[0]:
        raise ValueError("the shapes of A, B and C do not fit")
    return A.astype(np.float64) @ B.astype(np.float64)


def softmax_rows(X: np.ndarray, layout: str = "rows") -> np.ndarray:
    powers = np.exp(X - np.max(X, axis=1, keepdims=True, initial=-np.inf))
    return powers / powers.sum(axis=1, keepdims=True)
