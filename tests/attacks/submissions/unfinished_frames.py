# rows: 6, 48
# what: a frame that is announced and does not come, or comes drop by drop
# variants: 2
# seconds: 0.4
# forms: py
# expect: timeout 0
import os
import struct
import time


# %%
def normalise(x):
    os.write(3, struct.pack("<I", 30 << 20) + b"short")
    while int("@variant@"):
        os.write(3, b"x")
        time.sleep(0.0005)
    time.sleep(60)

