"""The journal: every change, appended to one file that only we may read, as the docker line it equals.

A change is appended before it is sent and again with its outcome, so that one that killed us is in it too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from backends.change.outcome import Outcome
from backends.change.redaction import redacted_line, redacted_text
from backends.change.requests import Request

_NAME = "journal.jsonl"
#: How much of the end is read to show the last entries.
_TAIL = 1 << 20


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
    """``sent`` (how it ended is not known), ``done``, ``refused``, ``conflict``, ``unknown``, and what a watched
    rollout came to."""
    detail: str = ""
    """The outcome's sentence."""
    id: str = ""
    """The same in all entries of one change: the last one counts."""


def state_home(environ: Mapping[str, str]) -> Path:
    """Our folder in the XDG state home."""
    base = environ.get("XDG_STATE_HOME", "")
    home = Path(base) if base.startswith("/") else Path(environ.get("HOME") or str(Path.home())) / ".local" / "state"
    return home / "dnet-tui"


def begun(request: Request, context: str, now: float) -> Entry:
    """The entry of a change that is about to be sent, its secrets left out."""
    return Entry(now, context, redacted_line(request), "sent", id=uuid4().hex[:12])


def ended(entry: Entry, outcome: Outcome) -> Entry:
    """The same with its outcome."""
    return replace(entry, outcome=outcome.state.value, detail=redacted_text(outcome.sentence))


class Journal:
    """Appends to ``journal.jsonl`` in a folder; safe to be used by several processes at once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def append(self, entry: Entry) -> None:
        """Adds one entry. Raises ``OSError`` where it cannot be written."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = json.dumps(asdict(entry), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self._path, flags, 0o600)
        try:
            # A file that was there before may be readable by others.
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, data)  # one write: appends of several processes do not mix
        finally:
            os.close(descriptor)

    def tail(self, count: int = 500) -> tuple[Entry, ...]:
        """The last changes with their last outcome, oldest first; lines that cannot be read are left out. Empty where
        there is no file."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL))
                lines = file.read().split(b"\n")
        except OSError:
            return ()
        found: dict[str | int, Entry] = {}
        for number, line in enumerate(lines[1:] if size > _TAIL else lines):
            entry = _read(line)
            if entry is not None:
                found[entry.id or number] = entry
        return tuple(found.values())[-count:]


def _read(line: bytes) -> Entry | None:
    try:
        values = json.loads(line)
        return Entry(
            float(values["time"]),
            str(values["context"]),
            str(values["line"]),
            str(values["outcome"]),
            str(values.get("detail", "")),
            str(values.get("id", "")),
        )
    except (ValueError, KeyError, TypeError):
        return None
