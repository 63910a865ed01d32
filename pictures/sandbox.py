"""What a picture process may still do once it has loaded its decoders: think, and use what it was handed.

On Linux two locks, each where the kernel has it: a seccomp filter that answers every call of the system but
the few listed here with EPERM (no file is opened, no socket made, no program started, no process signalled),
and a Landlock domain in which nothing of the file system can be opened. Neither needs any privilege, neither
can be taken off again. (man 2 seccomp, man 7 landlock; numbers from the kernel's tables of system calls.)
"""

import ctypes
import errno
import os
import platform
import struct
import sys

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of the classic Berkeley packet filter (linux/bpf_common.h)."""
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
"""Where in ``struct seccomp_data`` they lie; arguments have eight bytes, their lower half first."""
_X32 = 0x40000000
_CLONE_THREAD, _AT_EMPTY_PATH = 0x10000, 0x1000

_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Linux's name of a machine in a filter (linux/audit.h), and its column in the tables below."""
_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, None),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "recvmsg": (47, 212),
    "exit": (60, 93),
    "getcwd": (79, 17),
    "ftruncate": (77, 46),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "sigaltstack": (131, 132),
    "setrlimit": (160, 164),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "rseq": (334, 293),
}
_CLONE, _CLONE3, _TGKILL, _PRLIMIT, _FSTATAT = (56, 220), (435, 435), (234, 131), (302, 261), (262, 79)
_FCNTL, _SET_FLAGS = (72, 25), 4
"""From its fourth command on it can let the kernel send signals to any process, or lock and lease files."""

_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION = 1
_FILE_RIGHTS = ((1, 0x1FFF), (2, 0x3FFF), (3, 0x7FFF), (5, 0xFFFF))
"""All rights over files that Landlock knows, by the version since which it does."""
_NETWORK_SINCE, _NETWORK, _SCOPES_SINCE, _SCOPES = 4, 0b11, 6, 0b11


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


class _Rules(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def enclose() -> tuple[str, ...]:
    """Lock this process in for good and name the locks that the kernel has: "landlock", "seccomp"."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _MACHINES:
        return ()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ()
    locks = {"landlock": _landlock(libc), "seccomp": _seccomp(libc, *_MACHINES[machine])}
    return tuple(name for name, closed in locks.items() if closed)


def _landlock(libc: ctypes.CDLL) -> bool:
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    if version < 1:
        return False
    rules = _Rules(
        files=next(rights for since, rights in reversed(_FILE_RIGHTS) if version >= since),
        network=_NETWORK if version >= _NETWORK_SINCE else 0,
        scopes=_SCOPES if version >= _SCOPES_SINCE else 0,
    )
    # An older kernel takes a longer structure as long as what it does not know is zero.
    handle = libc.syscall(_LANDLOCK_CREATE, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    if handle < 0:
        return False
    try:
        return libc.syscall(_LANDLOCK_RESTRICT, handle, 0) == 0
    finally:
        os.close(handle)


def _seccomp(libc: ctypes.CDLL, machine: int, column: int) -> bool:
    instructions = b"".join(_program(machine, column))
    program = _Filter(len(instructions) // 8, instructions)
    return libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0


def _program(machine: int, column: int) -> list[bytes]:
    """Write the filter; a test that holds goes on with the next instruction, otherwise a rule is skipped."""
    refused = _step(_RETURN, _ERROR | errno.EPERM)
    allowed = _step(_RETURN, _ALLOW)
    program = [
        _step(_LOAD, _MACHINE),
        _step(_EQUAL, machine, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32, 0, 1),
        refused,
    ]
    for numbers in _CALLS.values():
        if (number := numbers[column]) is not None:
            program += [_step(_EQUAL, number, 0, 1), allowed]
    # The C library falls back on clone, whose flags can be seen: threads may be made, processes not.
    program += [_step(_EQUAL, _CLONE3[column], 0, 1), _step(_RETURN, _ERROR | errno.ENOSYS)]
    program += _with_argument(_CLONE[column], 0, _step(_ANY_BIT, _CLONE_THREAD, 0, 1))
    # abort() signals itself; limits are set for oneself; fstat() of some C libraries is this.
    program += _with_argument(_TGKILL[column], 0, _step(_EQUAL, os.getpid(), 0, 1))
    program += _with_argument(_PRLIMIT[column], 0, _step(_EQUAL, 0, 0, 1))
    program += _with_argument(_FCNTL[column], 1, _step(_AT_LEAST, _SET_FLAGS, 1, 0))
    program += _with_argument(_FSTATAT[column], 3, _step(_ANY_BIT, _AT_EMPTY_PATH, 0, 1))
    return [*program, refused]


def _with_argument(number: int, argument: int, test: bytes) -> list[bytes]:
    """Allow a call whose argument passes a test, and refuse it otherwise."""
    return [
        _step(_EQUAL, number, 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT + 8 * argument),
        test,
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _ERROR | errno.EPERM),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
