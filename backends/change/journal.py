"""The journal: every change, appended to one file that only we may read, as the docker line it equals.

A change is appended before it is sent and again with its outcome, so that one that killed us is in it too.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from backends.change.redaction import redacted_line, redacted_text
from backends.change.requests import Request

#: How much of the end is read to show the last entries.
_TAIL = 1 << 20


class Ending(StrEnum):
    """How a change stands in the journal."""

    SENT = "sent"
    """It was about to be sent; where this stays, the program ended before there was an answer."""
    TAKEN = "taken"
    """The engine took it; where this stays, nobody watched it to its end."""
    DONE = "done"
    """It has converged, or there was nothing to wait for."""
    FAILING = "failing"
    """The engine took it, and what it asks for does not come to run."""
    REFUSED = "refused"
    """The engine did not take it, or not all of it."""
    CONFLICT = "conflict"
    """Somebody else changed the same meanwhile; nothing was sent over it."""
    CANCELLED = "cancelled"
    """Nobody confirmed it; nothing was sent."""
    UNKNOWN = "unknown"
    """It was sent, and no answer came."""
    DRY = "dry run"
    """It was only looked at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. Secrets are not in it."""

    time: float
    """Seconds since the epoch."""
    context: str
    """The docker context, or the endpoint."""
    line: str
    """The docker line that it equals."""
    outcome: str
    """One of ``Ending``; another word where another version wrote it."""
    detail: str = ""
    """The outcome's sentence."""
    id: str = ""
    """The same in all entries of one change: the last one counts."""
    what: str = ""
    """Kind and name of what it changes: ``service web``."""
    seconds: float = 0.0
    """How long it took until it had converged."""
    told: tuple[str, ...] = ()
    """What its plan said would happen, a sentence each."""
    sent: tuple[str, ...] = ()
    """The requests, ``POST /services/create``."""
    undo: str = ""
    """The docker line that takes it back; empty where there is none."""
    lost: str = ""
    """Why there is none, as a sentence."""

    def ended(self, outcome: str, detail: str = "", seconds: float = 0.0) -> Entry:
        """The same with its outcome."""
        return replace(self, outcome=str(outcome), detail=redacted_text(detail), seconds=round(seconds, 1))


def begun(request: Request, context: str, now: float) -> Entry:
    """The entry of a change that is about to be sent, its secrets left out."""
    return Entry(now, context, redacted_line(request), Ending.SENT.value, id=uuid4().hex[:12])


class Journal:
    """A file of entries, safe to be used by several processes at once; ``None`` keeps them in memory (the demo)."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept: list[Entry] = []

    @property
    def path(self) -> Path | None:
        """Where it is; ``None`` in memory."""
        return self._path

    def append(self, entry: Entry) -> None:
        """Adds one entry, on the disk when this returns. Raises ``OSError`` where it cannot be written."""
        if self._path is None:
            self._kept.append(entry)
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = json.dumps(asdict(entry), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self._path, flags, 0o600)
        try:
            # A file that was there before may be readable by others.
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, data)  # one write: appends of several processes do not mix
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def tail(self, count: int = 500) -> tuple[Entry, ...]:
        """The last changes with their last outcome, oldest first; lines that cannot be read are left out. Empty where
        there is no file."""
        found: dict[str | int, Entry] = {}
        for number, entry in enumerate(self._read()):
            if entry is not None:
                found[entry.id or number] = entry
        return tuple(found.values())[-count:]

    def _read(self) -> list[Entry | None]:
        if self._path is None:
            return list(self._kept)
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL))
                lines = file.read().split(b"\n")
        except OSError:
            return []
        return [_entry(line) for line in (lines[1:] if size > _TAIL else lines)]


def _entry(line: bytes) -> Entry | None:
    try:
        values: dict[str, Any] = json.loads(line)
        return Entry(
            float(values["time"]),
            str(values["context"]),
            str(values["line"]),
            str(values["outcome"]),
            str(values.get("detail", "")),
            str(values.get("id", "")),
            str(values.get("what", "")),
            float(values.get("seconds", 0.0)),
            tuple(str(text) for text in values.get("told", ())),
            tuple(str(text) for text in values.get("sent", ())),
            str(values.get("undo", "")),
            str(values.get("lost", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
