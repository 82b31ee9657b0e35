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


class HealthProbe(Value, frozen=True, kw_only=True):
    """One run of a container's health check."""

    start: float | None = None
    end: float | None = None
    exit_code: int = 0
    output: str = ""


class ContainerDetail(Value, frozen=True, kw_only=True):
    """What only ``GET /containers/ID/json`` tells of a container. Limits: 0 is none."""

    id: str
    name: str = ""
    state: str = ""
    error: str = ""
    """Why it could not be started, in the engine's words."""
    pid: int = 0
    """Of its first process, on the node; 0 while it does not run."""
    sandbox_id: str = ""
    sandbox_key: str = ""
    """Path of its network namespace on the node."""
    started: float | None = None
    finished: float | None = None
    exit_code: int | None = None
    """``None`` while it runs."""
    oom_killed: bool = False
    restart_count: int = 0
    image: str = ""
    image_id: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    """What follows the entrypoint."""
    user: str = ""
    """Empty is the image's default, which is root where the image sets none."""
    workdir: str = ""
    hostname: str = ""
    env: tuple[str, ...] = ()
    tty: bool = False
    open_stdin: bool = False
    stop_signal: str = ""
    stop_timeout: float | None = None
    """Seconds before it is killed; ``None`` is the engine's default."""
    restart_policy: str = ""
    """``no``, ``always``, ``unless-stopped`` or ``on-failure``."""
    restart_max: int = 0
    health: str = ""
    health_failing_streak: int = 0
    health_test: tuple[str, ...] = ()
    health_log: tuple[HealthProbe, ...] = ()
    """The last runs, oldest first; the engine keeps five."""
    log_driver: str = ""
    log_options: dict[str, str] = {}
    mounts: tuple[ContainerMount, ...] = ()
    networks: tuple[Attachment, ...] = ()
    network_mode: str = ""
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    privileged: bool = False
    read_only: bool = False
    init: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    apparmor: str = ""
    pid_mode: str = ""
    ipc_mode: str = ""
    runtime: str = ""
    nano_cpus: int = 0
    cpu_shares: int = 0
    cpuset: str = ""
    memory: int = 0
    memory_reservation: int = 0
    memory_swap: int = 0
    """Memory and swap together; -1 is unlimited swap."""
    pids_limit: int = 0
    oom_score_adj: int = 0
    sysctls: dict[str, str] = {}
    ulimits: tuple[tuple[str, int, int], ...] = ()
    """(name, soft, hard)."""
    devices: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether it has processes."""
        return self.pid > 0
