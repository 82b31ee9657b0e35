"""One Docker engine over the docker SDK's session. Importing this module imports neither the SDK nor requests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlencode

import msgspec

from backends.api import Budget, ExecRequest, Filters, Json, LogBatch, LogOptions, Transport
from backends.engine import answers, listings, paths
from backends.engine.clocks import offset
from backends.engine.counter import Counter
from backends.engine.limits import Timeouts
from backends.engine.noted import noted, unversioned
from backends.engine.pool import CallPool
from backends.engine.prefetch import REST, Prefetch
from backends.errors import Disconnected
from backends.model import EngineInfo, Event, Key, Kind, Network, Swarm, Value
from backends.wire import decode

if TYPE_CHECKING:
    from backends.engine.exec import HijackedExec
    from backends.engine.sdk import Answer, Session
    from backends.engine.streams import Parser, Reader
    from backends.room import Room

_T = TypeVar("_T")
_B = TypeVar("_B")
_Shape = Callable[[list[_T], int], _B]
_Decoder = Callable[[bytes, str, float], _T]


class SdkEngine:
    """Implements ``backends.api.Engine``. Made and used in one event loop."""

    def __init__(
        self,
        transport: Transport,
        *,
        prefetch: Prefetch | None = None,
        clock: Callable[[], float] = time.time,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._transport, self._prefetch, self._clock = transport, prefetch, clock
        self._timeouts = timeouts or Timeouts()
        self._pool = CallPool()
        self._counter = Counter()
        self._socket_path = ""
        self._session: Session | None = None
        self._session_lock = threading.Lock()
        self._api_version = ""
        self._version_body = b""
        self._node_id: str | None = None
        self._readers: set[Reader[Any]] = set()
        self._execs: set[HijackedExec] = set()
        self._closed = False

    @property
    def endpoint(self) -> str:
        """How people would write its address."""
        return self._transport.endpoint

    @property
    def api_version(self) -> str:
        """The negotiated API version: the highest that the engine speaks; empty before ``connect``."""
        return self._api_version

    @property
    def socket_path(self) -> str:
        """The private unix socket that reaches the engine; empty before ``connect``."""
        return self._socket_path

    @property
    def room(self) -> Room | None:
        """What is said of the room that the way there has; ``None`` where that is without limit."""
        return cast("Room", self._transport) if hasattr(self._transport, "starved") else None

    @property
    def budget(self) -> Budget:
        """What was asked of this engine."""
        return self._counter.budget

    async def connect(self) -> None:
        """Opens the transport and negotiates; again after a loss. Raises ``Unreachable`` and the like."""
        if self._closed:
            raise Disconnected("The connection to the engine has been closed.")
        path = await self._transport.open()
        if path != self._socket_path:
            self._socket_path, session = path, self._session
            self._session = None
            if session is not None:
                session.close()
        body = await self._fetch(listings.VERSION, self._timeouts.read, bytes, prefix=False)
        self._api_version, self._version_body = answers.api_version(body), body

    async def info(self) -> EngineInfo:
        """What the engine says of itself; its version is as of ``connect``."""

        def decoded(body: bytes, date: str, asked: float) -> EngineInfo:
            info = decode.engine_info(body, self._version_body)
            clock = offset(info.system_time, date, asked, self._clock())
            return msgspec.structs.replace(info, clock=clock)

        info = await self._answered(listings.INFO, self._timeouts.read, decoded)
        self._node_id = info.swarm.node_id
        return info

    async def swarm(self) -> Swarm:
        """The Swarm's settings; raises ``NotManager`` or ``NoQuorum``."""

        return await self._fetch(listings.SWARM, self._timeouts.read, decode.swarm)

    async def list(self, kind: Kind, filters: Filters | None = None) -> Sequence[Value]:
        """All objects of a kind that pass ``filters``."""
        if kind is Kind.SWARM:
            return (await self.swarm(),)
        if kind is Kind.ENGINE:
            return (await self.info(),)
        path = paths.listing(kind)
        if filters:
            text = msgspec.json.encode({name: list(values) for name, values in filters.items()}).decode()
            path += ("&" if "?" in path else "?") + urlencode({"filters": text})
        node_id = await self._node()
        return await self._fetch(
            path, self._timeouts.listing, lambda body: answers.listed(kind, body, node_id, self._clock())
        )

    async def inspect(self, key: Key) -> Json:
        """The engine's whole JSON of one object."""
        return await self._fetch(paths.inspection(key), self._timeouts.read, answers.plain_json)

    async def network(self, network_id: str) -> Network:
        """One network with its endpoints and peers, as far as this engine knows them."""
        node_id = await self._node()

        def decoded(body: bytes) -> Network:
            return decode.network(body, node_id)

        return await self._fetch(f"/networks/{paths.segment(network_id)}", self._timeouts.read, decoded)

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Json:
        """One raw request below the version prefix. Several JSON documents come back as a list, an empty answer
        as ``None``, other text as it is."""
        limit = timeout or (self._timeouts.read if method in ("GET", "HEAD") else self._timeouts.write)
        encoded = None if body is None else msgspec.json.encode(body)

        def ask(left: float) -> Json:
            answer = self._ask(method, self._versioned(path), left, params, encoded, headers)
            return answers.json_or_text(answer)

        return await self._pool.run(ask, limit, f"{method} {path.partition('?')[0]}")

    @contextlib.asynccontextmanager
    async def events(self, since: float | None = None) -> AsyncIterator[AsyncIterator[Sequence[Event]]]:
        """Events in batches; the iterator raises ``Disconnected`` at any end but leaving the context."""
        from backends.engine.parsers import EventParser
        from backends.engine.streams import EVENT_CAPACITY, event_batch

        params = {} if since is None else {"since": f"{since:.9f}"}
        parser = EventParser(await self._node(), self._clock)
        async with self._stream(
            "/events", params, parser, event_batch, EVENT_CAPACITY, what="events", dropping=False, endless=True
        ) as batches:
            yield batches

    @contextlib.asynccontextmanager
    async def logs(self, key: Key, options: LogOptions) -> AsyncIterator[AsyncIterator[LogBatch]]:
        """Log lines; the iterator ends when the log does, and raises ``Disconnected`` when it was cut off."""
        from backends.engine.loglines import LogParser
        from backends.engine.streams import LOG_CAPACITY, log_batch

        of_swarm = key.kind is not Kind.CONTAINER
        params = paths.log_query(key, options)
        parser = LogParser("" if key.kind is Kind.SERVICE else key.id, details=of_swarm, keep_details=options.details)
        async with self._stream(
            paths.logs(key), params, parser, log_batch, LOG_CAPACITY, what="log", dropping=True, endless=False
        ) as batches:
            yield batches

    @contextlib.asynccontextmanager
    async def stats(self, container_id: str) -> AsyncIterator[AsyncIterator[Json]]:
        """Raw samples, about one a second; of those that waited only the newest."""
        from backends.engine.parsers import SampleParser
        from backends.engine.streams import STATS_CAPACITY, latest_sample

        path = f"/containers/{paths.segment(container_id)}/stats"
        async with self._stream(
            path,
            {"stream": "1"},
            SampleParser(),
            latest_sample,
            STATS_CAPACITY,
            what="statistics",
            dropping=True,
            endless=False,
        ) as batches:
            yield batches

    async def exec(self, container_id: str, request: ExecRequest) -> HijackedExec:
        """Starts a command; without one a shell is looked for. Raises ``backends.engine.exec.NoShell``."""
        from backends.engine import exec as execs

        session = await execs.start(self, container_id, request)
        self._execs.add(session)
        session.on_close(lambda: self._execs.discard(session))
        return session

    async def aclose(self) -> None:
        """Ends all streams and the transport. Never hangs."""
        self._closed = True
        if self._prefetch is not None:
            self._prefetch.shown.set()
        for reader in tuple(self._readers):
            reader.stop(Disconnected("The connection to the engine has been closed."))
        for session in tuple(self._execs):
            await session.close()
        self._pool.close()
        if self._session is not None:
            self._session.close()
            self._session = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await self._transport.close()

    def _versioned(self, path: str) -> str:
        return f"/v{self._api_version}{path}" if self._api_version else path

    async def _node(self) -> str:
        """This engine's node id, which says where containers, volumes and local networks are."""
        if self._node_id is None:
            await self.info()
        return self._node_id or ""

    async def _fetch(self, path: str, limit: float, decoded: Callable[[bytes], _T], *, prefix: bool = True) -> _T:
        """The decoded body of a ``GET``."""
        return await self._answered(path, limit, lambda body, date, asked: decoded(body), prefix=prefix)

    async def _answered(self, path: str, limit: float, decoded: _Decoder[_T], *, prefix: bool = True) -> _T:
        """``GET`` and decode, both on a thread; a prefetched answer is used once. ``decoded`` gets the body, the
        ``Date`` header, and when it was asked for."""
        found = self._prefetch if self._prefetch and self._prefetch.socket_path == self._socket_path else None
        small = found.take_small(path) if found is not None else None
        if found is not None and small is not None:
            return decoded(self._counted(path, small), "", found.started)

        def fetch(left: float) -> _T:
            if found is not None and found.has(path):
                body = found.take(path, left)
                if body is not None:
                    return decoded(self._counted(path, body), "", found.started)
            asked = self._clock()
            answer = self._ask("GET", self._versioned(path) if prefix else path, left)
            return decoded(answer.body, answer.date, asked)

        return await self._pool.run(fetch, limit, path.partition("?")[0])

    def _counted(self, path: str, body: bytes) -> bytes:
        self._counter.request("GET", path)
        self._counter.received(len(body))
        return body

    def _ask(
        self,
        method: str,
        path: str,
        limit: float,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """On a thread of the pool."""
        self._counter.request(method, unversioned(path))
        with noted(method, path):
            answer = self._http().ask(method, path, limit=limit, params=params, body=body, headers=headers)
        self._counter.received(len(answer.body))
        return answer

    def _http(self) -> Session:
        if self._session is None and self._prefetch is not None:
            self._prefetch.shown.wait(REST)
        from backends.engine.sdk import Session

        with self._session_lock:
            if self._session is None:
                if not self._socket_path or self._closed:
                    raise Disconnected("There is no connection to the engine.")
                self._session = Session(self._socket_path)
            return self._session

    @contextlib.asynccontextmanager
    async def _stream(
        self,
        path: str,
        params: Mapping[str, str],
        parser: Parser[_T],
        shape: _Shape[_T, _B],
        capacity: int,
        *,
        what: str,
        dropping: bool,
        endless: bool,
    ) -> AsyncIterator[AsyncIterator[_B]]:
        from backends.engine.channel import Channel
        from backends.engine.streams import Batches, Reader

        channel: Channel[_T] = Channel(capacity, dropping=dropping)
        self._counter.request("GET", path)
        reader = Reader(
            self._http,
            self._versioned(path),
            params,
            parser,
            channel,
            what=what,
            limit=self._timeouts.header(what),
            endless=endless,
            count=self._counter.received,
        )
        self._readers.add(reader)
        try:
            with noted("GET", path):
                await reader.open()
            yield Batches(channel, shape)
        finally:
            reader.stop()
            self._readers.discard(reader)
            await reader.parted()
