"""Routes of the demo's machines: there are none to ask, so they are told from the addresses of its nodes."""

from __future__ import annotations

import time
from ipaddress import ip_network

from backends.api import Cluster
from backends.routes import Machine, Seen, machine_of
from backends.routes_text import Interface, RouteLine, Told

#: What the demo's machines have beside the network they are all on: (node or empty for all, interface, subnet).
_MORE = (("manager-1", "vpn0", "192.168.40.0/22"), ("", "eth0.120", "10.20.120.0/24"))
#: How long the network part of their addresses is.
_LENGTH = 16


class DemoRoutes:
    """Implements ``backends.routes.RouteSource``."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def seen(self) -> Seen:
        """All that is to be known is known at once."""
        snapshot = self._cluster.snapshot
        nodes = sorted(snapshot.nodes.values(), key=lambda node: (node.id != snapshot.node_id, node.name))
        machines = tuple(_machine(n.id, n.name, n.address) for n in nodes if n.state != "down")
        missing = tuple((n.name, "down, not asked") for n in nodes if n.state == "down")
        if not nodes and snapshot.engine is not None:
            machines = (_machine("", snapshot.engine.name, "10.20.0.11"),)
        return Seen(machines, missing, time.time())

    async def look(self, *, anew: bool = False) -> Seen:
        """The same."""
        return self.seen


def _machine(node_id: str, name: str, address: str) -> Machine:
    routes, interfaces = [], []
    if address and ":" not in address:
        subnet = ip_network(f"{address}/{_LENGTH}", strict=False)
        routes.append(RouteLine(str(subnet), "eth0"))
        interfaces.append(Interface("eth0", (f"{address}/{_LENGTH}",), 1500))
    for node, interface, text in _MORE:
        if node in ("", name):
            routes.append(RouteLine(text, interface))
            interfaces.append(Interface(interface, (), 1500))
    return machine_of(node_id, name, Told(tuple(routes), tuple(interfaces), "eth0"))
