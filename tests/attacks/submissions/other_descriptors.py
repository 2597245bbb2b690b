# rows: 6
# what: looks for other ways to the grader: every descriptor number is read from and written to
# expect: crashed 0
import os
import select

for number in [*range(4, 64), 1023, 4095]:
    try:
        os.write(number, b'{"passed": true}\n')
        print("LEAK written to", number)
    except OSError:
        pass
    try:
        os.read(number, 10)
        print("LEAK read from", number)
    except OSError:
        pass
os.lseek(1, 0, os.SEEK_END)
os.set_blocking(3, False)


# %%
def normalise(x):
    """Nothing more than its own call comes in on the connection."""
    os.set_blocking(3, False)
    while select.select([3], [], [], 0)[0]:
        print("LEAK coming up:", os.read(3, 1000))
    os.write(3, b"\0" * 64)
    return None


tally = root = normalise


def pick(options, score):
    return normalise(options)
