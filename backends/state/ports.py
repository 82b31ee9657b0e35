"""Who publishes which port where, and who is in whose way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backends.model import Container, Node, Service, Task


@dataclass(frozen=True, slots=True)
class PublishedAt:
    """One published port of a service or of a container."""

    port: int
    """The published one."""
    protocol: str
    target: int
    """The port inside the container."""
    mode: str
    """``ingress`` (every node answers), ``host`` (the nodes that run a task) or ``container`` (published by
    a container that is not Swarm's)."""
    service_id: str = ""
    container_id: str = ""
    name: str = ""
    """Name of the service or container."""
    node_ids: tuple[str, ...] = ()
    """Where it answers; empty means every node for ``ingress``, and nowhere known for the others."""
    host_ip: str = ""
    conflict: str = ""
    """Who else claims it, as a sentence part; empty where nobody does."""


def published(
    services: Iterable[Service],
    tasks_of: Mapping[str, Sequence[Task]],
    containers: Iterable[Container],
    nodes: Mapping[str, Node],
) -> tuple[PublishedAt, ...]:
    """All published ports, by number and protocol. ``containers`` are those that publish a port and are not
    Swarm's; ``tasks_of`` needs only the services that publish in host mode."""
    found: list[PublishedAt] = []
    for service in services:
        for p in service.ports:
            if not p.published:
                continue
            places: tuple[str, ...] = ()
            if p.mode == "host":
                held = {t.node_id for t in tasks_of.get(service.id, ()) if not t.is_over and t.node_id}
                places = tuple(sorted(held))
            found.append(PublishedAt(p.published, p.protocol, p.target, p.mode, service.id, "", service.name, places))
    for container in containers:
        seen: set[tuple[int, str]] = set()
        for b in container.ports:
            # An address family each gives one binding; people see one port.
            if not b.host_port or (b.host_port, b.protocol) in seen:
                continue
            seen.add((b.host_port, b.protocol))
            found.append(
                PublishedAt(
                    b.host_port,
                    b.protocol,
                    b.container_port,
                    "container",
                    "",
                    container.id,
                    container.name,
                    (container.node_id,),
                    b.host_ip,
                )
            )
    found.sort(key=lambda p: (p.port, p.protocol, p.mode, p.name))
    return _with_conflicts(found, nodes)


def _with_conflicts(found: list[PublishedAt], nodes: Mapping[str, Node]) -> tuple[PublishedAt, ...]:
    by_port: dict[tuple[int, str], list[PublishedAt]] = {}
    for p in found:
        by_port.setdefault((p.port, p.protocol), []).append(p)
    result: list[PublishedAt] = []
    for p in found:
        rivals = [o for o in by_port[p.port, p.protocol] if o is not p and _clash(p, o)]
        text = "; ".join(_claim(o, nodes) for o in rivals)
        result.append(replace(p, conflict=text) if text else p)
    return tuple(result)


def _clash(one: PublishedAt, other: PublishedAt) -> bool:
    """Whether both claim the port on a common node. Two host-mode services clash even where none of their
    tasks run yet: the scheduler keeps the second pending for as long as the nodes are taken."""
    if one.service_id and one.service_id == other.service_id:
        return False
    if one.mode == "ingress" or other.mode == "ingress":
        return True
    if one.mode == "host" and other.mode == "host":
        return not one.node_ids or not other.node_ids or bool(set(one.node_ids) & set(other.node_ids))
    if one.mode == "container" and other.mode == "container":
        return one.node_ids == other.node_ids and _same_address(one.host_ip, other.host_ip)
    return bool(set(one.node_ids) & set(other.node_ids))


def _same_address(one: str, other: str) -> bool:
    every = ("", "0.0.0.0", "::")
    return one in every or other in every or one == other


def _claim(p: PublishedAt, nodes: Mapping[str, Node]) -> str:
    if p.mode == "ingress":
        return f"{p.name} publishes it on every node"
    places = [nodes[i].name if i in nodes else i[:12] for i in p.node_ids if i]
    where = f" on {places[0]}" if len(places) == 1 else f" on {len(places)} nodes" if places else ""
    return f"{p.name} takes it{where}"
