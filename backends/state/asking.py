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
    NotFound,
    NotManager,
    PermissionRefused,
    TimedOut,
    Unreachable,
    WrongEngine,
)
from backends.model import Container, Image, Kind, Network, Swarm, Value, Volume
from backends.state.agenda import Agenda
from backends.state.asks import Ask
from backends.state.clock import Clock, within
from backends.state.inputs import (
    LOCAL_KINDS,
    SWARM_KINDS,
    Dirty,
    Inspected,
    Listing,
    ManagerTrouble,
    SwarmTold,
)
from backends.state.standing import NO_ANSWER, NO_LEADER, Standing
from backends.state.store import Store

_log = logging.getLogger(__name__)

#: An answer is taken to be this much older than its question: an engine writes a change down and tells of it
#: at about, not exactly, the same time.
_MARGIN = 0.05
#: Questions about the Swarm that may be open at once: without a leader each hangs, and the others of the
#: engine's few threads must stay free for containers.
_SWARM_AT_ONCE = 2
#: Seconds for an answer about the Swarm, and bytes a second of a large one over a slow link. An engine that
#: waits for a leader would take more than twice as long to say so.
_SWARM_LIMIT, _SLOWEST = 8.0, 200_000.0


class Asker:
    """One engine's questions. Keeps its clock's offset, and what is wrong with its Swarm."""

    def __init__(self, engine: Engine, store: Store, agenda: Agenda, clock: Clock, standing: Standing) -> None:
        self._engine, self._store, self._agenda, self._clock = engine, store, agenda, clock
        self.standing = standing
        self._gate = asyncio.Semaphore(_SWARM_AT_ONCE)
        self._open = 0
        self.problem = ""
        """Why some question is not answered although the engine is there; a sentence, or empty."""
        self._problem_of: dict[Kind, str] = {}

    def begin(self) -> None:
        """A session begins."""
        self._problem_of.clear()
        self.problem = ""

    @property
    def waiting(self) -> bool:
        """Whether some question is open."""
        return self._open > 0

    async def ask(self, ask: Ask) -> BackendError | None:
        """Asks and makes the answer known. Returns an error that may mean that the engine itself is gone: where it
        is not, :meth:`unanswered` makes that known. Others are dealt with here. Raises ``WrongEngine``."""
        try:
            await self._ask(ask)
        except WrongEngine:
            raise
        except NoQuorum:
            self._trouble(ask, NO_LEADER)
        except NotManager:
            self._agenda.manager = False
            self._agenda.failed(ask, self._clock.monotonic())
            # What it is instead, and whether it stays so, it says itself.
            self._agenda.mark([Dirty(Kind.ENGINE, "whole")], self._store.snapshot, self._clock.monotonic())
        except (TimedOut, Unreachable, Disconnected, PermissionRefused) as error:
            return error
        except NotFound as error:
            if ask.scope is None or not ask.scope.services:
                self._failed(ask, error)
                return None
            # Tasks of a service that was removed meanwhile: that it is gone is told by the list of services.
            now = self._clock.monotonic()
            self._agenda.failed(ask, now)
            self._agenda.mark([Dirty(Kind.SERVICE, "whole")], self._store.snapshot, now)
        except BackendError as error:
            _log.warning("%s does not answer %s: %s", self._engine.endpoint, ask.kind.value, error.original)
            self._failed(ask, error)
        else:
            if self._problem_of.pop(ask.kind, None) is not None:
                self.problem = next(iter(self._problem_of.values()), "")
        return None

    def unanswered(self, ask: Ask, error: BackendError) -> None:
        """The engine is there, and yet a question ended with ``error``."""
        of_swarm = ask.kind in SWARM_KINDS or ask.kind in (Kind.SWARM, Kind.ENGINE)
        if isinstance(error, TimedOut) and self._agenda.manager and of_swarm:
            # Without a leader these hang, while all that is the engine's own is answered.
            self._trouble(ask, NO_ANSWER)
        else:
            self._failed(ask, error)

    def _failed(self, ask: Ask, error: BackendError) -> None:
        # An engine's own words seldom tell what was asked.
        said = f"{_asked(ask)} cannot be read: {str(error).rstrip('.')}."
        self._problem_of[ask.kind] = self.problem = said
        self._agenda.failed(ask, self._clock.monotonic())

    def _trouble(self, ask: Ask, text: str) -> None:
        self._agenda.trouble = True
        self._agenda.failed(ask, self._clock.monotonic())
        # That nothing came this time says less than what was said before.
        if text != NO_ANSWER or not self._store.snapshot.manager_problem:
            self._store.apply([ManagerTrouble(text)])

    async def _ask(self, ask: Ask) -> None:
        if ask.kind is Kind.CONTAINER or ask.kind in (Kind.VOLUME, Kind.IMAGE):
            await self._put(ask)
            return
        # All others may ask the managers on the way.
        async with self._gate:
            limit = _SWARM_LIMIT + self._agenda.size_of(ask.kind) / _SLOWEST
            try:
                await within(self._clock, limit, self._put(ask))
            except TimeoutError as error:
                raise TimedOut(f"The engine does not list its {ask.kind.value}s in time.") from error

    async def _put(self, ask: Ask) -> None:
        asked, at = self._clock.monotonic(), self.standing.engine_time() - _MARGIN
        before, alone = self._bytes(), self._open == 0
        self._open += 1
        try:
            if ask.network:
                await self._endpoints(ask, at)
            elif ask.kind is Kind.ENGINE:
                await self._engine_info()
            elif ask.kind is Kind.SWARM:
                await self._swarm(at)
            else:
                await self._list(ask, at, asked, before if alone else None)
                return
        finally:
            self._open -= 1
        self.standing.heard()
        self._agenda.answered(ask, asked, 0, 1)

    async def _list(self, ask: Ask, at: float, asked: float, before: int | None) -> None:
        items = await self._engine.list(ask.kind, ask.filters)
        self.standing.heard()
        known = ask.kind in self._store.snapshot.listed
        if ask.scope is None and self.standing.first_at is not None and not known:
            at = min(at, self.standing.first_at)
        authority = self._agenda.manager and not self._agenda.trouble
        if ask.kind is Kind.NETWORK and ask.scope is None and authority and self._lost_swarm(items):
            # Without a leader a manager leaves the Swarm's networks out and says nothing of it.
            await self._engine_info()
            authority = self._agenda.manager and not self._agenda.trouble
        size = self._bytes() - before if before is not None and self._open == 1 else 0
        node_id = self.standing.node_id if ask.kind in LOCAL_KINDS else ""
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
        node_id = self.standing.node_id
        first = next(iter(items), None)
        if not isinstance(first, (Container, Volume, Image)) or first.node_id == node_id:
            return items
        return [replace(i, node_id=node_id) if isinstance(i, (Container, Volume, Image)) else i for i in items]

    async def _endpoints(self, ask: Ask, at: float) -> None:
        network = await self._engine.network(ask.network)
        if isinstance(network, Network):
            self._store.apply([Inspected(network, at, self.standing.node_id)])

    async def _engine_info(self) -> None:
        info = await self._engine.info()
        old = self.standing.node_id
        folded = self._store.apply(self.standing.told(info))
        now = self._clock.monotonic()
        self._agenda.mark(folded.dirty, self._store.snapshot, now)
        if self.standing.node_id != old:
            local = [Dirty(kind, "whole", "", self.standing.node_id) for kind in LOCAL_KINDS]
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


def _asked(ask: Ask) -> str:
    if ask.network:
        return "Who is on a network"
    named = {Kind.ENGINE: "What the engine says of itself", Kind.SWARM: "What the Swarm says of itself"}
    return named.get(ask.kind) or f"The list of {ask.kind.value}s"
