# rows: 3, 40
# what: maps, remaps, advises and shares memory in odd ways
# expect: graded 6
# honest: tally, pick, root
import ctypes
import mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mremap.restype = ctypes.c_void_p
PAGE = mmap.PAGESIZE


def normalise(x):
    block = mmap.mmap(-1, 64 * PAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(block))
    for advice in range(0, 110):
        libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(PAGE), advice)
    for protection in range(8):
        libc.mprotect(ctypes.c_void_p(address + 8 * PAGE), ctypes.c_size_t(PAGE), protection)
    for flags in (0x22, 0x21, 0x122, 0x8022, 0x40022, 0x2022, 0x100022, 0x01, 0x03):
        for size in (PAGE, 1 << 40, 1 << 62):
            libc.mmap(None, ctypes.c_size_t(size), 3, flags, -1, 0)
    for where in (0, 0x1000, 0x7FFFFFFFF000, 0xFFFFFFFFFF600000):
        libc.mmap(ctypes.c_void_p(where), ctypes.c_size_t(PAGE), 7, 0x100022, -1, 0)
    for number in (149, 150, 151, 325, 216, 237, 238, 239, 329, 453):  # locks, policies, keys, shadow stacks
        libc.syscall(ctypes.c_long(number), ctypes.c_void_p(address), ctypes.c_size_t(PAGE), 0, 0, 0, 0)
    return None
