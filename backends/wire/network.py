"""Networks: ``GET /networks`` and ``GET /networks/ID?verbose=true``."""

from __future__ import annotations

from backends.model import Endpoint, Ipam, IpamConfig, Network, Peer
from backends.wire import rfc3339
from backends.wire.lenient import Many, One, StrMap, Wire


class _IpamConfig(Wire):
    Subnet: str = ""
    IPRange: str = ""
    Gateway: str = ""
    AuxiliaryAddresses: StrMap = None


class _Ipam(Wire):
    Driver: str = "default"
    Options: StrMap = None
    Config: list[_IpamConfig] | None = None


class _ConfigFrom(Wire):
    Network: str = ""


class _Endpoint(Wire):
    Name: str = ""
    EndpointID: str = ""
    MacAddress: str = ""
    IPv4Address: str = ""
    IPv6Address: str = ""


class _Peer(Wire):
    Name: str = ""
    IP: str = ""


class _Network(Wire):
    Id: str = ""
    Name: str = ""
    Created: str = ""
    Scope: str = "local"
    Driver: str = ""
    EnableIPv6: bool = False
    IPAM: _Ipam | None = None
    Internal: bool = False
    Attachable: bool = False
    Ingress: bool = False
    ConfigFrom: _ConfigFrom | None = None
    ConfigOnly: bool = False
    Containers: dict[str, _Endpoint | None] | None = None
    Options: StrMap = None
    Labels: StrMap = None
    Peers: list[_Peer] | None = None


_NETWORKS = Many(_Network)
_NETWORK = One(_Network)


def _endpoint(key: str, found: _Endpoint, node_id: str) -> Endpoint:
    # Docker files an endpoint under "lb-NETWORK" for the load balancer and under "ep-ID" where no
    # container belongs to it any more
    balancer = key.startswith("lb-")
    return Endpoint(
        container_id="" if balancer or key.startswith("ep-") else key,
        name=key if balancer else found.Name or key,
        endpoint_id=found.EndpointID,
        mac=found.MacAddress,
        ipv4=found.IPv4Address,
        ipv6=found.IPv6Address,
        node_id=node_id,
    )


def _network(n: _Network, node_id: str, *, inspected: bool) -> Network:
    ipam = n.IPAM or _Ipam()
    return Network(
        id=n.Id,
        name=n.Name,
        node_id="" if n.Scope == "swarm" else node_id,
        driver=n.Driver,
        scope=n.Scope,
        internal=n.Internal,
        attachable=n.Attachable,
        ingress=n.Ingress,
        ipv6=n.EnableIPv6,
        config_only=n.ConfigOnly,
        config_from=n.ConfigFrom.Network if n.ConfigFrom else "",
        ipam=Ipam(
            driver=ipam.Driver,
            options=ipam.Options or {},
            configs=tuple(
                IpamConfig(subnet=c.Subnet, gateway=c.Gateway, ip_range=c.IPRange, aux=c.AuxiliaryAddresses or {})
                for c in ipam.Config or ()
            ),
        ),
        options=n.Options or {},
        labels=n.Labels or {},
        peers=tuple(Peer(name=p.Name, address=p.IP) for p in n.Peers or ()),
        endpoints=tuple(_endpoint(k, e, node_id) for k, e in (n.Containers or {}).items() if e is not None),
        inspected=inspected,
        created=rfc3339.parse(n.Created),
    )


def networks(data: bytes, node_id: str) -> list[Network]:
    """Networks that the engine of ``node_id`` lists, without endpoints.

    Raises ``BadAnswer`` where ``data`` is no listing.
    """
    return [_network(n, node_id, inspected=False) for n in _NETWORKS.decode(data) if n.Id]


def network(data: bytes, node_id: str) -> Network:
    """One network with the endpoints and peers that the engine of ``node_id`` knows; raises ``BadAnswer``."""
    return _network(_NETWORK.decode(data), node_id, inspected=True)
