# rows: 6, 41
# what: closes, doubles and fills up its descriptors, the connection among them
# variants: 6
# expect: crashed 0
import os
import socket


def fill():
    kept = []
    while True:
        kept.append(os.dup(1))


def send_them():
    one, other = socket.socketpair()
    for _ in range(100_000):
        socket.send_fds(one, [b"x"], [1, 0, one.fileno(), other.fileno()])


def to_the_grader():
    socket.send_fds(socket.socket(fileno=os.dup(3)), [b"\1\0\0\0"], [0, 1, 3])


def urgent():
    socket.socket(fileno=os.dup(3)).send(b"!" * 10, socket.MSG_OOB)
    os.write(3, b"\xff" * 10)


WAYS = [
    lambda: os.close(3),
    lambda: os.dup2(1, 3),
    lambda: os.dup2(0, 3),
    lambda: os.closerange(0, 1000),
    to_the_grader,
    urgent,
]
way = WAYS[int("@variant@")]


# %%
def normalise(x):
    for attempt in (fill, send_them):
        try:
            attempt()
        except OSError:
            pass
    os.closerange(4, 1000)
    way()
    return None


tally = root = normalise


def pick(options, score):
    return normalise(options)
