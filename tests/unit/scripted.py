"""An engine in memory and a clock by hand, for tests of the state layer."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from msgspec.structs import replace

from backends.api import Budget, Cluster, ExecRequest, ExecSession, Filters, Interest, Json, LogBatch, LogOptions
from backends.cluster import LocalCluster
from backends.errors import Disconnected, NotManager, Unreachable
from backends.model import (
    Container,
    EngineInfo,
    Event,
    Key,
    Kind,
    LinkState,
    Network,
    Node,
    Service,
    Swarm,
    SwarmMembership,
    Task,
    Value,
)

START = 1_700_000_000.0
NODE = "node-1"


class HandClock:
    """Time that goes on only when told to."""

    def __init__(self, start: float = START) -> None:
        self.now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now - START + 1000.0

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, future))
        await future

    async def settle(self) -> None:
        """Lets everything run that can without time going on."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """Goes on, waking each sleeper at its moment."""
        end = self.now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end + 1e-9:
            at, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self.now = max(self.now, at)
            future.set_result(None)
            await self.settle()
        self.now = end
        await self.settle()


class ScriptedEngine:
    """Answers from lists that a test sets, counts what it is asked, and fails when told to."""

    def __init__(self, clock: HandClock, *, manager: bool = True, node_id: str = NODE) -> None:
        self.clock = clock
        membership = SwarmMembership(
            node_id=node_id, state="active" if node_id else "inactive", control_available=manager, managers=1
        )
        self.info_value = EngineInfo(id="engine-1", name="host", swarm=membership)
        self.objects: dict[Kind, dict[str, Value]] = {kind: {} for kind in Kind}
        self.asked: list[tuple[float, str, Any]] = []
        """(time, what, filters): ``list container``, ``info``, ``events``, …"""
        self.down: Exception | None = None
        self.fails: dict[str, Exception] = {}
        """What raises what: ``list service``, ``info``, ``swarm``."""
        self.hangs: set[str] = set()
        self.answers: dict[str, Json] = {}
        """Of raw calls, by method and path."""
        self.ring: list[Event] = []
        self.streams: list[asyncio.Queue[Sequence[Event] | None]] = []
        self.bytes_of: dict[Kind, int] = {}
        self.closed = False
        self._bytes = 0
        self._nano = 0

    # -- for tests --------------------------------------------------------------------------------------

    def put(self, *values: Value) -> None:
        for value in values:
            key: Key = value.key  # type: ignore[attr-defined]
            self.objects[key.kind][key.id] = value

    def drop(self, *keys: Key) -> None:
        for key in keys:
            self.objects[key.kind].pop(key.id, None)

    def event(
        self, type: str, action: str, id: str, *, name: str = "", scope: str = "local", at: float = 0.0, **more: str
    ) -> Event:
        """An event that happens now, or ``at`` a time; told to who listens, and kept for replay."""
        self._nano = int(at * 1e9) if at else max(self._nano + 1000, int(self.clock.now * 1e9))
        made = Event(
            time=self._nano / 1e9,
            time_nano=self._nano,
            scope=scope,
            type=type,
            action=action,
            id=id,
            name=name,
            node_id=self.info_value.swarm.node_id,
            attributes={"name": name, **more},
        )
        self.ring = [*self.ring, made][-256:]
        for stream in self.streams:
            stream.put_nowait([made])
        return made

    def cut(self) -> None:
        """Ends all streams."""
        for stream in self.streams:
            stream.put_nowait(None)

    def kill(self) -> None:
        """The engine is gone until ``revive``."""
        self.down = Unreachable("Nothing listens there.", hint="Start it.")
        self.cut()

    def revive(self) -> None:
        self.down = None

    def count(self, what: str, since: float = 0.0) -> int:
        """How often something was asked."""
        return sum(1 for at, name, _ in self.asked if name == what and at >= since)

    def requests(self, since: float = 0.0) -> list[str]:
        return [name for at, name, _ in self.asked if at >= since]

    def membership(self, **changes: Any) -> None:
        self.info_value = replace(self.info_value, swarm=replace(self.info_value.swarm, **changes))

    # -- the protocol -----------------------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        return "unix:///scripted.sock"

    @property
    def api_version(self) -> str:
        return "1.41"

    @property
    def budget(self) -> Budget:
        return Budget(len(self.asked), self._bytes, {})

    async def _ask(self, what: str, detail: Any = None) -> None:
        self.asked.append((self.clock.now, what, detail))
        await asyncio.sleep(0)
        if what in self.hangs:
            await asyncio.get_running_loop().create_future()
        if self.down is not None:
            raise self.down
        if what in self.fails:
            raise self.fails[what]

    async def connect(self) -> None:
        if self.down is not None:
            raise self.down

    async def info(self) -> EngineInfo:
        await self._ask("info")
        return replace(self.info_value, system_time=self.clock.now)

    async def swarm(self) -> Swarm:
        await self._ask("swarm")
        if not self.info_value.swarm.control_available:
            raise NotManager("This node is a worker.", status=503)
        return Swarm(id="swarm-1")

    async def list(self, kind: Kind, filters: Filters | None = None) -> Sequence[Value]:
        await self._ask(f"list {kind.value}", filters)
        found = list(self.objects[kind].values())
        for name, values in (filters or {}).items():
            attribute = {"service": "service_id"}.get(name, name)
            found = [v for v in found if getattr(v, attribute) in values]
        per_object = self.bytes_of.get(kind, 100)
        self._bytes += per_object * len(found) + 2
        return found

    async def inspect(self, key: Key) -> Json:
        await self._ask("inspect", key)
        return {"ID": key.id}

    async def network(self, network_id: str) -> Value:
        await self._ask("network", network_id)
        found: Any = self.objects[Kind.NETWORK][network_id]
        return replace(found, inspected=True)  # type: ignore[no-any-return]

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
        await self._ask(f"{method} {path}")
        return self.answers.get(f"{method} {path}", "OK")

    @asynccontextmanager
    async def events(self, since: float | None = None) -> AsyncIterator[AsyncIterator[Sequence[Event]]]:
        await self._ask("events", since)
        queue: asyncio.Queue[Sequence[Event] | None] = asyncio.Queue()
        replayed = [e for e in self.ring if since is not None and e.time >= since]
        if replayed:
            queue.put_nowait(replayed)
        self.streams.append(queue)

        async def read() -> AsyncIterator[Sequence[Event]]:
            while True:
                batch = await queue.get()
                if batch is None:
                    raise Disconnected("The engine ended the events.")
                yield batch

        try:
            yield read()
        finally:
            self.streams.remove(queue)

    def logs(self, key: Key, options: LogOptions) -> AbstractAsyncContextManager[AsyncIterator[LogBatch]]:
        raise NotImplementedError

    def stats(self, container_id: str) -> AbstractAsyncContextManager[AsyncIterator[Json]]:
        raise NotImplementedError

    async def exec(self, container_id: str, request: ExecRequest) -> ExecSession:
        raise NotImplementedError

    async def aclose(self) -> None:
        self.closed = True


ALL = Interest(kinds=frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER, Kind.NETWORK}))


def container(id: str, **more: object) -> Container:
    return Container(**{"id": id, "name": id, "node_id": NODE, "state": "running", **more})  # type: ignore[arg-type]


def state(cluster: Cluster) -> LinkState:
    return cluster.snapshot.link.state


def populate(engine: ScriptedEngine) -> None:
    engine.put(
        Node(id=NODE, hostname="m1", role="manager", state="ready"),
        Service(id="s1", name="web", replicas=2, running=2, desired=2, has_counts=True),
        Task(id="t1", service_id="s1", slot=1, node_id=NODE, state="running"),
        Task(id="t2", service_id="s1", slot=2, node_id=NODE, state="running"),
        Network(id="n1", name="net", scope="swarm", driver="overlay"),
        *(container(f"c{i}") for i in range(5)),
    )


@asynccontextmanager
async def running(
    engine: ScriptedEngine, interest: Interest = ALL, seconds: float = 3.0
) -> AsyncIterator[LocalCluster]:
    cluster = LocalCluster(engine, clock=engine.clock, interest=interest, chance=lambda: 0.0)
    await cluster.start()
    await engine.clock.advance(seconds)
    try:
        yield cluster
    finally:
        await cluster.aclose()
