"""Subnets that are taken, by networks and by routes, and the next that are free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from backends.model import Network, Snapshot
from backends.state.wording import plural

Subnet = IPv4Network | IPv6Network
#: The engine's own pools for bridges where none are configured (moby ``ipamutils``).
LOCAL_POOLS: tuple[tuple[str, int], ...] = (
    *((f"172.{i}.0.0/16", 16) for i in (17, 18, 19)),
    *((f"172.{i}.0.0/14", 16) for i in (20, 24, 28)),
    ("192.168.0.0/16", 20),
)
#: The pool of overlays where ``swarm init`` was not told another.
SWARM_POOL = ("10.0.0.0/8", 24)


@dataclass(frozen=True, slots=True)
class Route:
    """One route or interface of a node, as its own routing table has it."""

    subnet: str
    node: str
    """Host name."""
    interface: str = ""
    node_id: str = ""
    direct: bool = True
    """Whether the interface itself is in the subnet; else a router is between."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A subnet in use, and by what."""

    subnet: Subnet
    what: str
    """``network app``, ``the route of eth0 on worker-1``."""
    network: Network | None = None
    routes: tuple[Route, ...] = ()
    """The same route of each node that has it; empty for a network."""

    @property
    def interface(self) -> str:
        """Of a route."""
        return self.routes[0].interface if self.routes else ""


def read(text: str) -> Subnet | None:
    """A subnet in CIDR form, host bits ignored; ``None`` where it is none."""
    if "/" not in text:
        return None
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def taken(snapshot: Snapshot, routes: Iterable[Route] = ()) -> tuple[Taken, ...]:
    """All that is in use, as far as it is known: networks of the Swarm and of the nodes asked, and routes."""
    found: list[Taken] = []
    for network in snapshot.networks.values():
        if network.config_only:
            continue
        for text in network.subnets:
            subnet = read(text)
            if subnet is not None:
                found.append(Taken(subnet, f"network {network.name}{_where(network, snapshot)}", network))
    return (*found, *_routed(routes, snapshot))


def _routed(routes: Iterable[Route], snapshot: Snapshot) -> list[Taken]:
    """Routes by subnet and interface, those left out that the engine made for its own networks."""
    own = {(n.node_id, text) for n in snapshot.networks.values() if not n.is_swarm for text in n.subnets}
    groups: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        if (route.node_id, route.subnet) not in own:
            groups.setdefault((route.subnet, route.interface), []).append(route)
    found = []
    for (text, interface), group in groups.items():
        subnet = read(text)
        if subnet is None or subnet.prefixlen == 0:
            continue
        nodes = list(dict.fromkeys(route.node for route in group))
        via = f"the route of {interface}" if interface else "a route"
        on = nodes[0] if len(nodes) == 1 else plural(len(nodes), "node")
        found.append(Taken(subnet, f"{via} on {on}", None, tuple(group)))
    return found


def _where(network: Network, snapshot: Snapshot) -> str:
    node = snapshot.nodes.get(network.node_id)
    return f" on {node.name}" if node is not None and len(snapshot.nodes) > 1 else ""


def overlapping(subnet: Subnet, others: Iterable[Taken]) -> tuple[Taken, ...]:
    """Those that share an address with a subnet."""
    return tuple(t for t in others if t.subnet.version == subnet.version and t.subnet.overlaps(subnet))


def pools(snapshot: Snapshot, overlay: bool) -> tuple[tuple[str, int], ...]:
    """(pool, prefix length of the networks cut from it)."""
    if overlay:
        swarm = snapshot.swarm
        bases = swarm.default_pools if swarm is not None and swarm.default_pools else (SWARM_POOL[0],)
        return tuple((base, swarm.subnet_size if swarm is not None else SWARM_POOL[1]) for base in bases)
    engine = snapshot.engine
    return engine.default_address_pools if engine is not None and engine.default_address_pools else LOCAL_POOLS


def free(used: Sequence[Taken], among: Iterable[tuple[str, int]], count: int = 3) -> tuple[str, ...]:
    """The next free subnets of some pools, at most ``count``."""
    found: list[str] = []
    for base, length in among:
        pool = read(base)
        if pool is None:
            continue
        for subnet in _gaps(pool, max(length, pool.prefixlen), [t.subnet for t in used]):
            found.append(str(subnet))
            if len(found) == count:
                return tuple(found)
    return tuple(found)


def _gaps(pool: Subnet, length: int, used: Sequence[Subnet]) -> Iterator[Subnet]:
    """Free parts of a pool in order. Skips over what is taken instead of walking through it: a pool may hold
    millions."""
    size = 1 << (pool.max_prefixlen - length)
    at, end = int(pool.network_address), int(pool.broadcast_address)
    spans = sorted((int(u.network_address), int(u.broadcast_address)) for u in used if u.version == pool.version)
    while at + size - 1 <= end:
        blocked = max((last for first, last in spans if first <= at + size - 1 and last >= at), default=None)
        if blocked is None:
            yield ip_network((at, length))
            at += size
        else:
            at = (blocked // size + 1) * size
