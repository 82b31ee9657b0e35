"""Sends the agenda's questions to one engine and makes their answers known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from msgspec.structs import replace

from backends.api import Budget, Engine
from backends.errors import (
    BackendError,
    Disconnected,
    NoQuorum,
    NotManager,
    PermissionRefused,
    TimedOut,
    Unreachable,
)
from backends.model import Container, EngineInfo, Image, Kind, Network, Swarm, Value, Volume
from backends.state.agenda import Agenda
from backends.state.asks import Ask
from backends.state.clock import Clock
from backends.state.inputs import (
    LOCAL_KINDS,
    SWARM_KINDS,
    ClockChanged,
    Dirty,
    EngineTold,
    Inspected,
    Listing,
    ManagerTrouble,
    SwarmTold,
)
from backends.state.store import Store

_log = logging.getLogger(__name__)

#: An answer is taken to be this much older than its question: an engine writes a change down and tells of it
#: at about, not exactly, the same time.
_MARGIN = 0.05
#: The first answers of a session may have been fetched before the session began (``backends.engine.prefetch``).
FETCHED_BEFORE = 1.0
#: An engine whose clock falls behind what we thought by more than this was set back.
_STEP = 1.0
#: Questions about the Swarm that may be open at once: without a leader each hangs, and the others of the
#: engine's few threads must stay free for containers.
_SWARM_AT_ONCE = 2


class Asker:
    """One engine's questions. Keeps its clock's offset, and what is wrong with its Swarm."""

    def __init__(self, engine: Engine, store: Store, agenda: Agenda, clock: Clock, *, primary: bool) -> None:
        self._engine, self._store, self._agenda, self._clock = engine, store, agenda, clock
        self._primary = primary
        self._gate = asyncio.Semaphore(_SWARM_AT_ONCE)
        self._offset: float | None = None
        self._open = 0
        self._first_at: float | None = None
        self.node_id = ""
        self.fresh = 0.0
        """When the engine last told anything, by our clock."""
        self.last_heard = 0.0
        """The same in monotonic seconds."""
        self.problem = ""
        """Why some question is not answered although the engine is there; a sentence, or empty."""
        self._problem_of: dict[Kind, str] = {}

    def begin(self, info: EngineInfo, *, first: bool) -> None:
        """A session begins: the engine's clock is set against ours."""
        self.heard()
        self._measure(info)
        self.node_id = info.swarm.node_id
        self._problem_of.clear()
        self.problem = ""
        self._first_at = self.engine_time() - FETCHED_BEFORE if first else None

    def heard(self) -> None:
        """The engine told something just now."""
        self.fresh = self._clock.time()
        self.last_heard = self._clock.monotonic()

    def engine_time(self) -> float:
        """Now, by the engine's clock, or a little earlier."""
        return self._clock.time() + (self._offset or 0.0)

    def _measure(self, info: EngineInfo) -> None:
        """Sets the engine's clock against ours. It answered a little ago, so that its present is rather later
        than we think: then an event is applied twice, which does no harm, instead of not at all."""
        self._set_offset(info.system_time - self._clock.time() if info.system_time else 0.0)

    def _set_offset(self, offset: float) -> None:
        back = self._offset is not None and offset < self._offset - _STEP
        self._offset = offset
        if back:
            self._store.apply([ClockChanged(self.engine_time() - _STEP, self.node_id, self._primary)])
            self._agenda.relist(self._clock.monotonic())

    def happened(self, time: float) -> None:
        """An event of this engine, of ``time`` by its clock, came in just now."""
        offset = time - self._clock.time()
        if self._offset is not None and offset < self._offset - _STEP:
            self._set_offset(offset)

    def role(self, info: EngineInfo) -> list[ManagerTrouble]:
        """Sets the agenda by what the engine says of its part in the Swarm."""
        membership = info.swarm
        manager = membership.control_available and membership.state == "active"
        if self.node_id != membership.node_id:
            self.node_id = membership.node_id
        left = self._agenda.manager and membership.state in ("", "inactive")
        self._agenda.manager = manager
        if left:
            self._agenda.left_swarm()
        if not self._primary:
            return []
        if manager and membership.error:
            self._agenda.trouble = True
            return [ManagerTrouble(membership.error)]
        if manager:
            # That the error is gone is not yet an answer: while in trouble the question in hand decides.
            return [] if self._agenda.trouble else [ManagerTrouble("")]
        self._agenda.trouble = False
        return [ManagerTrouble(_why_no_manager(info))]

    async def ask(self, ask: Ask) -> BackendError | None:
        """Asks and makes the answer known. Returns an error that may mean that the engine itself is gone;
        others are dealt with here."""
        try:
            await self._ask(ask)
        except NoQuorum as error:
            self._trouble(ask, str(error))
        except NotManager as error:
            self._agenda.manager = False
            self._agenda.failed(ask, self._clock.monotonic())
            self._agenda.mark([Dirty(Kind.ENGINE, "whole")], self._store.snapshot, self._clock.monotonic())
            self._store.apply([ManagerTrouble(str(error))])
        except TimedOut as error:
            if self._agenda.manager and (ask.kind in SWARM_KINDS or ask.kind in (Kind.SWARM, Kind.ENGINE)):
                # Without a leader these hang, while all that is the engine's own is answered.
                self._trouble(ask, "The Swarm's managers do not answer in time.")
            else:
                self._failed(ask, error)
            return error
        except (Unreachable, Disconnected, PermissionRefused) as error:
            self._failed(ask, error)
            return error
        except BackendError as error:
            _log.warning("%s does not answer %s: %s", self._engine.endpoint, ask.kind.value, error.original)
            self._failed(ask, error)
        else:
            if self._problem_of.pop(ask.kind, None) is not None:
                self.problem = next(iter(self._problem_of.values()), "")
        return None

    def _failed(self, ask: Ask, error: BackendError) -> None:
        self._problem_of[ask.kind] = self.problem = str(error)
        self._agenda.failed(ask, self._clock.monotonic())

    def _trouble(self, ask: Ask, text: str) -> None:
        self._agenda.trouble = True
        self._agenda.failed(ask, self._clock.monotonic())
        self._store.apply([ManagerTrouble(text)])

    async def _ask(self, ask: Ask) -> None:
        if ask.kind is Kind.CONTAINER or ask.kind in (Kind.VOLUME, Kind.IMAGE):
            await self._put(ask)
            return
        # All others may ask the managers on the way.
        async with self._gate:
            await self._put(ask)

    async def _put(self, ask: Ask) -> None:
        asked, at = self._clock.monotonic(), self.engine_time() - _MARGIN
        before, alone = self._bytes(), self._open == 0
        self._open += 1
        try:
            if ask.network:
                await self._endpoints(ask, at)
            elif ask.kind is Kind.ENGINE:
                await self._engine_info(at)
            elif ask.kind is Kind.SWARM:
                await self._swarm(at)
            else:
                await self._list(ask, at, asked, before if alone else None)
                return
        finally:
            self._open -= 1
        self.heard()
        self._agenda.answered(ask, asked, 0, 1)

    async def _list(self, ask: Ask, at: float, asked: float, before: int | None) -> None:
        items = await self._engine.list(ask.kind, ask.filters)
        self.heard()
        known = ask.kind in self._store.snapshot.listed
        if ask.scope is None and self._first_at is not None and not known:
            at = min(at, self._first_at)
        authority = self._agenda.manager and not self._agenda.trouble
        if ask.kind is Kind.NETWORK and ask.scope is None and authority and self._lost_swarm(items):
            # Without a leader a manager leaves the Swarm's networks out and says nothing of it.
            await self._engine_info(at)
            authority = self._agenda.manager and not self._agenda.trouble
        size = self._bytes() - before if before is not None and self._open == 1 else 0
        node_id = self.node_id if ask.kind in LOCAL_KINDS else ""
        folded = self._store.apply(
            [Listing(ask.kind, self._placed(items), at, node_id, ask.scope, authority=authority)]
        )
        self._agenda.answered(ask, asked, size, len(items))
        now = self._clock.monotonic()
        self._agenda.mark(folded.dirty, self._store.snapshot, now)
        changed = [key.id for key in folded.changes.keys if key.kind is ask.kind]
        if ask.kind is Kind.SERVICE:
            if known:
                # A count that changed: what its tasks do is news.
                self._agenda.tasks.happened((i for i in changed if i in folded.snapshot.services), now)
            self._agenda.tasks.forget(folded.snapshot.services)
        elif ask.kind is Kind.TASK:
            tasks = folded.snapshot.tasks
            services = frozenset(tasks[i].service_id for i in changed if i in tasks)
            if ask.scope is None:
                self._agenda.tasks.all_read(folded.snapshot, asked)
            else:
                self._agenda.tasks.answered(tuple(ask.scope.services), size, services, now)

    def _lost_swarm(self, items: Sequence[Value]) -> bool:
        had = any(n.is_swarm for n in self._store.snapshot.networks.values())
        return had and not any(isinstance(n, Network) and n.is_swarm for n in items)

    def _placed(self, items: Sequence[Value]) -> Sequence[Value]:
        """Local objects carry the node they are on; an engine that has just joined may not say it yet."""
        node_id = self.node_id
        first = next(iter(items), None)
        if not isinstance(first, (Container, Volume, Image)) or first.node_id == node_id:
            return items
        return [replace(i, node_id=node_id) if isinstance(i, (Container, Volume, Image)) else i for i in items]

    async def _endpoints(self, ask: Ask, at: float) -> None:
        network = await self._engine.network(ask.network)
        if isinstance(network, Network):
            self._store.apply([Inspected(network, at, self.node_id)])

    async def _engine_info(self, at: float) -> None:
        info = await self._engine.info()
        self._measure(info)
        old = self.node_id
        told: list[EngineTold | ManagerTrouble] = [EngineTold(info, at, self._primary), *self.role(info)]
        folded = self._store.apply(told)
        now = self._clock.monotonic()
        self._agenda.mark(folded.dirty, self._store.snapshot, now)
        if self.node_id != old:
            local = [Dirty(kind, "whole", "", self.node_id) for kind in LOCAL_KINDS]
            self._agenda.mark(local, self._store.snapshot, now)

    async def _swarm(self, at: float) -> None:
        swarm: Swarm = await self._engine.swarm()
        told: list[SwarmTold | ManagerTrouble] = [SwarmTold(swarm, at)]
        if self._agenda.trouble:
            self._agenda.trouble = False
            self._agenda.recovered(self._clock.monotonic())
            told.append(ManagerTrouble(""))
        self._store.apply(told)

    def _bytes(self) -> int:
        found = getattr(self._engine, "budget", None)
        return found.bytes if isinstance(found, Budget) else 0


def _why_no_manager(info: EngineInfo) -> str:
    membership = info.swarm
    match membership.state:
        case "" | "inactive":
            return "This engine is not part of a Swarm."
        case "locked":
            return "This manager is locked: docker swarm unlock opens it."
        case "pending":
            return "This node is still joining the Swarm."
        case "error":
            return membership.error or "This node cannot take part in the Swarm."
    return membership.error or "This node is a worker: it knows its own containers, not the Swarm's services."
