"""``python tests/e2e/confined.py``: the bot under what the kernel enforces of its systemd unit.

Of a unit's lines those that could be in the picture sandbox's way: which calls of the system it may make
(``SystemCallFilter``), and no memory that is both written and run (``MemoryDenyWriteExecute``). systemd makes
the same filters of them by the same library (``man 5 systemd.exec``).
"""

import ctypes
import ctypes.util
import errno
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "darkroom.service"
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_MASKED_EQUAL = 7
_WRITE, _EXECUTE = 2, 4


class _Condition(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def values(key: str, unit: Path = UNIT) -> list[str]:
    """Return what a unit sets a key to, line by line."""
    lines = (line.partition("=") for line in unit.read_text(encoding="utf-8").splitlines())
    return [value for name, _, value in lines if name == key]


def allowed() -> set[str]:
    """Return the names of the calls that the unit allows, its groups written out by systemd itself."""
    found: set[str] = set()
    for value in values("SystemCallFilter"):
        names = {name for word in value.removeprefix("~").split() for name in _members(word)}
        found = found - names if value.startswith("~") else found | names
    # What systemd adds to every list of this kind, and what it takes for the start itself.
    return found | {*_members("@default"), "execve"}


def _members(word: str) -> Iterator[str]:
    if not word.startswith("@"):
        yield word
        return
    command = ["systemd-analyze", "syscall-filter", word]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in told.stdout.splitlines()[1:]:
        if name := line.partition("#")[0].strip():
            yield from _members(name)


def confine() -> None:
    """Take the unit's filters on, for good, for this process and all that it starts."""
    library = ctypes.CDLL(ctypes.util.find_library("seccomp"), use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    names = allowed()
    if values("MemoryDenyWriteExecute") == ["yes"]:
        refusing = ctypes.c_void_p(library.seccomp_init(_ALLOW))
        _refuse(library, refusing, "mmap", _WRITE | _EXECUTE)
        _refuse(library, refusing, "mprotect", _EXECUTE)
        _refuse(library, refusing, "pkey_mprotect", _EXECUTE)
        _check(library.seccomp_load(refusing))
    allowing = ctypes.c_void_p(library.seccomp_init(_REFUSE))
    for name in names:
        if (number := library.seccomp_syscall_resolve_name(name.encode())) >= 0:
            _check(library.seccomp_rule_add_array(allowing, _ALLOW, number, 0, None))
    _check(library.seccomp_load(allowing))


def _refuse(library: ctypes.CDLL, refusing: ctypes.c_void_p, name: str, bits: int) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    condition = _Condition(2, _MASKED_EQUAL, bits, bits)
    _check(library.seccomp_rule_add_array(refusing, _REFUSE, number, 1, ctypes.byref(condition)))


def _check(status: int) -> None:
    if status != 0:
        raise OSError(-status, os.strerror(-status))


if __name__ == "__main__":
    confine()
    sys.argv = [str(ROOT / "bot.py")]
    runpy.run_path(sys.argv[0], run_name="__main__")
