"""What happens to what runs on a node when it is drained, paused or removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from backends.model import Mode, Node, Service, Snapshot, Task
from backends.state.placement import placement
from backends.state.relations import Relations, relations
from backends.state.wording import listing, plural


@dataclass(frozen=True, slots=True)
class Moved:
    """The tasks of one service on the node."""

    service: Service
    tasks: tuple[Task, ...]
    to: tuple[str, ...]
    """Names of the nodes that could take them; empty where none can."""
    stays: str = ""
    """Why they do not move at all: a global service, a job."""
    waits: str = ""
    """Why they would wait: what keeps every other node from taking them."""
    pause: str = ""
    """What users of the service notice: ``until the new task runs``; empty is nothing."""
    volumes: tuple[str, ...] = ()
    """Local volumes whose data stay behind."""
    binds: tuple[str, ...] = ()
    """Folders of the node that they use."""
    ports: tuple[str, ...] = ()
    """Host-mode ports that then answer elsewhere."""

    @property
    def data(self) -> bool:
        """Whether data stay behind."""
        return bool(self.volumes or self.binds)


@dataclass(frozen=True, slots=True)
class Drain:
    """All of it."""

    nodes: tuple[Node, ...]
    moved: tuple[Moved, ...]
    standing: tuple[str, ...]
    """Containers that are not Swarm's: they keep running."""

    def lines(self) -> Iterator[str]:
        """One sentence each, what moves first, then what does not."""
        if not self.moved:
            yield f"Nothing of the Swarm runs on {listing([node.name for node in self.nodes])}."
        for moved in self.moved:
            yield _sentence(moved)
        for moved in self.moved:
            if moved.volumes:
                yield f"Data stay behind: volume {listing(moved.volumes)} of {moved.service.name}."
            if moved.binds:
                yield f"Data stay behind: folder {listing(moved.binds)} of {moved.service.name}."
            if moved.ports:
                yield f"Port {listing(moved.ports)} of {moved.service.name} then answers on another node."
        if self.standing:
            yield f"Not Swarm's and not moved: {listing(self.standing)}."

    @property
    def data(self) -> bool:
        """Whether data stay behind."""
        return any(moved.data for moved in self.moved)


def drain(nodes: Sequence[Node], snapshot: Snapshot) -> Drain:
    """What happens when the nodes take no tasks any more. Rests on the tasks that are listed."""
    index = relations(snapshot)
    ids = {node.id for node in nodes}
    by_service: dict[str, list[Task]] = {}
    for id in ids:
        for task in index.tasks_on(id):
            if not task.is_over and task.desired_state == "running" and task.service_id in snapshot.services:
                by_service.setdefault(task.service_id, []).append(task)
    without = _without(ids, snapshot)
    moved = [_moved(snapshot.services[id], tasks, ids, index, without) for id, tasks in by_service.items()]
    standing = [c.name for id in ids for c in index.containers_on(id) if not c.service_id and c.state == "running"]
    moved.sort(key=lambda m: m.service.name)
    return Drain(tuple(nodes), tuple(moved), tuple(sorted(standing)))


def _without(ids: set[str], snapshot: Snapshot) -> Snapshot:
    """The snapshot with the nodes drained and their tasks gone, to see where these fit."""
    nodes = {
        id: msgspec.structs.replace(node, availability="drain") if id in ids else node
        for id, node in snapshot.nodes.items()
    }
    tasks = {id: task for id, task in snapshot.tasks.items() if task.node_id not in ids}
    return replace(snapshot, nodes=nodes, tasks=tasks)


def _moved(service: Service, tasks: Sequence[Task], ids: set[str], index: Relations, without: Snapshot) -> Moved:
    volumes = tuple(m.source or m.target for m in service.mounts if m.type == "volume")
    binds = tuple(m.source for m in service.mounts if m.type == "bind" and not m.read_only)
    ports = tuple(f"{p.published}/{p.protocol}" for p in service.ports if p.mode == "host" and p.published)
    if service.mode in (Mode.GLOBAL, Mode.GLOBAL_JOB):
        stays = "runs once on each node: it only stops here"
        return Moved(service, tuple(tasks), (), stays, volumes=volumes, binds=binds, ports=ports)
    where = placement(service, without)
    to = tuple(node.name for node in where.fitting)
    others = [
        task
        for task in index.tasks_of(service.id)
        if task.node_id not in ids and task.state == "running" and task.desired_state == "running"
    ]
    pause = ""
    if not to:
        pause = "" if others else "it is gone until a node can take it"
    elif not others:
        pause = "it does not answer until the new task runs"
    waits = "" if to else where.summary
    return Moved(service, tuple(tasks), to, "", waits, pause, volumes, binds, ports)


def _sentence(moved: Moved) -> str:
    count = plural(len(moved.tasks), "task")
    name = moved.service.name
    if moved.stays:
        return f"{name} {moved.stays}."
    if moved.waits:
        pause = f"; {moved.pause}" if moved.pause else ""
        return f"{count} of {name} would wait: {moved.waits}{pause}."
    pause = f"; {moved.pause}" if moved.pause else ""
    return f"{count} of {name} to {listing(moved.to)}{pause}."
