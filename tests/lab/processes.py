"""Finding and ending the processes of a lab."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.lab.spec import ANCHOR_VARIABLE, HOME_VARIABLE

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


def home() -> str:
    """The namespaces that we live in, as a word."""
    return ",".join(sorted(_namespaces_of(os.getpid())))


def anchors(lab: str) -> list[int]:
    """The processes that hold the namespaces of a lab, found by their mark."""
    return [pid for pid, name, _ in _marked() if name == lab]


def anchored_labs() -> set[str]:
    """The names of all labs that have a process left."""
    return {name for _, name, _ in _marked()}


def namespaces(pids: Iterable[int]) -> set[str]:
    """The namespaces that these anchors made: whatever their starter lived in as well is the machine's, not theirs.

    Not told from our own or those of process 1, which may be others, or unreadable: a lab that ends whoever is in
    the machine's own namespaces ends the machine.
    """
    homes = {pid: words for pid, _, words in _marked()}
    return {name for pid in pids if pid in homes for name in _namespaces_of(pid) if name not in homes[pid]}


def inhabitants(spaces: set[str]) -> list[int]:
    """All processes that live in any of these namespaces. Raises ``RuntimeError`` where a process that we descend
    from is among them, and is no anchor (one may start what takes its lab down): those are not a lab's."""
    found = [pid for pid in _all_pids() if not spaces.isdisjoint(_namespaces_of(pid))]
    ours = _ancestry().intersection(found).difference({os.getpid()}, (pid for pid, _, _ in _marked()))
    if ours:
        raise RuntimeError(f"the namespaces {sorted(spaces)} are those of our own processes {sorted(ours)}")
    return found


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


def _marked() -> Iterator[tuple[int, str, frozenset[str]]]:
    """(process, its lab, the namespaces of its starter) of all anchors whose lab was started where we live: the
    folder of any other is not seen from here, so that one looks abandoned which is not."""
    own = set(_namespaces_of(os.getpid(), ("mnt",)))
    for pid in _all_pids():
        found = _environment(pid)
        if ANCHOR_VARIABLE in found:
            words = frozenset(found.get(HOME_VARIABLE, "").split(","))
            if own <= words:
                yield pid, found[ANCHOR_VARIABLE], words


def _environment(pid: int) -> dict[str, str]:
    if pid == os.getpid():
        return {}
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return {}
    return {name: value for name, found, value in (word.partition("=") for word in words) if found}


def _ancestry() -> set[int]:
    """We, our parent, its parent and so on, as far as they are seen."""
    found: set[int] = set()
    pid = os.getpid()
    while pid > 0 and pid not in found:
        found.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found


def _namespaces_of(pid: int, kinds: Sequence[str] = _NAMESPACES) -> list[str]:
    found = []
    for kind in kinds:
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/{pid}/ns/{kind}"))
    return found
