"""Addresses of one network: who has which, and which are the next free ones. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from backends.model import Network, Snapshot
from backends.state.relations import relations
from backends.state.wording import listing, plural

Subnet = IPv4Network | IPv6Network
#: Addresses that are walked through at most to find free ones.
_WALK = 65_536


@dataclass(frozen=True, slots=True)
class Choice:
    """An address and what is to be said of it."""

    address: str
    words: str
    free: bool = True


def subnets_of(network: Network, version: int) -> tuple[Subnet, ...]:
    """Its subnets of IPv4 or IPv6 that can be read."""
    found: list[Subnet] = []
    for text in network.subnets:
        try:
            subnet = ip_network(text, strict=False)
        except ValueError:
            continue
        if subnet.version == version:
            found.append(subnet)
    return tuple(found)


def holders_of_addresses(network: Network, snapshot: Snapshot) -> Mapping[str, str]:
    """Who has which address, as far as is known: ``webapp1.3 on worker-2``, ``the gateway``."""
    known = relations(snapshot)
    found: dict[str, str] = {}
    for config in network.ipam.configs:
        gateway = config.gateway.partition("/")[0]
        if not gateway and config.subnet:
            gateway = _first(config.subnet)
        found.setdefault(gateway, "the gateway")
        for name, address in config.aux.items():
            found.setdefault(address.partition("/")[0], f"reserved for {name}")
    for service in known.services_on(network):
        for vip in service.virtual_ips:
            if vip.network_id == network.id:
                found.setdefault(vip.address.partition("/")[0], f"the virtual address of {service.name}")
    for task in known.tasks_in(network.id):
        if task.is_over:
            continue
        container = snapshot.containers.get(task.container_id)
        name = known.task_name(task) if task.service_id else container.name if container else "a container"
        for attached in task.networks:
            if attached.network_id == network.id:
                for address in attached.addresses:
                    found.setdefault(address.partition("/")[0], f"{name}{_on(task.node_id, snapshot)}")
    for container in known.containers_in(network):
        held = known.attachment(container, network)
        for address in (held.ipv4, held.ipv6) if held is not None else ():
            found.setdefault(address.partition("/")[0], f"{container.name}{_on(container.node_id, snapshot)}")
    for end in network.endpoints:
        balancer = end.name.startswith("lb-") or end.name.endswith("-endpoint")
        who = "the load balancer" if balancer and not end.container_id else end.name or "an endpoint"
        for address in (end.ipv4, end.ipv6):
            found.setdefault(address.partition("/")[0], f"{who}{_on(end.node_id, snapshot)}")
    found.pop("", None)
    return found


def _first(text: str) -> str:
    try:
        subnet = ip_network(text, strict=False)
    except ValueError:
        return ""
    return str(subnet[1]) if subnet.num_addresses > 1 else ""


def _on(node_id: str, snapshot: Snapshot) -> str:
    node = snapshot.nodes.get(node_id)
    return f" on {node.name}" if node is not None else ""


def _pools(network: Network, version: int) -> Iterator[tuple[Subnet, Subnet]]:
    """(subnet, the part of it that is given out)."""
    for config in network.ipam.configs:
        try:
            subnet = ip_network(config.subnet, strict=False)
            pool = ip_network(config.ip_range, strict=False) if config.ip_range else subnet
        except ValueError:
            continue
        if subnet.version == version and pool.version == version:
            yield subnet, pool


def free_addresses(network: Network, snapshot: Snapshot, version: int, count: int) -> tuple[str, ...]:
    """The next free ones in order, at most ``count``."""
    held = holders_of_addresses(network, snapshot)
    found: list[str] = []
    for subnet, pool in _pools(network, version):
        for number, address in enumerate(pool):
            if number > _WALK or len(found) == count:
                break
            edge = version == 4 and subnet.prefixlen < 31 and address in (subnet[0], subnet[-1])
            edge = edge or (version == 6 and address == subnet[0])
            if not edge and str(address) not in held:
                found.append(str(address))
    return tuple(found)


def far_address(network: Network, snapshot: Snapshot) -> str:
    """A free IPv4 address at about four fifths of the first range: the engine gives them out from the front."""
    held = holders_of_addresses(network, snapshot)
    for subnet, pool in _pools(network, 4):
        if pool.num_addresses < 32:
            continue
        start = 200 if pool.num_addresses == 256 else pool.num_addresses * 4 // 5
        for offset in range(start, min(pool.num_addresses - 1, start + 64)):
            text = str(pool[offset])
            if text not in held and pool[offset] != subnet[-1]:
                return text
    return ""


def choices(network: Network, snapshot: Snapshot, typed: str, version: int = 4, most: int = 5) -> tuple[Choice, ...]:
    """What may be meant by what is typed: free ones that begin with it, and one that is held so that it is seen why
    not. Nothing typed offers the next free one first."""
    following = free_addresses(network, snapshot, version, 2 if not typed else 64)
    far = far_address(network, snapshot) if version == 4 else ""
    offered = [Choice(a, "the next free one" if number == 0 else "free") for number, a in enumerate(following)]
    offered = [c for c in offered if c.address.startswith(typed)][: 2 if far else 3]
    if far and far.startswith(typed) and all(c.address != far for c in offered):
        offered.append(Choice(far, "free, and far from what services get"))
    held = holders_of_addresses(network, snapshot)
    taken = sorted((a for a in held if a.startswith(typed) and ("." in a) == (version == 4)), key=_numeric)
    exact = [a for a in taken if a == typed]
    offered += [Choice(a, held[a], free=False) for a in exact or taken[-1:]]
    if not offered and _fits(typed, network, version):
        offered.append(Choice(typed, "free"))
    return tuple(offered[:most])


def _numeric(text: str) -> int:
    try:
        return int(ip_address(text))
    except ValueError:
        return 0


def _fits(text: str, network: Network, version: int) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in subnet for subnet in subnets_of(network, version))


def problem_of(text: str, version: int, network: Network) -> tuple[str, str]:
    """(why an address cannot be one of a network, what would be right); empty where it can be."""
    own = subnets_of(network, version)
    right = f"an IPv{version} address of {listing([str(s) for s in own])}" if own else f"an IPv{version} address"
    try:
        address = ip_address(text)
    except ValueError:
        return f"{text} is no address.", right
    if address.version != version:
        return f"{text} is an IPv{address.version} address.", f"an IPv{version} address"
    if not own and network.subnets:
        return f"{network.name} has no IPv{version} subnet.", "leave it empty"
    if own and not any(address in subnet for subnet in own):
        return f"{text} is not in {listing([str(s) for s in own])}.", f"an address of {own[0]}"
    for subnet in own:
        if version == 4 and subnet.prefixlen < 31 and address in (subnet[0], subnet[-1]):
            return f"{text} is the {'network' if address == subnet[0] else 'broadcast'} address of {subnet}.", right
    return "", ""


def room(network: Network, snapshot: Snapshot) -> str:
    """``244 of 253 free``; empty where that is not known."""
    use = relations(snapshot).addresses(network)
    if use.size is None:
        return ""
    return (
        f"{use.free:,} of {use.size:,} free"
        if use.free
        else f"full: all {plural(use.size, 'address', 'addresses')} are taken"
    )
