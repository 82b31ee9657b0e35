"""Services and the parts of their spec that people ask about."""

from __future__ import annotations

from enum import StrEnum

from backends.model.base import STACK_LABEL, Key, Kind, Value


class Mode(StrEnum):
    """How a service is spread, in the CLI's words (``--mode``)."""

    REPLICATED = "replicated"
    GLOBAL = "global"
    REPLICATED_JOB = "replicated-job"
    GLOBAL_JOB = "global-job"


class PublishedPort(Value, frozen=True, kw_only=True):
    """One published port of a service. ``published`` is 0 where the engine has yet to choose."""

    target: int
    published: int = 0
    protocol: str = "tcp"
    mode: str = "ingress"
    """``ingress`` (every node answers) or ``host``."""


class VirtualIP(Value, frozen=True, kw_only=True):
    """A service's address on one network, in CIDR form as the engine gives it (``10.0.9.2/24``)."""

    network_id: str
    address: str


class ServiceNetwork(Value, frozen=True, kw_only=True):
    """A network that a service's tasks are attached to. ``target`` is an ID, or a name in old stack specs."""

    target: str
    aliases: tuple[str, ...] = ()


class MountSpec(Value, frozen=True, kw_only=True):
    """One mount of a service's tasks."""

    type: str = "volume"
    source: str = ""
    target: str = ""
    read_only: bool = False


class Resources(Value, frozen=True, kw_only=True):
    """Limits and reservations; 0 is none. CPU in billionths of a core, memory in bytes."""

    limit_cpu: int = 0
    limit_memory: int = 0
    limit_pids: int = 0
    reserve_cpu: int = 0
    reserve_memory: int = 0


class RestartPolicy(Value, frozen=True, kw_only=True):
    """When a task that ended is replaced; delays in seconds, ``max_attempts`` 0 is no limit."""

    condition: str = "any"
    delay: float = 5.0
    max_attempts: int = 0
    window: float = 0.0


class RolloutConfig(Value, frozen=True, kw_only=True):
    """How an update or a rollback proceeds; delays in seconds, ``parallelism`` 0 is all at once."""

    parallelism: int = 1
    delay: float = 0.0
    failure_action: str = "pause"
    monitor: float = 5.0
    max_failure_ratio: float = 0.0
    order: str = "stop-first"


class Healthcheck(Value, frozen=True, kw_only=True):
    """The health check of the container, if the service sets one; times in seconds, 0 is inherited."""

    test: tuple[str, ...] = ()
    interval: float = 0.0
    timeout: float = 0.0
    retries: int = 0
    start_period: float = 0.0


class UpdateStatus(Value, frozen=True, kw_only=True):
    """How the last rollout went. ``state`` is the engine's: ``updating``, ``paused``, ``completed``,
    ``rollback_started``, ``rollback_paused``, ``rollback_completed``."""

    state: str
    message: str = ""
    started: float | None = None
    completed: float | None = None


class Service(Value, frozen=True, kw_only=True):
    """A service with its counts (``GET /services?status=true``)."""

    id: str
    version: int = 0
    name: str = ""
    image: str = ""
    """The whole reference, digest included."""
    mode: Mode = Mode.REPLICATED
    replicas: int | None = None
    """Wanted by the spec (replicated and replicated-job); ``None`` for global modes."""
    running: int = 0
    desired: int = 0
    """``running`` and ``desired`` are the engine's own counts (``ServiceStatus``)."""
    completed: int = 0
    """Completed tasks of a job."""
    has_counts: bool = False
    """Whether the engine sent ``ServiceStatus``; where it did not, counts come from tasks."""
    labels: dict[str, str] = {}
    container_labels: dict[str, str] = {}
    ports: tuple[PublishedPort, ...] = ()
    endpoint_mode: str = "vip"
    virtual_ips: tuple[VirtualIP, ...] = ()
    networks: tuple[ServiceNetwork, ...] = ()
    env: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    hostname: str = ""
    mounts: tuple[MountSpec, ...] = ()
    configs: tuple[tuple[str, str], ...] = ()
    """(config name, path in the container)."""
    secrets: tuple[tuple[str, str], ...] = ()
    """(secret name, file name under /run/secrets)."""
    config_ids: tuple[str, ...] = ()
    secret_ids: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    max_per_node: int = 0
    resources: Resources = Resources()
    restart: RestartPolicy = RestartPolicy()
    update_config: RolloutConfig | None = None
    rollback_config: RolloutConfig | None = None
    healthcheck: Healthcheck | None = None
    log_driver: str = ""
    update: UpdateStatus | None = None
    previous_image: str = ""
    """Image of the spec before the last change; empty where there is none."""
    force_update: int = 0
    created: float | None = None
    updated: float | None = None

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.SERVICE, self.id)

    @property
    def stack(self) -> str:
        """Name of the stack it belongs to, or empty."""
        return self.labels.get(STACK_LABEL, "")

    @property
    def is_job(self) -> bool:
        """Whether its tasks are meant to end."""
        return self.mode in (Mode.REPLICATED_JOB, Mode.GLOBAL_JOB)
