"""Containers: ``GET /containers/json`` and ``GET /containers/ID/json``."""

from __future__ import annotations

from collections.abc import Callable

from backends.model import Attachment, Container, ContainerMount, PortBinding
from backends.wire.common import Pool
from backends.wire.lenient import Many, StrList, StrMap, Wire
from backends.wire.status import Status, parse


class EndpointSettings(Wire):
    """One entry of ``NetworkSettings.Networks``."""

    NetworkID: str = ""
    EndpointID: str = ""
    IPAddress: str = ""
    IPPrefixLen: int = 0
    GlobalIPv6Address: str = ""
    Gateway: str = ""
    MacAddress: str = ""
    Aliases: StrList = None
    DNSNames: StrList = None


class _Settings(Wire):
    Networks: dict[str, EndpointSettings | None] | None = None


class _Port(Wire):
    IP: str = ""
    PrivatePort: int = 0
    PublicPort: int = 0
    Type: str = "tcp"


class Mount(Wire):
    """One entry of ``Mounts``."""

    Type: str = "bind"
    Name: str = ""
    Source: str = ""
    Destination: str = ""
    RW: bool = True


class _HostConfig(Wire):
    NetworkMode: str = ""


class _Health(Wire):
    Status: str = ""


class _Container(Wire):
    Id: str = ""
    Names: StrList = None
    Image: str = ""
    ImageID: str = ""
    Command: str = ""
    Created: int = 0
    State: str = ""
    Status: str = ""
    Health: _Health | None = None
    Labels: StrMap = None
    Ports: list[_Port] | None = None
    NetworkSettings: _Settings | None = None
    HostConfig: _HostConfig | None = None
    Mounts: list[Mount] | None = None


_CONTAINERS = Many(_Container)
_HEALTHS = frozenset({"starting", "healthy", "unhealthy"})


def container_name(names: list[str] | None) -> str:
    """The container's own name among ``Names``, which also hold ``/other/alias`` for each old-style link."""
    if not names:
        return ""
    own = names[0] if len(names) == 1 else next((n for n in names if n.count("/") < 2), names[0])
    return own.removeprefix("/")


def attachments(networks: dict[str, EndpointSettings | None] | None, pool: Pool) -> tuple[Attachment, ...]:
    """The endpoints of a container, in the engine's order."""
    if not networks:
        return ()
    share = pool.text
    return tuple(
        Attachment(
            network=share(name),
            network_id=share(end.NetworkID),
            endpoint_id=end.EndpointID,
            ipv4=end.IPAddress,
            prefix=end.IPPrefixLen,
            ipv6=end.GlobalIPv6Address,
            gateway=share(end.Gateway),
            mac=end.MacAddress,
            aliases=tuple(end.Aliases or end.DNSNames or ()),
        )
        for name, end in networks.items()
        if end is not None
    )


def mounts(found: list[Mount] | None) -> tuple[ContainerMount, ...]:
    """The mounts of a container."""
    if not found:
        return ()
    return tuple(
        ContainerMount(type=m.Type, name=m.Name, source=m.Source, destination=m.Destination, read_only=not m.RW)
        for m in found
    )


def _ports(found: list[_Port], share: Callable[[str], str]) -> tuple[PortBinding, ...]:
    return tuple(
        PortBinding(container_port=p.PrivatePort, protocol=share(p.Type), host_ip=share(p.IP), host_port=p.PublicPort)
        for p in found
    )


def _started(container: _Container, told: Status, now: float) -> float | None:
    if told.age is not None:
        return now - told.age
    return float(container.Created) if container.State == "created" and container.Created else None


def containers(data: bytes, node_id: str, now: float) -> list[Container]:
    """Containers of one node as of ``now`` (seconds; ages in ``Status`` count back from it).

    Raises ``BadAnswer`` where ``data`` is no listing.
    """
    pool = Pool()
    share = pool.text
    seen: dict[str, Status] = {}
    result = []
    for c in _CONTAINERS.decode(data):
        if not c.Id:
            continue
        told = seen.get(c.Status)
        if told is None:
            told = seen[c.Status] = parse(c.Status)
        health = told.health
        if c.Health is not None:  # since API 1.52
            health = c.Health.Status if c.Health.Status in _HEALTHS else ""
        result.append(
            Container(
                id=c.Id,
                name=container_name(c.Names),
                node_id=node_id,
                image=share(c.Image),
                image_id=share(c.ImageID),
                command=share(c.Command),
                created=float(c.Created) if c.Created else None,
                started=_started(c, told, now),
                state=share(c.State.lower()) or "created",
                health=share(health),
                exit_code=told.exit_code,
                status=share(c.Status),
                labels=pool.map(c.Labels),
                ports=_ports(c.Ports, share) if c.Ports else (),
                networks=attachments(c.NetworkSettings.Networks, pool) if c.NetworkSettings else (),
                network_mode=share(c.HostConfig.NetworkMode) if c.HostConfig else "",
                mounts=mounts(c.Mounts),
            )
        )
    return result
