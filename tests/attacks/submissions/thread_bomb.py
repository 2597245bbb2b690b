# rows: 39
# what: as many threads as it gets
# expect: graded 6
# honest: tally, pick, root
# output on A: ^3[01] threads
import threading

started = 0
waiting = threading.Event()
threading.stack_size(32 * 1024)
try:
    for _ in range(100_000):
        threading.Thread(target=waiting.wait, daemon=True).start()
        started += 1
except RuntimeError as error:
    print(started, "threads:", error)
if started > 1000:
    print("LEAK", started)


# %%
def normalise(x):
    threading.Thread(target=waiting.wait).start()
