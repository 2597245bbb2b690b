"""The frames between the processes: whole messages in, and nothing else, before the deadline."""

import socket
import struct
import threading
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox import protocol
from autograder.sandbox.protocol import Callback, CellDone, Failure, Picture, Raised, Ready, Returned


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def soon(seconds=5.0):
    return time.monotonic() + seconds


@pytest.mark.parametrize(
    "message",
    [
        Ready(""),
        Ready("no room"),
        CellDone(0, None),
        CellDone(1, None, 7, [Picture(2, 1, bytes(6), "a line")]),
        CellDone(3, Failure("ValueError", "text", "cell 1, line 2")),
        Callback(1, 0, [b"\xc0"], {"key": b"\xc0"}),
        Returned(1, b"\xc0", {"0": b"\x90"}, [("UserWarning", "careful")]),
        Raised(2, Failure("KeyError", "'x'"), {}, []),
    ],
)
def test_messages_arrive_as_they_were_sent(pair, message):
    ours, theirs = pair
    protocol.send(theirs, message)
    assert protocol.receive(ours, soon()) == message


def test_requests_arrive_as_they_were_sent(pair):
    ours, theirs = pair
    for message in (
        protocol.Run([protocol.Cell("cell 1", "x = 1")]),
        protocol.Call(1, "f", [b"\xc0"], {}),
        protocol.Reply(1, None, Failure("ValueError", "")),
    ):
        protocol.send(ours, message)
        assert protocol.receive_request(theirs) == message


@given(st.binary(max_size=100))
def test_garbage_is_no_message(data):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack("<I", len(data)) + data)
        try:
            message = protocol.receive(ours, soon())
        except protocol.ProtocolError:
            return
        assert type(message) in (Ready, CellDone, Callback, Returned, Raised)


@pytest.mark.parametrize(
    "body",
    [
        msgspec.msgpack.encode(["run", [["cell 1", "x = 1"]]]),  # a request, not an answer
        msgspec.msgpack.encode(["returned", "1", b"", {}, []]),
        msgspec.msgpack.encode(["returned", 1, b"", {}]),
        msgspec.msgpack.encode(["returned", 1, b"", {1: b""}, []]),
        msgspec.msgpack.encode(["cell", 0, ["ValueError"]]),
        msgspec.msgpack.encode({"type": "ready", "error": ""}),
        b"",
        b"\x91" * 100_000 + b"\xc0",
    ],
)
def test_a_malformed_message_is_refused(pair, body):
    ours, theirs = pair
    writer = threading.Thread(target=theirs.sendall, args=[struct.pack("<I", len(body)) + body])
    writer.start()
    with pytest.raises(protocol.ProtocolError, match="malformed"):
        protocol.receive(ours, soon())
    writer.join()


def test_a_frame_over_the_limit_is_refused_before_it_is_read(pair):
    ours, theirs = pair
    theirs.sendall(struct.pack("<I", protocol.MAX_FRAME_BYTES + 1))
    with pytest.raises(protocol.ProtocolError, match="over the limit"):
        protocol.receive(ours, soon())
    with pytest.raises(protocol.ProtocolError, match="over the limit"):
        protocol.send(ours, Returned(1, bytes(protocol.MAX_FRAME_BYTES), {}, []))


@pytest.mark.parametrize("sent", [b"", b"\x10", struct.pack("<I", 100) + b"half"])
def test_silence_and_half_a_message_end_at_the_deadline(pair, sent):
    ours, theirs = pair
    theirs.sendall(sent)
    with pytest.raises(TimeoutError):
        protocol.receive(ours, soon(0.05))


def test_the_deadline_has_passed_though_all_bytes_are_there(pair):
    ours, theirs = pair
    protocol.send(theirs, Ready(""))
    with pytest.raises(TimeoutError):
        protocol.receive(ours, time.monotonic() - 1)


def test_bytes_that_drip_in_do_not_put_off_the_deadline(pair):
    ours, theirs = pair
    enough = threading.Event()

    def drip():
        theirs.sendall(struct.pack("<I", 1 << 20))
        while not enough.wait(0.0005):
            theirs.sendall(b"\0")

    writer = threading.Thread(target=drip)
    writer.start()
    try:
        with pytest.raises(TimeoutError):
            protocol.receive(ours, soon(0.1))
    finally:
        enough.set()
        writer.join()


def test_a_reader_that_does_not_read_ends_at_the_deadline(pair):
    ours, _ = pair
    with pytest.raises(TimeoutError):
        protocol.send(ours, Returned(1, bytes(16 << 20), {}, []), soon(0.05))


@pytest.mark.parametrize("sent", [b"", b"\x10", struct.pack("<I", 100) + b"half"])
def test_the_end_of_the_other_side_is_told(pair, sent):
    ours, theirs = pair
    theirs.sendall(sent)
    theirs.close()
    with pytest.raises(EOFError):
        protocol.receive(ours, soon())
    with pytest.raises(EOFError):
        protocol.receive_request(ours)


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (Failure("ValueError", "bad", "cell 1, line 2"), "ValueError: bad (cell 1, line 2)"),
        (Failure("ValueError", ""), "ValueError"),
    ],
)
def test_a_failure_as_text(failure, text):
    assert str(failure) == text
