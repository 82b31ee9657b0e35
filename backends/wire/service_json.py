"""A service as the Engine API writes it: one struct per object, fields by the API's own names."""

from __future__ import annotations

from typing import Any

from backends.wire.common import Version
from backends.wire.lenient import StrList, StrMap, Wire


class MountWire(Wire):
    """One entry of ``Mounts``."""

    Type: str = "volume"
    Source: str = ""
    Target: str = ""
    ReadOnly: bool = False


class FileTargetWire(Wire):
    """Where a config or secret appears."""

    Name: str = ""


class ConfigRefWire(Wire):
    """One entry of ``Configs``."""

    ConfigID: str = ""
    ConfigName: str = ""
    File: FileTargetWire | None = None


class SecretRefWire(Wire):
    """One entry of ``Secrets``."""

    SecretID: str = ""
    SecretName: str = ""
    File: FileTargetWire | None = None


class HealthcheckWire(Wire):
    """``Healthcheck``; nanoseconds."""

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
    Mounts: list[MountWire] | None = None
    Configs: list[ConfigRefWire] | None = None
    Secrets: list[SecretRefWire] | None = None
    Healthcheck: HealthcheckWire | None = None


class PluginSpecWire(Wire):
    """``PluginSpec`` of a plugin service."""

    Name: str = ""
    Remote: str = ""


class LimitsWire(Wire):
    """``Limits`` or ``Reservations``."""

    NanoCPUs: int = 0
    MemoryBytes: int = 0
    Pids: int = 0


class ResourcesWire(Wire):
    """``Resources``."""

    Limits: LimitsWire | None = None
    Reservations: LimitsWire | None = None


class RestartPolicyWire(Wire):
    """``RestartPolicy``; nanoseconds."""

    Condition: str = "any"
    Delay: int | None = None
    MaxAttempts: int | None = None
    Window: int | None = None


class SpreadWire(Wire):
    """``Spread`` of a placement preference."""

    SpreadDescriptor: str = ""


class PreferenceWire(Wire):
    """One placement preference."""

    Spread: SpreadWire | None = None


class PlatformWire(Wire):
    """One platform an image exists for."""

    Architecture: str = ""
    OS: str = ""


class PlacementWire(Wire):
    """``Placement``."""

    Constraints: StrList = None
    Preferences: list[PreferenceWire] | None = None
    MaxReplicas: int = 0
    Platforms: list[PlatformWire] | None = None


class NetworkTargetWire(Wire):
    """One network of a spec."""

    Target: str = ""
    Aliases: StrList = None


class LogDriverWire(Wire):
    """``LogDriver``."""

    Name: str = ""


class TaskTemplate(Wire):
    """``Spec.TaskTemplate``."""

    ContainerSpec: ContainerSpec | None = None
    PluginSpec: PluginSpecWire | None = None
    Resources: ResourcesWire | None = None
    RestartPolicy: RestartPolicyWire | None = None
    Placement: PlacementWire | None = None
    Networks: list[NetworkTargetWire] | None = None
    LogDriver: LogDriverWire | None = None
    ForceUpdate: int = 0


class ReplicatedWire(Wire):
    """``Mode.Replicated``."""

    Replicas: int | None = None


class ReplicatedJobWire(Wire):
    """``Mode.ReplicatedJob``."""

    MaxConcurrent: int | None = None
    TotalCompletions: int | None = None


class ModeWire(Wire):
    """``Mode``: one of the four is set."""

    Replicated: ReplicatedWire | None = None
    Global: dict[str, Any] | None = None
    ReplicatedJob: ReplicatedJobWire | None = None
    GlobalJob: dict[str, Any] | None = None


class RolloutWire(Wire):
    """``UpdateConfig`` or ``RollbackConfig``; nanoseconds."""

    Parallelism: int = 0
    Delay: int = 0
    FailureAction: str = "pause"
    Monitor: int = 5_000_000_000
    MaxFailureRatio: float = 0.0
    Order: str = "stop-first"


class PortWire(Wire):
    """One port of ``EndpointSpec`` or ``Endpoint``."""

    Protocol: str = "tcp"
    TargetPort: int = 0
    PublishedPort: int = 0
    PublishMode: str = "ingress"


class EndpointSpecWire(Wire):
    """``EndpointSpec``."""

    Mode: str = "vip"
    Ports: list[PortWire] | None = None


class ServiceSpec(Wire):
    """``Spec`` (and ``PreviousSpec``)."""

    Name: str = ""
    Labels: StrMap = None
    TaskTemplate: TaskTemplate | None = None
    Mode: ModeWire | None = None
    UpdateConfig: RolloutWire | None = None
    RollbackConfig: RolloutWire | None = None
    Networks: list[NetworkTargetWire] | None = None
    EndpointSpec: EndpointSpecWire | None = None


class VirtualIPWire(Wire):
    """One entry of ``VirtualIPs``."""

    NetworkID: str = ""
    Addr: str = ""


class EndpointWire(Wire):
    """``Endpoint``: what the allocator made of the spec."""

    Spec: EndpointSpecWire | None = None
    Ports: list[PortWire] | None = None
    VirtualIPs: list[VirtualIPWire] | None = None


class UpdateStatusWire(Wire):
    """``UpdateStatus``."""

    State: str = ""
    StartedAt: str = ""
    CompletedAt: str = ""
    Message: str = ""


class ServiceStatusWire(Wire):
    """``ServiceStatus``, only with ``?status=true``."""

    RunningTasks: int = 0
    DesiredTasks: int = 0
    CompletedTasks: int = 0


class ServiceWire(Wire):
    """One row of ``GET /services``."""

    ID: str = ""
    Version: Version | None = None
    CreatedAt: str = ""
    UpdatedAt: str = ""
    Spec: ServiceSpec | None = None
    PreviousSpec: ServiceSpec | None = None
    Endpoint: EndpointWire | None = None
    UpdateStatus: UpdateStatusWire | None = None
    ServiceStatus: ServiceStatusWire | None = None
