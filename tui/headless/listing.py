"""The lists: ``ps``, ``nodes``, ``services``, ``tasks``, ``networks``. Rows, order and filters are the screen's."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from backends.api import Cluster, Interest
from backends.model import Kind, Snapshot
from tui.actions.filter import Filter, compile_filter
from tui.cli import UsageError
from tui.headless import plain, records
from tui.headless.arguments import Arguments
from tui.headless.columns import COLUMNS, Column, cells
from tui.headless.settle import Need, Watch
from tui.places import Place
from tui.tables.containers import CONTAINERS, ContainerRow
from tui.tables.networks import NETWORKS
from tui.tables.nodes import NODES
from tui.tables.ranking import ranker
from tui.tables.services import SERVICES
from tui.tables.spec import Moment, TableSpec
from tui.tables.tasks import TASKS, TaskRow

if TYPE_CHECKING:
    from backends.transport.ssh import Reach

#: States of containers that docker ps shows without ``-a``.
_UP = frozenset({"running", "paused", "restarting"})
#: A filter that asks for states means those that are over as well.
_STATES = re.compile(r"(?:^|\s)!?state!?=")


@dataclass(frozen=True, slots=True)
class Listing:
    """One list."""

    table: TableSpec[Any]
    need: Need
    record: Callable[[Any, Moment], records.Record]
    current: Callable[[Any], bool] = lambda _: True
    """Whether a row is shown without ``--all``."""


def _up(row: ContainerRow) -> bool:
    return row.container.state in _UP


def _present(row: TaskRow) -> bool:
    return not row.past


_SWARM = frozenset({Kind.NODE, Kind.SERVICE})

LISTINGS: dict[str, Listing] = {
    "ps": Listing(
        CONTAINERS,
        Need(_SWARM | {Kind.CONTAINER}, frozenset({Kind.CONTAINER}), everywhere=True),
        records.container,
        _up,
    ),
    "nodes": Listing(NODES, Need(_SWARM, frozenset({Kind.NODE}), everywhere=True), records.node),
    "services": Listing(SERVICES, Need(_SWARM | {Kind.NETWORK}, frozenset({Kind.SERVICE})), records.service),
    "tasks": Listing(TASKS, Need(_SWARM | {Kind.TASK}, frozenset({Kind.TASK})), records.task, _present),
    "networks": Listing(
        NETWORKS, Need(_SWARM | {Kind.NETWORK}, frozenset({Kind.NETWORK}), everywhere=True), records.network
    ),
}


def filter_of(text: str, table: TableSpec[Any]) -> Filter:
    """The filter a text means. Raises ``UsageError`` where it cannot be read as it was meant: on a screen one sees
    what it was taken for, in a script nobody does."""
    found = compile_filter(text, table)
    if found.error:
        raise UsageError(found.error)
    return found


def rows_of(
    listing: Listing, snapshot: Snapshot, given: Arguments, now: float, reach: Mapping[str, Reach] | None = None
) -> tuple[list[Any], Moment]:
    """The rows that are shown, in their order. ``reach`` is how other nodes are reached, by node id."""
    moment = Moment(snapshot, now, reach=reach or {})
    wanted = filter_of(given.filter, listing.table)
    every = given.all or _STATES.search(given.filter) is not None
    rows = [
        row
        for row in listing.table.rows(snapshot, Place(listing.table.id))
        if (every or listing.current(row)) and (not wanted or wanted.predicate(row, moment))
    ]
    rank = ranker(listing.table, "", False)
    rows.sort(key=lambda row: rank(row, moment))
    return rows, moment


async def run(cluster: Cluster, given: Arguments, style: plain.Style) -> int:
    """Waits for the list and prints it; the exit code. Raises ``BackendError`` and ``UsageError``."""
    listing = LISTINGS[given.command]
    filter_of(given.filter, listing.table)  # a mistake is told before anything is asked
    watch = Watch(cluster)
    try:
        answer = await watch.settle(listing.need, given.timeout)
        if given.command == "services" and (short := _short(answer.snapshot)):
            # Only their tasks tell why replicas are missing.
            cluster.watch(Interest(kinds=listing.need.kinds, services=short))
            answer = await watch.settle(replace(listing.need, services=short), given.timeout)
    finally:
        watch.close()
    rows, moment = rows_of(listing, answer.snapshot, given, time.time(), _reach(cluster, answer.snapshot))
    if given.json:
        for row in rows:
            plain.record(listing.record(row, moment))
    else:
        _table([listing.record(row, moment) for row in rows], COLUMNS[given.command], given, style, moment.now)
    plain.flush()
    plain.missing(answer.unasked, given.json)
    return 3 if answer.unasked else 0


def _reach(cluster: Cluster, snapshot: Snapshot) -> dict[str, Reach]:
    nodes = cluster.nodes
    found = {id: nodes.reach(id) for id in snapshot.nodes} if nodes is not None else {}
    return {id: reach for id, reach in found.items() if reach is not None}


def _short(snapshot: Snapshot) -> frozenset[str]:
    services = snapshot.services.values()
    return frozenset(
        s.id for s in services if not s.has_counts or s.running < (s.desired if s.replicas is None else s.replicas)
    )


def _table(
    found: list[records.Record], columns: tuple[Column, ...], given: Arguments, style: plain.Style, now: float
) -> None:
    shown = [column for column in columns if given.wide or not column.wide]
    aligns = "".join("r" if column.right else "l" for column in shown)
    plain.table([column.title for column in shown], [cells(shown, record, now) for record in found], style, aligns)
