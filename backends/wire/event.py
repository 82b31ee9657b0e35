"""Events: ``GET /events``, one JSON object a line."""

from __future__ import annotations

from backends.model import Event, EventSource
from backends.wire.lenient import One, StrMap, Wire


class _Actor(Wire):
    ID: str = ""
    Attributes: StrMap = None


class _Event(Wire):
    Type: str = ""
    Action: str = ""
    Actor: _Actor | None = None
    scope: str = "local"
    time: int = 0
    timeNano: int = 0


_EVENT = One(_Event)


def _event(e: _Event, node_id: str) -> Event:
    actor = e.Actor or _Actor()
    attributes = actor.Attributes or {}
    return Event(
        time=e.timeNano / 1e9 if e.timeNano else float(e.time),
        time_nano=e.timeNano or e.time * 1_000_000_000,
        source=EventSource.ENGINE,
        scope=e.scope,
        type=e.Type,
        action=e.Action,
        id=actor.ID,
        name=attributes.get("name", ""),
        node_id=node_id,
        attributes=attributes,
    )


def events(data: bytes, node_id: str) -> list[Event]:
    """The events of whole lines, told by the engine of ``node_id``; raises ``BadAnswer`` for a malformed line."""
    return [_event(e, node_id) for e in _EVENT.decode_lines(data) if e.Type]
