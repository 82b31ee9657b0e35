"""The list of published ports: who answers where, and who is in whose way."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Changes, Key, Kind, Snapshot, Value
from backends.state.relations import PublishedAt, relations
from tui.details.port import owner_of, port_detail, where
from tui.look.symbols import sym
from tui.places import Place
from tui.tables.cells import muted, node_name
from tui.tables.spec import Column, Moment, TableSpec
from tui.text.span import Line, line


class PortRow(Value, frozen=True, kw_only=True):
    """One published port; two of one service are two rows."""

    key: Key
    """Of no object: one service may have many ports. ``owner`` is who publishes it."""
    port: PublishedAt

    @property
    def owner(self) -> Key:
        """The service or container that publishes it."""
        return owner_of(self.port)


def _rows(snapshot: Snapshot, place: Place) -> Iterable[PortRow]:
    rows: dict[Key, PortRow] = {}
    for port in relations(snapshot).ports:
        if place.scope and owner_of(port) != place.scope[-1]:
            continue
        who = port.service_id or port.container_id
        key = Key(Kind.ENGINE, f"port/{port.port}/{port.protocol}/{port.mode}/{who}/{port.target}")
        rows[key] = PortRow(key=key, port=port)
    return rows.values()


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> Iterable[Key] | None:
    kinds = {key.kind for key in changes.keys}
    return None if kinds & {Kind.SERVICE, Kind.TASK, Kind.CONTAINER, Kind.NODE} else ()


def _conflict(row: PortRow, moment: Moment) -> Line:
    return ((f"{sym('look')} {row.port.conflict}", "warn"),) if row.port.conflict else ()


PORTS: TableSpec[PortRow] = TableSpec(
    id="ports",
    title="Ports",
    kind=None,
    rows=_rows,
    key=lambda r: r.key,
    subject=lambda r: r.owner,
    affected=_affected,
    depends=frozenset({Kind.SERVICE, Kind.TASK, Kind.CONTAINER, Kind.NODE}),
    columns=(
        Column(
            "port",
            "PORT",
            11,
            lambda r, m: line((str(r.port.port), "bold"), f"/{r.port.protocol}"),
            lambda r, m: (r.port.port, r.port.protocol),
            keep=True,
            sort_key="P",
        ),
        Column(
            "target",
            "TARGET",
            26,
            lambda r, m: line(r.port.name, (f":{r.port.target}", "muted")),
            lambda r, m: r.port.name,
            cut="m",
            keep=True,
            sort_key="N",
        ),
        Column("mode", "MODE", 9, lambda r, m: muted(r.port.mode), lambda r, m: r.port.mode, drop=1, sort_key="O"),
        Column(
            "where", "WHERE", 16, lambda r, m: where(r.port, m), lambda r, m: where(r.port, m), keep=True, sort_key="W"
        ),
        Column(
            "conflict", "CONFLICT", 0, _conflict, lambda r, m: r.port.conflict, keep=True, sort_key="C", descending=True
        ),
    ),
    order=("port",),
    filters={
        "port": lambda r, m: str(r.port.port),
        "name": lambda r, m: r.port.name,
        "mode": lambda r, m: r.port.mode,
        "node": lambda r, m: " ".join(node_name(m.snapshot, i) for i in r.port.node_ids),
        "protocol": lambda r, m: r.port.protocol,
    },
    haystack=lambda r, m: (
        f"{r.port.port}/{r.port.protocol} {r.port.name}:{r.port.target} {r.port.mode} {where(r.port, m)}"
    ),
    fault=lambda r, m: bool(r.port.conflict),
    detail=lambda r, m, cells: port_detail(r.port, m, cells),
    empty=("No port is published.", "docker service create --publish 8080:80 … publishes one on every node."),
    needs=frozenset({Kind.CONTAINER}),
)
