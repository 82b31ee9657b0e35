"""``network create``: what the engine would refuse, or take and never make work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from backends.change import subnets
from backends.change.compile_network import strings
from backends.change.driver_options import (
    BUILT_IN,
    ENCRYPTED,
    MTU,
    PARENT,
    SINGLE,
    option_of,
    options_of,
    value_problem,
)
from backends.change.finding import Finding, Severity, error, note, warning
from backends.change.network_users import PREDEFINED
from backends.change.requests import NetworkCreate
from backends.change.subnets import Route, Subnet
from backends.model import Kind, Snapshot
from backends.state.relations import relations
from backends.state.wording import listing, plural

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z")
_SWARM_DRIVERS = frozenset({"overlay"})


def check_create(request: NetworkCreate, snapshot: Snapshot, routes: Sequence[Route] = ()) -> Iterator[Finding]:
    """A new network."""
    options = request.options
    driver = options.text("driver", "bridge")
    of_swarm = driver in _SWARM_DRIVERS or options.text("scope") == "swarm"
    yield from _name(request.name, snapshot)
    yield from _driver(driver, of_swarm, snapshot)
    yield from _ingress(request, snapshot)
    yield from _subnets(request, snapshot, routes, of_swarm)
    yield from _gateways(request)
    yield from _options(request, driver)
    yield from _plan(request, driver)
    if options.text("config-from"):
        source = relations(snapshot).network(options.text("config-from"))
        if source is None and Kind.NETWORK in snapshot.listed:
            sentence = f"There is no network {options.text('config-from')} to take the configuration from."
            yield error(sentence, "config-from", "a network made with --config-only on each node")
        elif source is not None and not source.config_only:
            sentence = f"{source.name} is a network of its own, not a configuration."
            yield error(sentence, "config-from", "a network made with --config-only")
    if driver == "bridge" and "attachable" in options:
        yield note("Containers can always be connected to a bridge: --attachable is for overlays.", "attachable")


def may_name(name: str) -> bool:
    """Whether a new network may be called so, whatever there is already."""
    return bool(_NAME.match(name)) and name not in PREDEFINED


def _name(name: str, snapshot: Snapshot) -> Iterator[Finding]:
    if not _NAME.match(name):
        yield error(f"{name!r} is no name for a network.", "NETWORK", "letters, digits, . _ and -")
    elif name in PREDEFINED:
        yield error(f"operation is not permitted on predefined {name} network", "NETWORK", "another name")
    elif any(n.name == name and n.node_id in ("", snapshot.node_id) for n in snapshot.networks.values()):
        yield error(f"network with name {name} already exists", "NETWORK", "another name")


def _driver(driver: str, of_swarm: bool, snapshot: Snapshot) -> Iterator[Finding]:
    engine = snapshot.engine
    if engine is not None and driver not in (*BUILT_IN, *SINGLE, *engine.network_plugins):
        yield error(
            f'plugin "{driver}" not found: the engine would look for it for 15 s.',
            "driver",
            listing(sorted(set(engine.network_plugins) - set(SINGLE)), 8),
        )
    if driver in SINGLE:
        yield error(f'only one instance of "{driver}" network is allowed', "driver", "use the one that is there")
    if not of_swarm or engine is None:
        return
    if not snapshot.in_swarm:
        yield error(
            "This node is not a swarm manager, and networks of the Swarm need one.",
            "driver",
            "start a Swarm first with docker swarm init",
        )
    elif not snapshot.is_manager:
        yield error("Cannot create a multi-host network from a worker node.", "driver", "create it from a manager node")


def _ingress(request: NetworkCreate, snapshot: Snapshot) -> Iterator[Finding]:
    options = request.options
    if not options.flag("ingress"):
        return
    if options.flag("attachable"):
        yield error("Ingress network cannot be attachable.", "attachable", "leave --attachable out")
    if options.text("driver", "bridge") != "overlay":
        yield error("The ingress network is an overlay.", "driver", "overlay")
    present = next((n for n in snapshot.networks.values() if n.ingress), None)
    if present is not None:
        yield error(
            f"There is an ingress network already: {present.name}.",
            "ingress",
            f"docker network rm {present.name} first",
        )


def _subnets(request: NetworkCreate, snapshot: Snapshot, routes: Sequence[Route], of_swarm: bool) -> Iterator[Finding]:
    options = request.options
    overlay = options.text("driver", "bridge") == "overlay"
    used = subnets.taken(snapshot, routes)
    given = strings(options, "subnet")
    if not given and not options.flag("config-only") and not options.text("config-from"):
        if options.text("driver") in ("macvlan", "ipvlan"):
            sentence = "Without a subnet it gets addresses that its parent's network does not know."
            yield warning(sentence, "subnet", "that of the parent's network")
        yield from _pool(overlay, of_swarm, snapshot, used)
    for text in given:
        subnet = subnets.read(text)
        if subnet is None:
            yield error(f"invalid subnet {text}: it is no network in CIDR form", "subnet", "such as 10.20.0.0/24")
            continue
        if str(subnet) != text and subnet.version == 4:
            yield error(f"invalid subnet {text}: it should be {subnet}", "subnet", str(subnet))
        if overlay and subnet.version == 4 and subnet.prefixlen > 29:
            holds = max(0, subnet.num_addresses - 3)
            yield warning(f"{subnet} has room for {plural(holds, 'address', 'addresses')} only.", "subnet", "a /24")
        if overlay and subnet.version == 4 and subnet.prefixlen < 24:
            yield note(
                f"{subnet} is larger than a /24: Docker advises against that for services with virtual addresses.",
                "subnet",
                "several networks, or --endpoint-mode dnsrr",
            )
        yield from _overlaps(subnet, request, overlay, snapshot, used)
    for flag in ("gateway", "ip-range"):
        for text in strings(options, flag):
            try:
                ip_address(text.partition("/")[0])
            except ValueError:
                yield error(f"{text} is no address.", flag, "10.20.0.1" if flag == "gateway" else "10.20.0.128/25")
    if options.flag("ipv6") and given and all(":" not in text for text in given):
        yield warning(
            "IPv6 is on, and no IPv6 subnet is given: older engines refuse that.",
            "ipv6",
            "add --subnet 2001:db8:1::/64",
        )


def _pool(overlay: bool, of_swarm: bool, snapshot: Snapshot, used: Sequence[subnets.Taken]) -> Iterator[Finding]:
    """Without a subnet the engine takes the next of its pools."""
    if (of_swarm and not overlay) or Kind.NETWORK not in snapshot.listed:
        return
    own = [t for t in used if t.network is None or overlay == t.network.is_swarm]
    left = subnets.free(own, subnets.pools(snapshot, overlay), 1)
    if left:
        return
    if overlay:
        yield error(
            "The Swarm's address pools are used up: the engine would take it, and tasks on it would stay New for ever.",
            "subnet",
            "give a --subnet outside of the pools, or remove networks that nobody uses",
        )
    else:
        yield error("all predefined address pools have been fully subnetted", "subnet", "give a --subnet")


def _overlaps(
    subnet: Subnet, request: NetworkCreate, overlay: bool, snapshot: Snapshot, used: Sequence[subnets.Taken]
) -> Iterator[Finding]:
    found = list(_overlapped(subnet, request, overlay, snapshot, used))
    worst = max((one.severity for one in found), default=None)
    # One that cannot be is enough said; of those that may not be meant two.
    yield from [one for one in found if one.severity is worst][: 1 if worst is Severity.ERROR else 2]


def _overlapped(
    subnet: Subnet, request: NetworkCreate, overlay: bool, snapshot: Snapshot, used: Sequence[subnets.Taken]
) -> Iterator[Finding]:
    offered = listing(offers(subnet, snapshot, used, overlay))
    parent = parent_of(request)
    for other in subnets.overlapping(subnet, used):
        same = f"{subnet} overlaps {other.subnet} of {other.what}"
        if other.network is None:
            if parent and other.interface == parent:
                continue  # macvlan and ipvlan are on the network of their parent
            # A bridge is on this node only: its route there takes the place of the one that was.
            of_nodes = overlay or any(route.node_id == snapshot.node_id for route in other.routes)
            if of_nodes and _holds_nodes(other, snapshot):
                yield error(f"{same}: they would lose each other.", "subnet", offered)
            else:
                yield warning(f"{same}: hosts behind it could not be reached any more.", "subnet", offered)
        elif overlay and other.network.driver == "overlay":
            yield error(
                f"{same}: the engine would accept it, and tasks on it would stay New for ever.", "subnet", offered
            )
        elif not overlay and other.network.node_id == snapshot.node_id and not other.network.is_swarm:
            yield error(f"Pool overlaps with other one on this address space: {same}.", "subnet", offered)
        elif other.network.node_id in ("", snapshot.node_id) or overlay:
            yield warning(f"{same}: containers on both could not reach one of them.", "subnet", offered)


def _holds_nodes(other: subnets.Taken, snapshot: Snapshot) -> bool:
    """Whether nodes of the Swarm reach each other through what a route leads to."""
    for node in snapshot.nodes.values():
        try:
            if node.address and ip_address(node.address) in other.subnet:
                return True
        except ValueError:
            continue
    return False


def parent_of(request: NetworkCreate) -> str:
    """The parent interface of a macvlan or ipvlan network; empty for others."""
    if request.options.text("driver", "bridge") not in ("macvlan", "ipvlan"):
        return ""
    return next((v for k, _, v in (t.partition("=") for t in request.options.values("opt")) if k == "parent"), "")


def offers(subnet: Subnet | None, snapshot: Snapshot, used: Sequence[subnets.Taken], overlay: bool) -> tuple[str, ...]:
    """Subnets that are free, as large as the one that is meant, beside it first; else the next of the pools."""
    among = subnets.pools(snapshot, overlay) if subnet is None else _alike(subnet, snapshot, overlay)
    return subnets.free(used, among)


def _alike(subnet: Subnet, snapshot: Snapshot, overlay: bool) -> tuple[tuple[str, int], ...]:
    """Where to look for other subnets: beside the one that was meant, then in the pools."""
    if subnet.version == 6:
        return ((str(subnet.supernet(min(8, subnet.prefixlen))), subnet.prefixlen),)
    wide = max(8, subnet.prefixlen - 8)
    beside = (str(subnet.supernet(new_prefix=min(wide, subnet.prefixlen))), subnet.prefixlen)
    pools = tuple((pool, max(size, subnet.prefixlen)) for pool, size in subnets.pools(snapshot, overlay))
    # A subnet larger than those of the pool was hardly meant: the pool's own come first.
    return (*pools, beside) if overlay and pools and subnet.prefixlen < pools[0][1] else (beside, *pools)


def _options(request: NetworkCreate, driver: str) -> Iterator[Finding]:
    given = dict(text.partition("=")[::2] for text in request.options.values("opt"))
    known = options_of(driver)
    for key, value in given.items():
        option = option_of(driver, key)
        if option is not None:
            problem = value_problem(option, value)
            if problem:
                takes = option.takes if option.key != MTU else "a number from 68 to 65535, such as 1400"
                yield error(problem, "opt", takes, key)
        elif key == ENCRYPTED:
            yield warning("Only overlays can be encrypted.", "opt", "leave encrypted out", key)
        elif known:
            sentence = f"The driver {driver} is not known to have an option {key}."
            close = next((one.key for one in known if key and key.lower() in one.key), "")
            yield warning(sentence, "opt", f"did you mean {close}?" if close else f"such as {known[0].key}", key)
    if driver in ("macvlan", "ipvlan") and PARENT not in given and not request.options.text("config-from"):
        sentence = "Without a parent interface it reaches nothing outside of the node."
        yield warning(sentence, "opt", f"parent=eth0 for {driver}", PARENT)


def _plan(request: NetworkCreate, driver: str) -> Iterator[Finding]:
    """A configuration for others, and a network that is made from one."""
    options = request.options
    if options.flag("config-only"):
        wide = [flag for flag in ("ingress", "internal", "attachable") if options.flag(flag)]
        wide += ["scope"] if options.text("scope") == "swarm" else []
        for flag in wide:
            yield error(
                "A configuration says how a network is on its node, not what it is for.",
                flag,
                f"--{flag} belongs to the network that is made from it",
            )
        if options.text("config-from"):
            yield error("A configuration cannot be made from another one.", "config-from", "leave one of them out")
    elif options.text("config-from"):
        for flag in ("subnet", "gateway", "ip-range", "aux-address", "opt", "label", "ipv6"):
            if flag in options:
                yield error("It is made from a configuration, which says this already.", flag, f"leave --{flag} out")
    elif options.text("scope") == "swarm" and driver in ("bridge", "macvlan", "ipvlan"):
        yield warning(
            f"A {driver} network of the whole Swarm is made on each node from a configuration of that node.",
            "scope",
            "--config-from, with a network made with --config-only on each node",
        )


def _gateways(request: NetworkCreate) -> Iterator[Finding]:
    """Addresses of a subnet that nobody can have."""
    given = [subnet for subnet in map(subnets.read, strings(request.options, "subnet")) if subnet is not None]
    for text in strings(request.options, "gateway"):
        try:
            address = ip_address(text)
        except ValueError:
            continue
        for subnet in given:
            if subnet.version == 4 and subnet.prefixlen < 31 and address in (subnet[0], subnet[-1]):
                which = "network" if address == subnet[0] else "broadcast"
                yield error(f"{text} is the {which} address of {subnet}.", "gateway", str(subnet[1]))
