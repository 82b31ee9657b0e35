"""Who holds a network, what it costs each to let go, and what would be lost with it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from msgspec.structs import replace as changed

from backends.model import Container, Key, Kind, Network, Service, Snapshot, Task
from backends.state.relations import relations
from backends.state.wording import listing, plural

#: Networks that every engine has and nobody makes or removes.
PREDEFINED = frozenset({"host", "none", "bridge", "default", "null"})


class Holds(StrEnum):
    """In which way something holds a network."""

    SERVICE = "service"
    TASK = "task"
    CONTAINER = "container"
    STOPPED = "stopped"
    """A container that does not run: it needs the network to start again."""
    STALE = "stale"
    """An endpoint whose container is gone."""
    BALANCER = "balancer"
    NETWORK = "network"
    """A network that was made from this configuration."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One that holds a network."""

    how: Holds
    name: str
    key: Key | None = None
    """``None`` where it is no object of its own."""
    node_id: str = ""
    node: str = ""
    """Host name; of several balancers how many nodes."""
    address: str = ""
    """Without prefix length; ``10.0.9.2 vip`` of a service."""
    cost: str = ""
    """What letting go does; empty where it needs no letting go."""
    line: str = ""
    """The docker line that lets go; empty where there is none."""


def holders(network: Network, snapshot: Snapshot) -> tuple[Holder, ...]:
    """Services by name, each with its tasks behind it, then containers, what is left over, load balancers."""
    return (*_services(network, snapshot), *_containers(network, snapshot), *_rest(network, snapshot))


def who(found: Sequence[Holder]) -> str:
    """``2 services and 1 container``; empty where nobody holds it."""
    counts = [
        plural(sum(h.how is Holds.SERVICE for h in found), "service"),
        plural(sum(h.how in (Holds.CONTAINER, Holds.STOPPED) for h in found), "container"),
        plural(sum(h.how is Holds.STALE for h in found), "stale endpoint"),
        plural(sum(h.how is Holds.NETWORK for h in found), "network"),
    ]
    words = [text for text in counts if not text.startswith("0 ")]
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def seen_from(snapshot: Snapshot, node_id: str) -> Snapshot:
    """The same as the engine of a node sees it: names mean its own containers and networks first."""
    if node_id in ("", snapshot.node_id) or snapshot.engine is None:
        return snapshot
    node = snapshot.nodes.get(node_id)
    told = snapshot.engines.get(node_id)
    if told is not None and told.swarm.node_id == node_id:
        return replace(snapshot, engine=told)
    membership = changed(
        snapshot.engine.swarm, node_id=node_id, control_available=node is not None and node.role == "manager"
    )
    return replace(snapshot, engine=changed(snapshot.engine, name=host_name(node_id, snapshot), swarm=membership))


def name_of(network: Network, snapshot: Snapshot) -> str:
    """Its name where that is the only one of the Swarm and of its node, else its ID."""
    alike = [n for n in snapshot.networks.values() if n.name == network.name and n.id != network.id]
    near = [n for n in alike if network.is_swarm or n.is_swarm or n.node_id == network.node_id]
    return network.id if near else network.name


def _services(network: Network, snapshot: Snapshot) -> Iterator[Holder]:
    known = relations(snapshot)
    tasks = [t for t in known.tasks_in(network.id) if not t.is_over and t.service_id]
    for service in known.services_on(network):
        own = [t for t in tasks if t.service_id == service.id]
        vip = next((v.address for v in service.virtual_ips if v.network_id == network.id), "")
        line = shlex.join(["docker", "service", "update", "--network-rm", network.name, service.name])
        count = len(own) or service.running
        cost = f"{plural(count, 'task')} restart{'s' if count == 1 else ''}"
        if network.ingress:
            line, cost = "", "its published ports go through it"
        yield Holder(
            Holds.SERVICE, service.name, service.key, address=f"{_bare(vip)} vip" if vip else "", cost=cost, line=line
        )
        yield from (_task(task, network, snapshot) for task in own)


def _task(task: Task, network: Network, snapshot: Snapshot) -> Holder:
    addresses = [a for n in task.networks if n.network_id == network.id for a in n.addresses]
    return Holder(
        Holds.TASK,
        relations(snapshot).task_name(task),
        task.key,
        task.node_id,
        host_name(task.node_id, snapshot),
        _bare(addresses[0]) if addresses else "",
    )


def _containers(network: Network, snapshot: Snapshot) -> Iterator[Holder]:
    for container in relations(snapshot).containers_in(network):
        if container.task_id:
            continue  # of a service: told with it; a past task's is history and never starts again
        attached = relations(snapshot).attachment(container, network)
        runs = container.state in ("running", "paused", "restarting")
        yield Holder(
            Holds.CONTAINER if runs else Holds.STOPPED,
            container.name,
            container.key,
            container.node_id,
            host_name(container.node_id, snapshot),
            _bare(attached.ipv4 or attached.ipv6) if attached else "",
            "it goes on running" if runs else "it stays stopped, and starts without it",
            shlex.join(["docker", "network", "disconnect", network.name, container.name]),
        )


def _rest(network: Network, snapshot: Snapshot) -> Iterator[Holder]:
    told = {c.id for c in relations(snapshot).containers_in(network)}
    told |= {t.container_id for t in relations(snapshot).tasks_in(network.id)}
    balancers = []
    for end in network.endpoints:
        if end.container_id in told and end.container_id:
            continue
        # The routing mesh has no container either: detaching its sandbox would take a node's published ports away.
        if end.container_id.endswith("-sbox") or (not end.container_id and end.name.startswith("lb-")):
            balancers.append(end)
            continue
        if end.container_id and not _lost(end.container_id, end.node_id, snapshot):
            continue
        yield Holder(
            Holds.STALE,
            end.name,
            None,
            end.node_id,
            host_name(end.node_id, snapshot),
            _bare(end.ipv4 or end.ipv6),
            "nothing: its container is gone",
            shlex.join(["docker", "network", "disconnect", "--force", network.name, end.name]),
        )
    for other in snapshot.networks.values():
        if network.config_only and other.config_from == network.name and other.node_id in ("", network.node_id):
            where = host_name(other.node_id, snapshot)
            yield Holder(Holds.NETWORK, other.name, other.key, other.node_id, where, cost="it has to be removed first")
    if balancers:
        nodes = {b.node_id for b in balancers}
        short = " ".join(f".{_bare(b.ipv4).rpartition('.')[2]}" for b in balancers[:4] if b.ipv4)
        yield Holder(Holds.BALANCER, balancers[0].name, node=plural(len(nodes), "node"), address=short)


def _lost(container_id: str, node_id: str, snapshot: Snapshot) -> bool:
    """Whether an endpoint belongs to a container that its node does not have: only where that node was asked."""
    asked = (Kind.CONTAINER, node_id) in snapshot.listed_on
    return asked and container_id not in snapshot.containers and not container_id.startswith("lb-")


def lost(network: Network, snapshot: Snapshot) -> tuple[str, ...]:
    """What nobody could reach any more without it, a sentence each."""
    known = relations(snapshot)
    found = []
    for service in known.services_on(network):
        only = [
            r.service.name
            for r in known.reaches(service)
            if all(n.id == network.id for n in r.networks) and r.service.name > service.name
        ]
        if only:
            found.append(f"{service.name} reaches {listing(only, 4)} over this network only.")
    if network.ingress:
        found.append("Ports published through the routing mesh stop answering on every node.")
    return tuple(found)


def host_name(node_id: str, snapshot: Snapshot) -> str:
    """Of a node; on a plain engine its own name."""
    node = snapshot.nodes.get(node_id)
    if node is not None:
        return node.name
    return snapshot.engine.name if snapshot.engine is not None and not node_id else node_id[:12]


def _bare(address: str) -> str:
    return address.partition("/")[0]


def users_of(network: Network, snapshot: Snapshot) -> tuple[tuple[Service, ...], tuple[Container, ...]]:
    """Services, and containers that are no task's, stopped ones included."""
    users = relations(snapshot).users(network.key)
    return users.services, tuple(c for c in users.containers if not c.task_id)
