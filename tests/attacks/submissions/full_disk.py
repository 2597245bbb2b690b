# rows: 42
# what: fills its folder with bytes and with files; on tier B the folder has no limit, only each file in it
# expect: graded 6
# honest: tally, pick, root
# output on A: No space left
# output: File too large
import errno
import os

block = bytes(1 << 20)
try:
    with open("large", "wb") as file:
        for _ in range(10):
            file.write(block)
except OSError as error:
    print(error.strerror)
try:
    for number in range(12):
        with open(f"file-{number}", "wb") as file:
            file.write(block)
except OSError as error:
    print(error.strerror)
for name in os.listdir("."):
    os.remove(name)
try:
    for number in range(600):
        os.mkdir(f"folder-{number}")
except OSError as error:
    print(error.strerror)
with_holes = os.open("/dev/null", os.O_WRONLY)
try:
    with open("sparse", "wb") as file:
        file.truncate(1 << 40)
    print("LEAK sparse")
except OSError as error:
    print(errno.errorcode[error.errno])


# %%
def normalise(x):
    while True:
        open("again", "wb").write(block * 10)
