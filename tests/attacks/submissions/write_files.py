# rows: 24
# what: changes files that are not its own
# expect: graded 0
import ctypes
import os
import shutil
import sys

import numpy as np

PLACES = [
    "@folder@/victim",
    "@folder@/open/new",
    "@folder@/new",
    "@course@/solutions/quiz.py",
    np.__file__,
    os.path.join(os.path.dirname(np.__file__), "new.py"),
    os.path.join(sys.prefix, "new.pth"),
    os.__file__,
    "/usr/lib/new",
    "/etc/passwd",
    "/etc/new",
    "/tmp/attacks-new",
    "/dev/shm/attacks-new",
    "/dev/zero",
    "/var/tmp/attacks-new",
    "/proc/self/oom_score_adj",
    "/proc/sys/kernel/core_pattern",
    "/sys/kernel/mm/ksm/run",
    "/new",
]
PLACES += [name.__file__ for name in (sys.modules["autograder.sandbox.wire"], sys.modules["msgspec"])]
libc = ctypes.CDLL(None, use_errno=True)
WAYS = [
    lambda name: open(name, "w"),
    lambda name: open(name, "ab"),
    lambda name: open(name, "r+b"),
    lambda name: os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY),
    lambda name: os.open(name, os.O_RDONLY | os.O_TRUNC),
    lambda name: os.open(os.path.dirname(name), os.O_RDWR | 0o20000000 | os.O_DIRECTORY),  # O_TMPFILE
    lambda name: os.truncate(name, 0),
    lambda name: os.chmod(name, 0o777),
    lambda name: os.chown(name, os.getuid(), os.getgid()),
    lambda name: os.utime(name, (1, 1)),
    lambda name: os.setxattr(name, "user.x", b"1"),
    lambda name: os.remove(name),
    lambda name: os.rename(name, "stolen"),
    lambda name: os.rename("mine", name),
    lambda name: os.link(name, "linked"),
    lambda name: os.link("mine", name),
    lambda name: os.symlink("mine", name),
    lambda name: os.mkdir(name),
    lambda name: os.mkfifo(name),
    lambda name: os.mknod(name),
    lambda name: shutil.rmtree(os.path.dirname(name)),
    lambda name: os.fchmod(os.open(name, os.O_RDONLY), 0o777),
    lambda name: os.fchmod(os.open(name, os.O_PATH), 0o777),
    lambda name: os.utime(os.open(name, os.O_RDONLY), (1, 1)),
    lambda name: libc.syscall(452, -100, name.encode(), 0o777, 0) == 0 or os.stat("missing"),  # fchmodat2
]
open("mine", "w").close()
for name in PLACES:
    for number, way in enumerate(WAYS):
        try:
            way(name)
            print("LEAK", name, number)
        except OSError:
            pass


# %%
def normalise(x):
    with open("@folder@/victim", "w") as file:
        file.write("changed")


tally = root = normalise


def pick(options, score):
    shutil.rmtree("@course@")
