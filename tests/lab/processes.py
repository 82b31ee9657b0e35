"""Finding and ending the processes of a lab."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.lab.spec import ANCHOR_VARIABLE

_NAMESPACES = ("net", "mnt", "pid")


def start_time(pid: int) -> str | None:
    """When a process started (kernel ticks), None if there is no such process.

    Together with the number it tells a process from a later one that got the
    same number. A zombie counts as gone.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def is_alive(pid: int, started: str) -> bool:
    """Is this still the process that started then?"""
    return start_time(pid) == started


def anchors(lab: str) -> list[int]:
    """The processes that hold the namespaces of a lab, found by their mark."""
    mark = f"{ANCHOR_VARIABLE}={lab}".encode()
    return [pid for pid in _all_pids() if mark in _environment(pid)]


def anchored_labs() -> set[str]:
    """The names of all labs that have a process left."""
    prefix = f"{ANCHOR_VARIABLE}=".encode()
    return {
        value.removeprefix(prefix).decode()
        for pid in _all_pids()
        for value in _environment(pid)
        if value.startswith(prefix)
    }


def namespaces(pids: Iterable[int]) -> set[str]:
    """The namespaces of these processes that are not the machine's own."""
    found = {name for pid in pids for name in _namespaces_of(pid)}
    return found - set(_namespaces_of(os.getpid())) - set(_namespaces_of(1))


def inhabitants(spaces: set[str]) -> list[int]:
    """All processes that live in any of these namespaces."""
    return [pid for pid in _all_pids() if not spaces.isdisjoint(_namespaces_of(pid))]


def end(pids: Iterable[int], seconds: float = 60.0) -> None:
    """Kill these processes and wait until they are gone."""
    waiting = {pid: start_time(pid) for pid in pids if pid != os.getpid()}
    for pid in waiting:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + seconds
    while any(started and is_alive(pid, started) for pid, started in waiting.items()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes do not end: {sorted(waiting)}")
        time.sleep(0.01)


def _all_pids() -> Iterator[int]:
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            yield int(entry)


def _environment(pid: int) -> list[bytes]:
    if pid == os.getpid():
        return []
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _namespaces_of(pid: int) -> list[str]:
    found = []
    for kind in _NAMESPACES:
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/{pid}/ns/{kind}"))
    return found
