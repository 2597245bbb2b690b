# rows: 31, 35
# what: every kind of socket, and what libraries make of them
# expect: graded 0
import ctypes
import socket
import struct
import time
import urllib.request

PORT, DATAGRAMS = int("@port@"), int("@datagrams@")
begun = time.monotonic()
KINDS = [(family, kind) for family in range(1, 46) for kind in (1, 2, 3, 5)]
for family, kind in KINDS:
    try:
        made = socket.socket(family, kind)
        print("LEAK socket", family, kind)
        made.close()
    except OSError:
        pass
    for protocol in (0, 1, 6, 17, 255, 16):
        try:
            socket.socketpair(family, kind, protocol)[0].close()
            if family != socket.AF_UNIX or kind not in (1, 5):
                print("LEAK socketpair", family, kind)
        except OSError:
            pass
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", PORT), 1),
    lambda: socket.create_connection(("localhost", PORT), 1),
    lambda: socket.create_server(("127.0.0.1", 0)),
    lambda: socket.getaddrinfo("example.com", 80),
    lambda: socket.gethostbyname("example.com"),
    lambda: urllib.request.urlopen("http://127.0.0.1:@port@/", timeout=1),
    lambda: urllib.request.urlopen("https://example.com/", timeout=1),
):
    try:
        attempt()
        print("LEAK", attempt)
    except OSError:
        pass
one, other = socket.socketpair()
for address in ("@folder@/socket", "\0attacks-@pid@", "/dev/log", "/run/systemd/notify"):
    for send in (
        lambda address: one.sendto(b"hello", address),
        lambda address: one.sendmsg([b"hello"], [], 0, address),
        lambda address: one.connect(address),
        lambda address: one.bind(address),
    ):
        try:
            send(address)
            if other.recv(10, socket.MSG_DONTWAIT) != b"hello":
                print("LEAK", address)
        except OSError:
            pass
libc = ctypes.CDLL(None, use_errno=True)
to = struct.pack("<HH4s8x", socket.AF_INET, socket.htons(DATAGRAMS), b"\x7f\0\0\1")
for number in range(64):
    libc.sendto(number, b"hello", 5, 0, to, 16)
    libc.connect(number, to, 16)
if time.monotonic() - begun > 3:
    print("LEAK of time")


# %%
def normalise(x):
    return socket.create_connection(("127.0.0.1", PORT), 1)


tally = root = normalise


def pick(options, score):
    return urllib.request.urlopen("http://127.0.0.1:@port@/", timeout=1).read()
