# rows: 35
# what: looks for ways to talk to another submission that is graded at the same time
# expect: graded 0
import ctypes
import fcntl
import os
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
with open("lock", "w") as file:
    for lock in (
        lambda: fcntl.flock(file, fcntl.LOCK_EX),
        lambda: fcntl.lockf(file, fcntl.LOCK_EX),
        lambda: fcntl.fcntl(file, 37, bytes(32)),
    ):
        try:
            lock()
            print("LEAK lock")
        except OSError:
            pass
try:
    with open(sys.modules["os"].__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("LEAK lock of a shared file")
except OSError:
    pass
for make in (
    lambda: socket.socket(socket.AF_UNIX),
    lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
    lambda: os.mkfifo("/tmp/attacks-meet"),
    lambda: open("/dev/shm/attacks-meet", "w"),
    lambda: open("/tmp/attacks-meet", "w"),
    lambda: os.mkdir("/tmp/attacks-meet"),
    lambda: os.posix_openpt(0) if hasattr(os, "posix_openpt") else os.openpty(),
):
    try:
        make()
        print("LEAK", make)
    except OSError:
        pass
for number, *arguments in ((29, 7, 4096, 0o1666), (64, 7, 1, 0o1666), (68, 7, 0o1666), (240, b"/x", 66, 0o666, 0), (250, 0, -3, 1)):
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:
        print("LEAK ipc", number)


# %%
def normalise(x):
    return None
