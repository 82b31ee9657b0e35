"""Blocking calls of one engine, a few at once, on threads that all engines share."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from backends.engine.crew import CREW, Crew
from backends.errors import Disconnected, TimedOut

_T = TypeVar("_T")
#: How much longer than the call's own limit we wait for its thread before giving it up.
_GRACE = 0.5


class _Job:
    __slots__ = ("deadline", "function", "future", "loop")

    def __init__(
        self,
        function: Callable[[float], Any],
        deadline: float,
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[Any],
    ) -> None:
        self.function, self.deadline, self.loop, self.future = function, deadline, loop, future


class CallPool:
    """Runs blocking functions, at most ``size`` at once: an engine that hangs takes no more of the crew."""

    def __init__(self, size: int = 4, crew: Crew = CREW) -> None:
        self._size, self._crew = size, crew
        self._jobs: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._working = 0
        self._closed = False

    async def run(self, function: Callable[[float], _T], limit: float, what: str) -> _T:
        """``function(seconds left)`` on a thread; ``what`` names it in the error.

        Raises ``TimedOut`` after ``limit`` seconds, time in the queue included, and ``Disconnected`` when closed.
        A cancelled caller leaves at once; the thread finishes alone and its result is dropped.
        """
        if self._closed:
            raise Disconnected("The connection to the engine has been closed.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        future.add_done_callback(_seen)
        with self._lock:
            self._jobs.append(_Job(function, time.monotonic() + limit, loop, future))
            more = self._working < self._size
            self._working += more
        if more:
            self._crew.run(self._work)
        try:
            async with asyncio.timeout(limit + _GRACE):
                return await future
        except TimeoutError:
            raise TimedOut(f"The engine did not answer {what} within {limit:.3g} s.") from None

    def close(self) -> None:
        """Takes no more calls; those that were taken are finished or given up by their callers."""
        self._closed = True

    def _work(self) -> None:
        """On a thread of the crew, until there is nothing left."""
        while (job := self._next()) is not None:
            if not job.future.cancelled():
                _do(job)
            del job  # an answer must not be kept alive until the next one

    def _next(self) -> _Job | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._working -= 1
            return None


def _seen(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()  # a call that was given up must not be reported as never retrieved


def _do(job: _Job) -> None:
    try:
        left = job.deadline - time.monotonic()
        if left <= 0:
            raise TimedOut("The engine is busy with other questions.")
        result = job.function(left)
    except BaseException as error:
        _settle(job, None, error)
    else:
        _settle(job, result, None)


def _settle(job: _Job, result: object, error: BaseException | None) -> None:
    def settle() -> None:
        if job.future.done():
            return
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)

    try:
        job.loop.call_soon_threadsafe(settle)
    except RuntimeError:
        pass  # the loop has ended meanwhile
