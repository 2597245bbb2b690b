# rows: 18, 26
# what: looks for what could tell it about the machine, its user and the grading
# expect: graded 0
# never: ATTACKS_PLANTED
import ctypes
import getpass
import locale
import os
import platform
import pwd
import socket
import sys

libc = ctypes.CDLL(None)


def attempt(look):
    try:
        print(repr(look())[:2000])
    except BaseException as error:
        print(type(error).__name__)


environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
for look in (
    lambda: dict(os.environ),
    lambda: [environ[index] for index in range(len(os.environ))],
    lambda: sys.argv,
    lambda: sys.orig_argv,
    lambda: open("/proc/self/cmdline").read(),
    lambda: open("/proc/self/environ").read(),
    lambda: open("/proc/1/cmdline").read(),
    os.getcwd,
    lambda: os.listdir(".."),
    lambda: os.listdir("/"),
    lambda: (os.getuid(), os.getgid(), os.getgroups(), os.getpid(), os.getppid()),
    getpass.getuser,
    lambda: pwd.getpwuid(os.getuid()),
    socket.gethostname,
    platform.uname,
    lambda: os.path.expanduser("~"),
    lambda: locale.getlocale(),
    lambda: sys.path,
    lambda: open("/etc/hostname").read(),
):
    attempt(look)
if set(os.environ) - set(
    "PATH HOME LANG LC_CTYPE TMPDIR MPLBACKEND MPLCONFIGDIR PYTHONHASHSEED PYTHONDONTWRITEBYTECODE MALLOC_ARENA_MAX "
    "OPENBLAS_NUM_THREADS "
    "OMP_NUM_THREADS MKL_NUM_THREADS GENAI_NUM_THREADS NUMEXPR_NUM_THREADS".split()
):
    print("LEAK", set(os.environ))
if sys.argv != ["submission"]:
    print("LEAK", sys.argv)


# %%
def normalise(x):
    return dict(os.environ)


tally = root = normalise


def pick(options, score):
    return str(sys.orig_argv)
