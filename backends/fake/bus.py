"""One engine's events: a replay ring as the real one has, and those who listen now."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

Obj = dict[str, Any]
#: How many events an engine keeps for ``since`` (moby ``daemon/events``, ``eventsLimit``).
REPLAY = 256


class Subscription:
    """Events for one listener, from the moment it began to listen."""

    def __init__(self) -> None:
        self._queue: list[Obj] = []
        self._waiting: asyncio.Future[None] | None = None

    def push(self, event: Obj) -> None:
        """Adds one."""
        self._queue.append(event)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def take(self) -> list[Obj]:
        """All that came since the last time; waits until there is one."""
        while not self._queue:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        taken, self._queue = self._queue, []
        return taken


class Bus:
    """The events of one engine."""

    def __init__(self) -> None:
        self.ring: deque[Obj] = deque(maxlen=REPLAY)
        self._listeners: list[Subscription] = []
        self.taps: list[Callable[[Obj], None]] = []
        """Called with every event at once; for tests and scripts."""

    def publish(self, event: Obj) -> None:
        """Tells all listeners and remembers it for replay."""
        self.ring.append(event)
        for listener in self._listeners:
            listener.push(event)
        for tap in self.taps:
            tap(event)

    def replay(self, since_nano: int) -> list[Obj]:
        """Remembered events from ``since_nano`` on, that moment included, as the real engine does."""
        return [e for e in self.ring if e["timeNano"] >= since_nano]

    def subscribe(self) -> Subscription:
        """Begins to listen."""
        subscription = Subscription()
        self._listeners.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Ends it."""
        self._listeners.remove(subscription)
