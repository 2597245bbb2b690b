# rows: 33, 35
# what: system calls that no exercise needs, with arguments that would work elsewhere
# needs: x86_64
# expect: graded 0
import ctypes
import errno
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
ATTRIBUTES = ctypes.create_string_buffer(256)
CALLS = {
    "mount": (165, b"none", b"/", b"tmpfs", 0, 0),
    "umount2": (166, b"/", 2),
    "pivot_root": (155, b".", b"."),
    "chroot": (161, b"."),
    "unshare user": (272, 0x10000000),
    "unshare mount": (272, 0x20000),
    "unshare nothing": (272, 0),
    "setns": (308, 3, 0),
    "clone user": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "clone3": (435, ATTRIBUTES, 88),
    "add_key": (248, b"user", b"x", b"y", 1, -3),
    "request_key": (249, b"user", b"x", 0, -3),
    "keyctl": (250, 0, -3, 0, 0, 0),
    "io_uring_setup": (425, 8, ATTRIBUTES),
    "io_uring_enter": (426, 3, 1, 1, 0, 0, 0),
    "bpf": (321, 5, ATTRIBUTES, 128),
    "perf_event_open": (298, ATTRIBUTES, 0, -1, -1, 0),
    "userfaultfd": (323, 1),
    "shmget": (29, 1, 4096, 0o1777),
    "semget": (64, 1, 1, 0o1777),
    "msgget": (68, 1, 0o1777),
    "mq_open": (240, b"x", 0o102, 0o777, 0),
    "memfd_create": (319, b"x", 0),
    "memfd_secret": (447, 0),
    "open_by_handle_at": (304, -100, ATTRIBUTES, 0),
    "name_to_handle_at": (303, -100, b"/", ATTRIBUTES, ATTRIBUTES, 0),
    "fanotify_init": (300, 0, 0),
    "inotify_init1": (294, 0),
    "signalfd4": (289, -1, ATTRIBUTES, 8, 0),
    "timerfd_create": (283, 1, 0),
    "timer_create": (222, 1, None, ATTRIBUTES),
    "quotactl": (179, 0x800002, b"/", 0, ATTRIBUTES),
    "swapon": (167, b"/", 0),
    "reboot": (169, 0xFEE1DEAD, 672274793, 0, 0),
    "sethostname": (170, b"x", 1),
    "syslog": (103, 3, ATTRIBUTES, 64),
    "iopl": (172, 3),
    "modify_ldt": (154, 0, ATTRIBUTES, 64),
    "kexec_load": (246, 0, 0, 0, 0),
    "init_module": (175, ATTRIBUTES, 0, b""),
    "finit_module": (313, 3, b"", 0),
    "acct": (163, b"acct"),
    "settimeofday": (164, ATTRIBUTES, 0),
    "adjtimex": (159, ATTRIBUTES),
    "landlock_create_ruleset": (444, 0, 0, 1),
    "seccomp": (317, 1, 0, ATTRIBUTES),
    "capset": (126, ATTRIBUTES, ATTRIBUTES),
    "personality": (135, 0x40000),
    "mlockall": (151, 3),
    "mbind": (237, 0, 0, 0, 0, 0, 0),
    "move_pages": (279, 0, 0, 0, 0, 0, 0),
    "vmsplice": (278, 1, 0, 0, 0),
    "splice": (275, 0, 0, 1, 0, 1, 0),
    "tee": (276, 0, 1, 1, 0),
    "openat2": (437, -100, b".", struct.pack("<QQQ", 0, 0, 0), 24),
    "fsopen": (430, b"tmpfs", 0),
    "fsmount": (432, 3, 0, 0),
    "open_tree": (428, -100, b"/", 1),
    "move_mount": (429, -100, b"/", -100, b"/", 0),
    "mount_setattr": (442, -100, b"/", 0, ATTRIBUTES, 32),
    "process_mrelease": (448, 3, 0),
    "cachestat": (451, 1, ATTRIBUTES, ATTRIBUTES, 0),
    "a call of the future": (600,),
    "a call of the far future": (100_000,),
    "prctl subreaper": (157, 36, 1, 0, 0, 0),
    "prctl speculation": (157, 53, 0, 0, 0, 0),
    "prctl seccomp": (157, 22, 1, 0, 0, 0),
    "prctl capabilities": (157, 47, 2, 21, 0, 0),
    "prctl map": (157, 35, 1, 0, 0, 0),
    "prctl dispatch": (157, 59, 0, 0, 0, 0),
    "fcntl owner": (72, 3, 8, int("@pid@")),
    "fcntl signal": (72, 3, 10, 9),
    "fcntl lease": (72, 1, 1024, 1),
    "fcntl notify": (72, 0, 1026, 1),
    "fcntl pipe": (72, 1, 1031, 1 << 20),
    "fcntl lock": (72, 1, 6, ATTRIBUTES),
    "flock": (73, 1, 2),
    "ioctl owner": (16, 3, 0x8901, ATTRIBUTES),
    "ioctl async": (16, 3, 0x5452, ATTRIBUTES),
    "ioctl push": (16, 0, 0x5412, b"x"),
    "ioctl interfaces": (16, 3, 0x8912, ATTRIBUTES),
    "socketpair": (53, 1, 2, 0, ATTRIBUTES),
    "socketpair raw": (53, 1, 3, 0, ATTRIBUTES),
}
for name, (number, *arguments) in CALLS.items():
    ctypes.set_errno(0)
    given = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(x) if isinstance(x, int) else x for x in arguments))
    if given >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.ENOTTY):
        print("LEAK", name, given, os.strerror(ctypes.get_errno()))


# %%
def normalise(x):
    return None
