"""What one engine says of itself: ``GET /info`` and ``GET /version``."""

from __future__ import annotations

from typing import Any

from backends.model import EngineInfo, SwarmMembership
from backends.wire import rfc3339
from backends.wire.lenient import One, StrList, Wire


class _Plugins(Wire):
    Volume: StrList = None
    Network: StrList = None
    Log: StrList = None


class _Index(Wire):
    Name: str = ""
    Secure: bool = True


class _Registry(Wire):
    InsecureRegistryCIDRs: StrList = None
    IndexConfigs: dict[str, _Index | None] | None = None
    Mirrors: StrList = None


class _Remote(Wire):
    NodeID: str = ""
    Addr: str = ""


class _Cluster(Wire):
    ID: str = ""


class _Swarm(Wire):
    NodeID: str = ""
    NodeAddr: str = ""
    LocalNodeState: str = ""
    ControlAvailable: bool = False
    Error: str = ""
    RemoteManagers: list[_Remote] | None = None
    Nodes: int = 0
    Managers: int = 0
    Cluster: _Cluster | None = None


class _Commit(Wire):
    ID: str = ""


class _Pool(Wire):
    Base: str = ""
    Size: int = 0


class _Firewall(Wire):
    Driver: str = ""


class _Info(Wire):
    ID: str = ""
    Name: str = ""
    ServerVersion: str = ""
    OperatingSystem: str = ""
    OSType: str = "linux"
    KernelVersion: str = ""
    Architecture: str = ""
    NCPU: int = 0
    MemTotal: int = 0
    DockerRootDir: str = ""
    Driver: str = ""
    LoggingDriver: str = ""
    CgroupDriver: str = ""
    CgroupVersion: str = ""
    DefaultRuntime: str = ""
    Runtimes: dict[str, Any] | None = None
    InitBinary: str = ""
    ContainerdCommit: _Commit | None = None
    RuncCommit: _Commit | None = None
    Containers: int = 0
    ContainersRunning: int = 0
    ContainersPaused: int = 0
    ContainersStopped: int = 0
    Images: int = 0
    Plugins: _Plugins | None = None
    SecurityOptions: StrList = None
    Warnings: StrList = None
    Labels: StrList = None
    RegistryConfig: _Registry | None = None
    HttpProxy: str = ""
    HttpsProxy: str = ""
    NoProxy: str = ""
    LiveRestoreEnabled: bool = False
    ExperimentalBuild: bool = False
    Debug: bool = False
    IPv4Forwarding: bool = True
    BridgeNfIptables: bool = True
    BridgeNfIp6tables: bool = True
    MemoryLimit: bool = True
    SwapLimit: bool = True
    PidsLimit: bool = True
    OomKillDisable: bool = True
    DefaultAddressPools: list[_Pool] | None = None
    FirewallBackend: _Firewall | None = None
    SystemTime: str = ""
    Swarm: _Swarm | None = None


class _Component(Wire):
    Name: str = ""
    Version: str = ""


class _Version(Wire):
    Version: str = ""
    ApiVersion: str = ""
    MinAPIVersion: str = ""
    Components: list[_Component] | None = None


_INFO = One(_Info)
_VERSION = One(_Version)


def _membership(s: _Swarm) -> SwarmMembership:
    return SwarmMembership(
        node_id=s.NodeID,
        node_addr=s.NodeAddr,
        state=s.LocalNodeState or "inactive",
        control_available=s.ControlAvailable,
        error=s.Error,
        managers=s.Managers,
        nodes=s.Nodes,
        cluster_id=s.Cluster.ID if s.Cluster else "",
        remote_managers=tuple((r.NodeID, r.Addr) for r in s.RemoteManagers or ()),
    )


def engine_info(info: bytes, version: bytes) -> EngineInfo:
    """The answers of ``/info`` and ``/version`` as one value; raises ``BadAnswer``.

    ``version`` may be empty where it was not asked for.
    """
    i = _INFO.decode(info)
    v = _VERSION.decode(version) if version else _Version()
    parts = {c.Name.lower(): c.Version for c in v.Components or ()}
    plugins = i.Plugins or _Plugins()
    registry = i.RegistryConfig or _Registry()
    indexes = (registry.IndexConfigs or {}).items()
    security = tuple(i.SecurityOptions or ())
    return EngineInfo(
        id=i.ID,
        name=i.Name,
        version=i.ServerVersion or v.Version,
        api_version=v.ApiVersion,
        min_api_version=v.MinAPIVersion,
        os=i.OperatingSystem,
        os_type=i.OSType,
        kernel=i.KernelVersion,
        architecture=i.Architecture,
        cpus=i.NCPU,
        memory=i.MemTotal,
        root_dir=i.DockerRootDir,
        storage_driver=i.Driver,
        logging_driver=i.LoggingDriver,
        cgroup_driver=i.CgroupDriver,
        cgroup_version=i.CgroupVersion,
        default_runtime=i.DefaultRuntime,
        runtimes=tuple(i.Runtimes or ()),
        init_binary=i.InitBinary,
        # /version names releases, /info only commits
        containerd=parts.get("containerd") or (i.ContainerdCommit.ID if i.ContainerdCommit else ""),
        runc=parts.get("runc") or (i.RuncCommit.ID if i.RuncCommit else ""),
        containers=i.Containers,
        containers_running=i.ContainersRunning,
        containers_paused=i.ContainersPaused,
        containers_stopped=i.ContainersStopped,
        images=i.Images,
        network_plugins=tuple(plugins.Network or ()),
        volume_plugins=tuple(plugins.Volume or ()),
        log_plugins=tuple(plugins.Log or ()),
        security=security,
        warnings=tuple(i.Warnings or ()),
        labels=tuple(i.Labels or ()),
        registry_mirrors=tuple(registry.Mirrors or ()),
        insecure_registries=(
            *(name for name, index in indexes if index is not None and not index.Secure),
            *(registry.InsecureRegistryCIDRs or ()),
        ),
        http_proxy=i.HttpProxy,
        https_proxy=i.HttpsProxy,
        no_proxy=i.NoProxy,
        live_restore=i.LiveRestoreEnabled,
        experimental=i.ExperimentalBuild,
        debug=i.Debug,
        ipv4_forwarding=i.IPv4Forwarding,
        bridge_nf_iptables=i.BridgeNfIptables,
        bridge_nf_ip6tables=i.BridgeNfIp6tables,
        memory_limit=i.MemoryLimit,
        swap_limit=i.SwapLimit,
        pids_limit=i.PidsLimit,
        oom_kill_disable=i.OomKillDisable,
        default_address_pools=tuple((p.Base, p.Size) for p in i.DefaultAddressPools or ()),
        firewall=i.FirewallBackend.Driver if i.FirewallBackend else "",
        rootless=any(o.split(",")[0] == "name=rootless" for o in security),
        system_time=rfc3339.parse(i.SystemTime),
        swarm=_membership(i.Swarm or _Swarm()),
    )
