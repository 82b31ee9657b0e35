"""What is going to happen in the simulated world, and when."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable

_LOG = logging.getLogger(__name__)
Step = Callable[[], None]


class Agenda:
    """Steps on a time line of their own, in seconds since the start.

    A server walks it in real time; a test walks it with ``advance``, without waiting.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Step]] = []
        self._order = itertools.count()
        self._changed: asyncio.Event | None = None

    def after(self, delay: float, step: Step) -> None:
        """Does ``step`` in ``delay`` seconds."""
        heapq.heappush(self._heap, (self.now + max(0.0, delay), next(self._order), step))
        if self._changed is not None:
            self._changed.set()

    def advance(self, seconds: float) -> None:
        """Walks on, doing what becomes due, in order."""
        self._walk_to(self.now + seconds)

    def _walk_to(self, until: float) -> None:
        while self._heap and self._heap[0][0] <= until:
            due, _, step = heapq.heappop(self._heap)
            self.now = max(self.now, due)
            step()
        self.now = max(self.now, until)

    async def run(self) -> None:
        """Walks in real time until it is cancelled."""
        loop = asyncio.get_running_loop()
        offset = loop.time() - self.now
        self._changed = asyncio.Event()
        try:
            while True:
                try:
                    self._walk_to(loop.time() - offset)
                except Exception:
                    # one step that fails must not end all life; ``advance`` lets tests see it
                    _LOG.exception("a step of the simulation failed")
                    continue
                self._changed.clear()
                wait = self._heap[0][0] - (loop.time() - offset) if self._heap else None
                try:
                    await asyncio.wait_for(self._changed.wait(), None if wait is None else max(0.0, wait))
                except TimeoutError:
                    pass
        finally:
            self._changed = None
