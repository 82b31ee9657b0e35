"""What stands beside the form of a network: a subnet against all there is, the pools, what it holds, the drivers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, ip_network

from backends.change import subnets
from backends.change.subnets import Subnet, Taken
from backends.model import Snapshot
from backends.state.wording import plural
from tui.details.driver_facts import DRIVERS
from tui.forms.marks import quiet
from tui.forms.network_facts import driver, following, plugins, seen, used, wide
from tui.forms.side import headed
from tui.forms.spec import FormView
from tui.look.symbols import gauge, sym
from tui.text.ago import number
from tui.text.fit import cut_line, wrap
from tui.text.span import BLANK, Line, line

#: Rows of the comparison at most.
MOST = 13


def side(view: FormView, cells: int) -> Sequence[Line]:
    """The right column."""
    if view.here == "driver":
        return [*_drivers(view, cells), BLANK, *_pool(view, cells)]
    return [*_against(view, cells), BLANK, *_pool(view, cells), BLANK, *_holds(view, cells)]


def _against(view: FormView, cells: int) -> list[Line]:
    """The last subnet that can be read against networks, routes and interfaces of every node."""
    meant = next((s for s in map(subnets.read, reversed(view.list("subnet"))) if s is not None), None)
    title = f"{meant} against all there is" if meant is not None else "Subnets in use"
    rows: list[Line] = [((title, "strong bold"),)]
    groups = _groups(used(view), view.snapshot)
    if meant is not None:
        groups.sort(key=lambda one: not one[0].overlaps(meant) if one[0].version == meant.version else True)
    shown = groups if len(groups) <= MOST else groups[: MOST - 1]
    for subnet, what, own in shown:
        rows.append(_row(subnet, what, own, meant, view, cells))
    if len(shown) < len(groups):
        rows.append(quiet(f"  and {len(groups) - len(shown)} more" + (", all free of it" if meant is not None else "")))
    for name, why in seen(view).missing[:4]:
        rows.append(cut_line(line(("? ", "muted"), f"{name:<17} ", (why, "muted")), cells))
    if len(seen(view).missing) > 4:
        rows.append(quiet(f"? and {len(seen(view).missing) - 4} more that were not asked"))
    if not view.gathered.extra:
        rows.append(quiet("routes of the nodes are being read"))
    return rows


def _row(subnet: Subnet, what: str, own: Taken, meant: Subnet | None, view: FormView, cells: int) -> Line:
    clash = meant is not None and meant.version == subnet.version and subnet.overlaps(meant)
    of_parent = own.network is None and own.interface == view.text("parent") and bool(own.interface)
    mark: Line = (("  ", ""),)
    if meant is not None:
        mark = ((f"{sym('fail')} ", "err"),) if clash and not of_parent else ((f"{sym('check')} ", "ok"),)
    style = "err" if clash and not of_parent else ""
    return cut_line(line(mark, (f"{subnet!s:<17} ", style), (what, "muted")), cells)


def _groups(found: Iterable[Taken], snapshot: Snapshot) -> list[tuple[Subnet, str, Taken]]:
    """Alike ones once: routes first, then networks of the Swarm, then those of nodes."""
    nodes = max(1, len(snapshot.nodes))
    rows: dict[tuple[str, str], tuple[int, Taken, set[str]]] = {}
    for one in found:
        name = one.network.name if one.network is not None else one.interface or "a route"
        rank = 0 if one.network is None else 1 if one.network.is_swarm else 2
        where = {r.node for r in one.routes} if one.network is None else {one.network.node_id}
        held = rows.setdefault((str(one.subnet), name), (rank, one, set()))
        held[2].update(where)
    out = []
    for (text, name), (_, one, where) in sorted(rows.items(), key=lambda row: row[1][0]):
        out.append((ip_network(text), f"{name}{_on(one, where, nodes, snapshot)}", one))
    return out


def _on(one: Taken, where: set[str], nodes: int, snapshot: Snapshot) -> str:
    if one.network is not None and (one.network.is_swarm or nodes == 1):
        return ""
    if len(where) == nodes and nodes > 1:
        return ", all nodes"
    if len(where) > 1:
        return f", {plural(len(where), 'node')}"
    name = next(iter(where))
    node = snapshot.nodes.get(name)
    return f", {node.name if node is not None else name}" if name and nodes > 1 else ""


def _pool(view: FormView, cells: int) -> list[Line]:
    """Where the next subnet comes from, and how much of that is used."""
    overlay = wide(view)
    if not overlay and driver(view) != "bridge":
        return []
    pools = subnets.pools(view.snapshot, overlay)
    title = "Pool of the swarm" if overlay else "Pools of this engine"
    said = ", ".join(f"{base} in /{size}" for base, size in pools[:2]) + (", …" if len(pools) > 2 else "")
    rows: list[Line] = [headed(title, ((said, "muted"),) if len(said) < cells - len(title) - 2 else (), cells)]
    if len(said) >= cells - len(title) - 2:
        rows += [((text, "muted"),) for text in wrap(said, cells, limit=2)]
    own = [t for t in used(view) if t.network is not None and t.network.is_swarm == overlay]
    count = total = 0
    for base, size in pools:
        pool = subnets.read(base)
        if pool is None:
            continue
        total += 1 << max(0, size - pool.prefixlen)
        count += sum(1 for t in own if t.subnet.version == pool.version and t.subnet.overlaps(pool))
    bar = gauge(count, total, max(8, min(30, cells - 20)), "")
    rows.append(line(bar, (f"  {number(count)} of {number(total)}", "muted")))
    free = following(view)
    text = f"next free: {', '.join(free)}" if free else f"{sym('fail')} used up: give a subnet of your own"
    rows += [((row, "muted" if free else "err"),) for row in wrap(text, cells, limit=2)]
    return rows


def _holds(view: FormView, cells: int) -> list[Line]:
    """How many services fit."""
    given = next((s for s in map(subnets.read, view.list("subnet")) if isinstance(s, IPv4Network)), None)
    if given is None:
        free = following(view) if driver(view) in ("bridge", "overlay") else ()
        read = subnets.read(free[0]) if free else None
        given = read if isinstance(read, IPv4Network) else None
    if given is None:
        return []
    count = max(0, given.num_addresses - 3)
    rows: list[Line] = [((f"A /{given.prefixlen} holds", "strong bold"),)]
    if not wide(view):
        return [*rows, quiet(f"{number(count)} containers")]
    nodes = max(1, len(view.snapshot.nodes))
    one = max(0, count - nodes)
    words = (
        f"{number(count)} = services + tasks + one per node: about {number(one // 2)} services of one replica, or "
        f"{number(max(0, one // 11))} of ten, on {plural(nodes, 'node')}"
    )
    return [*rows, *(quiet(text) for text in wrap(words, cells, limit=4))]


def _drivers(view: FormView, cells: int) -> list[Line]:
    """What each is for; host and none for what they are."""
    rows: list[Line] = [(("What each driver is for", "strong bold"),)]
    chosen = driver(view)
    for fact in DRIVERS:
        here = fact.name == chosen
        name = "none" if fact.name == "null" else fact.name
        mark = (f"{sym('cursor')} " if here else "  ", "accent")
        made = fact.create != ""
        said = fact.take if made else f"{fact.what}: one on each node, nobody makes another"
        rows.append(line(mark, (name, "strong bold" if here else "" if made else "faint")))
        style = "" if here else "muted" if made else "faint"
        rows += [line("    ", (text, style)) for text in wrap(said, cells - 4, limit=3)]
    nodes = len(view.snapshot.nodes)
    for name, count in sorted(plugins(view).items()):
        here = name == chosen
        where = f"plugin on {count} of {nodes} nodes" if nodes > 1 else "plugin"
        rows.append(line((f"{sym('cursor')} " if here else "  ", "accent"), (name, "strong bold" if here else "")))
        rows.append(line("    ", (where, "muted")))
    return rows
