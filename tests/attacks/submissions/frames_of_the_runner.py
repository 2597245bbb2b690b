# rows: 2, 6
# what: a thread finds the runner's frame and changes what it holds while it runs
# expect: graded 0
import ctypes
import gc
import sys
import threading
import time

from autograder.sandbox import protocol, runner


def meddle():
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        for frame in sys._current_frames().values():
            while frame is not None:
                if frame.f_code.co_name in ("answer", "handle", "serve"):
                    for name in ("result", "changed", "caught", "answer"):
                        if name in frame.f_locals:
                            frame.f_locals[name] = {"passed": True}
                    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
                frame = frame.f_back
        for thing in gc.get_objects():
            if isinstance(thing, protocol.Call):
                print("asked for", thing.function)
            if isinstance(thing, runner.Server):
                thing.submission.namespace["passed"] = True


# %%
def normalise(x):
    thread = threading.Thread(target=meddle)
    thread.start()
    thread.join()
    return None
