"""The Swarm as a whole, and what ``docker info`` says of one engine."""

from __future__ import annotations

from backends.model.base import Key, Kind, Value
from backends.model.clock_offset import ClockOffset


class Swarm(Value, frozen=True, kw_only=True):
    """Cluster-wide settings (``GET /swarm``, managers only). Times in seconds. Join tokens are left out:
    they are asked for only when a person wants to see one."""

    id: str
    version: int = 0
    created: float | None = None
    updated: float | None = None
    default_pools: tuple[str, ...] = ()
    subnet_size: int = 24
    data_path_port: int = 4789
    task_history: int = 5
    heartbeat: float = 5.0
    cert_expiry: float = 0.0
    autolock: bool = False
    root_rotation: bool = False
    ca_expires: float | None = None
    """End of the root certificate's validity, where it could be read."""

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.SWARM, self.id)


class SwarmMembership(Value, frozen=True, kw_only=True):
    """The ``Swarm`` part of ``GET /info``: how this engine sees its own membership."""

    node_id: str = ""
    node_addr: str = ""
    state: str = "inactive"
    """``inactive``, ``pending``, ``active``, ``error`` or ``locked``."""
    control_available: bool = False
    error: str = ""
    """Set without quorum, although ``control_available`` stays true (measured, engines 20.10 and 28.5)."""
    managers: int = 0
    nodes: int = 0
    cluster_id: str = ""
    remote_managers: tuple[tuple[str, str], ...] = ()
    """(node id, ``address:port``) of the managers that a worker knows."""


class EngineInfo(Value, frozen=True, kw_only=True):
    """What one engine says of itself (``GET /info`` and ``GET /version``)."""

    id: str = ""
    name: str = ""
    """Host name of the machine."""
    version: str = ""
    api_version: str = ""
    """The highest API version the engine speaks."""
    min_api_version: str = ""
    os: str = ""
    os_type: str = "linux"
    kernel: str = ""
    architecture: str = ""
    cpus: int = 0
    memory: int = 0
    root_dir: str = ""
    storage_driver: str = ""
    logging_driver: str = ""
    cgroup_driver: str = ""
    cgroup_version: str = ""
    default_runtime: str = ""
    runtimes: tuple[str, ...] = ()
    init_binary: str = ""
    containerd: str = ""
    runc: str = ""
    containers: int = 0
    containers_running: int = 0
    containers_paused: int = 0
    containers_stopped: int = 0
    images: int = 0
    network_plugins: tuple[str, ...] = ()
    volume_plugins: tuple[str, ...] = ()
    log_plugins: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    registry_mirrors: tuple[str, ...] = ()
    insecure_registries: tuple[str, ...] = ()
    http_proxy: str = ""
    https_proxy: str = ""
    no_proxy: str = ""
    live_restore: bool = False
    experimental: bool = False
    debug: bool = False
    ipv4_forwarding: bool = True
    bridge_nf_iptables: bool = True
    bridge_nf_ip6tables: bool = True
    memory_limit: bool = True
    swap_limit: bool = True
    pids_limit: bool = True
    oom_kill_disable: bool = True
    default_address_pools: tuple[tuple[str, int], ...] = ()
    """(base, size) where the engine was configured with some."""
    firewall: str = ""
    rootless: bool = False
    system_time: float | None = None
    """The engine's clock when it answered."""
    clock: ClockOffset | None = None
    """How far that is from ours; ``None`` where it was not measured."""
    swarm: SwarmMembership = SwarmMembership()

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.ENGINE, self.id)
