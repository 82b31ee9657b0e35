"""The journal: every change, appended to one file that only we may read, as the docker line it equals."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from backends.change.outcome import Outcome
from backends.change.redaction import redacted_line, redacted_text

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
    """``done``, ``refused``, ``conflict``, ``unknown``, and what a watched rollout came to."""
    detail: str = ""
    """The outcome's sentence."""


def state_home(environ: Mapping[str, str]) -> Path:
    """Our folder in the XDG state home."""
    base = environ.get("XDG_STATE_HOME", "")
    home = Path(base) if base.startswith("/") else Path(environ.get("HOME") or str(Path.home())) / ".local" / "state"
    return home / "dnet-tui"


def entry_of(outcome: Outcome, context: str, now: float) -> Entry:
    """The entry of a change, its secrets left out."""
    line = redacted_line(outcome.request)
    return Entry(now, context, line, outcome.state.value, redacted_text(outcome.sentence))


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
        """The last entries, oldest first; lines that cannot be read are left out. Empty where there is no file."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL))
                lines = file.read().split(b"\n")
        except OSError:
            return ()
        found = [entry for entry in map(_read, lines[1:] if size > _TAIL else lines) if entry is not None]
        return tuple(found[-count:])


def _read(line: bytes) -> Entry | None:
    try:
        values = json.loads(line)
        return Entry(
            float(values["time"]),
            str(values["context"]),
            str(values["line"]),
            str(values["outcome"]),
            str(values.get("detail", "")),
        )
    except (ValueError, KeyError, TypeError):
        return None
