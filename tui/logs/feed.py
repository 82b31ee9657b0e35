"""Follows one log into a buffer: reads, counts, and goes on after a lost connection without doubled lines."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from backends.api import Cluster, LogBatch, LogOptions
from backends.errors import BackendError, Disconnected, TimedOut, Unreachable
from backends.model import Key
from tui.logs.buffer import LogBuffer

#: Seconds before a lost log is asked for again, and at most.
FIRST_RETRY, LAST_RETRY = 0.5, 4.0
#: The past of a log has come when nothing more came for so many seconds, or, of a log that never rests, after so many.
REST, LONGEST = 0.5, 10.0
#: Seconds that the rate is measured over.
WINDOW = 2.0


class LogFeed:
    """Reads the log of ``key`` until it ends or ``stop`` is called; ``told`` is called after each batch."""

    def __init__(
        self,
        cluster: Cluster,
        key: Key,
        options: LogOptions,
        buffer: LogBuffer,
        told: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._key = key
        self._options = options
        self._buffer = buffer
        self._told = told
        self._clock = clock
        self._last: float | None = None
        self._at_last: set[tuple[str, str]] = set()
        self._again: tuple[float, frozenset[tuple[str, str]]] | None = None
        """Up to when lines came before the connection was lost, and those of that very moment."""
        self._past: tuple[float, float] | None = None
        """While the past comes: when it began, and when the last of it came."""
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=64)
        self._task: asyncio.Task[None] | None = None
        self.ended = ""
        """Why no more comes, as a sentence part; empty while it follows."""
        self.waiting = True
        """Whether the engine has not answered yet."""

    def start(self) -> None:
        """Begins reading."""
        self._task = asyncio.create_task(self._run(), name=f"log {self._key.id[:12]}")

    def stop(self) -> None:
        """Ends reading; harmless when it has ended."""
        if self._task is not None:
            self._task.cancel()

    def rate(self) -> float:
        """Lines a second over the last two seconds; what was written before that, the log's past, does not count."""
        now = self._clock()
        return sum(count for at, count in self._arrivals if now - at <= WINDOW) / WINDOW

    async def _run(self) -> None:
        delay = FIRST_RETRY
        options = self._options
        while True:
            try:
                async with self._cluster.logs(self._key, options) as batches:
                    self._heard()
                    async for batch in batches:
                        delay = FIRST_RETRY
                        self._take(batch)
                self._end("the log has ended" if options.follow else "that is all of it")
                return
            except (Disconnected, Unreachable, TimedOut) as error:
                self._buffer.mark(f"▲ the log was cut off: {error}; asking again", "warn")
                self._told()
            except BackendError as error:
                self._end(str(error) + (f" {error.hint}" if error.hint else ""))
                return
            await asyncio.sleep(delay)
            delay = min(delay * 2, LAST_RETRY)
            if self._last is not None:
                self._again = (self._last, frozenset(self._at_last))
                options = replace(options, since=self._last, tail=None)

    def _heard(self) -> None:
        self.waiting = False
        now = self._clock()
        self._past = (now, now + LONGEST)
        self._buffer.begin_past()
        self._told()

    def _is_past(self) -> bool:
        """Whether what comes now is still what was written before; a replica's lines come after another's."""
        now = self._clock()
        if self._past is None:
            return False
        began, last = self._past
        if now - began > LONGEST or now - last > REST:
            self._past = self._again = None
            self._buffer.end_past()
            return False
        self._past = (began, now)
        return True

    def _end(self, why: str) -> None:
        self.waiting = False
        self.ended = why
        self._buffer.end_past()
        self._buffer.mark(why)
        self._told()

    def _take(self, batch: LogBatch) -> None:
        """After a replay the lines of the very last moment come again: those are dropped."""
        lines = batch.lines
        if self._is_past() and self._again is not None:
            until, known = self._again
            lines = tuple(
                line
                for line in lines
                if line.time is None
                or line.time > until
                or (line.time == until and (line.source, line.text) not in known)
            )
        self._buffer.append(LogBatch(lines, batch.skipped))
        newest = max((line.time for line in lines if line.time is not None), default=None)
        fresh = sum(1 for line in batch.lines if line.time is None or newest is None or line.time > newest - WINDOW)
        self._arrivals.append((self._clock(), fresh))
        if newest is not None and (self._last is None or newest >= self._last):
            kept = self._at_last if newest == self._last else set()
            self._last = newest
            self._at_last = kept | {(line.source, line.text) for line in lines if line.time == newest}
        self._told()
