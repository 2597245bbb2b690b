# rows: 5, 15
# what: a thread changes an answer while it is written down: each answer counts once, as it arrives
# expect: graded 6
# honest: tally, pick, root
import threading
import time

import numpy as np

right, wrong = np.array([0.25, 0.25, 0.5]), np.zeros(3)
answer = np.zeros(3)
swapped = [0.0] * 3


def swap():
    while True:
        answer[:] = wrong
        answer[:2] = np.nan
        swapped.append(0.0)
        swapped.pop()
        time.sleep(0.00001)


threading.Thread(target=swap, daemon=True).start()


def normalise(x):
    return answer if len(x) > 3 else swapped
