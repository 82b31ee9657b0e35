"""The list of networks: those of the Swarm, then those of the node."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Changes, Key, Kind, Network, Snapshot, Value
from backends.state.health import Health, network_health
from backends.state.relations import relations
from tui.details.endpoint import holds_place
from tui.details.network import addresses, flags, network_detail, used_line
from tui.look.symbols import sym
from tui.places import Place
from tui.tables.cells import age_cell, age_sort, labels_text, muted, node_name
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.tables.unasked import unasked_rows
from tui.text.span import Line


class NetworkRow(Value, frozen=True, kw_only=True):
    """One network; made anew when what is on it changes."""

    network: Network

    @property
    def key(self) -> Key:
        """The network's."""
        return self.network.key


def _networks(snapshot: Snapshot, place: Place) -> Iterable[Network]:
    scope = place.scope[-1] if place.scope else None
    if scope is None:
        return [n for n in snapshot.networks.values() if not place.argument or n.driver == place.argument]
    known = relations(snapshot)
    if scope.kind is Kind.SERVICE:
        service = snapshot.services.get(scope.id)
        return known.networks_of(service) if service else ()
    if scope.kind is Kind.STACK:
        stack = snapshot.stacks.get(scope.id)
        own = {i: snapshot.networks[i] for i in stack.networks if i in snapshot.networks} if stack else {}
        for member in known.services_of_stack(scope.id):
            own |= {n.id: n for n in known.networks_of(member)}
        return own.values()
    if scope.kind is Kind.CONTAINER:
        container = snapshot.containers.get(scope.id)
        if container is None:
            return ()
        return [n for n in snapshot.networks.values() if known.attachment(container, n) is not None]
    if scope.kind is Kind.TASK:
        task = snapshot.tasks.get(scope.id)
        ids = [a.network_id for a in task.networks] if task else []
        return [snapshot.networks[i] for i in ids if i in snapshot.networks]
    return ()


def _rows(snapshot: Snapshot, place: Place) -> Iterable[NetworkRow]:
    return [NetworkRow(network=n) for n in _networks(snapshot, place)]


def _row(snapshot: Snapshot, place: Place, key: Key) -> NetworkRow | None:
    network = snapshot.networks.get(key.id)
    if network is None:
        return None
    narrowed = place.scope or place.argument
    if narrowed and not any(n.id == network.id for n in _networks(snapshot, place)):
        return None
    return NetworkRow(network=network)


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    """Changed networks, and those that changed services, tasks and containers are on."""
    known = relations(snapshot)
    keys: set[Key] = set()
    for key in changes.keys:
        if key in place.scope:
            return None
        if key.kind is Kind.NETWORK:
            keys.add(key)
        elif key.kind is Kind.SERVICE and key.id in snapshot.services:
            keys |= {n.key for n in known.networks_of(snapshot.services[key.id])}
        elif key.kind is Kind.TASK and key.id in snapshot.tasks:
            keys |= {Key(Kind.NETWORK, a.network_id) for a in snapshot.tasks[key.id].networks}
        elif key.kind is Kind.CONTAINER and key.id in snapshot.containers:
            keys |= {Key(Kind.NETWORK, a.network_id) for a in snapshot.containers[key.id].networks if a.network_id}
        elif key.kind in (Kind.SERVICE, Kind.TASK, Kind.CONTAINER):
            # It went: which networks it was on is not known any more.
            return None
    return keys


def _health(row: NetworkRow, moment: Moment) -> Health:
    return network_health(row.network, addresses(row.network, moment.snapshot))


def _used(row: NetworkRow, moment: Moment) -> Line:
    return used_line(addresses(row.network, moment.snapshot), _health(row, moment).word)


def _share(row: NetworkRow, moment: Moment) -> float:
    use = addresses(row.network, moment.snapshot)
    return use.used / use.size if use.size else -1.0


def endpoint_count(network: Network, snapshot: Snapshot) -> int:
    """Endpoints of tasks and containers, without making rows of them."""
    known = relations(snapshot)
    tasks = [t for t in known.tasks_in(network.id) if not t.is_over]
    held = {t.id for t in tasks}
    return len(tasks) + sum(1 for c in known.containers_in(network) if c.task_id not in held and holds_place(c))


def _endpoints(row: NetworkRow, moment: Moment) -> Line:
    count = endpoint_count(row.network, moment.snapshot)
    return ((f"{count:,}", "" if count else "muted"),)


def _services(row: NetworkRow, moment: Moment) -> Line:
    count = len(relations(moment.snapshot).services_on(row.network))
    if not count and not row.network.is_swarm:
        return ()
    return ((f"{count:,}", "" if count else "muted"),)


def _flags(row: NetworkRow, moment: Moment) -> Line:
    said: Line = ((flags(row.network), "muted"),)
    h = _health(row, moment)
    if h.word not in ("filling", "failing"):
        return said
    tone, word = ("warn", "filling") if h.word == "filling" else ("err", "full" if row.network.subnets else "no subnet")
    return ((f"{sym('look')} {word} ", tone), *said)


def _subnet(row: NetworkRow) -> str:
    return ", ".join(row.network.subnets)


def _group(row: NetworkRow, moment: Moment) -> str:
    if row.network.is_swarm or not moment.snapshot.in_swarm:
        return ""
    return f"Local to each node  of {node_name(moment.snapshot, row.network.node_id) or 'this node'}"


def _note(moment: Moment, place: Place) -> str:
    if place.scope or not moment.snapshot.in_swarm:
        return ""
    swarm = sum(1 for n in moment.snapshot.networks.values() if n.is_swarm)
    return f"{swarm} of the swarm, {len(moment.snapshot.networks) - swarm} local"


def _vni(row: NetworkRow) -> str:
    return next((v for k, v in row.network.options.items() if k.endswith("vxlanid_list")), "")


def _detail(row: NetworkRow, moment: Moment, cells: int) -> Detail:
    return network_detail(row.network, moment, cells)


_COLUMNS: tuple[Column[NetworkRow], ...] = (
    Column(
        "name", "NAME", 17, lambda r, m: r.network.name, lambda r, m: r.network.name, cut="m", keep=True, sort_key="N"
    ),
    Column(
        "driver",
        "DRIVER",
        8,
        lambda r, m: muted(r.network.driver),
        lambda r, m: r.network.driver,
        drop=3,
        sort_key="I",
    ),
    Column(
        "subnet",
        "SUBNET",
        16,
        lambda r, m: muted(_subnet(r) or "none"),
        lambda r, m: _subnet(r),
        drop=4,
        sort_key="B",
    ),
    Column("used", "USED", 11, _used, _share, align="r", keep=True, sort_key="U", descending=True),
    Column(
        "endpoints",
        "ENDPTS",
        6,
        _endpoints,
        lambda r, m: endpoint_count(r.network, m.snapshot),
        align="r",
        drop=2,
        sort_key="P",
        descending=True,
    ),
    Column(
        "services",
        "SVCS",
        4,
        _services,
        lambda r, m: len(relations(m.snapshot).services_on(r.network)),
        align="r",
        drop=1,
        sort_key="S",
        descending=True,
    ),
    Column("flags", "FLAGS", 21, _flags, lambda r, m: flags(r.network), keep=True, sort_key="L", narrow=14),
    Column(
        "gateway",
        "GATEWAY",
        14,
        lambda r, m: muted(", ".join(c.gateway for c in r.network.ipam.configs if c.gateway)),
        wide=True,
    ),
    Column("vni", "VNI", 6, lambda r, m: muted(_vni(r)), lambda r, m: _vni(r), align="r", wide=True),
    Column(
        "mtu",
        "MTU",
        5,
        lambda r, m: muted(r.network.options.get("com.docker.network.driver.mtu", "")),
        align="r",
        wide=True,
    ),
    Column("id", "ID", 12, lambda r, m: muted(r.network.id[:12]), lambda r, m: r.network.id, wide=True),
    Column(
        "age",
        "AGE",
        4,
        lambda r, m: age_cell(r.network.created, m),
        lambda r, m: age_sort(r.network.created),
        align="r",
        wide=True,
        sort_key="Z",
    ),
)

NETWORKS: TableSpec[NetworkRow] = TableSpec(
    id="networks",
    title="Networks",
    kind=Kind.NETWORK,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=_affected,
    depends=frozenset({Kind.SERVICE, Kind.TASK, Kind.CONTAINER}),
    columns=_COLUMNS,
    order=("name",),
    group=_group,
    filters={
        "name": lambda r, m: r.network.name,
        "driver": lambda r, m: r.network.driver,
        "scope": lambda r, m: r.network.scope,
        "subnet": lambda r, m: _subnet(r),
        "state": lambda r, m: _health(r, m).word,
        "flag": lambda r, m: flags(r.network),
        "stack": lambda r, m: r.network.stack,
        "node": lambda r, m: node_name(m.snapshot, r.network.node_id),
        "service": lambda r, m: " ".join(s.name for s in relations(m.snapshot).services_on(r.network)),
        "label": lambda r, m: labels_text(r.network.labels),
        "id": lambda r, m: r.network.id,
    },
    haystack=lambda r, m: f"{r.network.name} {r.network.driver} {_subnet(r)} {flags(r.network)} {r.network.id[:12]}",
    fault=lambda r, m: _health(r, m).word in ("filling", "failing"),
    detail=_detail,
    note=_note,
    footer=lambda m, p, cells: unasked_rows(m, p, Kind.NETWORK, cells) if m.snapshot.links and not p.scope else (),
    empty=("No networks are known yet.", "Every engine has bridge, host and none; they come with the first answer."),
    needs=frozenset({Kind.NETWORK}),
)
