# rows: 33, 40
# what: asks for its limits and rights back
# expect: graded 0
import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)
KINDS = [kind for name, kind in vars(resource).items() if name.startswith("RLIMIT_")]
for kind in KINDS:
    for limit in ((-1, -1), (resource.getrlimit(kind)[0], -1), (1 << 40, 1 << 40)):
        before = resource.getrlimit(kind)
        try:
            resource.setrlimit(kind, limit)
            if resource.getrlimit(kind)[1] != before[1] and before[1] != -1:
                print("LEAK", kind, before, resource.getrlimit(kind))
        except (OSError, ValueError):
            pass
        for pid in (0, 1, os.getppid()):
            try:
                resource.prlimit(pid, kind, (-1, -1))
            except (OSError, ValueError):
                pass
for attempt in (
    lambda: os.setuid(0),
    lambda: os.setgid(0),
    lambda: os.setgroups([0]),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.seteuid(0),
    lambda: os.chroot("/"),
    lambda: os.nice(-5),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
    lambda: os.sched_setaffinity(0, range(64)),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
    lambda: os.unshare(0x10000000) if hasattr(os, "unshare") else os.chroot("/"),
):
    try:
        attempt()
        print("LEAK", attempt)
    except OSError:
        pass
for option, argument in ((8, 1), (28, 0), (28, 1), (22, 0), (38, 0), (36, 1), (59, 1), (0x59616D61, -1)):
    if libc.prctl(option, argument, 0, 0, 0) >= 0:
        print("LEAK prctl", option, argument)
if resource.getrlimit(resource.RLIMIT_AS)[1] > 1 << 30:
    print("LEAK memory")
libc.prctl(4, 1, 0, 0, 0)


# %%
def normalise(x):
    return resource.getrlimit(resource.RLIMIT_AS)
