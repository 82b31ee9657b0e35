"""What a form reads of this machine while it is typed: environment and small files, never anything that blocks."""

from __future__ import annotations

import os
import stat

from backends.api import Engine
from backends.change.candidates import Known
from backends.change.surroundings import Surroundings
from backends.model import Snapshot
from tui.actions.paths import engine_here, paths

#: Bytes of a file that is read while its path is typed.
_LARGEST = 1 << 20


def read_file(path: str) -> bytes:
    """A small regular file; raises ``OSError`` for any other: a path being typed may name a pipe or a disk."""
    found = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        about = os.fstat(found)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(0, "is no regular file")
        if about.st_size > _LARGEST:
            raise OSError(0, "is larger than 1 MiB")
        return os.read(found, _LARGEST)
    finally:
        os.close(found)


def surroundings(api_version: str) -> Surroundings:
    """What a form is checked in."""
    return Surroundings(read_file=read_file, api_version=api_version)


def knowing(snapshot: Snapshot, engine: Engine) -> Known:
    """What a form completes from."""
    here = engine_here(engine.endpoint, snapshot)
    return Known(snapshot, dict(os.environ), api_version=engine.api_version, paths=paths, here=here)
