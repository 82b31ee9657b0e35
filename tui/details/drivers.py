"""The page ``:drivers``: each network driver, what it is for, and which networks here use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.model import Changes, Key, Kind, Network, Snapshot, Value
from backends.state.relations import relations
from backends.state.wording import listing
from tui.details.driver_facts import DRIVERS, DriverFact, driver_fact
from tui.details.sheet import Sheet, one_row
from tui.look.symbols import state
from tui.places import Place
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.ago import plural
from tui.text.fit import wrap
from tui.text.span import Line, line


class DriverRow(Value, frozen=True, kw_only=True):
    """One driver: built in, or a plugin that some node reports."""

    name: str
    place: int
    plugin: bool = False

    @property
    def key(self) -> Key:
        """Of the row; a driver is no object of the engine."""
        return Key(Kind.ENGINE, f"driver/{self.name}")

    @property
    def fact(self) -> DriverFact:
        """What it is."""
        return driver_fact(self.name)


def driver_rows(snapshot: Snapshot) -> tuple[DriverRow, ...]:
    """The drivers that engines bring along, then plugins by name."""
    built_in = [DriverRow(name=fact.name, place=index) for index, fact in enumerate(DRIVERS)]
    names = {fact.name for fact in DRIVERS} | {"none"}
    found = {n.driver for n in snapshot.networks.values() if n.driver}
    found |= set(snapshot.engine.network_plugins if snapshot.engine else ())
    found |= {p.name for node in snapshot.nodes.values() for p in node.plugins if p.type == "Network"}
    plugins = sorted(name.removesuffix(":latest") for name in found if name not in names)
    return (*built_in, *(DriverRow(name=n, place=len(names) + i, plugin=True) for i, n in enumerate(plugins)))


def _rows(snapshot: Snapshot, place: Place) -> Iterable[DriverRow]:
    return driver_rows(snapshot)


def _affected(snapshot: Snapshot, place: Place, changes: Changes) -> Iterable[Key] | None:
    kinds = {key.kind for key in changes.keys}
    return None if changes.links or kinds & {Kind.NETWORK, Kind.NODE} else ()


def networks_with(driver: str, snapshot: Snapshot) -> tuple[Network, ...]:
    """Networks of a driver, by name."""
    return tuple(sorted((n for n in snapshot.networks.values() if n.driver == driver), key=lambda n: n.name))


def nodes_with(driver: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Names of the nodes that report a driver as their plugin."""
    return tuple(
        sorted(
            node.name
            for node in snapshot.nodes.values()
            if any(p.type == "Network" and p.name.removesuffix(":latest") == driver for p in node.plugins)
        )
    )


def _joins(row: DriverRow, moment: Moment) -> str:
    if row.plugin:
        nodes = nodes_with(row.name, moment.snapshot)
        return plural(len(nodes), "node") if nodes else "this node"
    return row.fact.joins


def _here(row: DriverRow, moment: Moment) -> Line:
    count = len(networks_with(row.name, moment.snapshot))
    if row.name in ("host", "null") and count:
        return line("1", (" each node", "muted"))
    return ((plural(count, "network") if count else "none", "" if count else "faint"),)


def _under(row: DriverRow, moment: Moment, cells: int) -> Sequence[Line]:
    return [((part, "muted"),) for part in wrap(row.fact.take, cells)]


def _note(moment: Moment, place: Place) -> str:
    plugins = sum(row.plugin for row in driver_rows(moment.snapshot))
    return f"{len(DRIVERS)} built in" + (f", {plural(plugins, 'plugin')}" if plugins else "")


def driver_detail(row: DriverRow, moment: Moment, cells: int) -> Detail:
    """What a driver does, gives, asks for and does not do; who uses it here."""
    fact, snapshot = row.fact, moment.snapshot
    networks = networks_with(row.name, snapshot)
    sheet = Sheet(moment, cells)
    nodes = nodes_with(row.name, snapshot)
    where = f"on {len(nodes)} of {plural(len(snapshot.nodes), 'node')}" if nodes else "in every engine"
    sheet.fact("state", state("ready", where if not row.plugin or nodes else "on this node"))
    sheet.fact("scope", _SCOPES.get(fact.scope, fact.scope))
    names = [n.name for n in networks]
    sheet.fact("networks", f"{len(names)}   " if names else ("none", "muted"), (listing(names, most=4), "muted"))
    known = relations(snapshot)
    services = {s.id for n in networks for s in known.services_on(n)}
    containers = {c.id for n in networks for c in known.containers_in(n)}
    users = [plural(len(services), "service")] if services else []
    users += [plural(len(containers), "container") + " of the nodes asked"] if containers else []
    sheet.fact("in use by", ", ".join(users) or ("nobody", "muted"))
    if nodes and row.plugin:
        sheet.fact("nodes", listing(nodes, most=6))
    sheet.head("What it does")
    sheet.text(fact.does)
    for title, pairs in (("What it gives", fact.gives), ("What it asks for", fact.asks)):
        if pairs:
            sheet.head(title)
            for label, text in pairs:
                sheet.fact(label, text)
    if fact.limits:
        sheet.head("What it does not")
        sheet.text(fact.limits)
    if fact.options:
        sheet.head("Its options", "--opt")
        for label, text in fact.options:
            sheet.text((label, "muted"), f"  {text}", hang=2)
    if fact.create:
        sheet.head("Equal command")
        sheet.text((fact.create, "muted"), hang=2)
    compact = (
        one_row("scope", _SCOPES.get(fact.scope, fact.scope), cells=cells),
        one_row("networks", listing(names, most=6) or ("none", "muted"), cells=cells),
        *(((part, ""),) for part in wrap(fact.does, cells, limit=4)),
    )
    return Detail("none" if row.name == "null" else row.name, sheet.lines, tuple(compact[:6]), fact.create)


_SCOPES = {
    "local": "local: known on one node",
    "swarm": "swarm: made on a manager, known on all nodes",
    "both": "one node, or the swarm from a plan on each node",
    "plugin": "as the plugin says",
}

#: The list of drivers; rows are two lines high. ``enter`` goes to ``Place("networks", argument=row.name)``.
DRIVER_TABLE: TableSpec[DriverRow] = TableSpec(
    id="drivers",
    title="Drivers",
    kind=None,
    rows=_rows,
    key=lambda r: r.key,
    subject=lambda r: None,
    affected=_affected,
    columns=(
        Column(
            "driver", "DRIVER", 9, lambda r, m: "none" if r.name == "null" else r.name, lambda r, m: r.place, keep=True
        ),
        Column("scope", "SCOPE", 6, lambda r, m: ((r.fact.scope, "muted"),), lambda r, m: r.fact.scope, drop=2),
        Column("joins", "JOINS", 10, lambda r, m: ((_joins(r, m), ""),), lambda r, m: _joins(r, m), drop=1),
        Column(
            "here",
            "HERE",
            12,
            _here,
            lambda r, m: len(networks_with(r.name, m.snapshot)),
            keep=True,
            descending=True,
        ),
        Column("what", "WHAT IT IS FOR", 0, lambda r, m: r.fact.what, keep=True),
    ),
    order=("driver",),
    under=_under,
    filters={"driver": lambda r, m: r.name, "scope": lambda r, m: r.fact.scope},
    detail=driver_detail,
    note=_note,
    empty=("No drivers are known yet.", "They come with the first answer of the engine."),
    needs=frozenset({Kind.NETWORK, Kind.CONTAINER}),
    live=False,
)
