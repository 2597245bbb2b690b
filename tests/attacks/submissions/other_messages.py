# rows: 6
# what: descriptors, urgent bytes and half a shutdown on the connection, beside its messages
# expect: crashed 6
# honest: tally, pick, root
import array
import os
import socket


def normalise(x):
    connection = socket.socket(fileno=os.dup(3))
    null = os.open("/dev/null", os.O_RDONLY)
    descriptors = array.array("i", [null] * 20)
    for send in (
        lambda: connection.sendmsg([b""], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]),
        lambda: connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30),
        lambda: connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1),
        lambda: connection.send(b"\x10\0", socket.MSG_OOB),
        lambda: connection.sendmsg([b"\0\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]),
        lambda: connection.shutdown(socket.SHUT_RD),
    ):
        try:
            send()
        except OSError as error:
            print(error)
    return x / sum(x)
