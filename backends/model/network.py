"""Networks with their address plan and, where inspected, their endpoints."""

from __future__ import annotations

from backends.model.base import STACK_LABEL, Key, Kind, Value


class IpamConfig(Value, frozen=True, kw_only=True):
    """One subnet of a network."""

    subnet: str = ""
    gateway: str = ""
    ip_range: str = ""
    aux: dict[str, str] = {}


class Ipam(Value, frozen=True, kw_only=True):
    """Who gives out addresses, and from where."""

    driver: str = "default"
    options: dict[str, str] = {}
    configs: tuple[IpamConfig, ...] = ()


class Peer(Value, frozen=True, kw_only=True):
    """A node that takes part in an overlay, as this engine's gossip knows it."""

    name: str
    address: str


class Endpoint(Value, frozen=True, kw_only=True):
    """A container's (or load balancer's) place on a network, from ``GET /networks/ID`` on its node."""

    container_id: str
    """Empty for a load balancer (``lb-…``)."""
    name: str
    endpoint_id: str = ""
    mac: str = ""
    ipv4: str = ""
    """CIDR form."""
    ipv6: str = ""
    node_id: str = ""


class Network(Value, frozen=True, kw_only=True):
    """A network of the Swarm or of one node."""

    id: str
    name: str = ""
    node_id: str = ""
    """The node a local network is on; empty for networks of the whole Swarm."""
    driver: str = ""
    scope: str = "local"
    """``swarm``, ``global`` or ``local``."""
    internal: bool = False
    attachable: bool = False
    ingress: bool = False
    ipv6: bool = False
    config_only: bool = False
    config_from: str = ""
    ipam: Ipam = Ipam()
    options: dict[str, str] = {}
    labels: dict[str, str] = {}
    peers: tuple[Peer, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    inspected: bool = False
    """Whether ``endpoints`` and ``peers`` were asked for; a listing does not carry them."""
    created: float | None = None

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.NETWORK, self.id)

    @property
    def stack(self) -> str:
        """Stack it belongs to, or empty."""
        return self.labels.get(STACK_LABEL, "")

    @property
    def is_swarm(self) -> bool:
        """Whether it is a network of the whole Swarm."""
        return self.scope == "swarm"

    @property
    def encrypted(self) -> bool:
        """Whether an overlay's traffic goes through IPsec."""
        return self.options.get("encrypted", "false").lower() not in ("false",)

    @property
    def subnets(self) -> tuple[str, ...]:
        """All its subnets, in the engine's order."""
        return tuple(c.subnet for c in self.ipam.configs if c.subnet)
