"""The frozen domain model: what a Swarm is made of, as values without behaviour towards any engine."""

from __future__ import annotations

from backends.model.base import STACK_LABEL, Key, Kind, Value
from backends.model.clock_offset import ClockOffset
from backends.model.container import (
    Attachment,
    Container,
    ContainerDetail,
    ContainerMount,
    HealthProbe,
    PortBinding,
)
from backends.model.event import Event, EventSource
from backends.model.network import Endpoint, Ipam, IpamConfig, Network, Peer
from backends.model.node import ManagerStatus, Node, Plugin
from backends.model.service import (
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
from backends.model.snapshot import EMPTY, Changes, Link, LinkState, Snapshot
from backends.model.stack import Stack
from backends.model.storage import Config, Image, Secret, Volume
from backends.model.swarm import EngineInfo, Swarm, SwarmMembership
from backends.model.task import Task, TaskAttachment

__all__ = [
    "EMPTY",
    "STACK_LABEL",
    "Attachment",
    "Changes",
    "ClockOffset",
    "Config",
    "Container",
    "ContainerDetail",
    "ContainerMount",
    "Endpoint",
    "EngineInfo",
    "Event",
    "EventSource",
    "HealthProbe",
    "Healthcheck",
    "Image",
    "Ipam",
    "IpamConfig",
    "Key",
    "Kind",
    "Link",
    "LinkState",
    "ManagerStatus",
    "Mode",
    "MountSpec",
    "Network",
    "Node",
    "Peer",
    "Plugin",
    "PortBinding",
    "PublishedPort",
    "Resources",
    "RestartPolicy",
    "RolloutConfig",
    "Secret",
    "Service",
    "ServiceNetwork",
    "Snapshot",
    "Stack",
    "Swarm",
    "SwarmMembership",
    "Task",
    "TaskAttachment",
    "UpdateStatus",
    "Value",
    "VirtualIP",
    "Volume",
]
