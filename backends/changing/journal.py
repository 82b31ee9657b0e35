"""The local journal of changes: one JSON object a line, appended before the request leaves and again with its
outcome, so that a crash loses none. Only this user may read it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4


class Ending(StrEnum):
    """How a change ended."""

    SENT = "sent"
    """It is under way, or the program ended before its outcome was known."""
    DONE = "done"
    """It has converged, or was sent with ``--detach``."""
    FAILING = "failing"
    """It was accepted, and what it asks for does not come to run."""
    REFUSED = "refused"
    """The engine did not take it; nothing was changed by the step that it refused."""
    CANCELLED = "cancelled"
    """Nobody confirmed it; nothing was sent."""
    UNKNOWN = "unknown"
    """It was sent, and no answer came."""
    DRY = "dry run"
    """It was only looked at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. ``time`` is in seconds since the epoch, ``seconds`` how long it took."""

    id: str
    time: float
    context: str
    command: str
    """The docker line that it equals, secrets left out."""
    what: str = ""
    """Kind and name of what it changes, for people."""
    ending: Ending = Ending.SENT
    text: str = ""
    """The outcome in a sentence part."""
    seconds: float = 0.0

    def ended(self, ending: Ending, text: str, seconds: float) -> Entry:
        """The same with its outcome."""
        return replace(self, ending=ending, text=text, seconds=seconds)


def new_entry(time: float, context: str, command: str, what: str) -> Entry:
    """A change that begins."""
    return Entry(uuid4().hex[:12], time, context, command, what)


class Journal:
    """A file of entries; ``None`` keeps them in memory (the demo)."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._kept: list[Entry] = []

    def write(self, entry: Entry) -> None:
        """Appends an entry, whole and on the disk. Raises ``OSError``."""
        if self.path is None:
            self._kept.append(entry)
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps(asdict(entry), separators=(",", ":")).encode() + b"\n"
        # One write to a file opened for appending: two programs at once do not tear each other's lines.
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.fchmod(file, 0o600)
            os.write(file, line)
            os.fsync(file)
        finally:
            os.close(file)

    def entries(self, most: int = 1000) -> tuple[Entry, ...]:
        """The newest entries, newest first, each with its last known outcome. What cannot be read is left out."""
        found: dict[str, Entry] = {}
        for entry in self._read():
            found[entry.id] = entry
        return tuple(sorted(found.values(), key=lambda entry: entry.time, reverse=True)[:most])

    def _read(self) -> list[Entry]:
        if self.path is None:
            return self._kept
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return []
        return [entry for entry in map(_entry, lines) if entry is not None]


def _entry(line: bytes) -> Entry | None:
    try:
        value: Any = json.loads(line)
        if not isinstance(value, Mapping):
            return None
        texts = {name: str(value.get(name, "")) for name in ("id", "context", "command", "what", "text")}
        ending = Ending(value.get("ending", "sent"))
        return Entry(time=float(value["time"]), ending=ending, seconds=float(value.get("seconds", 0)), **texts)
    except (ValueError, TypeError, KeyError):
        return None
