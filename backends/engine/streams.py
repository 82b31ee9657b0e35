"""Events, logs and stats: each a daemon thread that reads one endless answer, and a task that consumes it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from backends.api import Json, LogBatch, LogLine
from backends.engine.channel import Channel, Overflow
from backends.engine.chunks import Chunked
from backends.engine.sdk import ResponseStream, Session
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
        self._stopping = False

    async def open(self) -> None:
        """Starts the thread; returns once the engine has accepted. Raises what it said instead."""
        threading.Thread(target=self._run, name=self._what, daemon=True).start()
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
        error: BaseException | None = None
        try:
            response = self._session().stream(self._path, limit=self._limit, params=self._params)
        except BaseException as refused:
            self._tell(self._refuse, refused)
            return
        with self._lock:
            self._response = response
            stopping = self._stopping
        try:
            if not stopping:
                self._tell(self._accept)
                self._read(response)
        except Overflow:
            error = Disconnected(f"The {self._what} came faster than they could be taken in.")
        except BackendError as known:
            error = known
        except Exception as unknown:
            error = Disconnected(f"The connection was lost while reading the {self._what}.", original=str(unknown))
        finally:
            with self._lock:
                self._response = None  # from here on stop() must not touch a descriptor that may be another's
                response.close()
            self._channel.end(error)
            self._tell(self._done.set)

    def _read(self, response: ResponseStream) -> None:
        """Reads to the end; raises ``Disconnected`` for one that was not on purpose."""
        chunks = Chunked() if response.chunked else None
        left = response.length
        while not (chunks is not None and chunks.ended) and left != 0:
            data = response.read()
            if self._stopping:
                return
            if not data:
                break
            self._count(len(data))
            if left is not None:
                left -= len(data)
            self._channel.put(self._parser.feed(chunks.feed(data) if chunks is not None else data))
        whole = chunks.ended if chunks is not None else not left
        if not whole:
            raise Disconnected(f"The engine closed the connection while sending the {self._what}.")
        self._channel.put(self._parser.finish())
        if self._endless:
            raise Disconnected(f"The engine ended the {self._what}.")

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
