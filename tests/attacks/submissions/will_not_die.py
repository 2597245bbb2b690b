# rows: 29, 44
# what: ignores every signal, asks not to die with its parent, and sleeps
# seconds: 0.4
# forms: py
# expect: timeout 6
# honest: tally, pick, root
import ctypes
import os
import signal
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
if libc.prctl(1, 0, 0, 0, 0) == 0:  # PR_SET_PDEATHSIG
    print("LEAK PDEATHSIG")
for set_user in (os.setuid, os.setgid, lambda uid: os.setresuid(uid, uid, uid), os.setreuid and (lambda uid: os.setreuid(uid, uid))):
    try:
        set_user(os.getuid())
        print("LEAK setuid")
    except OSError:
        pass
try:
    os.setsid()
except OSError:
    pass


# %%
def normalise(x):
    threading.Thread(target=time.sleep, args=(100,)).start()
    while True:
        try:
            time.sleep(100)
        except BaseException:
            pass
