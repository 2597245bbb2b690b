# rows: 42
# what: sparse files, files without a name, thousands of folders in each other
# expect: graded 10
# honest: normalise, tally, pick, root
import os

for number in range(40):
    try:
        descriptor = os.open(f"file-{number}", os.O_RDWR | os.O_CREAT)
        os.unlink(f"file-{number}")
        os.ftruncate(descriptor, 2 << 20)
        os.posix_fallocate(descriptor, 0, 2 << 20)
    except OSError as error:
        print(error.strerror)
try:
    for number in range(500):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
except OSError as error:
    print(error.strerror)
