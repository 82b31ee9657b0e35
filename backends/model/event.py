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
    time_nano: int = 0
    """The engine's nanosecond stamp, by which events are ordered and doubles dropped."""
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
