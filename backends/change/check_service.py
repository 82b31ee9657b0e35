"""A service's spec against what is known of the Swarm: names, ports, networks, mounts, drivers, and where it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from backends.change.finding import Finding, error, note, warning
from backends.change.image_reference import reference_error
from backends.change.part import Spec, reach
from backends.model import Kind, Mode, Network, Service, Snapshot
from backends.state.constraints import parse_constraint, satisfies
from backends.state.placement import Placement, placement
from backends.state.ports import PublishedAt
from backends.state.relations import relations
from backends.state.wording import listing, plural
from backends.wire import decode

#: Stands for the ID of a service that is not there yet.
_NEW = "new"
# One letter a turn: with more a long name would take for ever to be refused.
_NAME = re.compile(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9])*\Z")
_CONSTRAINT_KEYS = ("node.id", "node.hostname", "node.role", "node.ip", "node.platform.os", "node.platform.arch")
_MOUNT_TYPES = ("bind", "volume", "tmpfs", "npipe", "cluster", "image")


@dataclass(frozen=True, slots=True)
class Subject:
    """A service as it would be. ``flags`` names the flag of a part (``network-add`` where it is an update)."""

    spec: Spec
    service: Service
    updating: bool

    def flag(self, name: str) -> str:
        """The flag to blame for a part."""
        return f"{name}-add" if self.updating else name


def subject(spec: Spec, id: str = "", updating: bool = False) -> Subject:
    """A spec as the domain model sees it; ``id`` is the service's where it is there already."""
    body = msgspec.json.encode([{"ID": id or _NEW, "Spec": spec}])
    return Subject(spec, decode.services(body)[0], updating)


def check_spec(found: Subject, snapshot: Snapshot) -> Iterator[Finding]:
    """All that is wrong with a service as it would be."""
    yield from _identity(found, snapshot)
    yield from _ports(found, snapshot)
    yield from _networks(found, snapshot)
    yield from _mounts(found, snapshot)
    yield from _log_driver(found, snapshot)
    yield from _placement(found, snapshot)


def _identity(found: Subject, snapshot: Snapshot) -> Iterator[Finding]:
    name = found.service.name
    if name and not _NAME.match(name):
        yield error("name must be valid as a DNS name component", "name", "letters, digits and - in the middle")
    elif len(name) > 63:
        yield error("name must be 63 characters or fewer", "name", f"{name[:20]}…")
    taken = [s for s in snapshot.services.values() if s.name == name and s.id != found.service.id]
    if name and taken:
        yield error(f"service {name} already exists", "name", "another name, or docker service update")
    image = str(reach(found.spec, "TaskTemplate", "ContainerSpec", "Image") or "")
    problem = reference_error(image.partition("@")[0] or image)
    if problem:
        sentence = f'"{image.partition("@")[0]}" is not a valid repository/tag: {problem}'
        yield error(sentence, "image" if found.updating else "IMAGE", "small letters, such as nginx:1.27")


def next_free_port(wanted: int, protocol: str, ports: Sequence[PublishedAt]) -> int:
    """The next port from ``wanted`` up that nobody publishes."""
    held = {p.port for p in ports if p.protocol == protocol}
    return next((n for n in range(max(wanted, 1), 65536) if n not in held), 0)


def _ports(found: Subject, snapshot: Snapshot) -> Iterator[Finding]:
    flag, index = found.flag("publish"), relations(snapshot)
    others = [p for p in index.ports if not p.service_id or p.service_id != found.service.id]
    seen: set[tuple[int, str, str]] = set()
    for port in found.service.ports:
        key = (port.published, port.protocol, port.mode)
        shown = f"{port.published}/{port.protocol}" if port.protocol != "tcp" else str(port.published)
        if not port.target:
            yield error("A published port needs the container's port.", flag, "8080:80")
        if port.mode == "ingress" and found.service.endpoint_mode == "dnsrr":
            sentence = "port published with ingress mode can't be used with dnsrr mode"
            yield error(sentence, flag, f"published={port.published},target={port.target},mode=host")
        if not port.published:
            continue
        if key in seen:
            yield error(f"Port {shown} is published twice.", flag, "each port once")
        seen.add(key)
        for other in others:
            if (other.port, other.protocol) == (port.published, port.protocol):
                yield from _rival(found, port.mode, shown, other, flag, others, snapshot)


def _rival(
    found: Subject,
    mode: str,
    shown: str,
    other: PublishedAt,
    flag: str,
    others: Sequence[PublishedAt],
    snapshot: Snapshot,
) -> Iterator[Finding]:
    free = next_free_port(other.port, other.protocol, others)
    instead = f"{free} is free" if free else "another port"
    nodes = [snapshot.nodes[i].name for i in other.node_ids if i in snapshot.nodes]
    where = f" on {listing(nodes, 3)}" if nodes else ""
    if other.mode == "container":
        yield warning(f"Port {shown} is taken by container {other.name}{where}.", flag, instead)
    elif mode == "ingress" or other.mode == "ingress":
        how = " in host mode" if other.mode == "host" else ""
        yield error(f"{shown} is published by {other.name}{how}", flag, instead)
    else:
        wanted = found.service.replicas or 1
        if found.service.mode in (Mode.GLOBAL, Mode.GLOBAL_JOB) or len(nodes) + wanted > len(snapshot.nodes):
            sentence = f"Port {shown} is taken by {other.name} in host mode{where}: tasks would wait for a free node."
            yield warning(sentence, flag, instead)


def _networks(found: Subject, snapshot: Snapshot) -> Iterator[Finding]:
    flag, index = found.flag("network"), relations(snapshot)
    overlays: list[Network] = []
    for attachment in found.service.networks:
        network = index.network(attachment.target)
        if network is None:
            if Kind.NETWORK in snapshot.listed and attachment.target not in snapshot.networks:
                known = sorted(n.name for n in snapshot.networks.values() if n.is_swarm and not n.ingress)
                yield error(f"network {attachment.target} not found", flag, listing(known) or "create it first")
            continue
        if network.ingress:
            yield error("Service cannot be explicitly attached to the ingress network", flag, "publish a port instead")
        elif not network.is_swarm and network.name not in ("host", "bridge", "none"):
            yield error(
                f"The network {network.name} cannot be used with services. Only networks scoped to the swarm can be "
                "used, such as those created with the overlay driver.",
                flag,
                listing(sorted(n.name for n in snapshot.networks.values() if n.is_swarm and not n.ingress)),
            )
        elif network.driver == "overlay":
            overlays.append(network)
    for network in overlays:
        yield from _room(found, network, snapshot, flag)


def _room(found: Subject, network: Network, snapshot: Snapshot, flag: str) -> Iterator[Finding]:
    if not network.subnets:
        yield error(
            f"{network.name} never got a subnet: tasks on it would stay New for ever.",
            flag,
            "remove it and create it again with a --subnet of its own",
        )
        return
    free = relations(snapshot).addresses(network).free
    before = snapshot.services.get(found.service.id)
    count = found.service.replicas if found.service.replicas is not None else len(snapshot.nodes)
    needed = count - ((before.replicas or 0) if before is not None else 0) + (0 if before is not None else 1)
    if free is not None and needed > free:
        sentence = f"{network.name} has {plural(free, 'free address', 'free addresses')}, and {needed} are needed."
        yield warning(f"{sentence} Tasks beyond that would wait.", flag, "a network with a larger subnet")


def _mounts(found: Subject, snapshot: Snapshot) -> Iterator[Finding]:
    flag = found.flag("mount")
    mounts: Sequence[Mapping[str, Any]] = reach(found.spec, "TaskTemplate", "ContainerSpec", "Mounts") or ()
    seen: set[str] = set()
    for mount in mounts:
        kind, source, target = (str(mount.get(key, "")) for key in ("Type", "Source", "Target"))
        if target in seen:
            yield error(f"ContainerSpec: duplicate mount point: {target}", flag, "each target once")
        seen.add(target)
        if kind not in _MOUNT_TYPES:
            yield error(f'invalid MountType: "{kind}"', flag, listing(_MOUNT_TYPES, 8))
        elif kind != "npipe" and not target.startswith("/"):
            yield error(f"invalid mount target, must be an absolute path: {target}", flag, f"/{target.lstrip('./')}")
        if kind == "bind" and not source.startswith("/"):
            yield error(
                f"{source or 'An empty source'} is no absolute path: the engine would take it, and no task would run.",
                flag,
                "the folder's whole path, such as /srv/data",
            )
        elif kind == "bind" and len(snapshot.nodes) > 1:
            yield note(f"{source} must be there on every node that runs a task.", flag)
        elif kind == "volume" and source and not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", source):
            yield error(f'"{source}" includes invalid characters for a volume name', flag, "letters, digits, . _ and -")
        elif kind == "volume" and len(snapshot.nodes) > 1 and source:
            yield from _volume(mount, source, found, snapshot, flag)
        if kind == "tmpfs" and source:
            yield error("ContainerSpec: source must not be specified for tmpfs", flag, "leave source out")


def _volume(mount: Mapping[str, Any], source: str, found: Subject, snapshot: Snapshot, flag: str) -> Iterator[Finding]:
    driver = str(reach(dict(mount), "VolumeOptions", "DriverConfig", "Name") or "local")
    have = {p.name.partition(":")[0] for n in snapshot.nodes.values() for p in n.plugins if p.type.lower() == "volume"}
    if have and driver.partition(":")[0] not in have:
        sentence = f"No node has the volume driver {driver}: tasks would wait with missing plugin."
        yield error(sentence, flag, listing(sorted(have)))
    elif driver == "local" and not reach(dict(mount), "VolumeOptions", "DriverConfig", "Options"):
        yield note(f"Each node has a volume {source} of its own: tasks do not share its data.", flag)


def _log_driver(found: Subject, snapshot: Snapshot) -> Iterator[Finding]:
    driver = found.service.log_driver
    have = {p.name.partition(":")[0] for n in snapshot.nodes.values() for p in n.plugins if p.type.lower() == "log"}
    if driver and driver != "none" and have and driver.partition(":")[0] not in have:
        sentence = f"No node has the log driver {driver}: tasks would wait with missing plugin."
        yield error(sentence, "log-driver", listing(sorted(have), 8))


def _placement(found: Subject, snapshot: Snapshot) -> Iterator[Finding]:
    flag = found.flag("constraint")
    nodes = list(snapshot.nodes.values())
    for text in found.service.constraints:
        constraint = parse_constraint(text)
        if constraint is None or not constraint.key:
            yield error("constraint expected one operator from ==, !=", flag, "such as node.role==worker")
            continue
        lower = constraint.key.lower()
        if lower not in _CONSTRAINT_KEYS and not lower.startswith(("node.labels.", "engine.labels.")):
            sentence = f"No node can meet {text}: {constraint.key} is nothing that a node has."
            yield error(sentence, flag, listing((*_CONSTRAINT_KEYS[:3], "node.labels.NAME")))
        elif nodes and not any(satisfies(node, constraint) for node in nodes):
            yield warning(f"{text} matches none of {plural(len(nodes), 'node')}: tasks would wait.", flag)
    if not nodes or any(parse_constraint(text) is None for text in found.service.constraints):
        return
    where = fits(found, snapshot)
    if not where.fitting:
        yield warning(f"No node would take a task now: {where.summary}.", flag if found.service.constraints else "")


def fits(found: Subject, snapshot: Snapshot) -> Placement:
    """Where it can run now, node by node; for "matches 2 of 3" beside the form."""
    return placement(found.service, snapshot)
