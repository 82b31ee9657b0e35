"""Who is on one network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.model import Changes, Key, Kind, LinkState, Network, Snapshot
from backends.state.severity import severity
from tui.details.endpoint import (
    EndpointRow,
    endpoint_detail,
    endpoint_of,
    endpoint_state,
    endpoint_state_line,
    endpoints_of,
)
from tui.places import Place
from tui.tables.cells import muted, node_cell, node_name, state_sort
from tui.tables.spec import Column, Moment, TableSpec
from tui.text.span import Line


def _network(snapshot: Snapshot, place: Place) -> Network | None:
    key = next((k for k in reversed(place.scope) if k.kind is Kind.NETWORK), None)
    return snapshot.networks.get(key.id) if key else None


def _rows(snapshot: Snapshot, place: Place) -> Iterable[EndpointRow]:
    network = _network(snapshot, place)
    return endpoints_of(network, snapshot) if network else ()


def _row(snapshot: Snapshot, place: Place, key: Key) -> EndpointRow | None:
    network = _network(snapshot, place)
    return endpoint_of(key, network, snapshot) if network else None


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    keys: set[Key] = set()
    for key in changes.keys:
        if key in place.scope:
            return None
        if key.kind is Kind.TASK:
            keys.add(key)
        elif key.kind is Kind.CONTAINER:
            keys.add(key)
            container = snapshot.containers.get(key.id)
            if container is not None and container.task_id:
                keys.add(Key(Kind.TASK, container.task_id))
        elif key.kind is Kind.NODE:
            return None
    return keys


def _address_sort(row: EndpointRow, moment: Moment) -> tuple[int, ...]:
    parts = row.ipv4.split(".")
    return tuple(int(p) for p in parts) if all(p.isdecimal() for p in parts) else (999,)


def _footer(moment: Moment, place: Place, cells: int) -> Sequence[Line]:
    network = _network(moment.snapshot, place)
    if network is None or not network.is_swarm:
        return ()
    links = moment.snapshot.links.values()
    asked = 1 + sum(1 for link in links if link.state is LinkState.LIVE)
    where = "this node only" if not links else f"{asked} of {len(moment.snapshot.nodes)} nodes"
    said = f"Tasks of all nodes; load balancers and other containers of {where}."
    return (((said, "faint"),),)


ENDPOINTS: TableSpec[EndpointRow] = TableSpec(
    id="endpoints",
    title="Endpoints",
    kind=Kind.CONTAINER,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=_affected,
    depends=frozenset({Kind.NETWORK, Kind.TASK, Kind.NODE}),
    columns=(
        Column(
            "container",
            "CONTAINER",
            18,
            lambda r, m: r.name,
            lambda r, m: (r.balancer, r.name),
            cut="m",
            keep=True,
            sort_key="N",
            narrow=14,
        ),
        Column(
            "node",
            "NODE",
            10,
            lambda r, m: node_cell(r.node_id, m),
            lambda r, m: node_name(m.snapshot, r.node_id),
            cut="m",
            keep=True,
            sort_key="O",
        ),
        Column("ipv4", "IPv4", 15, lambda r, m: r.ipv4, _address_sort, keep=True, sort_key="I"),
        Column("mac", "MAC", 17, lambda r, m: muted(r.mac), lambda r, m: r.mac, drop=1, sort_key="C"),
        Column(
            "state",
            "STATE",
            12,
            endpoint_state_line,
            lambda r, m: state_sort(endpoint_state(r, m)[0]),
            keep=True,
            sort_key="S",
        ),
        Column("ipv6", "IPv6", 22, lambda r, m: muted(r.ipv6), lambda r, m: r.ipv6, wide=True),
        Column("aliases", "ALIASES", 24, lambda r, m: muted(", ".join(r.aliases)), wide=True),
        Column("gateway", "GATEWAY", 14, lambda r, m: muted(r.gateway), lambda r, m: r.gateway, wide=True),
    ),
    order=("container",),
    style=lambda r, m: "faint" if r.balancer else "",
    filters={
        "name": lambda r, m: r.name,
        "node": lambda r, m: node_name(m.snapshot, r.node_id),
        "address": lambda r, m: f"{r.ipv4} {r.ipv6}".strip(),
        "mac": lambda r, m: r.mac,
        "state": lambda r, m: endpoint_state(r, m)[0],
        "alias": lambda r, m: " ".join(r.aliases),
    },
    fault=lambda r, m: severity(endpoint_state(r, m)[0]) in ("err", "warn") and not r.balancer,
    detail=endpoint_detail,
    footer=_footer,
    empty=("Nobody is on this network.", "A service with --network, or docker network connect, makes an endpoint."),
    needs=frozenset({Kind.NETWORK, Kind.CONTAINER}),
)
