"""How many addresses of a network are taken, computed from what holds one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address, ip_network

from backends.model import Container, IpamConfig, Network, Node, Service, Task

#: Drivers without an address plan of their own.
_WITHOUT = frozenset({"host", "null", "none"})


@dataclass(frozen=True, slots=True)
class AddressUse:
    """Addresses of one network. Computed here, the engine is not asked: service addresses, addresses of
    tasks and containers, and on overlays one load balancer per node."""

    subnet: str
    """The first IPv4 subnet (or IPv6, where there is no other); empty where there is none."""
    used: int
    size: int | None
    """How many can be given out (network, broadcast and gateway not counted); ``None`` for IPv6 and
    networks without a plan."""
    virtual: int = 0
    tasks: int = 0
    balancers: int = 0
    containers: int = 0
    """Those that belong to no task."""
    estimated: bool = False
    """Whether tasks were counted from their services' numbers, since they are not listed."""

    @property
    def free(self) -> int | None:
        """How many are left; ``None`` where the size is not known."""
        return None if self.size is None else max(0, self.size - self.used)


def pool_size(configs: Iterable[IpamConfig]) -> int | None:
    """Addresses that the IPv4 subnets can give out together: each ``ip-range`` (else subnet) without the
    network and broadcast addresses, the gateway and the auxiliary ones. ``None`` without an IPv4 subnet."""
    total: int | None = None
    for config in configs:
        try:
            subnet = ip_network(config.subnet, strict=False)
            pool = ip_network(config.ip_range, strict=False) if config.ip_range else subnet
        except ValueError:
            continue
        if not isinstance(subnet, IPv4Network) or not isinstance(pool, IPv4Network):
            continue
        taken = {subnet.network_address, subnet.broadcast_address} if subnet.prefixlen < 31 else set()
        for text in (config.gateway or str(subnet.network_address + 1), *config.aux.values()):
            try:
                address = ip_address(text.partition("/")[0])
            except ValueError:
                continue
            if address.version == 4:
                taken.add(address)
        total = (total or 0) + max(0, pool.num_addresses - sum(1 for a in taken if a in pool))
    return total


def address_use(
    network: Network,
    services: Sequence[Service],
    tasks: Sequence[Task] | None,
    containers: Sequence[Container],
    nodes: Mapping[str, Node],
) -> AddressUse:
    """Counts the holders of an address on ``network``.

    ``services`` are those attached to it; ``tasks`` those attached to it, or ``None`` where tasks are not
    listed; ``containers`` those attached to it on the nodes that were asked.
    """
    subnets = network.subnets
    subnet = next((s for s in subnets if ":" not in s), subnets[0] if subnets else "")
    if network.driver in _WITHOUT or network.name in ("host", "none"):
        return AddressUse(subnet, 0, None)
    virtual = sum(1 for s in services for vip in s.virtual_ips if vip.network_id == network.id)
    standing = sum(1 for c in containers if not c.task_id and _addressed(c, network))
    if not network.is_swarm:
        held = sum(1 for c in containers if c.task_id and _addressed(c, network))
        return AddressUse(subnet, held + standing, pool_size(network.ipam.configs), 0, held, 0, standing)
    if tasks is not None:
        live = [t for t in tasks if not t.is_over]
        held = len(live)
        # A container attached by hand has a task of its own, without a service.
        by_hand = {t.container_id for t in live if not t.service_id}
        standing -= sum(1 for c in containers if c.id in by_hand and not c.task_id and _addressed(c, network))
        places = {t.node_id for t in live if t.node_id}
    else:
        held = sum(s.running for s in services)
        places = {n.id for n in list(nodes.values())[: min(held, len(nodes))] if n.state == "ready"}
    places |= {c.node_id for c in containers if c.state == "running" and c.node_id and _addressed(c, network)}
    if network.ingress:
        # Every node of the Swarm has a sandbox on the ingress network, with or without tasks.
        places |= {n.id for n in nodes.values() if n.state == "ready"}
    balancers = len(places) if network.driver == "overlay" else 0
    return AddressUse(
        subnet,
        virtual + held + balancers + standing,
        pool_size(network.ipam.configs),
        virtual,
        held,
        balancers,
        standing,
        tasks is None,
    )


def _addressed(container: Container, network: Network) -> bool:
    return any(
        (a.network_id == network.id or (not a.network_id and a.network == network.name)) and (a.ipv4 or a.ipv6)
        for a in container.networks
    )
