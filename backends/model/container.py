"""Containers as a node's engine lists them (``GET /containers/json?all=true``)."""

from __future__ import annotations

from backends.model.base import STACK_LABEL, Key, Kind, Value


class PortBinding(Value, frozen=True, kw_only=True):
    """A port of a container; ``host_port`` 0 is exposed but not published."""

    container_port: int
    protocol: str = "tcp"
    host_ip: str = ""
    host_port: int = 0


class Attachment(Value, frozen=True, kw_only=True):
    """A container's endpoint on one network."""

    network: str
    """Name of the network, as the listing gives it."""
    network_id: str = ""
    endpoint_id: str = ""
    ipv4: str = ""
    prefix: int = 0
    ipv6: str = ""
    gateway: str = ""
    mac: str = ""
    aliases: tuple[str, ...] = ()


class ContainerMount(Value, frozen=True, kw_only=True):
    """A mount of a container; ``name`` is the volume's where it is one."""

    type: str = "bind"
    name: str = ""
    source: str = ""
    destination: str = ""
    read_only: bool = False


class Container(Value, frozen=True, kw_only=True):
    """A container of one node, Swarm's or not."""

    id: str
    name: str = ""
    node_id: str = ""
    """The Swarm node it is on; empty on a plain engine."""
    image: str = ""
    image_id: str = ""
    command: str = ""
    created: float | None = None
    started: float | None = None
    """When it came into ``state``, as far as known: exact from events, else computed from ``status``."""
    state: str = "created"
    """``created running paused restarting exited dead removing``."""
    health: str = ""
    """``starting``, ``healthy``, ``unhealthy`` or empty where no check is defined."""
    exit_code: int | None = None
    status: str = ""
    """The engine's own words (``Up 2 days (healthy)``), as of the last listing."""
    labels: dict[str, str] = {}
    ports: tuple[PortBinding, ...] = ()
    networks: tuple[Attachment, ...] = ()
    network_mode: str = ""
    mounts: tuple[ContainerMount, ...] = ()

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.CONTAINER, self.id)

    @property
    def service_id(self) -> str:
        """ID of the service it runs for, or empty."""
        return self.labels.get("com.docker.swarm.service.id", "")

    @property
    def service_name(self) -> str:
        """Name of the service it runs for, or empty."""
        return self.labels.get("com.docker.swarm.service.name", "")

    @property
    def task_id(self) -> str:
        """ID of the task it runs for, or empty."""
        return self.labels.get("com.docker.swarm.task.id", "")

    @property
    def stack(self) -> str:
        """Stack it belongs to, or empty."""
        return self.labels.get(STACK_LABEL, "")

    @property
    def project(self) -> str:
        """Compose project it belongs to, or empty."""
        return self.labels.get("com.docker.compose.project", "")
