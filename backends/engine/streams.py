"""Events, logs and stats: each read on a thread and consumed by a task. Logs and stats have a thread each while they
are open; events, which are listened to all the time and are mostly quiet, share one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from backends.api import Json, LogBatch, LogLine
from backends.engine.channel import Channel, Overflow
from backends.engine.chunks import Chunked
from backends.engine.crew import CREW
from backends.engine.sdk import ResponseStream, Session
from backends.engine.watcher import WATCHER
from backends.errors import BackendError, Disconnected
from backends.model import Event

_T = TypeVar("_T")
_B = TypeVar("_B")
_P = TypeVar("_P", covariant=True)
#: How long leaving a stream waits for its thread, which ends within milliseconds once its socket is shut down.
_PARTING = 1.0
#: Seconds between two batches at least: a thousand pieces a second need not wake their reader a hundred times.
GATHER = 0.03
#: Events that may wait; at a thousand a second this is a reader that has not come by for 20 s.
EVENT_CAPACITY = 20_000
LOG_CAPACITY = 50_000
STATS_CAPACITY = 60


class Parser(Protocol[_P]):
    """Makes items of a body's bytes."""

    def feed(self, data: bytes) -> Sequence[_P]:
        """The items that are whole now."""
        ...

    def finish(self) -> Sequence[_P]:
        """What is left when the body has ended on purpose."""
        ...


class Reader(Generic[_T]):
    """One stream's thread and its channel. ``endless`` says that even a proper end is a loss."""

    def __init__(
        self,
        session: Callable[[], Session],
        path: str,
        params: Mapping[str, str],
        parser: Parser[_T],
        channel: Channel[_T],
        *,
        what: str,
        limit: float,
        endless: bool,
        count: Callable[[int], None],
    ) -> None:
        self._session, self._path, self._params = session, path, params
        self._parser, self._channel = parser, channel
        self._what, self._limit, self._endless, self._count = what, limit, endless, count
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._done = asyncio.Event()
        self._lock = threading.Lock()
        self._response: ResponseStream | None = None
        self._chunks: Chunked | None = None
        self._left: int | None = None
        self._error: BaseException | None = None
        self._stopping = False

    async def open(self) -> None:
        """Begins on a thread; returns once the engine has accepted. Raises what it said instead."""
        CREW.run(self._run)
        await self._opened

    def stop(self, error: BackendError | None = None) -> None:
        """Ends the thread; whoever waits for the channel sees a normal end, or ``error``."""
        with self._lock:
            self._stopping = True
            response = self._response
            if response is not None:
                response.shutdown()
        self._channel.end(error)

    async def parted(self) -> None:
        """Waits for the thread's end, not for long."""
        try:
            async with asyncio.timeout(_PARTING):
                await self._done.wait()
        except TimeoutError:
            pass

    def _run(self) -> None:
        try:
            response = self._session().stream(self._path, limit=self._limit, params=self._params)
        except BaseException as refused:
            self._tell(self._refuse, refused)
            return
        self._chunks = Chunked() if response.chunked else None
        self._left = response.length
        with self._lock:
            self._response = response
            stopping = self._stopping
        if stopping:
            self._part(None)
            return
        if self._endless and response.watchable:
            response.unblock()
            WATCHER.add(self)
            self._tell(self._accept)
            return
        self._tell(self._accept)
        self._part(self._failure(lambda: self._read(response)))

    def fileno(self) -> int:
        """For the watcher."""
        response = self._response
        return response.fileno() if response is not None else -1

    def readable(self) -> bool:
        """For the watcher: reads what is there; whether there may be more."""
        response = self._response
        if response is None:
            return False

        def take() -> bool:
            # Others want to be read as well: not until there is nothing left.
            data = response.receive()
            return data is None or self._take(data)

        going: list[bool] = []
        self._error = self._failure(lambda: going.append(take()))
        return self._error is None and going == [True]

    def unwatched(self) -> None:
        """For the watcher: it is over."""
        self._part(self._error)

    def _failure(self, work: Callable[[], object]) -> BaseException | None:
        """What went wrong, in words."""
        try:
            work()
        except Overflow:
            return Disconnected(f"The {self._what} came faster than they could be taken in.")
        except BackendError as known:
            return known
        except Exception as unknown:
            return Disconnected(f"The connection was lost while reading the {self._what}.", original=str(unknown))
        return None

    def _part(self, error: BaseException | None) -> None:
        with self._lock:
            response, self._response = self._response, None
            # From here on stop() must not touch a descriptor that may be another's.
            if response is not None:
                response.close()
        self._channel.end(error)
        self._tell(self._done.set)

    def _read(self, response: ResponseStream) -> None:
        """Reads to the end; raises ``Disconnected`` for one that was not on purpose."""
        going = self._finish() if self._left == 0 else True
        while going:
            going = self._take(response.read())

    def _take(self, data: bytes) -> bool:
        """Takes what was read, ``b""`` at the connection's end; whether there is more to come. Raises
        ``Disconnected`` for an end that was not on purpose."""
        if self._stopping:
            return False
        if not data:
            if self._chunks is not None or self._left:
                raise Disconnected(f"The engine closed the connection while sending the {self._what}.")
            return self._finish()
        self._count(len(data))
        if self._left is not None:
            self._left -= len(data)
        self._channel.put(self._parser.feed(self._chunks.feed(data) if self._chunks is not None else data))
        if (self._chunks is not None and self._chunks.ended) or self._left == 0:
            return self._finish()
        return True

    def _finish(self) -> bool:
        self._channel.put(self._parser.finish())
        if self._endless:
            raise Disconnected(f"The engine ended the {self._what}.")
        return False

    def _tell(self, callback: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            pass  # the loop has ended, and nobody waits any more

    def _accept(self) -> None:
        if not self._opened.done():
            self._opened.set_result(None)

    def _refuse(self, error: BaseException) -> None:
        if not self._opened.done():
            self._opened.set_exception(error)
        self._done.set()


class Batches(Generic[_T, _B]):
    """The consumer's side of a channel as an iterator; ``shape`` makes a batch of items and dropped ones. What comes
    alone comes at once; what comes within ``GATHER`` seconds of it, in one batch."""

    def __init__(self, channel: Channel[_T], shape: Callable[[list[_T], int], _B]) -> None:
        self._channel, self._shape = channel, shape
        self._loop = asyncio.get_running_loop()
        self._not_before = 0.0

    def __aiter__(self) -> AsyncIterator[_B]:
        return self

    async def __anext__(self) -> _B:
        wait = self._not_before - self._loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        found = await self._channel.get()
        if found is None:
            raise StopAsyncIteration
        self._not_before = self._loop.time() + GATHER
        return self._shape(*found)


def event_batch(items: list[Event], _: int) -> Sequence[Event]:
    """What ``Engine.events`` yields."""
    return items


def log_batch(items: list[LogLine], skipped: int) -> LogBatch:
    """What ``Engine.logs`` yields."""
    return LogBatch(tuple(items), skipped)


def latest_sample(items: list[Json], _: int) -> Json:
    """What ``Engine.stats`` yields: of several that waited, only the newest says how things are."""
    return items[-1]
