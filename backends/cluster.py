"""The Swarm as one thing: the engine we were started on, room for those of other nodes, one store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from backends.api import (
    Budget,
    Cluster,
    Engine,
    EventLog,
    ExecRequest,
    ExecSession,
    Interest,
    Json,
    LogBatch,
    LogOptions,
    Nodes,
)
from backends.errors import NotFound, Unreachable
from backends.model import Changes, Key, Kind, Snapshot
from backends.state.clock import Clock, SystemClock
from backends.state.feed import Feed
from backends.state.relations import relations
from backends.state.store import Store

if TYPE_CHECKING:
    from backends.routes import RouteSource

#: What is listed before the screen has said what it needs.
FIRST_INTEREST = Interest(kinds=frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER, Kind.NETWORK}))
_PER_NODE = frozenset({Kind.VOLUME, Kind.IMAGE})


class LocalCluster:
    """Implements ``backends.api.Cluster`` on the engine it is given. Engines of other nodes may be added by
    node id; each feeds the same store, and what is asked of a container goes to the engine that has it."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock | None = None,
        interest: Interest = FIRST_INTEREST,
        capacity: int = 5000,
        chance: Callable[[], float] = random.random,
        routes: Callable[[Cluster], RouteSource] | None = None,
    ) -> None:
        """``capacity`` is how many events are kept; ``chance`` gives [0, 1) and spreads repeated tries; ``routes``
        tells of routes where there are no machines to ask."""
        self._clock = clock or SystemClock()
        self._chance = chance
        self._store = Store(capacity=capacity)
        self._interest = interest
        self._primary = Feed(engine, self._store, clock=self._clock, chance=chance)
        self._others: dict[str, Feed] = {}
        self._closed = False
        self._routes_of = routes
        self._routes: RouteSource | None = None

    @property
    def engine(self) -> Engine:
        """The engine we were started on: what changes are sent to."""
        return self._primary.engine

    @property
    def snapshot(self) -> Snapshot:
        """The newest state."""
        return self._store.snapshot

    @property
    def routes(self) -> RouteSource:
        """Routes and interfaces of the nodes, asked when a form needs them."""
        if self._routes is None:
            if self._routes_of is None:
                from backends.routes import RouteBook

                self._routes_of = RouteBook
            self._routes = self._routes_of(self)
        return self._routes

    @property
    def events(self) -> EventLog:
        """What happened."""
        return self._store.events

    @property
    def budget(self) -> Budget:
        """What it cost, over all engines."""
        parts = [feed.budget for feed in self._feeds()]
        by_path: dict[str, int] = {}
        for part in parts:
            for path, count in part.by_path.items():
                by_path[path] = by_path.get(path, 0) + count
        return Budget(sum(p.requests for p in parts), sum(p.bytes for p in parts), by_path)

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Calls ``listener`` in the loop's thread after each change; returns what ends it."""
        return self._store.subscribe(listener)

    def watch(self, interest: Interest) -> None:
        """Replaces what the screen needs."""
        self._interest = interest
        for feed in self._feeds():
            feed.watch(interest)

    async def start(self) -> None:
        """Begins connecting, listing and listening in the background; returns at once."""
        self._primary.watch(self._interest)
        self._primary.start()

    def add(self, node_id: str, engine: Engine) -> None:
        """Feeds from the engine of another node too, from now on. One that is there already is kept."""
        if self._closed or node_id in self._others or node_id == self.snapshot.node_id:
            return
        feed = Feed(
            engine,
            self._store,
            clock=self._clock,
            primary=False,
            node_id=node_id,
            chance=self._chance,
            crowd=lambda: len(self._others),
        )
        self._others[node_id] = feed
        feed.watch(self._interest)
        feed.start()

    async def remove(self, node_id: str) -> None:
        """Ends the feed of another node; what it told stays as it was."""
        feed = self._others.pop(node_id, None)
        if feed is not None:
            await feed.aclose()

    def retry(self) -> None:
        """Tries lost connections now instead of at the next time."""
        for feed in self._feeds():
            feed.retry()

    def feed_retry(self, node_id: str) -> None:
        """Tries the connection to another node's engine now."""
        feed = self._others.get(node_id)
        if feed is not None:
            feed.retry()

    def confirm(self, node_id: str) -> None:
        """Raises ``WrongEngine`` where it is known that what answers for a node is not that node."""
        feed = self._others.get(node_id)
        if feed is not None and feed.wrong is not None:
            raise feed.wrong.with_traceback(None)

    @property
    def nodes(self) -> Nodes | None:
        """The machines as such; ``None`` where only this engine is reached."""
        return None

    def refresh(self) -> None:
        """Lists anew what is on screen."""
        for feed in self._feeds():
            feed.refresh()

    async def inspect(self, key: Key) -> Json:
        """The engine's whole JSON of one object, from the node that has it. A stack, which no engine knows,
        is told from its parts; of the Swarm the join tokens are left out, which open it to anyone."""
        if key.kind is Kind.STACK:
            return self._stack(key)
        if key.kind is Kind.ENGINE:
            return await self._engine_of(key).call("GET", "/info")
        if key.kind is Kind.SWARM:
            swarm = await self._primary.engine.call("GET", "/swarm")
            return {k: v for k, v in swarm.items() if k != "JoinTokens"} if isinstance(swarm, dict) else swarm
        return await self._engine_of(key).inspect(key)

    def logs(self, key: Key, options: LogOptions) -> AbstractAsyncContextManager[AsyncIterator[LogBatch]]:
        """Log lines of a container, task or service."""
        return self._engine_of(key).logs(key, options)

    def stats(self, key: Key) -> AbstractAsyncContextManager[AsyncIterator[Json]]:
        """Raw stats samples of a container, or of a task's."""
        engine, id = self._container(key)
        return engine.stats(id)

    async def exec(self, key: Key, request: ExecRequest) -> ExecSession:
        """Starts a command in a container, or in a task's, on whichever reachable node it is."""
        engine, id = self._container(key)
        return await engine.exec(id, request)

    async def engine_at(self, node_id: str) -> Engine:
        """The engine of a node, connected first where nobody has yet; empty is the one we were started on. Raises
        ``Unreachable`` or ``WrongEngine``."""
        await self._need(node_id)
        return self._engine_on(node_id)

    async def _need(self, node_id: str) -> None:
        """Other nodes are connected by whoever knows how."""

    async def aclose(self) -> None:
        """Ends everything. Never hangs."""
        self._closed = True
        await asyncio.gather(*(feed.aclose() for feed in self._feeds()), return_exceptions=True)

    def _feeds(self) -> tuple[Feed, ...]:
        return (self._primary, *self._others.values())

    def _engine_of(self, key: Key) -> Engine:
        """The engine that can tell of ``key``; raises ``Unreachable`` where its node is not reached."""
        s = self.snapshot
        node_id = ""
        if key.kind is Kind.CONTAINER and key.id in s.containers:
            node_id = s.containers[key.id].node_id
        elif key.kind is Kind.NETWORK and key.id in s.networks:
            node_id = s.networks[key.id].node_id
        elif key.kind in _PER_NODE:
            node_id = key.id.partition("/")[0]
        elif key.kind is Kind.ENGINE:
            node_id = next((n for n, info in s.engines.items() if info.id == key.id), "")
        return self._engine_on(node_id)

    def _engine_on(self, node_id: str) -> Engine:
        if not node_id or node_id == self.snapshot.node_id:
            return self._primary.engine
        feed = self._others.get(node_id)
        if feed is None:
            node = self.snapshot.nodes.get(node_id)
            name = node.name if node is not None else node_id[:12]
            raise Unreachable(
                f"It is on {name}, whose engine is not connected.",
                hint=f"Run dnet-tui on {name}, or connect to its engine.",
            )
        self.confirm(node_id)
        return feed.engine

    def _container(self, key: Key) -> tuple[Engine, str]:
        """The container that a key names or a task stands for, with its engine. Raises ``NotFound`` or
        ``Unreachable``."""
        if key.kind is not Kind.TASK:
            return self._engine_of(key), key.id
        task = self.snapshot.tasks.get(key.id)
        if task is None:
            raise NotFound("This task is gone.", status=404)
        found = relations(self.snapshot).container_of(task)
        if found is not None:
            return self._engine_of(found.key), found.id
        if not task.container_id:
            raise NotFound("This task has no container yet.", status=404)
        return self._engine_on(task.node_id), task.container_id

    def _stack(self, key: Key) -> Json:
        stack = self.snapshot.stacks.get(key.id)
        if stack is None:
            raise NotFound("This stack is gone.", status=404)
        s = self.snapshot
        return {
            "Name": stack.name,
            "Services": [s.services[i].name for i in stack.services if i in s.services],
            "Networks": [s.networks[i].name for i in stack.networks if i in s.networks],
            "Configs": [s.configs[i].name for i in stack.configs if i in s.configs],
            "Secrets": [s.secrets[i].name for i in stack.secrets if i in s.secrets],
        }
