"""Plain data between the trusted process and the sandbox: strict, exact in its types, and never pickle.

Both sides use the same two functions. ``encode`` cuts every value down to plain data before it leaves, so
that a subclass with methods of its own arrives as the base type's value; ``decode`` builds exact types only.
What counts as plain: None, bool, int, float, complex, str, bytes (a bytearray arrives as bytes), list, tuple,
dict, set, frozenset, and NumPy arrays and scalars of boolean, numeric and fixed-length text dtypes. A
callable travels as a number that the other side may call back.
"""

from __future__ import annotations

import datetime
import math
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgpack
import msgspec
import numpy as np

__all__ = ["MAX_VALUE_BYTES", "NotPlainError", "decode", "encode"]

MAX_VALUE_BYTES = 32 << 20
"""Largest encoded value, in bytes: an array of 4 million float64."""

_ARRAY, _SCALAR, _TUPLE, _SET, _FROZENSET, _COMPLEX, _BIG_INT, _CALLABLE = range(1, 9)
_ARRAY_KINDS = "biufcSU"
_DTYPE = re.compile(rf"[<>|][{_ARRAY_KINDS}][0-9]{{1,9}}")
_MAX_INT_BYTES = 1 << 20
_MAX_NDIM = 32
_MAX_ITEMS = 1 << 20
_EXTENSION_ITEMS = 2
"""What a value counts that is built in Python: a tuple, a set, an array."""
_SMALL_BYTES = 1 << 12
"""An encoded value that is too small to be worth weighing."""
_MANY_KEYS, _MAX_SAME_HASH = 100, 100
_TIMESTAMP = 0xFF
_TIMESTAMPS = re.compile(rb"[\xd4-\xd8]\xff|\xc7.\xff|\xc8..\xff|\xc9....\xff", re.DOTALL)
"""How msgpack's own dates may begin: the one type that msgspec builds without being asked, also where the length is not
written in the shortest form."""


class NotPlainError(TypeError):
    """A value that is not plain data, or is too large, and so cannot travel."""


class _ArrayHeader(msgspec.Struct, array_like=True):
    dtype: str
    shape: list[int]
    writeable: bool
    data: memoryview


_array_decoder = msgspec.msgpack.Decoder(_ArrayHeader)


def _room(shape: Iterable[int], itemsize: int) -> int:
    """Bytes of an array, with empty axes counted as 1: a sum over one has the size of the others."""
    return math.prod(max(length, 1) for length in shape) * itemsize


def _is_text(codes: np.ndarray[Any, Any]) -> bool:
    """Whether these are Unicode characters; NumPy does not look, and crashes or lies on what is none."""
    return not bool(np.any((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))))


def _codes(data: bytes | memoryview, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    return np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))


def _pack_array(array: np.ndarray[Any, Any]) -> bytes:
    dtype = array.dtype
    if dtype.kind not in _ARRAY_KINDS:
        raise NotPlainError(f"an array of dtype {dtype} is not plain data")
    if array.ndim > _MAX_NDIM:
        raise NotPlainError(f"an array of {array.ndim} dimensions is over the limit of {_MAX_NDIM}")
    size = _room(array.shape, dtype.itemsize)  # before any copy: a broadcast view may claim terabytes
    if size > MAX_VALUE_BYTES:
        raise NotPlainError(f"an array of {size:,} bytes is over the limit of {MAX_VALUE_BYTES:,}")
    if dtype.itemsize == 0:  # empty text; NumPy itself makes it one character wide wherever it can
        return _pack_array(array.astype(f"{dtype.kind}1"))
    data = np.ndarray.tobytes(array)
    if dtype.kind == "U" and not _is_text(_codes(data, dtype)):
        raise NotPlainError("text with lone surrogates is not plain data")
    packed: bytes = msgpack.packb((dtype.str, array.shape, bool(array.flags.writeable), data))
    return packed


def _unpack_array(data: memoryview) -> np.ndarray[Any, Any]:
    header = _array_decoder.decode(data)
    if not _DTYPE.fullmatch(header.dtype) or len(header.shape) > _MAX_NDIM:
        raise ValueError("bad array header")
    dtype = np.dtype(header.dtype)
    if dtype.itemsize == 0 or min(header.shape, default=0) < 0:
        raise ValueError("bad array header")
    if math.prod(header.shape) * dtype.itemsize != len(header.data):
        raise ValueError("an array's size is not that of its data")
    if _room(header.shape, dtype.itemsize) > MAX_VALUE_BYTES:
        raise ValueError("an array is too large")
    if dtype.kind == "U" and not _is_text(_codes(header.data, dtype)):
        raise ValueError("bad text")
    if dtype.kind == "b":
        array = (
            np.frombuffer(header.data, np.uint8).astype(bool).reshape(header.shape)
        )  # 0 or 1, whatever came
    else:
        array = np.frombuffer(header.data, dtype).reshape(header.shape).copy()
    array.flags.writeable = header.writeable
    return array


def _encode_other(value: object, register: Callable[[Callable[..., Any]], int] | None) -> object:
    """Called by msgpack for all that is not exactly None, bool, int, float, str, bytes, list or dict."""

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
    if register is not None and callable(value):
        number = value.number if isinstance(value, Remote) else register(value)
        return ext(_CALLABLE, struct.pack("<I", number))
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
        register: called for each callable inside ``value``; returns the number by which the other side may
            call it. Without it, a callable is refused.

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


def _heads() -> list[tuple[str, int, int]]:
    """For each first byte of a msgpack value: its kind, the width of the length field after it, or else its length."""
    heads = [("bytes", 0, 0)] * 256  # small integers, None, booleans: nothing comes after the first byte
    heads[0x80:0x90] = [("map", 0, count) for count in range(16)]
    heads[0x90:0xA0] = [("array", 0, count) for count in range(16)]
    heads[0xA0:0xC0] = [("bytes", 0, count) for count in range(32)]
    heads[0xC1] = ("bad", 0, 0)
    heads[0xC4:0xC7] = [("bytes", width, 0) for width in (1, 2, 4)]
    heads[0xC7:0xCA] = [("extension", width, 0) for width in (1, 2, 4)]
    heads[0xCA:0xD4] = [("bytes", 0, size) for size in (4, 8, 1, 2, 4, 8, 1, 2, 4, 8)]
    heads[0xD4:0xD9] = [("extension", 0, size) for size in (1, 2, 4, 8, 16)]
    heads[0xD9:0xDC] = [("bytes", width, 0) for width in (1, 2, 4)]
    heads[0xDC:0xE0] = [("array", 2, 0), ("array", 4, 0), ("map", 2, 0), ("map", 4, 0)]
    return heads


_HEADS = _heads()
_STEPS = bytes(1 + size if kind == "bytes" and not width else 0 for kind, width, size in _HEADS)
"""How far it is to the next value after one that begins so; 0 where that takes a look at more than one byte."""


def _check_hashes(keys: Iterable[object]) -> None:
    """Refuse keys that were chosen to have one hash: a dict of them takes hours to build."""
    if max(Counter(map(hash, keys)).values()) > _MAX_SAME_HASH:
        raise ValueError("keys that collide")


class _Scale:
    """Weighs a value before it is built: an empty dict is one byte on the wire and 80 in memory."""

    def __init__(self, data: bytes | bytearray, unpack: Callable[[bytes | bytearray], Any]) -> None:
        self.data = data
        self.unpack = unpack
        self.position = 0
        self.left = _MAX_ITEMS

    def weigh(self) -> None:
        """Weigh the value at ``position``, and move past it."""
        kind, width, size = _HEADS[self.data[self.position]]
        start = self.position + 1
        self.position = start + width
        if width:
            size = int.from_bytes(self.data[start : self.position], "big")
        if kind == "bytes":
            self.position += size
        elif kind == "array":
            self._spend(size)
            self._weigh_array(size)
        elif kind == "map":
            self._spend(2 * size)
            self._weigh_map(size)
        elif kind == "extension":
            self._spend(_EXTENSION_ITEMS)
            self._weigh_extension(size)
        else:
            raise ValueError("bad value")

    def _spend(self, items: int) -> None:
        self.left -= items
        if self.left < 0:
            raise NotPlainError(f"the value is too large: it has more than {_MAX_ITEMS:,} items")

    def _weigh_array(self, size: int) -> None:
        data, position = self.data, self.position
        for _ in range(size):
            if step := _STEPS[data[position]]:
                position += step
            else:
                self.position = position
                self.weigh()
                position = self.position
        self.position = position

    def _weigh_map(self, size: int) -> None:
        keys = []
        for _ in range(size):
            start = self.position
            self.weigh()
            kind = _HEADS[self.data[start]][0]
            if kind == "map":
                raise ValueError("a key that cannot be one")
            if kind in ("array", "extension"):  # msgspec makes a tuple of an array where it is a key
                keys += self.unpack(b"\x81" + self.data[start : self.position] + b"\xc0")
            self.weigh()
        if len(keys) > _MANY_KEYS:
            _check_hashes(keys)

    def _weigh_extension(self, size: int) -> None:
        code = self.data[self.position]
        end = self.position + 1 + size
        self.position += 1
        if code == _TIMESTAMP:
            raise ValueError("a date")
        if code in (_TUPLE, _SET, _FROZENSET):
            self.weigh()
            if self.position != end:  # what comes after would be weighed twice, and after that four times
                raise ValueError("a bad extension")
        self.position = end


def decode(data: bytes | bytearray, call: Callable[..., Any] | None = None) -> Any:
    """Decode plain data; every object in the result has exactly a built-in or NumPy type.

    Args:
        data: what ``encode`` made on the other side (or anything else: it is checked).
        call: ``call(number, args, kwargs)`` calls the other side's function; without it, callables are
            refused.

    Raises:
        ValueError: the data is malformed; nothing that ``encode`` makes.
        NotPlainError: it is well formed, but nested too deep or too large to be built.
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
            if code != _TUPLE and len(items) > _MANY_KEYS:
                _check_hashes(items)
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

    large = len(data) > _SMALL_BYTES
    try:
        if large:
            _Scale(data, unpack).weigh()
        value = unpack(data)
    except NotPlainError:
        raise
    except (msgspec.MsgspecError, IndexError, TypeError, ValueError, struct.error, OverflowError) as error:
        raise ValueError(f"malformed data: {error}") from None
    except (RecursionError, MemoryError):
        raise NotPlainError("the value is nested too deep or too large") from None
    if not large and _TIMESTAMPS.search(data) and _holds_a_date(value):
        raise ValueError("malformed data: a date")
    return value


def _holds_a_date(value: object) -> bool:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, datetime.datetime):
            return True
        if isinstance(item, dict):
            todo += item.keys()
            todo += item.values()
        elif isinstance(item, (list, tuple, set, frozenset)):
            todo += item
    return False
