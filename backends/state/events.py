"""The bounded history of events, in order of time by our clock and without doubles."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from backends.model import Event


class _Entry(NamedTuple):
    order: int
    number: int
    """Order of arrival among events of the same moment."""
    event: Event


_Identity = tuple[int, str, str, str, str]


def identity(event: Event) -> _Identity:
    """What makes two reports the same event, whichever engine told them: the moment, the object, the action.
    Marks and derived events have a source of their own.

    Each manager tells of the Swarm's objects: of what came or changed with the object's own time, but of what went
    with its own present (moby's ``eventTimestamp``). That happens once to each id, so the moment does not count.
    """
    if event.scope == "swarm" and event.action == "remove":
        return (0, event.id, event.action, event.type, event.source)
    return (event.time_nano or int(event.time * 1e9), event.id, event.action, event.type, event.source)


class EventRing:
    """Implements ``backends.api.EventLog``. Keeps the newest ``capacity`` events by time."""

    def __init__(self, capacity: int = 5000, memory: int = 2048) -> None:
        """``memory`` is how many identities are remembered at least, to drop doubles; more than an engine
        replays (256)."""
        self._capacity = capacity
        self._total = 0
        self._ordered: list[_Entry] = []
        self._arrived: deque[Event] = deque(maxlen=capacity)
        self._seen: dict[_Identity, None] = {}
        self._memory = max(capacity, memory)

    @property
    def total(self) -> int:
        """How many events were ever added."""
        return self._total

    def has(self, event: Event) -> bool:
        """Whether this very event was added before, as far back as is remembered."""
        return identity(event) in self._seen

    def add(self, events: Iterable[Event]) -> int:
        """Adds those that are new; returns how many were."""
        added = 0
        for event in events:
            known = identity(event)
            if known in self._seen:
                continue
            self._seen[known] = None
            self._total += 1
            added += 1
            entry = _Entry(event.order, self._total, event)
            if not self._ordered or self._ordered[-1] < entry:
                self._ordered.append(entry)
            else:
                insort(self._ordered, entry)
            self._arrived.append(event)
        # Cut in steps: taking the first of a long list away one by one would move it each time.
        if len(self._ordered) > self._capacity + self._capacity // 4:
            del self._ordered[: len(self._ordered) - self._capacity]
        if len(self._seen) > self._memory + self._memory // 4:
            self._seen = dict.fromkeys(islice(self._seen, len(self._seen) - self._memory, None))
        return added

    def tail(self, count: int) -> Sequence[Event]:
        """The newest ``count`` events by time, oldest first."""
        count = min(count, self._capacity)
        return [e.event for e in self._ordered[-count:]] if count > 0 else []

    def after(self, total: int) -> Sequence[Event]:
        """Events added since ``total`` was read, oldest first, as far as they are still kept. Some may be older
        than events that were there before: they came late."""
        count = min(self._total - total, len(self._arrived))
        if count <= 0:
            return []
        new = list(islice(reversed(self._arrived), count))[::-1]
        new.sort(key=lambda e: e.order)
        return new
