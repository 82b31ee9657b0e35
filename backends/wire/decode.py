"""All decoders in one place; each takes the body of an Engine answer and returns ``backends.model`` values.

They sort nothing, skip unknown keys, and raise only ``BadAnswer``.
"""

from __future__ import annotations

from backends.wire.container import containers
from backends.wire.detail import container_detail
from backends.wire.engine import engine_info
from backends.wire.event import events
from backends.wire.network import network, networks
from backends.wire.node import nodes
from backends.wire.service import services
from backends.wire.storage import configs, images, secrets, volumes
from backends.wire.swarm import swarm
from backends.wire.task import tasks

__all__ = [
    "configs",
    "container_detail",
    "containers",
    "engine_info",
    "events",
    "images",
    "network",
    "networks",
    "nodes",
    "secrets",
    "services",
    "swarm",
    "tasks",
    "volumes",
]
