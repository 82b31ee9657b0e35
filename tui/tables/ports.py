"""The list of published ports: who answers where, and who is in whose way."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Changes, Key, Kind, Snapshot, Value
from backends.state.relations import PublishedAt, relations
from backends.state.wording import listing
from tui.details.sheet import Sheet, one_row
from tui.look.symbols import state, sym
from tui.places import Place
from tui.tables.cells import muted, node_name
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.ago import plural
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


def owner_of(port: PublishedAt) -> Key:
    """The service or container that publishes a port."""
    return Key(Kind.SERVICE, port.service_id) if port.service_id else Key(Kind.CONTAINER, port.container_id)


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


def where(port: PublishedAt, moment: Moment) -> str:
    """``every node``, ``6 nodes``, or the name of the one node."""
    if port.mode == "ingress":
        return "every node"
    names = [node_name(moment.snapshot, i) for i in port.node_ids if i]
    if not names:
        return "this node" if port.mode == "container" else "no node now"
    return names[0] if len(names) == 1 else plural(len(names), "node")


def _conflict(row: PortRow, moment: Moment) -> Line:
    return ((f"{sym('look')} {row.port.conflict}", "warn"),) if row.port.conflict else ()


def _detail(row: PortRow, moment: Moment, cells: int) -> Detail:
    port = row.port
    sheet = Sheet(moment, cells)
    sheet.fact("state", state("degraded", "contested") if port.conflict else state("ready", "published"))
    what = "service" if port.service_id else "container"
    sheet.fact("leads to", f"{what} ", (port.name, "bold"), f", port {port.target}/{port.protocol}")
    sheet.fact("mode", port.mode if port.mode != "container" else "by the engine of one node")
    nodes = [node_name(moment.snapshot, i) for i in port.node_ids if i]
    sheet.fact("answers on", listing(nodes, most=12) if nodes else where(port, moment))
    sheet.fact("address", port.host_ip)
    if port.conflict:
        sheet.head("Who else")
        sheet.text(port.conflict)
    sheet.head("How it works")
    sheet.text((_HOW[port.mode], "muted"))
    noun = "service" if port.service_id else "container"
    command = f"docker {noun} inspect {port.name}" if port.service_id else f"docker port {port.name}"
    sheet.command(command)
    compact = (
        one_row("leads to", f"{what} {port.name}, port {port.target}/{port.protocol}", cells=cells),
        one_row("mode", port.mode, cells=cells),
        one_row("answers", listing(nodes, most=6) if nodes else where(port, moment), cells=cells),
        one_row("conflict", port.conflict or ("none", "muted"), cells=cells),
    )
    return Detail(f"{port.port}/{port.protocol}", sheet.lines, compact, command)


_HOW = {
    "ingress": "Every node of the swarm answers on this port, with or without a task, and the routing mesh sends "
    "each connection to one of the tasks.",
    "host": "Only the nodes that run a task answer, each with its own task: two tasks do not fit on one node.",
    "container": "The engine of that node translates the address; no other node answers.",
}

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
    detail=_detail,
    empty=("No port is published.", "docker service create --publish 8080:80 … publishes one on every node."),
    needs=frozenset({Kind.CONTAINER}),
)
