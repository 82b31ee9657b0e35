"""What changes of networks would do."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from backends.change.flag_error import FlagError
from backends.change.requests import (
    NetworkConnect,
    NetworkCreate,
    NetworkDisconnect,
    NetworkPrune,
    NetworkRemove,
    Request,
)
from backends.changing.told import Grade, Told, first_error
from backends.changing.told import network as find_network
from backends.model import Container, Network, Snapshot
from backends.state.wording import listing, plural

#: Networks that every engine has; they cannot be removed.
_OWN = ("bridge", "host", "none")


def _create(request: NetworkCreate, snapshot: Snapshot) -> Told | FlagError:
    name, options = request.name, request.options
    driver = options.text("driver") or "bridge"
    if any(n.name == name and n.node_id in ("", snapshot.node_id) for n in snapshot.networks.values()):
        return FlagError(f"There is a network {name} already.", "NETWORK", instead="another name")
    for text in options.values("subnet"):
        clash = _overlap(text, driver, snapshot)
        if clash is not None:
            return clash
    subnets = f" with {listing(list(options.values('subnet')))}" if options.values("subnet") else ""
    scope = "on all nodes that need it" if driver == "overlay" else "on this node"
    kind = f"{'attachable ' if options.flag('attachable') else ''}{driver} network"
    article = "an" if kind[0] in "aeio" else "a"
    return Told(f"Create network {name}", f"Makes {article} {kind} {name}{subnets}, {scope}.")


def _overlap(text: str, driver: str, snapshot: Snapshot) -> FlagError | None:
    """The engine takes overlapping subnets of overlays, and their tasks then stay New for ever."""
    try:
        wanted = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None  # said where it is compiled
    for network in snapshot.networks.values():
        if network.is_swarm != (driver == "overlay") or network.node_id not in ("", snapshot.node_id):
            continue
        for subnet in network.subnets:
            try:
                held = ipaddress.ip_network(subnet, strict=False)
            except ValueError:
                continue
            if wanted.version == held.version and wanted.overlaps(held):
                return FlagError(f"{text} overlaps with {subnet} of {network.name}.", "subnet", instead="a free subnet")
    return None


def holders(snapshot: Snapshot, network: Network) -> tuple[str, ...]:
    """Who uses a network, as far as is known: services by name, then containers (a stopped one counts)."""
    services = sorted(
        service.name
        for service in snapshot.services.values()
        if any(one.target in (network.id, network.name) for one in service.networks)
        or (network.ingress and any(port.mode == "ingress" for port in service.ports))
    )
    containers = sorted(
        container.name
        for container in snapshot.containers.values()
        if not container.task_id and _attached(container, network, snapshot)
    )
    return (*(f"service {name}" for name in services), *(f"container {name}" for name in containers))


def _attached(container: Container, network: Network, snapshot: Snapshot) -> bool:
    if not network.is_swarm and container.node_id not in ("", network.node_id, snapshot.node_id):
        return False
    return any(one.network in (network.name, network.id) for one in container.networks)


def _remove(request: NetworkRemove, snapshot: Snapshot) -> Told | FlagError:
    found = [find_network(snapshot, name) for name in request.names]
    error = first_error(found)
    if error is not None:
        return error
    networks = [one for one in found if isinstance(one, Network)]
    for network in networks:
        if network.name in _OWN and not network.is_swarm:
            return FlagError(f"{network.name} is the engine's own network and cannot be removed.", "NETWORK")
        users = holders(snapshot, network)
        if users:
            return FlagError(
                f"{network.name} is held by {listing(list(users), 5)}.",
                "NETWORK",
                instead="take them off it first (service update --network-rm, network disconnect)",
            )
    names = listing([one.name for one in networks])
    subnets = [subnet for one in networks for subnet in one.subnets]
    freed = f" {listing(subnets)} {'is' if len(subnets) == 1 else 'are'} free then." if subnets else ""
    facts = (("undo", "none: it has to be created anew, and gets another ID"),)
    return Told(
        f"Remove {names}", f"Removes {plural(len(networks), 'network')}: {names}.{freed}", Grade.LOSES, (), facts
    )


def _connect(request: NetworkConnect, snapshot: Snapshot) -> Told | FlagError:
    network = find_network(snapshot, request.network)
    if isinstance(network, FlagError):
        return network
    return Told(
        f"Connect {request.container}", f"Connects {request.container} to {network.name}; nothing restarts.", Grade.ADDS
    )


def _disconnect(request: NetworkDisconnect, snapshot: Snapshot) -> Told | FlagError:
    network = find_network(snapshot, request.network)
    if isinstance(network, FlagError):
        return network
    sentence = f"Takes {request.container} off {network.name}: connections through it end."
    return Told(f"Disconnect {request.container}", sentence, Grade.STOPS)


def _prune(request: NetworkPrune, snapshot: Snapshot) -> Told:
    idle = [
        network.name
        for network in snapshot.networks.values()
        if network.node_id in ("", snapshot.node_id)
        and network.name not in _OWN
        and network.name not in ("ingress", "docker_gwbridge")
        and not holders(snapshot, network)
    ]
    what = listing(sorted(idle), 8) or "none, as far as is known"
    return Told(
        "Prune networks",
        f"Removes networks that nothing uses on this engine: {what}.",
        Grade.LOSES,
        ("Networks that only stopped containers use count as unused to the engine.",),
    )


TELLERS: Mapping[type[Request], Callable[[Any, Snapshot], Told | FlagError]] = MappingProxyType(
    {
        NetworkCreate: _create,
        NetworkConnect: _connect,
        NetworkDisconnect: _disconnect,
        NetworkRemove: _remove,
        NetworkPrune: _prune,
    }
)
