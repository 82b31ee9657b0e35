"""What happens to what runs on a node when it is drained, paused or removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from backends.model import Kind, Mode, Node, Service, Snapshot, Task
from backends.state.placement import placement
from backends.state.relations import Relations, relations
from backends.state.wording import duration, listing, plural

_GIB = 1 << 30
#: Types of file systems that a volume of the local driver mounts over the network.
_SHARES = ("nfs", "nfs4", "cifs", "smb3")
#: What a start that was seen took at most to be told as a measure: beyond that something else was waited for.
_LONGEST_START = 600.0


@dataclass(frozen=True, slots=True)
class Moved:
    """The tasks of one service on the node."""

    service: Service
    tasks: tuple[Task, ...]
    to: tuple[str, ...]
    """Names of the nodes that could take them, the emptiest first; empty where none can."""
    stays: str = ""
    """Why they do not move at all: a global service, a job."""
    waits: str = ""
    """Why they would wait: what keeps every other node from taking them."""
    pause: str = ""
    """What users of the service notice, as a sentence part; empty is nothing."""
    rest: int = 0
    """How many of its tasks run on other nodes meanwhile."""
    start: float | None = None
    """Seconds that its last start took, from the task's creation until it ran; ``None`` is not known."""
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

    @property
    def stranded(self) -> bool:
        """Whether no other node could take them."""
        return not self.stays and not self.to

    @property
    def down(self) -> str:
        """How long nobody answers: ``none``, ``~ 8 s``, ``until a node fits``, ``?``; ``-`` where nothing moves."""
        if self.stays:
            return "-"
        if self.rest:
            return "none"
        if self.stranded:
            return "until a node fits"
        return f"~ {duration(self.start)}" if self.start is not None else "a start"


@dataclass(frozen=True, slots=True)
class Drain:
    """All of it."""

    nodes: tuple[Node, ...]
    moved: tuple[Moved, ...]
    standing: tuple[str, ...]
    """Containers that are not Swarm's: they keep running."""
    known: bool = True
    """Whether the tasks were listed at all."""
    memory: int = 0
    """Bytes that the tasks that move have reserved."""
    free: int = 0
    """Bytes that nobody has reserved on the nodes that could take some of them."""
    short: tuple[str, ...] = ()
    """Networks that have no free address for the tasks that move."""

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        names = listing([node.name for node in self.nodes])
        going = [moved for moved in self.moved if not moved.stays]
        count, ending = (sum(len(m.tasks) for m in part) for part in (going, [m for m in self.moved if m.stays]))
        if not self.moved:
            return f"No task of the Swarm runs on {names}; none will be placed there."
        also = f" {plural(ending, 'task')} of global services only stop{'s' if ending == 1 else ''}." if ending else ""
        if not count:
            return f"Nothing moves away from {names}.{also}"
        it = "it" if count == 1 else "them"
        return f"The Swarm stops {plural(count, 'task')} on {names} and starts {it} on other nodes.{also}"

    def know(self) -> Iterator[str]:
        """What to know first, one sentence each."""
        for moved in self.moved:
            name = moved.service.name
            if moved.stranded:
                pause = f"; {moved.pause}" if moved.pause else ""
                yield f"{plural(len(moved.tasks), 'task')} of {name} would wait: {moved.waits}{pause}."
            for kind, things in (("volume", moved.volumes), ("folder", moved.binds)):
                if things and not moved.stays:
                    where = f" on {moved.to[0]}" if len(moved.to) == 1 else " elsewhere"
                    yield f"{name} uses the local {kind} {listing(things)}. It does not move: it starts empty{where}."
            if moved.ports and not moved.stays:
                yield f"Port {listing(moved.ports)} of {name} then answers on another node."
        if self.memory > self.free:
            yield f"Not all find room: {_gib(self.memory)} are reserved, and {_gib(self.free)} are free elsewhere."
        if self.short:
            yield f"No free address in {listing(self.short)}: tasks on it would wait."
        if not self.known:
            yield "The tasks are not known yet: what moves is not listed."

    def facts(self) -> Iterator[tuple[str, str]]:
        """(word, text): room for memory and addresses, and what is not Swarm's."""
        if any(not moved.stays for moved in self.moved):
            if self.memory:
                yield "memory", f"{_gib(self.memory)} move; {_gib(self.free)} are free on the nodes that may take them"
            elif self.known:
                yield "memory", "none is reserved: nothing is known of what they need"
            if not self.short:
                yield "addresses", "enough on every network"
        if self.standing:
            yield "stays", f"{listing(self.standing)}: not Swarm's, and not moved"

    @property
    def data(self) -> bool:
        """Whether data stay behind."""
        return any(moved.data and not moved.stays for moved in self.moved)


def _gib(size: int) -> str:
    return f"{size / _GIB:.1f} GiB" if size else "none"


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
    load = _load(without)
    moved = [_moved(snapshot.services[id], tasks, ids, index, without, load) for id, tasks in by_service.items()]
    standing = [c.name for id in ids for c in index.containers_on(id) if not c.service_id and c.state == "running"]
    # What cannot move first, then what leaves data behind.
    moved.sort(key=lambda m: (not m.stranded, not m.data, bool(m.stays), m.service.name))
    going = [m for m in moved if not m.stays]
    memory = sum(m.service.resources.reserve_memory * len(m.tasks) for m in going)
    takers = {name for m in going for name in m.to}
    free = sum(_free(node, without) for node in without.nodes.values() if node.name in takers)
    known = Kind.TASK in snapshot.listed
    return Drain(tuple(nodes), tuple(moved), tuple(sorted(standing)), known, memory, free, _short(going, index))


def _short(going: Sequence[Moved], index: Relations) -> tuple[str, ...]:
    """Overlays without room: a task gets its new address before the old one is given back."""
    wanted: dict[str, int] = {}
    for moved in going:
        for network in index.networks_of(moved.service):
            if network.is_swarm and network.driver == "overlay":
                wanted[network.id] = wanted.get(network.id, 0) + len(moved.tasks)
    networks = index.snapshot.networks
    short = []
    for id, count in wanted.items():
        free = index.addresses(networks[id]).free if id in networks else None
        if free is not None and free < count:
            short.append(networks[id].name)
    return tuple(sorted(short))


def _load(snapshot: Snapshot) -> dict[str, int]:
    """How many tasks each node has, by name."""
    found = {node.name: 0 for node in snapshot.nodes.values()}
    for task in snapshot.tasks.values():
        node = snapshot.nodes.get(task.node_id)
        if node is not None and not task.is_over:
            found[node.name] += 1
    return found


def _free(node: Node, snapshot: Snapshot) -> int:
    """Bytes of its memory that no task has reserved."""
    held = sum(
        snapshot.services[task.service_id].resources.reserve_memory
        for task in relations(snapshot).tasks_on(node.id)
        if not task.is_over and task.service_id in snapshot.services
    )
    return max(0, node.memory - held)


def _without(ids: set[str], snapshot: Snapshot) -> Snapshot:
    """The snapshot with the nodes drained and their tasks gone, to see where these fit."""
    nodes = {
        id: msgspec.structs.replace(node, availability="drain") if id in ids else node
        for id, node in snapshot.nodes.items()
    }
    tasks = {id: task for id, task in snapshot.tasks.items() if task.node_id not in ids}
    return replace(snapshot, nodes=nodes, tasks=tasks)


def _moved(
    service: Service,
    tasks: Sequence[Task],
    ids: set[str],
    index: Relations,
    without: Snapshot,
    load: dict[str, int],
) -> Moved:
    volumes = tuple(
        m.source or m.target for m in service.mounts if m.type == "volume" and not _follows(m.source, index.snapshot)
    )
    binds = tuple(m.source for m in service.mounts if m.type == "bind" and not m.read_only)
    ports = tuple(f"{p.published}/{p.protocol}" for p in service.ports if p.mode == "host" and p.published)
    if service.mode in (Mode.GLOBAL, Mode.GLOBAL_JOB):
        stays = "runs once on each node: it only stops here"
        return Moved(service, tuple(tasks), (), stays, volumes=volumes, binds=binds, ports=ports)
    where = placement(service, without)
    to = tuple(sorted((node.name for node in where.fitting), key=lambda name: (load.get(name, 0), name)))
    live = [t for t in index.tasks_of(service.id) if t.state == "running" and t.desired_state == "running"]
    rest = sum(1 for task in live if task.node_id not in ids)
    starts = [t.since - t.created for t in live if t.since is not None and t.created is not None]
    start = min((s for s in starts if 0 <= s <= _LONGEST_START), default=None)
    waits = "" if to else where.summary
    pause = "" if rest else _pause(start, bool(to))
    return Moved(service, tuple(tasks), to, "", waits, pause, rest, start, volumes, binds, ports)


def _follows(name: str, snapshot: Snapshot) -> bool:
    """Whether a volume is known not to be on the node's own disk: of another driver, or a share."""
    return any(
        volume.driver not in ("", "local") or volume.options.get("type", "") in _SHARES
        for volume in snapshot.volumes.values()
        if volume.name == name
    )


def _pause(start: float | None, fits: bool) -> str:
    if not fits:
        return "it is gone until a node can take it"
    if start is None:
        return "it does not answer until the new task runs"
    return f"it does not answer until the new task runs; its last start took {duration(start)}"
