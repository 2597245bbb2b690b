# rows: 29, 44
# what: timers, handlers and masks that go off in the runner's code
# expect: graded 6
# honest: tally, pick, root
import faulthandler
import signal
import sys
import threading

handled = 0


def handler(number, frame):
    global handled
    handled += 1


for number in range(1, 65):
    try:
        signal.signal(number, handler)
    except (OSError, ValueError):
        pass
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.001, 0.001)
signal.siginterrupt(signal.SIGALRM, True)
faulthandler.enable()
faulthandler.dump_traceback_later(0.01)  # again and again, it crashes Python itself now and then
sys.setswitchinterval(1e-9)
threading.Timer(0.01, lambda: None).start()


# %%
def normalise(x):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGSEGV, signal.SIGCHLD, signal.SIGPIPE):
        signal.raise_signal(number)
    return handled
