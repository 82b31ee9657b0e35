"""The cgroups of a lab, with either version of the kernel's interface."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


def hierarchies() -> list[Path]:
    """The roots of all cgroup hierarchies: one with version 2."""
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    if not _ROOT.is_dir():
        return []
    # Names like "cpu,cpuacct" are the folder, "cpu" is then a link to it.
    return sorted({each.resolve() for each in _ROOT.iterdir() if each.is_dir()})


def remains(cgroup: str) -> list[Path]:
    """What there still is of a lab's cgroup."""
    paths = (root / cgroup.strip("/") for root in hierarchies())
    return [path for path in paths if path.is_dir()]


def remove(cgroup: str, seconds: float = 5.0) -> None:
    """Remove a cgroup and all below it; its processes must have ended."""
    deadline = time.monotonic() + seconds
    while left := remains(cgroup):
        for path in left:
            _remove_tree(path)
        if not remains(cgroup):
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"cgroups do not go: {left}")
        # The kernel lets a cgroup go a moment after its last process.
        time.sleep(0.02)
    for root in hierarchies():
        with contextlib.suppress(OSError):
            (root / cgroup.strip("/")).parent.rmdir()


def _remove_tree(path: Path) -> None:
    for folder, _, _ in os.walk(path, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
