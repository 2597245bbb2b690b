# rows: 34
# what: system calls through the other ABIs of the processor
# variants: 2
# needs: x86_64
# expect: crashed 6
# honest: tally, pick, root
# error: SIGSYS
import ctypes
import mmap

X32 = b"\xb8\x27\x00\x00\x40\x0f\x05\xc3"  # mov eax, 0x40000027; syscall; ret
I386 = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret


def normalise(x):
    code = (X32, I386)[int("@variant@")]
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()
