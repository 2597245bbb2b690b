# rows: 33, 46
# what: runs machine code of its own, from memory and from a file
# needs: x86_64
# expect: graded 0
import ctypes
import mmap
import os

EXEC = b"\x48\x31\xc0\xb0\x39\x0f\x05\xc3"  # xor rax, rax; mov al, 57 (fork); syscall; ret
memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(EXEC)
code = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
if code() != -1:
    print("LEAK fork", code())
libc = ctypes.CDLL(None, use_errno=True)
descriptor = libc.memfd_create(b"program", 0)
if descriptor >= 0:
    print("LEAK memfd")
with open("library.so", "wb") as file:
    file.write(b"\x7fELF" + bytes(1000))
os.chmod("library.so", 0o755) if "autograder-" not in os.getcwd() else None
for attempt in (
    lambda: ctypes.CDLL("./library.so"),
    lambda: os.execv("./library.so", ["x"]),
    lambda: os.execve(os.open("library.so", os.O_RDONLY), ["x"], {}),
    lambda: os.execv("/proc/self/exe", ["x"]),
    lambda: os.execv("/lib64/ld-linux-x86-64.so.2", ["ld", "/usr/bin/id"]),
):
    try:
        attempt()
        print("LEAK", attempt)
    except OSError:
        pass


# %%
def normalise(x):
    return code()
