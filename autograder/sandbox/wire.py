"""Plain data between the trusted process and the sandbox: strict, exact in its types, and never pickle.

Both sides use the same two functions. ``encode`` cuts every value down to plain data before it leaves, so that a
subclass with methods of its own arrives as the base type's value; ``decode`` builds exact types only. What counts as
plain: None, bool, int, float, complex, str, bytes (a bytearray arrives as bytes), list, tuple, dict, set, frozenset,
and NumPy arrays and scalars of boolean, numeric and fixed-length text dtypes. A callable travels as a number that the
other side may call back.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import msgpack
import msgspec
import numpy as np

__all__ = ["MAX_VALUE_BYTES", "NotPlainError", "decode", "encode"]

MAX_VALUE_BYTES = 32 << 20
"""Largest encoded value, in bytes: an array of 4 million float64."""

_ARRAY, _SCALAR, _TUPLE, _SET, _FROZENSET, _COMPLEX, _BIG_INT, _CALLABLE = range(1, 9)
_ARRAY_KINDS = "biufcSU"
_MAX_INT_BYTES = 1 << 20
_MAX_NDIM = 32


class NotPlainError(TypeError):
    """A value that is not plain data, or is too large, and so cannot travel."""


class _ArrayHeader(msgspec.Struct, array_like=True):
    dtype: str
    shape: list[int]
    writeable: bool
    data: memoryview


_array_decoder = msgspec.msgpack.Decoder(_ArrayHeader)


def _pack_array(array: np.ndarray[Any, Any]) -> bytes:
    if array.dtype.kind not in _ARRAY_KINDS:
        raise NotPlainError(f"an array of dtype {array.dtype} is not plain data")
    if array.nbytes > MAX_VALUE_BYTES:  # before any copy: a broadcast view may claim terabytes
        raise NotPlainError(f"an array of {array.nbytes:,} bytes is over the limit of {MAX_VALUE_BYTES:,}")
    header = (array.dtype.str, array.shape, bool(array.flags.writeable), np.ndarray.tobytes(array))
    packed: bytes = msgpack.packb(header)
    return packed


def _unpack_array(data: memoryview) -> np.ndarray[Any, Any]:
    header = _array_decoder.decode(data)
    if len(header.dtype) > 16 or len(header.shape) > _MAX_NDIM:
        raise ValueError("bad array header")
    dtype = np.dtype(header.dtype)
    size = dtype.itemsize
    for length in header.shape:
        if length < 0:
            raise ValueError("bad array shape")
        size *= length
    if dtype.kind not in _ARRAY_KINDS or size != len(header.data) or max(header.shape, default=0) > 1 << 40:
        raise ValueError("bad array header")
    array = (
        np.empty(header.shape, dtype)
        if size == 0
        else np.frombuffer(header.data, dtype).reshape(header.shape).copy()
    )
    array.flags.writeable = header.writeable
    return array


def _encode_other(value: object, register: Callable[[Callable[..., Any]], int] | None) -> object:
    """Called by msgpack for everything that is not exactly None, bool, int, float, str, bytes, list or dict."""

    def inner(items: object) -> bytes:
        return _pack(items, register)

    ext = msgpack.ExtType
    if isinstance(value, np.ndarray):
        if isinstance(value, np.ma.MaskedArray):
            raise NotPlainError("a masked array is not plain data")
        return ext(_ARRAY, _pack_array(np.ndarray.view(value, np.ndarray)))
    if isinstance(value, np.generic):
        return ext(_SCALAR, _pack_array(np.ndarray.view(np.asarray(value), np.ndarray)))
    if isinstance(value, tuple):
        return ext(_TUPLE, inner(list(tuple.__iter__(value))))
    if isinstance(value, set):
        return ext(_SET, inner(list(set.__iter__(value))))
    if isinstance(value, frozenset):
        return ext(_FROZENSET, inner(list(frozenset.__iter__(value))))
    if isinstance(value, complex):
        return ext(_COMPLEX, struct.pack("<dd", value.real, value.imag))
    if isinstance(value, int):
        number = int.__int__(value)
        if -(1 << 63) <= number < 1 << 63:
            return number
        length = number.bit_length() // 8 + 1
        if length > _MAX_INT_BYTES:
            raise NotPlainError(f"an integer of {length:,} bytes is over the limit of {_MAX_INT_BYTES:,}")
        return ext(_BIG_INT, number.to_bytes(length, "little", signed=True))
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return bytes.__bytes__(value)
    if isinstance(value, list):
        return list(list.__iter__(value))
    if isinstance(value, dict):
        return dict(dict.items(value))
    if isinstance(value, Remote):
        return ext(_CALLABLE, struct.pack("<I", value.number))
    if register is not None and callable(value):
        return ext(_CALLABLE, struct.pack("<I", register(value)))
    raise NotPlainError(f"a value of type {type(value).__name__} is not plain data")


def _pack(value: object, register: Callable[[Callable[..., Any]], int] | None) -> bytes:
    packed: bytes = msgpack.packb(
        value, default=lambda other: _encode_other(other, register), strict_types=True
    )
    return packed


def encode(value: object, register: Callable[[Callable[..., Any]], int] | None = None) -> bytes:
    """Encode ``value`` as plain data.

    Args:
        value: what to send.
        register: called for each callable inside ``value``; returns the number by which the other side may call it.
            Without it, a callable is refused.

    Raises:
        NotPlainError: the value, or something inside it, is not plain data or is too large.
    """
    try:
        packed = _pack(value, register)
    except NotPlainError:
        raise
    except UnicodeEncodeError:
        raise NotPlainError("a string with lone surrogates is not plain data") from None
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise NotPlainError(f"the value cannot be sent: {error}") from None
    if len(packed) > MAX_VALUE_BYTES + 4096:
        raise NotPlainError(f"a value of {len(packed):,} bytes is over the limit of {MAX_VALUE_BYTES:,}")
    return packed


class Remote:
    """A function of the other side, known by its number."""

    __slots__ = ("_call", "number")

    def __init__(self, number: int, call: Callable[..., Any]) -> None:
        self.number = number
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(self.number, args, kwargs)


def decode(data: bytes | bytearray | memoryview, call: Callable[..., Any] | None = None) -> Any:
    """Decode plain data; every object in the result has exactly a built-in or NumPy type.

    Args:
        data: what ``encode`` made on the other side (or anything else: it is checked).
        call: ``call(number, args, kwargs)`` calls the other side's function; without it, callables are refused.

    Raises:
        ValueError: the data is malformed.
    """

    def extension(code: int, body: memoryview) -> Any:
        if code == _ARRAY:
            return _unpack_array(body)
        if code == _SCALAR:
            array = _unpack_array(body)
            if array.shape != ():
                raise ValueError("bad scalar")
            return array[()]
        if code in (_TUPLE, _SET, _FROZENSET):
            items = unpack(body)
            if type(items) is not list:
                raise ValueError("bad sequence")
            return {_TUPLE: tuple, _SET: set, _FROZENSET: frozenset}[code](items)
        if code == _COMPLEX:
            return complex(*struct.unpack("<dd", body))
        if code == _BIG_INT and len(body) <= _MAX_INT_BYTES:
            return int.from_bytes(body, "little", signed=True)
        if code == _CALLABLE and call is not None:
            return Remote(struct.unpack("<I", body)[0], call)
        raise ValueError(f"bad extension {code}")

    def unpack(body: bytes | bytearray | memoryview) -> Any:
        return msgspec.msgpack.decode(body, ext_hook=extension)

    try:
        return unpack(data)
    except (msgspec.MsgspecError, TypeError, ValueError, struct.error, OverflowError) as error:
        raise ValueError(f"malformed data: {error}") from None
    except (RecursionError, MemoryError):
        raise ValueError("malformed data: nested too deep or too large") from None
