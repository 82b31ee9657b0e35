"""What the cluster says to a network that is being filled in, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from backends.change import subnets
from backends.change.candidates import Candidate
from backends.change.check_network import offers, parent_of
from backends.change.driver_options import BUILT_IN, SINGLE
from backends.change.finding import Finding, Severity, note, warning
from backends.change.network_users import seen_from
from backends.change.requests import NetworkCreate
from backends.change.subnets import Taken
from backends.model import LinkState, Snapshot
from backends.routes import Seen
from backends.state.drivers import purpose
from backends.state.wording import listing, plural
from tui.forms.marks import good, quiet
from tui.forms.spec import FormView, Offer
from tui.text.ago import number
from tui.text.span import Line, line

#: Bytes that VXLAN takes of each packet, and ESP on top of it.
VXLAN_BYTES, ESP_BYTES = 50, 30


def driver(view: FormView) -> str:
    """The driver that is meant: overlay in a Swarm's form only where it is chosen, as the CLI has it."""
    return view.text("driver") or "bridge"


def wide(view: FormView) -> bool:
    """Whether it takes addresses from the pools of the Swarm."""
    return driver(view) == "overlay"


def seen(view: FormView) -> Seen:
    """Routes, and who was not asked."""
    extra = view.gathered.extra
    return extra if isinstance(extra, Seen) else Seen()


def used(view: FormView) -> tuple[Taken, ...]:
    """All subnets that are in use, as far as is known."""
    found: tuple[Taken, ...] = view.once("used", lambda: subnets.taken(view.snapshot, view.known.routes))
    return found


def following(view: FormView, meant: subnets.Subnet | None = None) -> tuple[str, ...]:
    """The next free subnets."""
    return offers(meant, view.snapshot, used(view), wide(view))


def sound(view: FormView, name: str) -> bool:
    """Whether something stands in a field and nothing is wrong with it."""
    bad = any(f.severity is Severity.ERROR for f in view.errors(name))
    return bool(view.values.get(name)) and not bad


# Where


def node_id(view: FormView) -> str:
    """The node on which it is made; empty for those of the Swarm, and for the one we are on."""
    name = view.text("node")
    if not name or driver(view) == "overlay":
        return ""
    found = next((n for n in view.moment.snapshot.nodes.values() if n.name == name), None)
    return found.id if found is not None else ""


def standing(view: FormView) -> Snapshot:
    """The cluster as the engine of that node sees it."""
    return seen_from(view.moment.snapshot, node_id(view))


def nodes(view: FormView) -> Sequence[Candidate]:
    """This node, then those whose engines are connected."""
    snapshot = view.moment.snapshot
    own = snapshot.nodes.get(snapshot.node_id)
    live = [i for i, link in snapshot.links.items() if link.state is LinkState.LIVE and i in snapshot.nodes]
    found = [Candidate(own.name if own is not None else "", "this node")]
    return tuple(found + sorted((Candidate(snapshot.nodes[i].name) for i in live), key=lambda one: one.text))


def node_verdict(view: FormView) -> Line | None:
    """Where an overlay is made, and how many there are to choose from."""
    if driver(view) == "overlay":
        return quiet("all nodes")
    count = len(nodes(view))
    if view.here == "node" and count > 1:
        return quiet(f"← → of {count}")
    return None if node_id(view) else quiet("this node")


# Drivers


def plugins(view: FormView) -> dict[str, int]:
    """Drivers that are plugins, with how many nodes have each."""
    found: dict[str, int] = {}
    nodes = view.snapshot.nodes.values()
    for node in nodes:
        for plugin in node.plugins:
            if plugin.type.lower() == "network" and plugin.name not in (*BUILT_IN, *SINGLE):
                found[plugin.name] = found.get(plugin.name, 0) + 1
    engine = view.snapshot.engine
    for name in engine.network_plugins if engine is not None else ():
        if name not in (*BUILT_IN, *SINGLE, "none"):
            found.setdefault(name, 1)
    return found


def drivers(view: FormView) -> Sequence[Candidate]:
    """What ``← →`` goes through: those of the engine, then plugins."""
    swarm = view.snapshot.is_manager
    own = [name for name in BUILT_IN if name != "overlay" or swarm]
    return tuple(Candidate(name, purpose(name)) for name in (*own, *sorted(plugins(view))))


def driver_verdict(view: FormView) -> Line | None:
    """Which others there are."""
    if view.here == "driver":
        return line(("← → ", ""), ("other drivers", "muted"))
    return None


def driver_below(view: FormView) -> Line | None:
    """What it is for, in one row."""
    name = driver(view)
    count = plugins(view).get(name)
    if count is not None:
        nodes = len(view.snapshot.nodes)
        where = f" on {count} of {nodes} nodes" if nodes > 1 else ""
        return ((f"a plugin{where}: what it does is in its own manual", "muted"),)
    return ((purpose(name), "muted"),)


def name_verdict(view: FormView) -> Line | None:
    """Whether the name is free."""
    return good("free") if sound(view, "NETWORK") else None


# Addresses


def size_of(text: str) -> str:
    """``253 addresses``: what containers can get of a subnet."""
    subnet = subnets.read(text)
    if subnet is None:
        return ""
    if subnet.version == 6:
        return f"/{subnet.prefixlen}"
    return f"{number(max(0, subnet.num_addresses - 3))} addresses"


def subnet_verdict(view: FormView) -> Line | None:
    """How many addresses it has, or what is taken where it is left out."""
    given = view.list("subnet")
    if not given:
        if driver(view) not in ("bridge", "overlay") or view.text("config-from"):
            return quiet("any") if driver(view) not in ("macvlan", "ipvlan") else quiet("that of the LAN")
        first = following(view)
        return quiet(f"{first[0]}, the next" if first else "")
    if not sound(view, "subnet"):
        return None
    if any(f.severity is Severity.WARNING for f in view.errors("subnet")):
        return None
    return good(size_of(given[0]) if len(given) == 1 else plural(len(given), "subnet"))


def subnet_offer(view: FormView) -> Offer | None:
    """The next free one in place of one that is not, or of none."""
    given = view.list("subnet")
    if given and not any(f.severity > Severity.NOTE for f in view.errors("subnet")):
        return None
    last = given[-1] if given else ""
    meant = subnets.read(last)
    if meant is not None and str(meant) != last and meant.version == 4 and not _overlapped(view, meant):
        return Offer(str(meant), (*given[:-1], str(meant)))
    if not given and driver(view) not in ("bridge", "overlay"):
        return None
    found = following(view, meant)
    return Offer(f"{found[0]}, {size_of(found[0])}", (*given[:-1], found[0])) if found else None


def _overlapped(view: FormView, subnet: subnets.Subnet) -> bool:
    return bool(subnets.overlapping(subnet, used(view)))


def gateway_verdict(view: FormView) -> Line | None:
    """Which is taken where it is left out."""
    if view.list("gateway"):
        return good("in the subnet") if sound(view, "gateway") else None
    return quiet("the first")


def gateway_offer(view: FormView) -> Offer | None:
    """The first address of the subnet."""
    given = [s for s in map(subnets.read, view.list("subnet")) if s is not None and s.num_addresses > 1]
    if not given or not any(f.severity is Severity.ERROR for f in view.errors("gateway")):
        return None
    first = str(given[0][1])
    return Offer(first, (first,))


def range_verdict(view: FormView) -> Line | None:
    """How many it gives out."""
    given = view.list("ip-range")
    if not given:
        return quiet("whole subnet")
    subnet = subnets.read(given[0])
    return good(f"gives out {number(subnet.num_addresses)}") if sound(view, "ip-range") and subnet is not None else None


def attachable_below(view: FormView) -> Line | None:
    """What it is for."""
    if view.here != "attachable":
        return None
    return quiet("containers started by hand may join it") if wide(view) else quiet("any container of the node may")


# Packets


def _wire(view: FormView) -> tuple[int, str, str]:
    """(the smallest packet between nodes, its interface, its node); 0 where nothing is known."""
    found: list[tuple[int, str, str]] = []
    addresses = {n.id: n.address for n in view.snapshot.nodes.values()}
    for machine in seen(view).machines:
        own = addresses.get(machine.node_id, "")
        for interface in machine.interfaces:
            holds = any(a.partition("/")[0] == own for a in interface.addresses) if own else False
            if interface.mtu and (holds or (not own and interface.name == machine.way_out)):
                found.append((interface.mtu, interface.name, machine.node))
    return min(found, default=(0, "", ""))


def _takes(view: FormView) -> int:
    """Bytes that the driver takes of each packet."""
    if not wide(view):
        return 0
    return VXLAN_BYTES + (ESP_BYTES if view.text("encrypted") == "true" else 0)


def mtu_verdict(view: FormView) -> Line | None:
    """Whether it fits the wire."""
    mtu, name, _ = _wire(view)
    given = view.text("mtu")
    if not given:
        return quiet(f"{mtu - _takes(view) if wide(view) and mtu else 1500} unless set")
    if not sound(view, "mtu") or view.errors("mtu"):
        return None
    return good(f"fits {name}, {mtu}") if mtu else None


def mtu_offer(view: FormView) -> Offer | None:
    """What fits."""
    mtu, _, _ = _wire(view)
    if not mtu or not view.errors("mtu"):
        return None
    return Offer(str(mtu - _takes(view)), (str(mtu - _takes(view)),))


def encrypted_verdict(view: FormView) -> Line | None:
    """What it needs."""
    return quiet("needs ESP, protocol 50") if wide(view) else quiet("overlays only")


def parent_verdict(view: FormView) -> Line | None:
    """Whether this node has that interface."""
    if driver(view) not in ("macvlan", "ipvlan"):
        return quiet("macvlan, ipvlan only")
    name = view.text("parent")
    if not name:
        return None
    have = [m.node for m in seen(view).machines if any(i.name == name for i in m.interfaces)]
    return good(f"on {listing(have, 2)}") if have else None


def checks(view: FormView) -> Sequence[Finding]:
    """What only routes, interfaces and other nodes tell."""
    return tuple(_checks(view))


def _checks(view: FormView) -> Iterator[Finding]:
    mtu, name, node = _wire(view)
    given = view.text("mtu")
    if given.isdecimal() and mtu and 68 <= int(given[:6]) <= 65535 and int(given) + _takes(view) > mtu:
        takes = f"; VXLAN takes {_takes(view)} bytes" if wide(view) else ""
        yield warning(
            f"{name} of {node} takes packets of {mtu} bytes{takes}: larger ones would be lost or cut up.",
            "mtu",
            f"{mtu - _takes(view)}",
        )
    request = view.request
    if isinstance(request, NetworkCreate):
        yield from _parents(view, request)
    count = plugins(view).get(driver(view))
    nodes = len(view.snapshot.nodes)
    if count is not None and count < nodes:
        yield note(f"{count} of {nodes} nodes have the plugin {driver(view)}: it works there only.", "driver")
    if wide(view):
        alike = [n for n in view.snapshot.networks.values() if n.name == view.text("NETWORK") and not n.is_swarm]
        other = [n for n in alike if n.node_id != view.snapshot.node_id]
        if other:
            where = listing([view.snapshot.nodes[n.node_id].name for n in other if n.node_id in view.snapshot.nodes], 3)
            yield warning(f"{where} has a network of its own with that name.", "NETWORK", "another name")


def _parents(view: FormView, request: NetworkCreate) -> Iterator[Finding]:
    parent = parent_of(request)
    machine = seen(view).machine(view.snapshot.node_id)
    if not parent or machine is None or "." in parent:
        return
    interface = next((i for i in machine.interfaces if i.name == parent), None)
    if interface is None:
        names = [i.name for i in machine.interfaces if not i.name.startswith(("veth", "docker", "br-"))]
        yield warning(f"{machine.node} has no interface {parent}.", "parent", listing(names, 4))
        return
    for text in view.list("subnet"):
        subnet = subnets.read(text)
        own = [a for a in interface.addresses if subnet is not None and (":" in a) == (subnet.version == 6)]
        if subnet is not None and own and not any(ip_address(a.partition("/")[0]) in subnet for a in own):
            yield warning(
                f"{parent} is on {listing(own, 2)}, not in {subnet}: its router would not know the way.",
                "subnet",
                "that of the parent's network",
            )
