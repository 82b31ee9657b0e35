"""For how many more tasks of a service there is room, and what is short. Worked out here: no scheduler is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backends.model import Kind, Mode, Node, Service, Snapshot
from backends.state.placement import holds_room, placement
from backends.state.relations import Relations, relations


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that tasks take."""

    what: str
    """``memory``, ``cpu``, ``addresses``, ``per node``, ``ports``."""
    more: int | None
    """Tasks that it is enough for; ``None`` where that is not known."""
    text: str = ""
    """What is free: ``244 free``, ``12.1 GiB free``, ``none reserved``."""


@dataclass(frozen=True, slots=True)
class Room:
    """For one service."""

    nodes: tuple[Node, ...]
    """Those that would take one more task now."""
    of: int
    """How many nodes there are."""
    limits: tuple[Limit, ...] = ()
    why: str = ""
    """Why no node would take one: the sentence part of the placement."""

    @property
    def more(self) -> int | None:
        """Tasks there is room for; ``None`` where nothing limits them."""
        if not self.nodes:
            return 0
        return min((limit.more for limit in self.limits if limit.more is not None), default=None)

    @property
    def short(self) -> Limit | None:
        """What ends first; ``None`` where nothing is known to."""
        known = [limit for limit in self.limits if limit.more is not None]
        return min(known, key=lambda limit: limit.more or 0, default=None)


def room(service: Service, snapshot: Snapshot) -> Room:
    """For how many more tasks of ``service`` there is room. What other tasks reserve is known only where the whole
    list of tasks was read."""
    index = relations(snapshot)
    found = placement(service, snapshot)
    nodes = found.fitting
    limits = tuple(_limits(service, nodes, index))
    return Room(nodes, len(found.nodes), limits, "" if nodes else found.summary)


def _limits(service: Service, nodes: tuple[Node, ...], index: Relations) -> Iterator[Limit]:
    wants = service.resources
    known = Kind.TASK in index.snapshot.listed
    if wants.reserve_memory:
        free = [max(0, node.memory - _reserved(node, "reserve_memory", index)) for node in nodes]
        text = f"{sum(free) / 2**30:.3g} GiB free" if known else ""
        yield Limit("memory", sum(one // wants.reserve_memory for one in free) if known else None, text)
    else:
        yield Limit("memory", None, "none reserved")
    if wants.reserve_cpu:
        spare = [max(0, node.nano_cpus - _reserved(node, "reserve_cpu", index)) for node in nodes]
        text = f"{sum(spare) / 1e9:.3g} cpu free" if known else ""
        yield Limit("cpu", sum(one // wants.reserve_cpu for one in spare) if known else None, text)
    yield from _addresses(service, index)
    if service.max_per_node and service.mode in (Mode.REPLICATED, Mode.REPLICATED_JOB):
        held = [sum(1 for t in index.tasks_of(service.id) if t.node_id == node.id and holds_room(t)) for node in nodes]
        more = sum(max(0, service.max_per_node - one) for one in held)
        yield Limit("per node", more, f"at most {service.max_per_node}")
    if any(port.mode == "host" and port.published for port in service.ports):
        mine = {t.node_id for t in index.tasks_of(service.id) if holds_room(t)}
        yield Limit("ports", sum(1 for node in nodes if node.id not in mine), "one a node")


def _addresses(service: Service, index: Relations) -> Iterator[Limit]:
    """Of the network that has the fewest free."""
    free: list[tuple[int, str]] = []
    for network in index.networks_of(service):
        use = index.addresses(network) if network.is_swarm and network.driver == "overlay" else None
        if use is not None and use.free is not None and not network.ingress:
            free.append((use.free, f"{use.free:,} free{' or fewer' if use.estimated else ''}"))
    if free:
        least, text = min(free)
        yield Limit("addresses", least, text)


def _reserved(node: Node, what: str, index: Relations) -> int:
    services = index.snapshot.services
    return sum(
        getattr(services[t.service_id].resources, what)
        for t in index.tasks_on(node.id)
        if holds_room(t) and t.service_id in services
    )
