"""The list of containers of the nodes that were asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.model import Changes, Container, Key, Kind, LinkState, Snapshot, Value
from backends.state.relations import relations
from backends.state.severity import severity
from tui.details.container import (
    container_detail,
    container_name,
    container_state_line,
    container_word,
    is_past,
)
from tui.look.symbols import sym
from tui.places import Place
from tui.tables.cells import age_cell, age_sort, image_cell, labels_text, muted, node_cell, node_name, state_sort
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.tables.unasked import asked_note, unasked_rows
from tui.text.ago import age
from tui.text.span import Line


class ContainerRow(Value, frozen=True, kw_only=True):
    """One container; made anew when it or its task changes."""

    container: Container
    name: str

    @property
    def key(self) -> Key:
        """The container's."""
        return self.container.key


def _containers(snapshot: Snapshot, place: Place) -> Iterable[Container]:
    scope = place.scope[-1] if place.scope else None
    if scope is None:
        return snapshot.containers.values()
    known = relations(snapshot)
    if scope.kind is Kind.NODE:
        return known.containers_on(scope.id)
    if scope.kind is Kind.SERVICE:
        return known.containers_of(scope.id)
    if scope.kind is Kind.STACK:
        return known.containers_of_stack(scope.id)
    return known.users(scope).containers


def _make(container: Container, snapshot: Snapshot) -> ContainerRow:
    return ContainerRow(container=container, name=container_name(container, snapshot))


def _rows(snapshot: Snapshot, place: Place) -> Iterable[ContainerRow]:
    return [_make(c, snapshot) for c in _containers(snapshot, place)]


def _inside(container: Container, snapshot: Snapshot, place: Place) -> bool:
    scope = place.scope[-1] if place.scope else None
    if scope is None:
        return True
    if scope.kind is Kind.NODE:
        return container.node_id == scope.id
    if scope.kind is Kind.SERVICE:
        return container.service_id == scope.id
    if scope.kind is Kind.STACK:
        return container.stack == scope.id
    return any(c.id == container.id for c in relations(snapshot).users(scope).containers)


def _row(snapshot: Snapshot, place: Place, key: Key) -> ContainerRow | None:
    container = snapshot.containers.get(key.id)
    if container is None or not _inside(container, snapshot, place):
        return None
    return _make(container, snapshot)


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    """Changed containers, and those of changed tasks; a node or a service renames them all."""
    keys: set[Key] = set()
    for key in changes.keys:
        if key.kind is Kind.CONTAINER:
            keys.add(key)
        elif key.kind is Kind.TASK:
            task = snapshot.tasks.get(key.id)
            container = relations(snapshot).container_of(task) if task else None
            if container is not None:
                keys.add(container.key)
        elif key.kind is Kind.NODE:
            return None
    return keys


def _word(row: ContainerRow, moment: Moment) -> str:
    return container_word(row.container, moment.snapshot)[0]


def _state(row: ContainerRow, moment: Moment) -> Line:
    link = moment.snapshot.links.get(row.container.node_id)
    if link is not None and link.state not in (LinkState.LIVE, LinkState.CONNECTING):
        return ((f"{sym('unknown')} {age(link.fresh or link.since, moment.now)} ago", "muted"),)
    return container_state_line(row.container, moment)


def _style(row: ContainerRow, moment: Moment) -> str:
    link = moment.snapshot.links.get(row.container.node_id)
    gone = link is not None and link.state not in (LinkState.LIVE, LinkState.CONNECTING)
    return "faint" if gone or is_past(row.container, moment.snapshot) else ""


def _addresses(row: ContainerRow, moment: Moment) -> str:
    return " ".join(a.ipv4 or a.ipv6 for a in row.container.networks if a.ipv4 or a.ipv6)


def _ports(row: ContainerRow) -> str:
    shown = {f"{p.host_port}:{p.container_port}" for p in row.container.ports if p.host_port}
    return " ".join(sorted(shown))


def _fault(row: ContainerRow, moment: Moment) -> bool:
    return severity(_word(row, moment)) in ("err", "warn")


def _footer(moment: Moment, place: Place, cells: int) -> Sequence[Line]:
    return unasked_rows(moment, place, Kind.CONTAINER, cells)


def _detail(row: ContainerRow, moment: Moment, cells: int) -> Detail:
    return container_detail(row.container, moment, cells)


_COLUMNS: tuple[Column[ContainerRow], ...] = (
    Column("name", "NAME", 24, lambda r, m: r.name, lambda r, m: r.name, cut="m", keep=True, sort_key="N", narrow=18),
    Column(
        "node",
        "NODE",
        10,
        lambda r, m: node_cell(r.container.node_id, m),
        lambda r, m: node_name(m.snapshot, r.container.node_id),
        cut="m",
        keep=True,
        sort_key="O",
    ),
    Column("state", "STATE", 16, _state, lambda r, m: state_sort(_word(r, m)), keep=True, sort_key="S", narrow=14),
    Column(
        "image",
        "IMAGE",
        24,
        lambda r, m: image_cell(r.container.image),
        lambda r, m: r.container.image,
        cut="l",
        drop=2,
        sort_key="I",
        narrow=18,
    ),
    Column("addresses", "ADDRESSES", 20, lambda r, m: muted(_addresses(r, m)), _addresses, drop=1, sort_key="Y"),
    Column(
        "command", "COMMAND", 24, lambda r, m: muted(r.container.command), lambda r, m: r.container.command, wide=True
    ),
    Column("ports", "PORTS", 12, lambda r, m: _ports(r), lambda r, m: _ports(r), wide=True, sort_key="P"),
    Column("id", "ID", 12, lambda r, m: muted(r.container.id[:12]), lambda r, m: r.container.id, wide=True),
    Column(
        "stack",
        "STACK",
        12,
        lambda r, m: muted(r.container.stack or r.container.project),
        lambda r, m: r.container.stack or r.container.project,
        wide=True,
        sort_key="Z",
    ),
    Column(
        "age",
        "AGE",
        4,
        lambda r, m: age_cell(r.container.created, m),
        lambda r, m: age_sort(r.container.created),
        align="r",
        wide=True,
        sort_key="B",
    ),
)

CONTAINERS: TableSpec[ContainerRow] = TableSpec(
    id="containers",
    title="Containers",
    kind=Kind.CONTAINER,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=_affected,
    depends=frozenset({Kind.TASK, Kind.NODE}),
    columns=_COLUMNS,
    order=("name",),
    style=_style,
    filters={
        "name": lambda r, m: f"{r.name} {r.container.name}",
        "node": lambda r, m: node_name(m.snapshot, r.container.node_id),
        "state": lambda r, m: f"{_word(r, m)} {r.container.state}",
        "health": lambda r, m: r.container.health,
        "image": lambda r, m: r.container.image,
        "service": lambda r, m: r.container.service_name,
        "stack": lambda r, m: r.container.stack,
        "project": lambda r, m: r.container.project,
        "network": lambda r, m: " ".join(a.network for a in r.container.networks),
        "address": _addresses,
        "port": lambda r, m: _ports(r),
        "label": lambda r, m: labels_text(r.container.labels),
        "id": lambda r, m: r.container.id,
    },
    haystack=lambda r, m: (
        f"{r.name} {r.container.name} {node_name(m.snapshot, r.container.node_id)} {_word(r, m)} "
        f"{r.container.status} {r.container.image} {_addresses(r, m)} {r.container.id[:12]}"
    ),
    fault=_fault,
    detail=_detail,
    note=asked_note,
    footer=_footer,
    empty=(
        "No containers on the nodes that were asked.",
        "docker run starts one; a service starts them where it may.",
    ),
    needs=frozenset({Kind.CONTAINER}),
)
