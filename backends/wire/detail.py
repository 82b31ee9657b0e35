"""What ``GET /containers/ID/json`` adds to a container's listing."""

from __future__ import annotations

from backends.api import Json
from backends.model import ContainerDetail, HealthProbe
from backends.wire import rfc3339
from backends.wire.common import Pool
from backends.wire.container import EndpointSettings, Mount, attachments, mounts
from backends.wire.lenient import StrList, StrMap, Wire, convert


class _Probe(Wire):
    Start: str = ""
    End: str = ""
    ExitCode: int = 0
    Output: str = ""


class _Health(Wire):
    Status: str = ""
    FailingStreak: int = 0
    Log: list[_Probe] | None = None


class _State(Wire):
    Status: str = ""
    OOMKilled: bool = False
    Pid: int = 0
    ExitCode: int = 0
    Error: str = ""
    StartedAt: str = ""
    FinishedAt: str = ""
    Health: _Health | None = None


class _Check(Wire):
    Test: StrList = None


class _Config(Wire):
    Hostname: str = ""
    User: str = ""
    Env: StrList = None
    Cmd: StrList = None
    Image: str = ""
    WorkingDir: str = ""
    Entrypoint: StrList = None
    Tty: bool = False
    OpenStdin: bool = False
    StopSignal: str = ""
    StopTimeout: int | None = None
    Healthcheck: _Check | None = None


class _LogConfig(Wire):
    Type: str = ""
    Config: StrMap = None


class _Restart(Wire):
    Name: str = ""
    MaximumRetryCount: int = 0


class _Ulimit(Wire):
    Name: str = ""
    Soft: int = 0
    Hard: int = 0


class _Device(Wire):
    PathOnHost: str = ""


class _HostConfig(Wire):
    NetworkMode: str = ""
    RestartPolicy: _Restart | None = None
    LogConfig: _LogConfig | None = None
    Dns: StrList = None
    DnsSearch: StrList = None
    ExtraHosts: StrList = None
    Privileged: bool = False
    ReadonlyRootfs: bool = False
    Init: bool | None = None
    CapAdd: StrList = None
    CapDrop: StrList = None
    SecurityOpt: StrList = None
    PidMode: str = ""
    IpcMode: str = ""
    Runtime: str = ""
    NanoCpus: int = 0
    CpuShares: int = 0
    CpusetCpus: str = ""
    Memory: int = 0
    MemoryReservation: int = 0
    MemorySwap: int = 0
    PidsLimit: int | None = None
    OomScoreAdj: int = 0
    Sysctls: StrMap = None
    Ulimits: list[_Ulimit] | None = None
    Devices: list[_Device] | None = None


class _Network(Wire):
    SandboxID: str = ""
    SandboxKey: str = ""
    Networks: dict[str, EndpointSettings | None] | None = None


class _Inspect(Wire):
    Id: str = ""
    Name: str = ""
    Path: str = ""
    Args: StrList = None
    State: _State | None = None
    Image: str = ""
    RestartCount: int = 0
    AppArmorProfile: str = ""
    Config: _Config | None = None
    HostConfig: _HostConfig | None = None
    NetworkSettings: _Network | None = None
    Mounts: list[Mount] | None = None


def _process(c: _Inspect, config: _Config) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Entrypoint and command; ``Path`` and ``Args`` hold what was really started, unsplit."""
    entrypoint, command = tuple(config.Entrypoint or ()), tuple(config.Cmd or ())
    if not entrypoint and not command and c.Path:
        command = (c.Path, *(c.Args or ()))
    return entrypoint, command


def container_detail(json: Json) -> ContainerDetail:
    """The decoded answer of a container's inspect as a value; raises ``BadAnswer`` if it is no object."""
    c = convert(json, _Inspect)
    state = c.State or _State()
    config = c.Config or _Config()
    host = c.HostConfig or _HostConfig()
    net = c.NetworkSettings or _Network()
    log = host.LogConfig or _LogConfig()
    restart = host.RestartPolicy or _Restart()
    health = state.Health or _Health()
    entrypoint, command = _process(c, config)
    return ContainerDetail(
        id=c.Id,
        name=c.Name.removeprefix("/"),
        state=state.Status,
        error=state.Error,
        pid=state.Pid,
        sandbox_id=net.SandboxID,
        sandbox_key=net.SandboxKey,
        started=rfc3339.parse(state.StartedAt),
        finished=rfc3339.parse(state.FinishedAt),
        exit_code=None if state.Status in ("running", "paused", "created") else state.ExitCode,
        oom_killed=state.OOMKilled,
        restart_count=c.RestartCount,
        image=config.Image,
        image_id=c.Image,
        entrypoint=entrypoint,
        command=command,
        user=config.User,
        workdir=config.WorkingDir,
        hostname=config.Hostname,
        env=tuple(config.Env or ()),
        tty=config.Tty,
        open_stdin=config.OpenStdin,
        stop_signal=config.StopSignal,
        stop_timeout=None if config.StopTimeout is None else float(config.StopTimeout),
        restart_policy=restart.Name,
        restart_max=restart.MaximumRetryCount,
        health="" if health.Status == "none" else health.Status,
        health_failing_streak=health.FailingStreak,
        health_test=tuple(config.Healthcheck.Test or ()) if config.Healthcheck else (),
        health_log=tuple(
            HealthProbe(start=rfc3339.parse(p.Start), end=rfc3339.parse(p.End), exit_code=p.ExitCode, output=p.Output)
            for p in health.Log or ()
        ),
        log_driver=log.Type,
        log_options=log.Config or {},
        mounts=mounts(c.Mounts),
        networks=attachments(net.Networks, Pool()),
        network_mode=host.NetworkMode,
        dns=tuple(host.Dns or ()),
        dns_search=tuple(host.DnsSearch or ()),
        extra_hosts=tuple(host.ExtraHosts or ()),
        privileged=host.Privileged,
        read_only=host.ReadonlyRootfs,
        init=bool(host.Init),
        cap_add=tuple(host.CapAdd or ()),
        cap_drop=tuple(host.CapDrop or ()),
        security=tuple(host.SecurityOpt or ()),
        apparmor=c.AppArmorProfile,
        pid_mode=host.PidMode,
        ipc_mode=host.IpcMode,
        runtime=host.Runtime,
        nano_cpus=host.NanoCpus,
        cpu_shares=host.CpuShares,
        cpuset=host.CpusetCpus,
        memory=host.Memory,
        memory_reservation=host.MemoryReservation,
        memory_swap=host.MemorySwap,
        pids_limit=max(0, host.PidsLimit or 0),
        oom_score_adj=host.OomScoreAdj,
        sysctls=host.Sysctls or {},
        ulimits=tuple((u.Name, u.Soft, u.Hard) for u in host.Ulimits or ()),
        devices=tuple(d.PathOnHost for d in host.Devices or () if d.PathOnHost),
    )
