# rows: 7, 24
# what: writes to terminals, devices and the grader's own output
# expect: graded 0
import fcntl
import os

for name in (
    "/dev/tty", "/dev/console", "/dev/tty0", "/dev/pts/0", "/dev/fd/3",
    "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/random", "/dev/full", "/dev/ptmx", "/dev/fuse",
    "/dev/net/tun", "/dev/kvm", "/proc/@pid@/fd/1", "/proc/@pid@/fd/2", f"/proc/{os.getppid()}/fd/1",
):  # fmt: skip
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_NOCTTY | os.O_APPEND):
        try:
            descriptor = os.open(name, flags)
            os.write(descriptor, b"PASSED\n")
            print("LEAK", name)
        except OSError:
            pass
for number in range(4):
    for command in (0x5412, 0x540E, 0x5410, 0x5422, 0x5401):  # TIOCSTI, TIOCSCTTY, TIOCSPGRP, TIOCNOTTY, TCGETS
        try:
            fcntl.ioctl(number, command, b"PASSED\n")
            print("LEAK ioctl", number, command)
        except OSError:
            pass


# %%
def normalise(x):
    return os.ttyname(1)
