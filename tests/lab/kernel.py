"""The few system calls that Python 3.11 has no function for."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from collections.abc import Iterator

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_BIND = 0x1000
MS_MOVE = 0x2000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces that ``flags`` names for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


@contextlib.contextmanager
def network_of(pid: int) -> Iterator[None]:
    """Be in another process's network namespace, with this thread, for as long as it takes to make a socket: that
    one stays there. Nothing may be awaited meanwhile."""
    with open(f"/proc/self/task/{threading.get_native_id()}/ns/net") as here, open(f"/proc/{pid}/ns/net") as there:
        _check(_libc.setns(ctypes.c_int(there.fileno()), ctypes.c_int(CLONE_NEWNET)), "setns")
        try:
            yield
        finally:
            _check(_libc.setns(ctypes.c_int(here.fileno()), ctypes.c_int(CLONE_NEWNET)), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    result = _libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )
    _check(result, f"mount {kind or source} on {target}")


def detach(target: str) -> None:
    """Unmount now, or as soon as nobody uses it any more."""
    _check(_libc.umount2(target.encode(), ctypes.c_int(MNT_DETACH)), f"umount {target}")
