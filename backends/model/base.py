"""What every value of the domain model shares: frozen structs, kinds and keys.

Times are seconds since the epoch (UTC) as ``float``; sizes are bytes; an unknown time is ``None``.
Text is as the engine sent it: hostile until the user interface has cleaned it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all domain values: immutable, compared by content, cheap to build by the ten thousand."""


class Kind(StrEnum):
    """Docker's own words for its objects."""

    NODE = "node"
    SERVICE = "service"
    TASK = "task"
    CONTAINER = "container"
    NETWORK = "network"
    VOLUME = "volume"
    IMAGE = "image"
    CONFIG = "config"
    SECRET = "secret"
    STACK = "stack"
    SWARM = "swarm"
    ENGINE = "engine"


class Key(NamedTuple):
    """Names one object of the whole Swarm.

    ``id`` is the engine's ID; volumes and images, which exist once per node, are ``"<node id>/<name or id>"``.
    A stack's id is its name.
    """

    kind: Kind
    id: str


#: Label by which ``docker stack deploy`` marks what belongs to a stack.
STACK_LABEL = "com.docker.stack.namespace"
