"""Types of the compiled module; the docstrings are in csrc/docs.hpp."""

from typing import Any, Literal, SupportsIndex, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

__version__: str

_T = TypeVar("_T", np.float32, np.float64)
_Float = NDArray[np.float32 | np.float64]

@overload
def matmul(a: NDArray[_T], b: NDArray[_T], out: NDArray[_T] | None = None) -> NDArray[_T]: ...
@overload
def matmul(a: ArrayLike, b: ArrayLike, out: NDArray[Any] | None = None) -> _Float: ...
@overload
def softmax(x: NDArray[_T], axis: SupportsIndex = -1, out: NDArray[_T] | None = None) -> NDArray[_T]: ...
@overload
def softmax(x: ArrayLike, axis: SupportsIndex = -1, out: NDArray[Any] | None = None) -> _Float: ...
@overload
def log_softmax(x: NDArray[_T], axis: SupportsIndex = -1, out: NDArray[_T] | None = None) -> NDArray[_T]: ...
@overload
def log_softmax(x: ArrayLike, axis: SupportsIndex = -1, out: NDArray[Any] | None = None) -> _Float: ...
def nll_loss(logits: ArrayLike, ids: ArrayLike) -> float: ...
@overload
def attention(
    q: NDArray[_T],
    k: NDArray[_T],
    v: NDArray[_T],
    mask: ArrayLike | None = None,
    causal: bool = False,
    return_weights: Literal[False] = False,
    out: NDArray[_T] | None = None,
) -> NDArray[_T]: ...
@overload
def attention(
    q: NDArray[_T],
    k: NDArray[_T],
    v: NDArray[_T],
    mask: ArrayLike | None = None,
    causal: bool = False,
    *,
    return_weights: Literal[True],
    out: NDArray[_T] | None = None,
) -> tuple[NDArray[_T], NDArray[_T]]: ...
@overload
def attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    mask: ArrayLike | None = None,
    causal: bool = False,
    return_weights: Literal[False] = False,
    out: NDArray[Any] | None = None,
) -> _Float: ...
@overload
def attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    mask: ArrayLike | None = None,
    causal: bool = False,
    *,
    return_weights: Literal[True],
    out: NDArray[Any] | None = None,
) -> tuple[_Float, _Float]: ...
@overload
def attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    mask: ArrayLike | None,
    causal: bool,
    return_weights: Literal[True],
    out: NDArray[Any] | None = None,
) -> tuple[_Float, _Float]: ...
def get_num_threads() -> int: ...
def set_num_threads(n: int) -> None: ...
def cpu_features() -> dict[str, bool]: ...
def instruction_set() -> str: ...
def _count_lost_tasks(loops: int, n: int) -> int: ...
