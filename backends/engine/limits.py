"""How long an engine may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds. Without quorum a write hangs for 10 to 20 s before the engine says so."""

    read: float = 10.0
    listing: float = 20.0
    write: float = 30.0
    stream: float = 15.0
    """For the header of a stream; what comes after may be quiet for ever."""
    events: float = 6.0
    """For that of the events, which an engine sends before it looks for any."""

    def header(self, what: str) -> float:
        """For the header of a stream of ``events``, ``log`` or ``statistics``."""
        return min(self.events, self.stream) if what == "events" else self.stream
