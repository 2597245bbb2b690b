# rows: 32, 38
# what: starts programs and copies of itself
# expect: graded 0
# output: Operation not permitted
import ctypes
import multiprocessing
import os
import pty
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

libc = ctypes.CDLL(None, use_errno=True)
COMMAND = [sys.executable, "-c", "open('@folder@/open/started', 'w')"]
for attempt in (
    lambda: subprocess.run(COMMAND),
    lambda: subprocess.run("touch @folder@/open/started", shell=True),
    lambda: subprocess.Popen(["/bin/sh", "-c", "true"]),
    lambda: os.posix_spawn("/bin/true", ["true"], {}),
    lambda: os.spawnv(os.P_NOWAIT, "/bin/true", ["true"]),
    lambda: os.popen("true").read(),
    lambda: os.fork(),
    lambda: os.forkpty(),
    lambda: pty.fork(),
    lambda: multiprocessing.Process(target=print).start(),
    lambda: multiprocessing.get_context("fork").Process(target=print).start(),
    lambda: ProcessPoolExecutor(1).submit(print).result(),
    lambda: os.execv("/bin/true", ["true"]),
    lambda: os.execv(sys.executable, COMMAND),
    lambda: subprocess.run([sys.executable, "-m", "pip", "install", "evil"]),
):
    try:
        attempt()
        print("LEAK", attempt)
    except OSError as error:
        print(error)
if os.system("touch @folder@/open/started") == 0:
    print("LEAK system")
for number, *arguments in [(57,), (58,), (56, 17, 0, 0, 0, 0), (56, 0x4100, 0, 0, 0, 0), (435, None, 88), (322, 0, b"", 0, 0, 0)]:
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:  # fork, vfork, clone, clone3, execveat
        print("LEAK system call", number)


# %%
def normalise(x):
    while True:
        os.fork()


tally = root = normalise


def pick(options, score):
    return subprocess.check_output(["cat", "@folder@/secret"])
