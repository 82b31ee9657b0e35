"""Which services have a rollout worth looking at, and when one turned back."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Event, Service, Snapshot

#: A change is looked at for so many seconds after it, in which nothing more happened.
LATELY = 3600.0
#: One that was rolled back is not over when it has ended: it stays for a day.
LATELY_BACK = 86400.0
#: States of an update that go on, or wait for a person.
_OPEN = frozenset({"updating", "rollback_started", "paused", "rollback_paused"})


def is_recent(service: Service, now: float) -> bool:
    """Whether a service is updating, paused or rolled back, or was made or changed lately."""
    update = service.update
    if update is not None and update.state in _OPEN:
        return True
    kept = LATELY_BACK if update is not None and update.state == "rollback_completed" else LATELY
    ended = update.completed if update is not None else None
    last = max(ended or 0.0, (update.started if update is not None else None) or 0.0, service.updated or 0.0)
    return now - last < kept


def recent(snapshot: Snapshot, now: float) -> tuple[Service, ...]:
    """Those services, in any order."""
    return tuple(service for service in snapshot.services.values() if is_recent(service, now))


def turned_back(events: Iterable[Event], service_id: str) -> float | None:
    """When the newest rollback of a service began, of the events that are known; ``None`` where none tells."""
    times = [
        event.time
        for event in events
        if event.id == service_id and event.attributes.get("updatestate.new") == "rollback_started"
    ]
    return max(times, default=None)
