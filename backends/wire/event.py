"""Events: ``GET /events``, one JSON object a line."""

from __future__ import annotations

from backends.model import Event, EventSource
from backends.wire.common import Pool
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


def _event(e: _Event, node_id: str, pool: Pool) -> Event:
    actor = e.Actor or _Actor()
    attributes = pool.map(actor.Attributes)
    return Event(
        time=e.timeNano / 1e9 if e.timeNano else float(e.time),
        time_nano=e.timeNano or e.time * 1_000_000_000,
        source=EventSource.ENGINE,
        scope=pool.text(e.scope),
        type=pool.text(e.Type),
        action=pool.text(e.Action),
        id=pool.text(actor.ID),
        name=attributes.get("name", ""),
        node_id=node_id,
        attributes=attributes,
    )


def events(data: bytes, node_id: str, pool: Pool | None = None) -> list[Event]:
    """The events of whole lines, told by the engine of ``node_id``; raises ``BadAnswer`` for a malformed line. The
    labels of a container come with each of its events: ``pool`` shares them with those that came before."""
    pool = pool or Pool()
    return [_event(e, node_id, pool) for e in _EVENT.decode_lines(data) if e.Type]
