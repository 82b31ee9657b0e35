"""A few daemon threads for blocking calls.

Not ``concurrent.futures``: its threads are joined when the interpreter exits, so that one hung engine would
keep the program from ending.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

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
    """Runs blocking functions on at most ``size`` daemon threads, started as they are needed."""

    def __init__(self, size: int = 4, name: str = "engine") -> None:
        self._size, self._name = size, name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = 0
        self._busy = 0
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
        self._busy += 1
        future.add_done_callback(self._free)
        if self._threads < min(self._busy, self._size):
            self._threads += 1
            threading.Thread(
                target=_work, args=(self._jobs,), name=f"{self._name}-{self._threads}", daemon=True
            ).start()
        self._jobs.put(_Job(function, time.monotonic() + limit, loop, future))
        try:
            async with asyncio.timeout(limit + _GRACE):
                return await future
        except TimeoutError:
            raise TimedOut(f"The engine did not answer {what} within {limit:.3g} s.") from None

    def close(self) -> None:
        """Lets idle threads end; busy ones end after their call. Calls still waiting are failed."""
        self._closed = True
        for _ in range(self._threads):
            self._jobs.put(None)

    def _free(self, future: asyncio.Future[Any]) -> None:
        self._busy -= 1
        if not future.cancelled():
            future.exception()  # a call that was given up must not be reported as never retrieved


def _work(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        if job.future.cancelled():
            continue
        try:
            left = job.deadline - time.monotonic()
            if left <= 0:
                raise TimedOut("The engine is busy with other questions.")
            result = job.function(left)
        except BaseException as error:
            _settle(job, None, error)
            del error
        else:
            _settle(job, result, None)
            del result
        del job  # an idle thread must not keep the last answer alive


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
