"""Time, given from outside, so that tests decide how fast it goes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """What the state layer asks about time."""

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever go forward; for intervals."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class SystemClock:
    """The real time."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only ever go forward."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)


async def within(clock: Clock, seconds: float, work: Coroutine[object, object, T]) -> T:
    """The result of ``work``; raises ``TimeoutError``, and cancels it, after so many seconds of ``clock``."""
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(_slept(clock, seconds))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        for one in (task, timer):
            one.cancel()
        await asyncio.gather(task, timer, return_exceptions=True)


async def _slept(clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)


class Alarm:
    """Waits for a moment, or until it is rung, whichever comes first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Ends the wait, or the next one."""
        self._rung.set()

    def clear(self) -> None:
        """Forgets that it was rung."""
        self._rung.clear()

    async def wait(self, seconds: float | None) -> bool:
        """Waits; returns whether it was rung. ``None`` waits for that only."""
        if seconds is not None and seconds <= 0 and not self._rung.is_set():
            await asyncio.sleep(0)
        elif not self._rung.is_set():
            await self._wait(seconds)
        rung = self._rung.is_set()
        self._rung.clear()
        return rung

    async def _wait(self, seconds: float | None) -> None:
        rung = asyncio.ensure_future(self._rung.wait())
        pending = {rung}
        if seconds is not None:
            pending.add(asyncio.ensure_future(_slept(self._clock, seconds)))  # type: ignore[arg-type]
        try:
            await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in pending:
                one.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
