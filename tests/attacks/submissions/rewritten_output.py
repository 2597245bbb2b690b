# rows: 7, 43
# what: cuts, fills, seeks in and maps the file that its output goes to
# expect: graded 10
# honest: normalise, tally, pick, root
import mmap
import os

print("first", flush=True)
for change in (
    lambda: os.ftruncate(1, 0),
    lambda: os.ftruncate(1, 1 << 40),
    lambda: os.ftruncate(1, 1 << 20),
    lambda: os.posix_fallocate(1, 0, 1 << 20),
    lambda: os.lseek(1, 1 << 50, os.SEEK_SET),
    lambda: os.pwrite(1, b"far away", (2 << 20) - 4),
    lambda: mmap.mmap(1, 1 << 20, mmap.MAP_SHARED, mmap.PROT_WRITE).write(b"\xff" * 1000),
    lambda: os.ftruncate(1, 3),
):
    try:
        change()
    except (OSError, ValueError):
        pass
