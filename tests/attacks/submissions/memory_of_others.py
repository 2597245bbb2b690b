# rows: 27
# what: reaches for the memory and the descriptors of the processes around it
# expect: graded 0
# needs: x86_64
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(64)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


local = Vector(ctypes.addressof(buffer), 64)
remote = Vector(id(buffer), 64)
for pid in {os.getppid(), 1, 2, int("@pid@")} - {0, os.getpid()}:
    CALLS = {
        "ptrace attach": (101, 16, pid, 0, 0),
        "ptrace seize": (101, 0x4206, pid, 0, 0),
        "process_vm_readv": (310, pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0),
        "process_vm_writev": (311, pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0),
        "pidfd_open": (434, pid, 0),
        "kcmp": (312, pid, pid, 0, 0, 0),
        "process_madvise": (440, pid, 0, 0, 0, 0),
        "get_robust_list of another": (274, pid, buffer, ctypes.byref(ctypes.c_size_t())),
        "prlimit of another": (302, pid, 7, None, buffer),
        "migrate_pages": (256, pid, 8, buffer, buffer),
        "sched_setaffinity": (203, pid, 8, buffer),
        "setpriority": (141, 0, pid, 19),
    }
    for name, arguments in CALLS.items():
        if libc.syscall(*map(ctypes.c_long, arguments[:1]), *arguments[1:]) >= 0:
            print("LEAK", name, pid)
for number in range(16):
    if libc.syscall(ctypes.c_long(438), number, number, 0) >= 0:  # pidfd_getfd
        print("LEAK pidfd_getfd", number)


# %%
def normalise(x):
    return list(buffer.raw)
