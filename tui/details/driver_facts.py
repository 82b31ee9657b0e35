"""What each network driver is, does and asks for, in plain words. Sources: Docker's manual and libnetwork's design."""

from __future__ import annotations

from dataclasses import dataclass

from backends.state.drivers import purpose


@dataclass(frozen=True, slots=True)
class DriverFact:
    """One driver. Texts are whole sentences."""

    name: str
    scope: str
    """Where its networks are known: ``local``, ``swarm``, ``both``."""
    joins: str
    """What it connects: ``one node``, ``all nodes``, ``the wire``."""
    take: str
    """When to take it, in one row."""
    does: str
    """How it works."""
    gives: tuple[tuple[str, str], ...] = ()
    asks: tuple[tuple[str, str], ...] = ()
    limits: str = ""
    """What it does not do."""
    options: tuple[tuple[str, str], ...] = ()
    create: str = ""
    """The line that makes a network of it; empty where nobody makes one."""

    @property
    def what(self) -> str:
        """What it is for, in one row."""
        text = purpose(self.name)
        return f"{text[:1].upper()}{text[1:]}"


_MTU = ("com.docker.network.driver.mtu", "largest packet; 1500 unless set")

DRIVERS: tuple[DriverFact, ...] = (
    DriverFact(
        "bridge",
        "local",
        "one node",
        "Take it for containers of one node that talk together",
        "The node has a Linux bridge per network; each container has a pair of interfaces, one end on the bridge. "
        "What goes out gets the address of the node.",
        (
            ("names", "by container and alias, but not on the network called bridge"),
            ("ports", "published on the node by address translation"),
            ("way out", "through the node"),
        ),
        (("kernel", "bridge, iptables or nftables, IP forwarding"),),
        "It ends at the node: containers of two nodes do not meet, and services cannot use it.",
        (
            ("com.docker.network.bridge.name", "name of the bridge on the node"),
            ("com.docker.network.bridge.enable_icc", "false keeps its containers apart"),
            _MTU,
        ),
        "docker network create --driver bridge NAME",
    ),
    DriverFact(
        "overlay",
        "swarm",
        "all nodes",
        "Take it for services: with names and virtual addresses",
        "Each node has a bridge per network; frames to another node go into VXLAN, UDP 4789 unless the swarm was "
        "started with another port. Who is where is told by gossip on 7946.",
        (
            ("names", "by service, alias and tasks.NAME"),
            ("vip", "one address per service, balanced"),
            ("mesh", "published ports on every node, by ingress"),
            ("way out", "a second interface, docker_gwbridge"),
        ),
        (
            ("kernel", "vxlan, ip_vs"),
            ("ports", "7946 tcp and udp, 4789 udp between all nodes"),
            ("mtu", "50 bytes less than the wire"),
            ("encrypted", "ESP, IP protocol 50, between all nodes"),
        ),
        "Two networks do not reach each other. No broadcast beyond, no IPv6 in the mesh. A /24 holds about 250 "
        "addresses; keep to that with virtual addresses.",
        (("encrypted", "IPsec between nodes; costs speed"), ("com.docker.network.driver.mtu", "1450 unless set")),
        "docker network create --driver overlay --attachable NAME",
    ),
    DriverFact(
        "macvlan",
        "both",
        "the wire",
        "Take it where the outside must see each one",
        "The driver makes an interface with its own MAC below an interface of the node. For a whole swarm it is made "
        "from a plan (config-only) that each node has.",
        (("names", "by container, on networks you made"), ("addresses", "from the LAN, given out by the engine")),
        (("parent", "an interface of the node, or a VLAN of it (eth0.120)"), ("switch", "many MACs on one port")),
        "The node itself does not reach its own macvlan containers. The engine knows nothing of the LAN's DHCP: keep "
        "its range out of it.",
        (("parent", "the interface below it"), ("macvlan_mode", "bridge unless set")),
        "docker network create --driver macvlan --subnet SUBNET --gateway GATEWAY --opt parent=eth0 NAME",
    ),
    DriverFact(
        "ipvlan",
        "both",
        "the wire",
        "Take it where a port allows one MAC, as clouds do",
        "Containers share the MAC of the interface below them; in mode l2 they are on its LAN, in mode l3 the node "
        "routes to them and nothing is broadcast.",
        (("names", "by container, on networks you made"), ("addresses", "from the LAN, or of a routed subnet")),
        (("parent", "an interface of the node"), ("routes", "in mode l3 on the routers outside")),
        "The node itself does not reach its own ipvlan containers. One node has either macvlan or ipvlan on an "
        "interface.",
        (("parent", "the interface below it"), ("ipvlan_mode", "l2 unless set; l3, l3s")),
        "docker network create --driver ipvlan --subnet SUBNET --opt parent=eth0 --opt ipvlan_mode=l2 NAME",
    ),
    DriverFact(
        "host",
        "local",
        "the node",
        "Take it for speed or many ports; a port is there once",
        "The container has no sandbox of its own: it sees the interfaces, routes and ports of the node.",
        (("ports", "all, as they are; nothing is published"),),
        (),
        "There is one on each node and nobody makes another. Two tasks that want the same port do not fit on one "
        "node, and the scheduler does not know of it.",
    ),
    DriverFact(
        "null",
        "local",
        "nothing",
        "Take it for work that must reach nothing",
        "The container has a sandbox with the loopback interface and no endpoint.",
        (),
        (),
        "There is one on each node and nobody makes another.",
    ),
)

_BY_NAME = {fact.name: fact for fact in DRIVERS}


def driver_fact(name: str) -> DriverFact:
    """The facts of a driver; for a plugin what is true of all plugins."""
    known = _BY_NAME.get("null" if name in ("none", "") else name)
    if known is not None:
        return known
    return DriverFact(
        name,
        "plugin",
        "as it says",
        "A service on it runs only on nodes that have the plugin",
        "The engine asks the plugin for each network and endpoint, and puts into the sandbox what it gives.",
        limits="A node without the plugin cannot run tasks on such a network.",
        create=f"docker network create --driver {name} NAME",
    )
