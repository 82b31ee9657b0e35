"""Paths of files of this machine, for values that are read here and not by the engine; and for those that the engine
reads where it is on this machine."""

from __future__ import annotations

import os
import socket
from itertools import islice

from backends.model import Snapshot
from backends.whereabouts import elsewhere

#: Entries of a folder that are looked at, and paths that are offered.
LOOKED, OFFERED = 2000, 50


def paths(typed: str) -> tuple[tuple[str, str], ...]:
    """(path, what it is) of the entries whose path begins with what is typed, folders with a slash at their end.
    Empty where the folder cannot be read. A ``~`` at the begin is written out: nobody reads it later."""
    head, slash, name = typed.rpartition("/")
    if head.startswith("~"):
        head = os.path.expanduser(head)
    folder = head + slash or "."
    found: list[tuple[str, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, LOOKED):
                if not entry.name.startswith(name) or (entry.name.startswith(".") and not name.startswith(".")):
                    continue
                is_folder = entry.is_dir()
                found.append(
                    (f"{head}{slash}{entry.name}{'/' if is_folder else ''}", "folder" if is_folder else "file")
                )
    except (OSError, ValueError):
        return ()
    return tuple(sorted(found)[:OFFERED])


def engine_here(endpoint: str, snapshot: Snapshot) -> bool:
    """Whether the engine at an endpoint is known to be on this machine."""
    return snapshot.engine is not None and not elsewhere(endpoint, snapshot.engine, socket.gethostname())
