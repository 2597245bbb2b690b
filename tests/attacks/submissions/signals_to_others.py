# rows: 28
# what: signals everyone: parent, group, the grader, all
# expect: graded 0
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)


def strike():
    for pid in (-1, 0, os.getppid(), -os.getppid(), int("@pid@"), -int("@pid@"), 1, 2, 3):
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGKILL):
            if pid == os.getpid() or (pid in (1, 0) and os.getpid() == 1):
                continue  # tier A: it is 1 itself
            try:
                os.kill(pid, number)
                print("sent", pid, number)
            except OSError:
                pass
    for number in (129, 297, 424):  # rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal
        if libc.syscall(ctypes.c_long(number), int("@pid@"), int("@pid@"), 9, None) == 0:
            print("LEAK", number)


strike()


# %%
def normalise(x):
    strike()
    return None


tally = root = normalise


def pick(options, score):
    strike()
