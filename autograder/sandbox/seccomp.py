"""The system calls that student code may make: a seccomp filter for x86-64 and AArch64, as classic BPF.

An allow-list: what is not named is answered with ENOSYS, as an older kernel would, and what is named as refused with
EPERM, so that a library sees an ordinary error. A call through another ABI (i386, x32) ends the process.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable

__all__ = ["filter_program"]

# name:number on x86-64:number on AArch64, "-" where the machine lacks the call
_ALLOWED = """
    read:0:63 write:1:64 readv:19:65 writev:20:66 pread64:17:67 pwrite64:18:68 preadv:295:69 pwritev:296:70
    close:3:57 close_range:436:436 lseek:8:62 fstat:5:80 newfstatat:262:79 stat:4:- lstat:6:- statx:332:291
    access:21:- faccessat:269:48 faccessat2:439:439 readlink:89:- readlinkat:267:78
    getcwd:79:17 chdir:80:49 mkdir:83:- mkdirat:258:34 rmdir:84:- unlink:87:- unlinkat:263:35 rename:82:-
    renameat:264:38 renameat2:316:276 ftruncate:77:46 fallocate:285:47 dup:32:23 dup2:33:-
    dup3:292:24 pipe:22:- pipe2:293:59 poll:7:- ppoll:271:73 select:23:- pselect6:270:72
    epoll_create1:291:20 epoll_ctl:233:21 epoll_wait:232:- epoll_pwait:281:22 eventfd2:290:19
    getdents64:217:61 mmap:9:222 munmap:11:215 mprotect:10:226 mremap:25:216 madvise:28:233 mincore:27:232
    brk:12:214 msync:26:227 futex:202:98 set_robust_list:273:99 get_robust_list:274:100 rseq:334:293
    set_tid_address:218:96 exit:60:93 exit_group:231:94 rt_sigaction:13:134 rt_sigprocmask:14:135
    rt_sigreturn:15:139 rt_sigtimedwait:128:137 rt_sigpending:127:136 rt_sigsuspend:130:133
    sigaltstack:131:132 getpid:39:172 getppid:110:173 gettid:186:178 getuid:102:174 geteuid:107:175
    getgid:104:176 getegid:108:177 getresuid:118:148 getresgid:120:150 getgroups:115:158 getpgrp:111:-
    getpgid:121:155 getsid:124:156 clock_gettime:228:113 clock_getres:229:114 clock_nanosleep:230:115
    gettimeofday:96:169 time:201:- nanosleep:35:101 setitimer:38:103 getitimer:36:102 alarm:37:- pause:34:-
    getrusage:98:165 times:100:153 sysinfo:99:179 uname:63:160 getrandom:318:278 sched_yield:24:124
    sched_getaffinity:204:123 sched_getscheduler:145:120 sched_getparam:143:121 sched_get_priority_max:146:125
    sched_get_priority_min:147:126 getcpu:309:168 getrlimit:97:163 arch_prctl:158:-
    membarrier:324:283 sendto:44:206 recvfrom:45:207 sendmsg:46:211 recvmsg:47:212 shutdown:48:210
    getsockname:51:204 getpeername:52:205 getsockopt:55:209 setsockopt:54:208 umask:95:166
    fsync:74:82 fdatasync:75:83 fadvise64:221:223 statfs:137:43 fstatfs:138:44 copy_file_range:326:285
    sendfile:40:71 fchdir:81:50 restart_syscall:219:128 wait4:61:260
    waitid:247:95
"""
_REFUSED = """
    socket:41:198 connect:42:203 bind:49:200 listen:50:201 accept:43:202 accept4:288:242 execve:59:221
    execveat:322:281 fork:57:- vfork:58:- ptrace:101:117 process_vm_readv:310:270 process_vm_writev:311:271
    mount:165:40 umount2:166:39 unshare:272:97 setns:308:268 memfd_create:319:279 link:86:- linkat:265:37
    symlink:88:- symlinkat:266:36 mknod:133:- mknodat:259:33 setuid:105:146 setgid:106:144 setresuid:117:147
    setresgid:119:149 kexec_load:246:104 bpf:321:280 perf_event_open:298:241 keyctl:250:219 add_key:248:217
    request_key:249:218 io_uring_setup:425:425 userfaultfd:323:282 shmget:29:194 chroot:161:51
    pivot_root:155:41 setrlimit:160:164 flock:73:32 tkill:200:130
"""
# Allowed on tier A alone. They work on files by name, and Landlock has no say in them: without a root of its own, a
# submission could change the mode or date of any file of the user that it runs as.
_BY_NAME = "chmod:90:- fchmod:91:52 fchmodat:268:53 utimensat:280:88 truncate:76:45"
# Allowed to a compiler, which is several programs.
_STARTING = "execve:59:221 fork:57:- vfork:58:-"
_OPEN = {"x86_64": ((2, 1), (257, 2)), "aarch64": ((56, 2),)}  # number, and which argument holds the flags
_IOCTL = {"x86_64": 16, "aarch64": 29}
_CLONE = {"x86_64": 56, "aarch64": 220}
_FCNTL = {"x86_64": 72, "aarch64": 25}
_SOCKETPAIR = {"x86_64": 53, "aarch64": 199}
_PRLIMIT = {"x86_64": 302, "aarch64": 261}
_PRCTL = {"x86_64": 157, "aarch64": 167}
_KILL = {"x86_64": (62, 234), "aarch64": (129, 131)}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_KILL_PROCESS, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_CLONE_THREAD, _CLONE_NAMESPACES = 0x00010000, 0x7E020000
_AF_UNIX = 1
_SOCKET_TYPES = 0xF
_STREAM, _SEQUENCED = 1, 5
_O_ACCMODE, _O_TRUNC = 0x3, 0x200
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ: no locks, no leases, and no F_SETOWN,
# with which the kernel would send another process a signal of the caller's choice.
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030, 1032)
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
_IOCTL_COMMANDS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Reading the own state, PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_VMA (names of memory areas); not PR_SET_PDEATHSIG, so that
# the kill at the parent's end stays set.
_PRCTL_OPTIONS = (2, 3, 4, 15, 16, 21, 23, 39, 0x53564D41)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _numbers(table: str, machine: str) -> list[int]:
    column = 1 if machine == "x86_64" else 2
    fields = (entry.split(":") for entry in table.split())
    return [int(field[column]) for field in fields if field[column] != "-"]


def _for_call(number: int, body: bytes) -> bytes:
    """``body`` when the system call is ``number``; every path through ``body`` returns."""
    return _instruction(_EQUAL, number, 0, len(body) // 8) + body


def _argument(index: int) -> bytes:
    """Load the low half of an argument."""
    return _instruction(_LOAD, 16 + 8 * index)


def _allow_if_equal(index: int, values: Iterable[int], error: int = errno.EPERM) -> bytes:
    tests = [_instruction(_EQUAL, value, 0, 1) + _instruction(_RETURN, _ALLOW) for value in values]
    return _argument(index) + b"".join(tests) + _instruction(_RETURN, _ERRNO | error)


def filter_program(own_pid: int | None = None, *, starts_programs: bool = False) -> bytes:
    """Build the filter for this machine.

    Args:
        own_pid: the process that may be signalled, where no pid namespace keeps the others out of reach;
            None allows every pid that the process can see.
        starts_programs: allow fork and exec, as a compiler needs them. Then files' modes cannot be changed on any tier.

    Returns:
        An array of ``struct sock_filter``.

    Raises:
        OSError: no filter is known for this machine's architecture.
    """
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        raise OSError(f"no system-call filter for {machine}")
    refuse = _instruction(_RETURN, _ERRNO | errno.EPERM)
    allow = _instruction(_RETURN, _ALLOW)
    program = [
        _instruction(_LOAD, 4) + _instruction(_EQUAL, _AUDIT_ARCH[machine], 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD, 0),
    ]
    if machine == "x86_64":  # the x32 ABI
        program.append(_instruction(_AT_LEAST, 0x40000000, 0, 1) + _instruction(_RETURN, _KILL_PROCESS))
    program += [_for_call(number, allow) for number in _numbers(_ALLOWED, machine)]
    by_name = allow if own_pid is None and not starts_programs else refuse
    program += [_for_call(number, by_name) for number in _numbers(_BY_NAME, machine)]
    # Threads, but no processes: the memory limit then bounds everything the submission runs.
    threads = _argument(0) + _instruction(_ANY_BIT, _CLONE_THREAD, 0, 1) + allow + refuse
    if starts_programs:
        program += [_for_call(number, allow) for number in _numbers(_STARTING, machine)]
        threads = _argument(0) + _instruction(_ANY_BIT, _CLONE_NAMESPACES, 0, 1) + refuse + allow
    program.append(_for_call(_CLONE[machine], threads))
    for number, flags in _OPEN[machine]:
        mode = _argument(flags) + _instruction(_AND, _O_ACCMODE)
        neither = _instruction(_EQUAL, _O_ACCMODE, 0, 1) + refuse  # Landlock sees no reading or writing in it
        writing = _instruction(_EQUAL, 0, 1, 0) + allow
        # Before its version 3, Landlock lets a file be emptied by opening it to read.
        emptying = _argument(flags) + _instruction(_ANY_BIT, _O_TRUNC, 0, 1) + refuse
        program.append(_for_call(number, mode + neither + writing + emptying + allow))
    # A datagram socket could send to any named socket; a pair that is connected, only to its other end.
    kind = _argument(1) + _instruction(_AND, _SOCKET_TYPES)
    connected = _instruction(_EQUAL, _STREAM, 2, 0) + _instruction(_EQUAL, _SEQUENCED, 1, 0) + refuse
    program.append(_for_call(_SOCKETPAIR[machine], kind + connected + _allow_if_equal(0, [_AF_UNIX])))
    program.append(_for_call(_FCNTL[machine], _allow_if_equal(1, _FCNTL_COMMANDS)))
    program.append(_for_call(_IOCTL[machine], _allow_if_equal(1, _IOCTL_COMMANDS, errno.ENOTTY)))
    program.append(_for_call(_PRLIMIT[machine], _allow_if_equal(0, [0])))
    program.append(_for_call(_PRCTL[machine], _allow_if_equal(0, _PRCTL_OPTIONS)))
    for number in _KILL[machine]:
        program.append(_for_call(number, allow if own_pid is None else _allow_if_equal(0, [own_pid])))
    program += [_for_call(number, refuse) for number in _numbers(_REFUSED, machine)]
    program.append(_instruction(_RETURN, _ERRNO | errno.ENOSYS))
    return b"".join(program)
