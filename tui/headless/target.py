"""Which containers a name means: of a service its replicas, of a task its own, on one node or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from backends.api import Cluster, Interest
from backends.errors import BackendError, NotFound
from backends.model import Container, Key, Kind, Snapshot, Task
from backends.state.relations import relations
from backends.state.wording import listing
from tui.actions.objects import all_of, find, is_here, name_of, names, node_name
from tui.actions.shell import container_for
from tui.cli import UsageError
from tui.details.container import container_name
from tui.headless.settle import Need, Unasked, Watch, unasked

_KINDS = frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER})
_NEAR = Need(_KINDS, frozenset({Kind.CONTAINER}))
_FAR = replace(_NEAR, everywhere=True)
_ORDER = (Kind.CONTAINER, Kind.TASK, Kind.SERVICE)
#: From which length on the head of an ID names an object, as on the screen.
_SHORTEST_ID = 4
_MOST = 6
_T = TypeVar("_T", Container, Task)


@dataclass(frozen=True, slots=True)
class Replicas:
    """Where a command is to run, and where it should but cannot."""

    containers: tuple[Container, ...]
    elsewhere: tuple[Unasked, ...] = ()
    """``node`` is the node, ``reason`` begins with the task."""


class Finder:
    """Looks names up in a cluster, and asks for more where what is known does not do."""

    def __init__(self, cluster: Cluster, watch: Watch, timeout: float) -> None:
        self._cluster, self._watch, self._timeout = cluster, watch, timeout

    async def one(self, name: str, node: str) -> Container:
        """The container that is meant. Raises ``UsageError`` where several are, ``BackendError`` where none is."""
        key, snapshot = await self._key(name, node)
        found = container_for(snapshot, key)
        if isinstance(found, str) and key.kind is Kind.SERVICE:
            # Only its tasks tell where else it runs.
            snapshot = await self._with_tasks(key, node)
            found = container_for(snapshot, key)
        if isinstance(found, str):
            raise _refused(found)
        return found

    async def all(self, name: str, node: str) -> Replicas:
        """All running replicas of a service. Raises as ``one``, and where the name is not a service's."""
        key, _ = await self._key(name, node, (Kind.SERVICE,))
        snapshot = await self._with_tasks(key, node)
        known = relations(snapshot)
        here = [c for c in known.containers_of(key.id) if c.state == "running" and is_here(snapshot, c.node_id)]
        held = {c.task_id for c in here}
        # On a node that is down, tasks that were replaced are "running" for as long as it is away.
        running = [t for t in known.tasks_of(key.id) if t.state == "running" and t.id not in held]
        elsewhere = tuple(_away(snapshot, t) for t in running if t.desired_state not in ("shutdown", "remove"))
        if not here and not elsewhere:
            raise _refused(f"no replica of {name} runs" + (f" on {node}" if node else ""))
        return Replicas(tuple(sorted(here, key=lambda c: (container_name(c, snapshot), c.id))), elsewhere)

    def name(self, container: Container) -> str:
        """``web.2``: as short as people say it."""
        return container_name(container, self._cluster.snapshot)

    def node(self, container: Container) -> str:
        """The node it is on; empty on a plain engine."""
        return node_name(self._cluster.snapshot, container.node_id) if container.node_id else ""

    async def _key(self, name: str, node: str, kinds: tuple[Kind, ...] = _ORDER) -> tuple[Key, Snapshot]:
        snapshot = (await self._watch.settle(_NEAR, self._timeout)).snapshot
        narrow, found = _look(snapshot, name, node, kinds)
        if not _unique(narrow, found):
            # Only now other nodes are waited for: one that hangs costs nothing where a name is the Swarm's own.
            need = replace(_FAR, only=node_id(snapshot, node))
            snapshot = (await self._watch.settle(need, self._timeout)).snapshot
            narrow, found = _look(snapshot, name, node, kinds)
        if not found and Kind.TASK in kinds and snapshot.is_manager and not snapshot.manager_problem:
            self._cluster.watch(Interest(kinds=_KINDS | {Kind.TASK}))
            need = replace(_NEAR, kinds=_KINDS | {Kind.TASK})
            snapshot = (await self._watch.settle(need, self._timeout)).snapshot
            narrow, found = _look(snapshot, name, node, kinds)
        if len(found) == 1:
            return found[0], narrow
        if found:
            raise UsageError(several(snapshot, name, found))
        sentence = find(narrow, name, kinds)
        where = f" It was looked for on {node} only." if node else ""
        raise NotFound(f"{sentence}{where}", status=404, hint="" if node else _blind(snapshot))

    async def _with_tasks(self, key: Key, node: str) -> Snapshot:
        snapshot = self._cluster.snapshot
        if snapshot.is_manager and not snapshot.manager_problem:
            services = frozenset({key.id})
            self._cluster.watch(Interest(kinds=_KINDS, services=services))
            snapshot = (await self._watch.settle(self._far(snapshot, node, services), self._timeout)).snapshot
        return on_node(snapshot, node)

    def _far(self, snapshot: Snapshot, node: str, services: frozenset[str]) -> Need:
        return replace(_FAR, only=node_id(snapshot, node), services=services)


def _look(snapshot: Snapshot, name: str, node: str, kinds: tuple[Kind, ...]) -> tuple[Snapshot, list[Key]]:
    narrow = on_node(snapshot, node)
    return narrow, matches(narrow, name, kinds)


def _unique(snapshot: Snapshot, found: list[Key]) -> bool:
    """Whether no other node can have something of that name."""
    if len(found) != 1:
        return False
    container = snapshot.containers.get(found[0].id)
    return container is None or bool(container.task_id)


def matches(snapshot: Snapshot, name: str, kinds: tuple[Kind, ...] = _ORDER) -> list[Key]:
    """All that a name, an ID or the head of an ID can mean; kinds that come first outrank the others, and names
    outrank IDs. Pure."""
    for kind in kinds:
        exact = [key for called, key in names(snapshot, (kind,)) if called == name]
        if not exact and kind is Kind.CONTAINER:
            # A task is called by what its container is called, as far as that is listed.
            exact = [
                c.key
                for c in snapshot.containers.values()
                if c.state == "running" and container_name(c, snapshot) == name
            ]
        if not exact:
            exact = [Key(kind, name)] if name in all_of(snapshot, kind) else []
        if exact:
            return exact
    if len(name) < _SHORTEST_ID:
        return []
    return [Key(kind, id) for kind in kinds for id in all_of(snapshot, kind) if id.startswith(name)]


def on_node(snapshot: Snapshot, node: str) -> Snapshot:
    """The snapshot with the containers and tasks of one node only; ``node`` is its name, its ID, the head of one
    or ``self``, and empty for all. Raises ``UsageError`` and ``NotFound``."""
    id = node_id(snapshot, node)
    if not id:
        return snapshot
    return replace(snapshot, containers=_of(snapshot.containers, id), tasks=_of(snapshot.tasks, id))


def node_id(snapshot: Snapshot, node: str) -> str:
    """The ID of the node that is meant; empty for all, and for a plain engine, which is no node. Raises
    ``UsageError`` and ``NotFound``."""
    if not node or (snapshot.engine and not snapshot.nodes and node in ("self", snapshot.engine.name)):
        return ""
    found = [n for n in snapshot.nodes.values() if node in (n.name, n.id)]
    if not found and node == "self":
        found = [n for n in snapshot.nodes.values() if n.id == snapshot.node_id]
    if not found and len(node) >= _SHORTEST_ID:
        found = [n for n in snapshot.nodes.values() if n.id.startswith(node)]
    if len(found) > 1:
        raise UsageError(f"{len(found)} nodes are called {node}; give the ID: {', '.join(n.id for n in found[:_MOST])}")
    if not found:
        raise NotFound(str(find(snapshot, node, (Kind.NODE,))), status=404, hint=snapshot.manager_problem)
    return found[0].id


def _of(things: Mapping[str, _T], node_id: str) -> dict[str, _T]:
    return {id: thing for id, thing in things.items() if thing.node_id == node_id}


def several(snapshot: Snapshot, name: str, keys: list[Key]) -> str:
    """The sentence for a name with several meanings: all of them, and what tells them apart."""
    rows = []
    for key in keys[:_MOST]:
        place = node_name(snapshot, held) if (held := _node_id(snapshot, key)) else ""
        rows.append(f"{key.kind.value} {name_of(snapshot, key)} {key.id[:12]}" + (f" on {place}" if place else ""))
    more = f" and {len(keys) - _MOST} more" if len(keys) > _MOST else ""
    nodes = {_node_id(snapshot, key) for key in keys}
    help = "give the ID, or --node" if len(nodes) == len(keys) else "give the ID"
    return f"{name} can be {', '.join(rows)}{more}; {help}"


def _node_id(snapshot: Snapshot, key: Key) -> str:
    found = all_of(snapshot, key.kind).get(key.id)
    return str(getattr(found, "node_id", ""))


def _away(snapshot: Snapshot, task: Task) -> Unasked:
    node = node_name(snapshot, task.node_id)
    known = {u.node_id: u for u in unasked(snapshot, _FAR)}
    why = known.get(task.node_id)
    name = relations(snapshot).task_name(task)
    return Unasked(node, task.node_id, f"{name} runs there; {why.reason if why else 'its container is not listed yet'}")


def _blind(snapshot: Snapshot) -> str:
    """Which nodes were not looked on: what was searched for may be there."""
    nodes = [u.node for u in unasked(snapshot, _FAR) if u.node]
    return f"{listing(nodes)} could not be asked." if nodes else snapshot.manager_problem


def _refused(sentence: str) -> BackendError:
    # It may begin with a name, which is left as it is.
    return BackendError(f"{sentence}.")
