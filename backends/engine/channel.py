"""From a thread that reads to a task that consumes: bounded, and with one wake-up for many pieces."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

_T = TypeVar("_T")
#: Items handed out in one go: what is done with them keeps the loop, and every key, waiting.
LARGEST = 4_000


class Overflow(Exception):
    """More is waiting than may be kept, and nothing may be dropped."""


class Channel(Generic[_T]):
    """Holds at most ``capacity`` items. ``dropping`` makes the oldest give way, counted; otherwise ``put`` raises
    ``Overflow``. One side is one thread, the other the loop that made it."""

    def __init__(self, capacity: int, *, dropping: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._capacity, self._dropping = capacity, dropping
        self._items: deque[_T] = deque()
        self._skipped = 0
        self._lock = threading.Lock()
        self._ready = asyncio.Event()
        self._woken = False
        self._ended = False
        self._error: BaseException | None = None

    def put(self, items: Sequence[_T]) -> None:
        """Adds what arrived; from the thread. Raises ``Overflow``."""
        if not items:
            return
        with self._lock:
            self._items.extend(items)
            excess = len(self._items) - self._capacity
            if excess > 0:
                if not self._dropping:
                    raise Overflow
                for _ in range(excess):
                    self._items.popleft()
                self._skipped += excess
            wake = not self._woken
            self._woken = True
        if wake:
            self._wake()

    def end(self, error: BaseException | None = None) -> None:
        """No more will come; ``error`` is raised to the consumer after what is left. The first call counts."""
        with self._lock:
            if self._ended:
                return
            self._ended, self._error = True, error
        self._wake()

    async def get(self) -> tuple[list[_T], int] | None:
        """What is waiting, from one item to ``LARGEST``, and how many were dropped before it; ``None`` at the end.

        Raises the error given to ``end``.
        """
        while True:
            with self._lock:
                self._woken = False
                self._ready.clear()
                if self._items:
                    if len(self._items) <= LARGEST:
                        items = list(self._items)
                        self._items.clear()
                    else:
                        items = [self._items.popleft() for _ in range(LARGEST)]
                    skipped, self._skipped = self._skipped, 0
                    return items, skipped
                if self._error is not None:
                    raise self._error
                if self._ended:
                    return None
            await self._ready.wait()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._ready.set)
        except RuntimeError:
            pass  # the loop has ended, and with it everyone who could be waiting
