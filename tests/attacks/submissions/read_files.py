# rows: 23, 27
# what: reads files that are none of its business
# expect: graded 0
import glob
import mmap
import os
import pathlib

import numpy as np

FILES = [
    "@folder@/secret",
    "@folder@/victim",
    "@course@/solutions/quiz.py",
    "@course@/solutions/tests/quiz/normalise.py",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/machine-id",
    "@home@/.bashrc",
    "/proc/self/environ",
    "/proc/self/mem",
    "/proc/self/status",
    "/proc/1/environ",
    "/proc/@pid@/environ",
    "/proc/@pid@/mem",
    "/proc/@pid@/cmdline",
    os.path.join("/proc/@pid@/root", "etc/passwd"),
    f"/proc/{os.getppid()}/environ",
    "/proc/cpuinfo",
    "/proc/net/tcp",
    "/proc/kallsyms",
    "/sys/kernel/notes",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/shm",
    "/dev/tty",
    "/var/log/syslog",
]
FOLDERS = ["@folder@", "@course@", "@home@", "/home", "/etc", "/tmp", "/var", "/proc", "/sys", "/dev", "/mnt", "/run"]
WAYS = [
    lambda name: open(name, "rb").read(10),
    lambda name: os.read(os.open(name, os.O_RDONLY), 10),
    lambda name: np.fromfile(name, np.uint8, 10).tobytes(),
    lambda name: mmap.mmap(os.open(name, os.O_RDONLY), 1, prot=mmap.PROT_READ)[:1],
    lambda name: os.open(name, 3),
    lambda name: os.read(os.open("../" * 30 + name, os.O_RDONLY), 10),
    lambda name: os.listdir(os.open(name, os.O_RDONLY | os.O_DIRECTORY)),
]
for name in FILES:
    for way in WAYS:
        try:
            print("LEAK", name, way(name))
        except (OSError, ValueError):
            pass
for folder in FOLDERS:
    for way in (os.listdir, lambda name: list(os.scandir(name)), lambda name: os.listdir(os.open(name, os.O_RDONLY))):
        try:
            names = way(folder)
        except OSError:
            continue
        # Parts of the way to the interpreter, and the devices of the sandbox's own root, can be there.
        if set(map(str, names)) - {"null", "zero", "urandom"} and folder in ("@folder@", "@course@", "/proc", "/sys"):
            print("LEAK", folder, names)
for pattern in ("@course@/**/*.py", "/home/**/.ssh/*", "@home@/.ssh/*"):
    if glob.glob(pattern, recursive=True):
        print("LEAK", pattern)
try:
    print("LEAK", pathlib.Path("/proc/self/fd/3").resolve(strict=True), os.listdir("/proc/self/fd"))
except OSError:
    pass


# %%
def normalise(x):
    return pathlib.Path("@folder@/secret").read_text()


def tally(words):
    return {line: 1 for line in open("@course@/solutions/quiz.py")}


def pick(options, score):
    return open("/proc/@pid@/environ").read()


def root(x):
    return np.fromfile("@folder@/secret")
