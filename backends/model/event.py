"""Events: the engine's own, those we derive, and the marks where some may be missing."""

from __future__ import annotations

from enum import StrEnum

from backends.model.base import Value


class EventSource(StrEnum):
    """Where an event comes from."""

    ENGINE = "engine"
    DERIVED = "derived"
    """Computed from the difference of two listings (tasks send no events)."""
    GAP = "gap"
    """Not an event: between this and the one before, some may be missing."""
    STREAM = "stream"
    """Not an event of the Swarm: the stream itself ended or came back."""


class Event(Value, frozen=True, kw_only=True):
    """One line of the event list."""

    time: float
    """By the clock of who stamped it: what listings of the same engine are compared with."""
    time_nano: int = 0
    """The same in nanoseconds, as the engine says it: by it doubles are dropped."""
    ahead: float = 0.0
    """By how many seconds that clock is ahead of ours, where that is known and more than an error of measuring."""
    source: EventSource = EventSource.ENGINE
    scope: str = "local"
    """``local`` or ``swarm``."""
    type: str = ""
    """``container service node network volume image config secret daemon plugin task``."""
    action: str = ""
    """As the engine names it, ``exec_create: sh`` and ``health_status: healthy`` included."""
    id: str = ""
    name: str = ""
    node_id: str = ""
    """The node whose engine told it."""
    attributes: dict[str, str] = {}
    text: str = ""
    """For derived events, gaps and stream marks: what happened, in a sentence part."""
    severity: str = ""
    """``ok``, ``chg``, ``warn``, ``err`` or empty for an everyday event."""

    @property
    def at(self) -> float:
        """When it happened by our clock: what people are shown, and ages are counted from."""
        return self.time - self.ahead

    @property
    def order(self) -> int:
        """``at`` in nanoseconds: events of all nodes are ordered by it."""
        return (self.time_nano or int(self.time * 1e9)) - int(self.ahead * 1e9)
