"""When an answer is whole: what must have been listed, by which engines, and which nodes could not be asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from backends.api import Cluster
from backends.errors import BackendError, NotManager, TimedOut, Unreachable
from backends.model import Changes, Kind, Link, LinkState, Node, Snapshot
from backends.state.inputs import LOCAL_KINDS, SWARM_KINDS

_GONE = frozenset({LinkState.UNREACHABLE, LinkState.DENIED})
_NOT_LIVE = _GONE | {LinkState.STALE}


@dataclass(frozen=True, slots=True)
class Need:
    """What an answer is made of."""

    kinds: frozenset[Kind]
    """All that must have been listed, as far as the engine can tell of it."""
    required: frozenset[Kind] = frozenset()
    """Those without which there is no answer."""
    everywhere: bool = False
    """Whether each node's own engine is asked, or the managers know it all."""
    only: str = ""
    """The id of the one node whose engine is waited for; empty for all."""
    services: frozenset[str] = frozenset()
    """Services, by id, whose tasks must have been listed."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """A node that is missing in an answer, or of which old things are told. ``node`` and ``node_id`` are empty
    where it is not even known which nodes there are."""

    node: str
    node_id: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an answer is."""

    failed: BackendError | None = None
    """Why there will be none."""
    waiting: tuple[str, ...] = ()
    """What the engine has yet to tell."""
    pending: frozenset[str] = frozenset()
    """Ids of nodes whose engines have yet to answer."""

    @property
    def whole(self) -> bool:
        """Whether nothing more will come."""
        return not self.waiting and not self.pending


@dataclass(slots=True)
class Answer:
    """What was known when waiting ended."""

    snapshot: Snapshot
    unasked: tuple[Unasked, ...] = field(default=())


def standing(snapshot: Snapshot, need: Need) -> Standing:
    """How far the answer is. Pure."""
    link = snapshot.link
    if link.state in _GONE:
        return Standing(failed=Unreachable(link.problem or "The engine does not answer.", hint=link.hint))
    if link.state is not LinkState.LIVE or snapshot.engine is None:
        return Standing(waiting=("engine",))
    blocked = snapshot.manager_problem
    if blocked and (need.required & SWARM_KINDS).difference(snapshot.listed):
        return Standing(failed=NotManager(blocked, status=503, hint=_elsewhere(snapshot)))
    waiting = [f"{kind.value}s" for kind in sorted(need.kinds) if not _listed(snapshot, kind, snapshot.node_id)]
    if not blocked:
        waiting += [f"tasks of {_service(snapshot, i)}" for i in sorted(need.services) if not _tasks(snapshot, i)]
    pending = frozenset(n.id for n in _others(snapshot) if _pending(snapshot, n, need)) if need.everywhere else None
    return Standing(waiting=tuple(waiting), pending=pending or frozenset())


def _elsewhere(snapshot: Snapshot) -> str:
    if snapshot.is_manager or not snapshot.in_swarm:
        return ""
    managers = [address for _, address in snapshot.engine.swarm.remote_managers] if snapshot.engine else []
    where = managers[0].rpartition(":")[0] if managers else "MANAGER"
    return f"Ask a manager: dnet-tui -H ssh://{where} ..."


def _listed(snapshot: Snapshot, kind: Kind, node_id: str) -> bool:
    if kind in LOCAL_KINDS:
        return (kind, node_id) in snapshot.listed_on
    # What a manager alone can tell is not waited for where none is asked, or none leads.
    return kind in snapshot.listed or bool(snapshot.manager_problem)


def _service(snapshot: Snapshot, id: str) -> str:
    found = snapshot.services.get(id)
    return found.name if found else id


def _tasks(snapshot: Snapshot, service_id: str) -> bool:
    return service_id in snapshot.tasks_of or Kind.TASK in snapshot.listed or service_id not in snapshot.services


def _others(snapshot: Snapshot) -> list[Node]:
    return [node for node in snapshot.nodes.values() if node.id != snapshot.node_id]


def _pending(snapshot: Snapshot, node: Node, need: Need) -> bool:
    link = snapshot.links.get(node.id)
    if link is None or link.state in _NOT_LIVE:
        return False
    if need.only and node.id != need.only:
        return False
    own = need.kinds & LOCAL_KINDS
    return link.state is LinkState.CONNECTING or any((kind, node.id) not in snapshot.listed_on for kind in own)


def unasked(snapshot: Snapshot, need: Need, late: frozenset[str] = frozenset(), limit: float = 0.0) -> list[Unasked]:
    """Nodes that the answer lacks, by name; ``late`` are ids of those that did not answer in ``limit`` seconds."""
    found: list[Unasked] = []
    for node in sorted(_others(snapshot), key=lambda node: (node.name, node.id)):
        link = snapshot.links.get(node.id)
        if not need.everywhere:
            if node.state != "ready":
                # The managers themselves cannot ask it: its tasks are told as it last told them.
                found.append(Unasked(node.name, node.id, f"{node.state}; what is told of it is old"))
        elif node.id in late:
            found.append(Unasked(node.name, node.id, f"no answer within {limit:g} s"))
        elif link is None:
            found.append(Unasked(node.name, node.id, _no_link(node)))
        elif link.state in _NOT_LIVE:
            found.append(Unasked(node.name, node.id, _problem(link), link.hint))
    if need.everywhere and snapshot.in_swarm and snapshot.manager_problem:
        found.append(Unasked("", "", _blind(snapshot), _elsewhere(snapshot)))
    return found


def _no_link(node: Node) -> str:
    return "not connected" if node.state == "ready" else node.state


def _problem(link: Link) -> str:
    return link.problem or "no answer"


def _blind(snapshot: Snapshot) -> str:
    return f"other nodes may be missing: {snapshot.manager_problem}"


class Watch:
    """Waits for changes of a cluster. End it with ``close``."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._changed = asyncio.Event()
        self._end = cluster.subscribe(self._tell)

    def _tell(self, _: Changes) -> None:
        self._changed.set()

    def close(self) -> None:
        """Listens no more."""
        self._end()

    async def change(self, seconds: float | None = None) -> bool:
        """Waits for the next change, at most so long; whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    async def gather(self, seconds: float) -> None:
        """Waits so long, so that what comes together is dealt with together."""
        await asyncio.sleep(seconds)
        self._changed.clear()

    async def settle(self, need: Need, limit: float, clock: Callable[[], float] = time.monotonic) -> Answer:
        """Waits until the answer is whole, or for ``limit`` seconds where only other nodes' engines are missing.
        Raises ``BackendError`` where there is none: the engine cannot be reached, does not answer in time, or
        cannot tell."""
        end = clock() + limit
        while True:
            self._changed.clear()
            snapshot = self._cluster.snapshot
            now = standing(snapshot, need)
            if now.failed is not None:
                raise now.failed
            if now.whole:
                return Answer(snapshot, tuple(unasked(snapshot, need)))
            left = end - clock()
            if left <= 0 or not await self.change(left):
                break
        snapshot = self._cluster.snapshot
        now = standing(snapshot, need)
        if now.failed is not None:
            raise now.failed
        if now.waiting:
            raise TimedOut(_late(snapshot, now, limit), hint=snapshot.link.hint or "--timeout SECONDS waits longer.")
        return Answer(snapshot, tuple(unasked(snapshot, need, now.pending, limit)))


def _late(snapshot: Snapshot, now: Standing, limit: float) -> str:
    said = snapshot.link.problem or snapshot.manager_problem
    if said:
        return f"There was no answer within {limit:g} s: {said}"
    what = "The engine" if now.waiting == ("engine",) else f"What the engine knows of {', '.join(now.waiting[:3])}"
    return f"{what} did not {'answer' if now.waiting == ('engine',) else 'come'} within {limit:g} s."
