"""Services: ``GET /services?status=true``."""

from __future__ import annotations

from typing import Any

from backends.model import (
    Healthcheck,
    Mode,
    MountSpec,
    PublishedPort,
    Resources,
    RestartPolicy,
    RolloutConfig,
    Service,
    ServiceNetwork,
    UpdateStatus,
    VirtualIP,
)
from backends.wire import rfc3339
from backends.wire.common import Version, seconds
from backends.wire.lenient import Many, StrList, StrMap, Wire


class _Mount(Wire):
    Type: str = "volume"
    Source: str = ""
    Target: str = ""
    ReadOnly: bool = False


class _FileTarget(Wire):
    Name: str = ""


class _ConfigRef(Wire):
    ConfigID: str = ""
    ConfigName: str = ""
    File: _FileTarget | None = None


class _SecretRef(Wire):
    SecretID: str = ""
    SecretName: str = ""
    File: _FileTarget | None = None


class _Healthcheck(Wire):
    Test: StrList = None
    Interval: int = 0
    Timeout: int = 0
    Retries: int = 0
    StartPeriod: int = 0


class ContainerSpec(Wire):
    """``TaskTemplate.ContainerSpec``."""

    Image: str = ""
    Labels: StrMap = None
    Command: StrList = None
    Args: StrList = None
    Hostname: str = ""
    Env: StrList = None
    Dir: str = ""
    User: str = ""
    Mounts: list[_Mount] | None = None
    Configs: list[_ConfigRef] | None = None
    Secrets: list[_SecretRef] | None = None
    Healthcheck: _Healthcheck | None = None


class _PluginSpec(Wire):
    Name: str = ""
    Remote: str = ""


class _Limits(Wire):
    NanoCPUs: int = 0
    MemoryBytes: int = 0
    Pids: int = 0


class _Resources(Wire):
    Limits: _Limits | None = None
    Reservations: _Limits | None = None


class _RestartPolicy(Wire):
    Condition: str = "any"
    Delay: int | None = None
    MaxAttempts: int | None = None
    Window: int | None = None


class _Spread(Wire):
    SpreadDescriptor: str = ""


class _Preference(Wire):
    Spread: _Spread | None = None


class _Platform(Wire):
    Architecture: str = ""
    OS: str = ""


class _Placement(Wire):
    Constraints: StrList = None
    Preferences: list[_Preference] | None = None
    MaxReplicas: int = 0
    Platforms: list[_Platform] | None = None


class _NetworkTarget(Wire):
    Target: str = ""
    Aliases: StrList = None


class _LogDriver(Wire):
    Name: str = ""


class TaskTemplate(Wire):
    """``Spec.TaskTemplate``."""

    ContainerSpec: ContainerSpec | None = None
    PluginSpec: _PluginSpec | None = None
    Resources: _Resources | None = None
    RestartPolicy: _RestartPolicy | None = None
    Placement: _Placement | None = None
    Networks: list[_NetworkTarget] | None = None
    LogDriver: _LogDriver | None = None
    ForceUpdate: int = 0


class _Replicated(Wire):
    Replicas: int | None = None


class _ReplicatedJob(Wire):
    MaxConcurrent: int | None = None
    TotalCompletions: int | None = None


class _Mode(Wire):
    Replicated: _Replicated | None = None
    Global: dict[str, Any] | None = None
    ReplicatedJob: _ReplicatedJob | None = None
    GlobalJob: dict[str, Any] | None = None


class _Rollout(Wire):
    Parallelism: int = 0
    Delay: int = 0
    FailureAction: str = "pause"
    Monitor: int = 5_000_000_000
    MaxFailureRatio: float = 0.0
    Order: str = "stop-first"


class _Port(Wire):
    Protocol: str = "tcp"
    TargetPort: int = 0
    PublishedPort: int = 0
    PublishMode: str = "ingress"


class _EndpointSpec(Wire):
    Mode: str = "vip"
    Ports: list[_Port] | None = None


class ServiceSpec(Wire):
    """``Spec`` (and ``PreviousSpec``)."""

    Name: str = ""
    Labels: StrMap = None
    TaskTemplate: TaskTemplate | None = None
    Mode: _Mode | None = None
    UpdateConfig: _Rollout | None = None
    RollbackConfig: _Rollout | None = None
    Networks: list[_NetworkTarget] | None = None
    EndpointSpec: _EndpointSpec | None = None


class _VirtualIP(Wire):
    NetworkID: str = ""
    Addr: str = ""


class _Endpoint(Wire):
    Spec: _EndpointSpec | None = None
    Ports: list[_Port] | None = None
    VirtualIPs: list[_VirtualIP] | None = None


class _UpdateStatus(Wire):
    State: str = ""
    StartedAt: str = ""
    CompletedAt: str = ""
    Message: str = ""


class _ServiceStatus(Wire):
    RunningTasks: int = 0
    DesiredTasks: int = 0
    CompletedTasks: int = 0


class _Service(Wire):
    ID: str = ""
    Version: Version | None = None
    CreatedAt: str = ""
    UpdatedAt: str = ""
    Spec: ServiceSpec | None = None
    PreviousSpec: ServiceSpec | None = None
    Endpoint: _Endpoint | None = None
    UpdateStatus: _UpdateStatus | None = None
    ServiceStatus: _ServiceStatus | None = None


_SERVICES = Many(_Service)


def image_of(task: TaskTemplate | None) -> str:
    """The image a task runs, or the remote of a plugin service."""
    if task is None:
        return ""
    if task.ContainerSpec is not None:
        return task.ContainerSpec.Image
    return task.PluginSpec.Remote if task.PluginSpec is not None else ""


def _mode(mode: _Mode | None) -> tuple[Mode, int | None]:
    if mode is not None:
        if mode.Global is not None:
            return Mode.GLOBAL, None
        if mode.GlobalJob is not None:
            return Mode.GLOBAL_JOB, None
        if mode.ReplicatedJob is not None:
            job = mode.ReplicatedJob
            total = job.TotalCompletions if job.TotalCompletions is not None else job.MaxConcurrent
            return Mode.REPLICATED_JOB, 1 if total is None else total
        if mode.Replicated is not None and mode.Replicated.Replicas is not None:
            return Mode.REPLICATED, mode.Replicated.Replicas
    # swarmkit: a replicated service without a count has one replica
    return Mode.REPLICATED, 1


def _ports(ports: list[_Port] | None) -> tuple[PublishedPort, ...]:
    return tuple(
        PublishedPort(target=p.TargetPort, published=p.PublishedPort, protocol=p.Protocol, mode=p.PublishMode)
        for p in ports or ()
    )


def _rollout(config: _Rollout | None) -> RolloutConfig | None:
    if config is None:
        return None
    return RolloutConfig(
        parallelism=config.Parallelism,
        delay=seconds(config.Delay),
        failure_action=config.FailureAction,
        monitor=seconds(config.Monitor),
        max_failure_ratio=config.MaxFailureRatio,
        order=config.Order,
    )


def _restart(policy: _RestartPolicy | None) -> RestartPolicy:
    if policy is None:
        return RestartPolicy()
    return RestartPolicy(
        condition=policy.Condition,
        delay=5.0 if policy.Delay is None else seconds(policy.Delay),
        max_attempts=policy.MaxAttempts or 0,
        window=seconds(policy.Window),
    )


def _resources(found: _Resources | None) -> Resources:
    limits = (found and found.Limits) or _Limits()
    reserved = (found and found.Reservations) or _Limits()
    return Resources(
        limit_cpu=limits.NanoCPUs,
        limit_memory=limits.MemoryBytes,
        limit_pids=limits.Pids,
        reserve_cpu=reserved.NanoCPUs,
        reserve_memory=reserved.MemoryBytes,
    )


def _health(check: _Healthcheck | None) -> Healthcheck | None:
    if check is None:
        return None
    return Healthcheck(
        test=tuple(check.Test or ()),
        interval=seconds(check.Interval),
        timeout=seconds(check.Timeout),
        retries=check.Retries,
        start_period=seconds(check.StartPeriod),
    )


def _update(status: _UpdateStatus | None) -> UpdateStatus | None:
    if status is None or not status.State:
        return None
    return UpdateStatus(
        state=status.State,
        message=status.Message,
        started=rfc3339.parse(status.StartedAt),
        completed=rfc3339.parse(status.CompletedAt),
    )


def _service(s: _Service) -> Service:
    spec = s.Spec or ServiceSpec()
    task = spec.TaskTemplate or TaskTemplate()
    box = task.ContainerSpec or ContainerSpec()
    place = task.Placement or _Placement()
    endpoint = s.Endpoint or _Endpoint()
    wanted = spec.EndpointSpec or endpoint.Spec or _EndpointSpec()
    mode, replicas = _mode(spec.Mode)
    counts = s.ServiceStatus
    return Service(
        id=s.ID,
        version=s.Version.Index if s.Version else 0,
        name=spec.Name,
        image=image_of(task),
        mode=mode,
        replicas=replicas,
        running=counts.RunningTasks if counts else 0,
        desired=counts.DesiredTasks if counts else 0,
        completed=counts.CompletedTasks if counts else 0,
        has_counts=counts is not None,
        labels=spec.Labels or {},
        container_labels=box.Labels or {},
        # only Endpoint has the numbers that the engine chose itself; it is empty until a leader has done so
        ports=_ports(endpoint.Ports or wanted.Ports),
        endpoint_mode=wanted.Mode or "vip",
        virtual_ips=tuple(
            VirtualIP(network_id=v.NetworkID, address=v.Addr) for v in endpoint.VirtualIPs or () if v.NetworkID
        ),
        networks=tuple(
            ServiceNetwork(target=n.Target, aliases=tuple(n.Aliases or ()))
            for n in task.Networks or spec.Networks or ()
        ),
        env=tuple(box.Env or ()),
        command=tuple(box.Command or ()),
        args=tuple(box.Args or ()),
        user=box.User,
        workdir=box.Dir,
        hostname=box.Hostname,
        mounts=tuple(
            MountSpec(type=m.Type, source=m.Source, target=m.Target, read_only=m.ReadOnly) for m in box.Mounts or ()
        ),
        configs=tuple((c.ConfigName, c.File.Name if c.File else "") for c in box.Configs or ()),
        secrets=tuple((c.SecretName, c.File.Name if c.File else "") for c in box.Secrets or ()),
        config_ids=tuple(c.ConfigID for c in box.Configs or ()),
        secret_ids=tuple(c.SecretID for c in box.Secrets or ()),
        constraints=tuple(place.Constraints or ()),
        preferences=tuple(p.Spread.SpreadDescriptor for p in place.Preferences or () if p.Spread),
        platforms=tuple(f"{p.OS}/{p.Architecture}" for p in place.Platforms or ()),
        max_per_node=place.MaxReplicas,
        resources=_resources(task.Resources),
        restart=_restart(task.RestartPolicy),
        update_config=_rollout(spec.UpdateConfig),
        rollback_config=_rollout(spec.RollbackConfig),
        healthcheck=_health(box.Healthcheck),
        log_driver=task.LogDriver.Name if task.LogDriver else "",
        update=_update(s.UpdateStatus),
        previous_image=image_of(s.PreviousSpec.TaskTemplate) if s.PreviousSpec else "",
        force_update=task.ForceUpdate,
        created=rfc3339.parse(s.CreatedAt),
        updated=rfc3339.parse(s.UpdatedAt),
    )


def services(data: bytes) -> list[Service]:
    """All services with their counts; raises ``BadAnswer`` where ``data`` is no listing."""
    return [_service(s) for s in _SERVICES.decode(data) if s.ID]
