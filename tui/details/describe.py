"""The describe page: one object of any kind, in words, with everything that is known of it."""

from __future__ import annotations

from backends.model import ContainerDetail, Key, Kind
from tui.details.container import container_detail
from tui.details.network import network_detail
from tui.details.node import node_detail
from tui.details.service import service_detail
from tui.details.stack import stack_detail
from tui.details.storage import config_detail, image_detail, secret_detail, volume_detail
from tui.details.task import task_detail
from tui.tables.spec import Detail, Moment

#: Lines longer than this are hard to read; a wider page leaves the rest blank.
READABLE = 110


def describe(key: Key, moment: Moment, width: int, extra: ContainerDetail | None = None) -> Detail | None:
    """The whole description of an object at a width in cells; ``None`` where it is not (or no longer) known.

    ``extra`` is what inspecting a container told (``backends.wire.container_detail``).
    """
    s = moment.snapshot
    cells = min(width, READABLE)
    match key.kind:
        case Kind.NODE if key.id in s.nodes:
            return node_detail(s.nodes[key.id], moment, cells, full=True)
        case Kind.SERVICE if key.id in s.services:
            return service_detail(s.services[key.id], moment, cells, full=True)
        case Kind.TASK if key.id in s.tasks:
            return task_detail(s.tasks[key.id], moment, cells, full=True)
        case Kind.CONTAINER if key.id in s.containers:
            return container_detail(s.containers[key.id], moment, cells, extra, full=True)
        case Kind.NETWORK if key.id in s.networks:
            return network_detail(s.networks[key.id], moment, cells, full=True)
        case Kind.STACK if key.id in s.stacks:
            return stack_detail(s.stacks[key.id], moment, cells, full=True)
        case Kind.VOLUME if key.id in s.volumes:
            return volume_detail(s.volumes[key.id], moment, cells, full=True)
        case Kind.IMAGE if key.id in s.images:
            return image_detail(s.images[key.id], moment, cells, full=True)
        case Kind.CONFIG if key.id in s.configs:
            return config_detail(s.configs[key.id], moment, cells, full=True)
        case Kind.SECRET if key.id in s.secrets:
            return secret_detail(s.secrets[key.id], moment, cells, full=True)
    return None
