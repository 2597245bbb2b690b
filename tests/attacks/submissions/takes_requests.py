# rows: 6, 18
# what: reads the connection in place of the runner, to see what comes
# seconds: 0.5
# forms: py
# expect: timeout 0
import os
import threading
import time

seen = []


def steal():
    seen.append(os.read(3, 1 << 20))
    print(seen[-1], flush=True)


threading.Thread(target=steal, daemon=True).start()


# %%
def normalise(x):
    while not seen:  # the runner was first; there is no other request until this one is answered
        time.sleep(0.01)
    return seen

