"""All lists by the view they are shown in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from backends.api import EventLog
from backends.model import Kind
from tui.details.findings import FINDINGS
from tui.places import Place
from tui.tables.containers import CONTAINERS
from tui.tables.endpoints import ENDPOINTS
from tui.tables.events import EVENTS, events_table
from tui.tables.journal import JOURNAL
from tui.tables.networks import NETWORKS
from tui.tables.nodes import NODES
from tui.tables.ports import PORTS
from tui.tables.rollout import ROLLOUT
from tui.tables.rollouts import ROLLOUTS
from tui.tables.services import SERVICES
from tui.tables.spec import TableSpec
from tui.tables.stacks import STACKS
from tui.tables.storage import CONFIGS, IMAGES, SECRETS, VOLUMES
from tui.tables.tasks import SERVICE_TASKS, TASKS

#: Lists by view. What a place really shows says :func:`table_of`: the events need their log, and the tasks of one
#: service have columns of their own.
TABLES: Mapping[str, TableSpec[Any]] = MappingProxyType(
    {
        table.id: table
        for table in (
            NODES,
            SERVICES,
            TASKS,
            NETWORKS,
            CONTAINERS,
            STACKS,
            EVENTS,
            ENDPOINTS,
            VOLUMES,
            IMAGES,
            CONFIGS,
            SECRETS,
            PORTS,
            ROLLOUTS,
            ROLLOUT,
            JOURNAL,
        )
    }
)


def table_of(place: Place, log: EventLog | None = None) -> TableSpec[Any]:
    """The list of a place. ``log`` is the cluster's (``cluster.events``). Raises ``LookupError`` where the view is
    no list."""
    if place.view == "tasks" and place.scope and place.scope[-1].kind is Kind.SERVICE:
        return SERVICE_TASKS
    if place.view == "events" and log is not None:
        return events_table(log)
    if place.view == "overview":
        return FINDINGS
    table: TableSpec[Any] = TABLES[place.view]
    return table
