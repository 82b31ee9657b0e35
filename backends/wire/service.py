"""Services: ``GET /services?status=true``."""

from __future__ import annotations

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
from backends.wire.common import seconds
from backends.wire.lenient import Many
from backends.wire.service_json import (
    ContainerSpec,
    EndpointSpecWire,
    EndpointWire,
    HealthcheckWire,
    LimitsWire,
    ModeWire,
    PlacementWire,
    PortWire,
    ResourcesWire,
    RestartPolicyWire,
    RolloutWire,
    ServiceSpec,
    ServiceWire,
    TaskTemplate,
    UpdateStatusWire,
)

_SERVICES = Many(ServiceWire)


def image_of(task: TaskTemplate | None) -> str:
    """The image a task runs, or the remote of a plugin service."""
    if task is None:
        return ""
    if task.ContainerSpec is not None:
        return task.ContainerSpec.Image
    return task.PluginSpec.Remote if task.PluginSpec is not None else ""


def _mode(mode: ModeWire | None) -> tuple[Mode, int | None]:
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


def _ports(ports: list[PortWire] | None) -> tuple[PublishedPort, ...]:
    return tuple(
        PublishedPort(target=p.TargetPort, published=p.PublishedPort, protocol=p.Protocol, mode=p.PublishMode)
        for p in ports or ()
    )


def _rollout(config: RolloutWire | None) -> RolloutConfig | None:
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


def _restart(policy: RestartPolicyWire | None) -> RestartPolicy:
    if policy is None:
        return RestartPolicy()
    return RestartPolicy(
        condition=policy.Condition,
        delay=5.0 if policy.Delay is None else seconds(policy.Delay),
        max_attempts=policy.MaxAttempts or 0,
        window=seconds(policy.Window),
    )


def _resources(found: ResourcesWire | None) -> Resources:
    limits = (found and found.Limits) or LimitsWire()
    reserved = (found and found.Reservations) or LimitsWire()
    return Resources(
        limit_cpu=limits.NanoCPUs,
        limit_memory=limits.MemoryBytes,
        limit_pids=limits.Pids,
        reserve_cpu=reserved.NanoCPUs,
        reserve_memory=reserved.MemoryBytes,
    )


def _health(check: HealthcheckWire | None) -> Healthcheck | None:
    if check is None:
        return None
    return Healthcheck(
        test=tuple(check.Test or ()),
        interval=seconds(check.Interval),
        timeout=seconds(check.Timeout),
        retries=check.Retries,
        start_period=seconds(check.StartPeriod),
    )


def _update(status: UpdateStatusWire | None) -> UpdateStatus | None:
    if status is None or not status.State:
        return None
    return UpdateStatus(
        state=status.State,
        message=status.Message,
        started=rfc3339.parse(status.StartedAt),
        completed=rfc3339.parse(status.CompletedAt),
    )


def _service(s: ServiceWire) -> Service:
    spec = s.Spec or ServiceSpec()
    task = spec.TaskTemplate or TaskTemplate()
    box = task.ContainerSpec or ContainerSpec()
    place = task.Placement or PlacementWire()
    endpoint = s.Endpoint or EndpointWire()
    wanted = spec.EndpointSpec or endpoint.Spec or EndpointSpecWire()
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
