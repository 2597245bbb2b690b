"""The wire: plain data arrives exact, everything else is refused, and no bytes hurt the side that decodes."""

import collections
import enum
import math
import struct
import sys
import tracemalloc

import msgpack
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import wire

ARRAY, SCALAR, TUPLE, SET, FROZENSET, COMPLEX, BIG_INT, CALLABLE = range(1, 9)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(1 << 200), 1 << 200),
    st.floats(),
    st.complex_numbers(),
    text,
    st.binary(max_size=20),
)
dtypes = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?"),
    hnp.complex_number_dtypes(endianness="?"),
    hnp.byte_string_dtypes(max_len=5),
)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
hashable = st.recursive(
    atoms, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5
)
plain = st.recursive(
    atoms | arrays,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(hashable, inner, max_size=4),
        st.sets(hashable, max_size=4),
    ),
    max_leaves=12,
)


def identical(a: object, b: object) -> bool:
    """Equal in value and in exact type, NaN equal to itself, all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        left, right = np.asarray(a), np.asarray(b)
        same_kind = left.dtype == right.dtype and left.shape == right.shape
        return same_kind and left.tobytes() == right.tobytes()
    if isinstance(a, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex):
        return identical(a.real, b.real) and identical(a.imag, b.imag)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, dict):
        return (
            len(a) == len(b)
            and all(map(identical, a.keys(), b.keys()))
            and all(map(identical, a.values(), b.values()))
        )
    if isinstance(a, set | frozenset):
        return len(a) == len(b) and all(any(identical(x, y) for y in b) for x in a)
    return a == b


def round_trip(value: object) -> object:
    return wire.decode(wire.encode(value))


def array_bytes(dtype: str, shape: object, data: bytes = b"", code: int = ARRAY) -> bytes:
    packed: bytes = msgpack.packb(msgpack.ExtType(code, msgpack.packb((dtype, shape, True, data))))
    return packed


@given(plain)
@settings(max_examples=250, deadline=None)
@example({(1, frozenset({2})): [np.zeros((0, 3)), {b"": -0.0}], None: (float("nan"), 10**400)})
@example([[], (), {}, set(), frozenset(), "", b"", 0, False, None])
def test_plain_data_arrives_exact(value):
    assert identical(value, round_trip(value))


@given(hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(max_dims=3, max_side=3)))
@settings(max_examples=100, deadline=None)
def test_an_array_of_any_dtype_arrives_or_is_refused(array):
    try:
        packed = wire.encode(array)
    except wire.NotPlainError:
        assert array.dtype.kind not in "biufcS"
    else:
        assert identical(array, wire.decode(packed))


@given(st.binary(max_size=200))
@settings(max_examples=400, deadline=None)
@example(b"")
@example(b"\xdf\xff\xff\xff\xff")  # a dict of 4 billion entries, says its length
@example(b"\xc9\xff\xff\xff\xff\x01")
def test_garbage_is_refused_or_plain(data):
    try:
        value = wire.decode(data)
    except (ValueError, wire.NotPlainError):
        return
    wire.encode(value)


@given(plain, st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_data_is_refused_or_plain(value, data):
    packed = bytearray(wire.encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = wire.decode(bytes(packed[: data.draw(st.integers(0, len(packed)))]))
    except (ValueError, wire.NotPlainError):
        return
    wire.encode(decoded)


@given(st.lists(st.integers(-2, 2**64 - 1), max_size=40), st.sampled_from("biufcSUOVMma"), st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_a_lying_array_header_is_refused(shape, kind, size):
    for order in "<>|=":
        for code in (ARRAY, SCALAR):
            try:
                value = wire.decode(array_bytes(f"{order}{kind}{size}", shape, b"12345678", code))
            except ValueError:
                continue
            assert value.nbytes == 8


@pytest.mark.parametrize(
    ("dtype", "shape", "data"),
    [
        ("<U0", [1 << 31], b""),  # NumPy would make room for 8 gigabytes
        ("|S0", [100], b""),  # NumPy would hand out memory as it is
        ("<f8", [0, 1 << 39], b""),  # a sum over the empty axis would take terabytes
        ("<f8", [0, 1 << 40, 1 << 40], b""),
        ("<f8", [1 << 63, 2, 0], b""),
        ("|O", [1], b"\0" * 8),
        ("O", [], b"\0" * 8),
        ("f8,f8", [1], b"\0" * 16),
        ("(2,)f8", [1], b"\0" * 16),
        ("<M8[s]", [1], b"\0" * 8),
        ("|V8", [1], b"\0" * 8),
        ("<f8", [-1], b""),
        ("<f8", [-1, -1], b"\0" * 8),
        ("float64", [1], b"\0" * 8),
        ("<U1", [1], b"\xff\xff\xff\xff"),  # no character: str() of it crashes NumPy
        ("<U1", [1], struct.pack("<I", 0xD800)),
        (">U1", [1], struct.pack(">I", 0x110000)),
        ("<f8", [1] * 33, b"\0" * 8),
        ("<f8", [2], b"\0" * 8),
        ("\0f8", [1], b"\0" * 8),
    ],
)
def test_hostile_arrays_are_refused(dtype, shape, data):
    with pytest.raises(ValueError, match="malformed"):
        wire.decode(array_bytes(dtype, shape, data))


def test_a_boolean_is_0_or_1_whatever_came():
    array = wire.decode(array_bytes("|b1", [3], b"\x00\x01\x07"))
    assert array.view(np.uint8).tolist() == [0, 1, 1]
    assert array.flags.writeable


@pytest.mark.parametrize(
    "data",
    [
        msgpack.packb(msgpack.ExtType(SET, msgpack.packb([[]]))),  # not hashable
        msgpack.packb(msgpack.ExtType(TUPLE, b"")),
        msgpack.packb(msgpack.ExtType(TUPLE, msgpack.packb({}))),
        msgpack.packb(msgpack.ExtType(COMPLEX, b"1234")),
        msgpack.packb(msgpack.ExtType(CALLABLE, b"\0\0\0\0")),
        msgpack.packb(msgpack.ExtType(99, b"")),
        msgpack.packb(msgpack.ExtType(BIG_INT, bytes((1 << 20) + 1))),
        array_bytes("<f8", [2], b"\0" * 16, SCALAR),
        b"\xd6\xff\x00\x00\x00\x01",  # msgpack's own dates
        b"\x91\xd7\xff" + bytes(8),
        b"\x81\xc7\x0c\xff" + bytes(12) + b"\xc0",
        b"\xc7\x08\xff" + bytes(8),  # their length not in the shortest form
        b"\xc8\x00\x04\xff" + bytes(4),
        b"\x92\xc7\xc9\x00\x00\x00\x0c\xff" + bytes(12),
        msgpack.packb(msgpack.ExtType(TUPLE, b"\x91\xd6\xff\x00\x00\x00\x01")),
        b"\xa1\xff",  # not UTF-8
        b"\xc0\xc0",  # two values
        b"\xc1",
    ],
)
def test_malformed_data_is_refused(data):
    with pytest.raises(ValueError, match="malformed"):
        wire.decode(data)


def test_the_bytes_of_a_date_inside_an_array_are_just_bytes():
    value = [b"\xd6\xff", {"a": (b"\xd7\xff", {3})}, np.frombuffer(b"\xc7\x0c\xff\xff", np.int32)]
    assert identical(value, round_trip(value))


@pytest.mark.parametrize("code", [0, TUPLE, FROZENSET])
@pytest.mark.parametrize("depth", [1000, 3000, 100_000])
def test_deep_nesting_does_no_harm(code, depth):
    data = b"\xc0"
    if code == 0:
        data = b"\x91" * depth + data
    else:
        for _ in range(min(depth, 3000)):
            data = msgpack.packb(msgpack.ExtType(code, b"\x91" + data))
    try:
        value = wire.decode(data)
    except wire.NotPlainError as error:
        assert "nested too deep" in str(error)
        return
    assert sys.version_info >= (3, 12), "C code may go deeper there than Python code"
    found = 0
    while value is not None:
        (value,) = value
        found += 1
    assert found >= depth


@pytest.mark.parametrize(
    "around", [lambda x: [x], lambda x: (x,), lambda x: {1: x}, lambda x: frozenset([x])]
)
def test_values_nested_too_deep_are_not_plain(around):
    value: object = 0
    for _ in range(2000):
        value = around(value)
    with pytest.raises(wire.NotPlainError):
        round_trip(value)


def test_a_value_that_holds_itself_is_not_plain():
    value: list[object] = []
    value.append(value)
    with pytest.raises(wire.NotPlainError):
        wire.encode(value)


class Liar(np.ndarray):
    """An array that calls itself equal to everything."""

    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        return np.full(3, 42.0)

    def tobytes(self, *args):
        return b"\0" * 24


class Sly(float):
    def __float__(self):
        return 42.0

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class SlyInt(int):
    def __int__(self):
        return 42

    def __index__(self):
        return 42


class SlyDict(dict):
    def items(self):
        return [("a", 42)]

    def __iter__(self):
        return iter(["a"])


class SlyList(list):
    def __iter__(self):
        return iter([42])

    def __len__(self):
        return 1


class SlyText(str):
    def __str__(self):
        return "42"

    def encode(self, *args):
        return b"42"


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (np.array([1.0, 2.0, 3.0]).view(Liar), np.array([1.0, 2.0, 3.0])),
        (Sly(1.5), 1.5),
        (SlyInt(7), 7),
        (SlyInt(7**40), 7**40),
        (SlyDict(b=1), {"b": 1}),
        (SlyList([1, 2]), [1, 2]),
        (SlyText("text"), "text"),
        (Colour.RED, 1),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.namedtuple("Pair", "a b")(1, 2), (1, 2)),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"ab"), b"ab"),
        (np.float64(0.1), np.float64(0.1)),
        (np.bool_(True), np.bool_(True)),
        (np.str_("abc"), np.str_("abc")),
        (np.str_(""), np.str_("")),
        (np.array(["a", "bcd"]), np.array(["a", "bcd"])),
        (np.array(5), np.array(5)),
        (np.arange(6).reshape(2, 3).T, np.ascontiguousarray(np.arange(6).reshape(2, 3).T)),
        (np.arange(6)[::-2], np.array([5, 3, 1])),
        (np.asfortranarray(np.eye(2)), np.eye(2)),
        (np.broadcast_to(1.0, (2, 2)), np.ones((2, 2))),
        (np.arange(3).view(np.recarray), np.arange(3)),
        (np.float32(2), np.float32(2)),
        (np.array([[1, 2]]), np.array([[1, 2]])),
    ],
)
def test_subclasses_are_cut_down_to_plain_data(value, arrives):
    assert identical(round_trip(value), arrives)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        len,
        lambda: 1,
        int,
        math,
        (x for x in ()),
        range(3),
        {}.keys(),
        Ellipsis,
        "\ud800",
        {"\ud800": 1},
        np.array(["\ud800"]),
        np.array([None, 1]),
        np.array([(1, 2.0)], dtype="i4,f8"),
        np.datetime64("2020-01-01"),
        np.zeros(2, "m8[s]"),
        np.ma.array([1, 2], mask=[0, 1]),
        np.zeros((1,) * 33),
        np.zeros((0, 1 << 30)),
        np.broadcast_to(1.0, (1 << 20, 1 << 20)),
        b"\0" * (33 << 20),
        1 << (9 << 20),
        collections.deque([1]),
        wire.Remote(0, lambda *_: None),
        [wire.Remote(0, lambda *_: None)],
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_not_plain(value):
    with pytest.raises(wire.NotPlainError):
        wire.encode(value)


def test_read_only_arrays_stay_read_only():
    array = np.arange(3)
    array.flags.writeable = False
    assert not round_trip(array).flags.writeable
    assert round_trip(np.arange(3)).flags.writeable


def test_decoded_arrays_own_their_memory():
    data = bytearray(wire.encode(np.arange(3)))
    array = wire.decode(data)
    data[-8:] = b"\xff" * 8
    assert array.tolist() == [0, 1, 2]


def test_functions_travel_as_numbers():
    registered: list[object] = []

    def register(function):
        registered.append(function)
        return len(registered) - 1

    asked = []
    packed = wire.encode([len, {"f": max}], register)
    first, second = wire.decode(packed, lambda *call: asked.append(call))[0:2]
    assert registered == [len, max]
    first(1, 2)
    second["f"](key=3)
    assert asked == [(0, (1, 2), {}), (1, (), {"key": 3})]
    # It keeps its number when it travels on, where functions may travel at all.
    assert wire.decode(wire.encode(first, lambda f: 99), lambda *_: None).number == 0


def many(count: int, item: bytes) -> bytes:
    return b"\xdd" + struct.pack(">I", count) + item * count


@pytest.mark.parametrize(
    "data",
    [
        many(4 << 20, b"\xc0"),
        many(4 << 20, b"\x90"),  # each byte would be a list of 56
        many(4 << 20, b"\x80"),
        many(1 << 20, b"\xd4\x04\x90"),  # three bytes would be a set of 216
        many(1 << 20, b"\xd4\x03\x90"),
        many(1 << 10, many(1 << 12, b"\xc0")),
        msgpack.packb(msgpack.ExtType(TUPLE, many(4 << 20, b"\x90"))),
        b"\xdf" + struct.pack(">I", 1 << 30) + bytes(1 << 15),
    ],
    ids=range(8),
)
def test_small_items_do_not_become_a_large_value(data):
    tracemalloc.start()
    with pytest.raises(wire.NotPlainError, match="too large"):
        wire.decode(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(data) + (1 << 20)


def colliding_keys(count: int) -> list[bytes]:
    """Encoded numbers that are all different and have one hash."""
    prime = (1 << 61) - 1
    whole = [wire.encode((index << 8) * prime * 1024 + 7) for index in range(1, count // 2)]
    return whole + [wire.encode(complex(7 - 1000003 * index, index)) for index in range(count // 2)]


def test_keys_that_collide_are_refused():
    keys = colliding_keys(4000)
    assert len({hash(wire.decode(key)) for key in keys}) < 10
    listed = b"\xdd" + struct.pack(">I", len(keys)) + b"".join(keys)
    assert len(wire.decode(listed)) == len(keys)
    mapped = b"\xdf" + struct.pack(">I", len(keys)) + b"".join(key + b"\xc0" for key in keys)
    in_tuples = b"\xdf" + struct.pack(">I", len(keys)) + b"".join(b"\x91" + key + b"\xc0" for key in keys)
    assert wire.decode(b"\x81\x91\x05\xc0") == {(5,): None}  # an array is a tuple where it is a key
    for data in (
        mapped,
        in_tuples,
        b"\x92\xc0" + mapped,
        msgpack.packb(msgpack.ExtType(SET, listed)),
        msgpack.packb(msgpack.ExtType(FROZENSET, listed)),
    ):
        with pytest.raises(ValueError, match="collide"):
            wire.decode(data)


def test_an_extension_that_says_less_than_it_holds_is_not_weighed_over_and_over():
    """Each of these says one byte and holds the next one: weighing all of it takes twice as long as the next."""
    nested = b"\x9f" + b"\xd4\x03\x91" * 100 + b"\xc4\xff" + bytes(255)
    with pytest.raises(ValueError, match="a bad extension"):
        wire.decode(b"\x92" + b"\xc5\xff\xff" + bytes(65535) + nested)


def test_a_key_that_cannot_be_one_is_not_built():
    key = b"\x81\xc0\xc0"
    for _ in range(50):
        key = msgpack.packb(msgpack.ExtType(TUPLE, b"\x91" + b"\x81" + key + b"\xc0"))
    with pytest.raises(ValueError, match="malformed"):
        wire.decode(b"\x92" + b"\xc5\xff\xff" + bytes(65535) + b"\x81" + key + b"\xc0")


def test_large_values_of_many_kinds_arrive():
    value = [
        {(index, str(index)): index for index in range(20_000)},
        set(range(20_000)),
        [[index / 3, b"x" * (index % 300)] for index in range(3000)],
        {str(index): None for index in range(20_000)},
        np.zeros((100, 100)),
        "x" * 70_000,
        {index: (1 << index % 80, -index) for index in range(-2000, 2000)},
    ]
    assert identical(value[4:5], round_trip(value)[4:5])
    assert round_trip(value)[:4] == value[:4]
    assert round_trip(value)[5:] == value[5:]


def test_dates_in_large_values_are_refused():
    data = many(5000, b"\xcb" + bytes(8))
    assert wire.decode(b"\x92" + data + b"\xc0") == [[0.0] * 5000, None]
    with pytest.raises(ValueError, match="a date"):
        wire.decode(b"\x92" + data + b"\xd6\xff\x00\x00\x00\x01")
