"""The detail of a network: its addresses, who is on it, and its driver."""

from __future__ import annotations

from backends.model import Network, Snapshot
from backends.state.health import network_health
from backends.state.relations import AddressUse, relations
from backends.state.severity import SEVERITIES
from backends.state.wording import listing
from tui.details.driver_facts import driver_fact
from tui.details.endpoint import EndpointRow, endpoint_state_line, endpoints_of
from tui.details.network_command import network_command
from tui.details.sheet import Sheet, host, one_row, shortened, spaced
from tui.look.symbols import gauge, state, sym
from tui.tables.spec import Detail, Moment
from tui.text.ago import ago, number, plural
from tui.text.fit import width
from tui.text.span import Line, line

#: Endpoints drawn in a pane; the describe page shows all.
_TREE = 14


def addresses(network: Network, snapshot: Snapshot) -> AddressUse:
    """How many addresses are taken; remembered while nothing on the network changes."""
    return relations(snapshot).addresses(network)


def flags(network: Network) -> str:
    """``encrypted, internal, parent eth0.120``: what is special about it."""
    if not network.is_swarm and network.name in _BUILT_IN:
        return _BUILT_IN[network.name]
    words = [
        "routing mesh" if network.ingress else "",
        "encrypted" if network.driver == "overlay" and network.encrypted else "",
        "internal" if network.internal else "",
        "attachable" if network.attachable else "",
        "IPv6" if network.ipv6 else "",
        "only a plan" if network.config_only else "",
        f"as {network.config_from}" if network.config_from else "",
        f"parent {network.options['parent']}" if network.options.get("parent") else "",
    ]
    return " ".join(word for word in words if word)


_BUILT_IN = {
    "bridge": "taken by default",
    "docker_gwbridge": "way out of overlays",
    "host": "the node's own",
    "none": "loopback only",
}


def used_line(use: AddressUse, word: str) -> Line:
    """``12 of 253``; the number in the colour of the state where it gets tight."""
    if use.size is None:
        return ((number(use.used), "muted"),) if use.used else ()
    tone = {"filling": "warn", "failing": "err"}.get(word, "")
    sign = "~" if use.estimated and use.used else ""
    return ((sign, "muted"), (number(use.used), f"{tone} bold" if tone else ""), (f" of {number(use.size)}", "muted"))


def network_state_line(network: Network, moment: Moment) -> Line:
    """``● in use by 2 services, 4 endpoints, on 3 nodes``."""
    use = addresses(network, moment.snapshot)
    h = network_health(network, use)
    if h.word in ("filling", "failing"):
        return line(state(h.word, "", SEVERITIES.get(h.word, "")), f", {h.reason}")
    if network.config_only:
        return state("none", "only a plan that other networks are made from")
    rows = [r for r in endpoints_of(network, moment.snapshot) if not r.balancer]
    services = relations(moment.snapshot).services_on(network)
    if not rows and not services:
        return state("unused", "in use by nobody")
    nodes = {r.node_id for r in rows if r.node_id}
    parts = [plural(len(services), "service") if services else "", plural(len(rows), "endpoint")]
    where = f", on {plural(len(nodes), 'node')}" if len(nodes) > 1 or (network.is_swarm and nodes) else ""
    return state("ready", f"in use by {', '.join(p for p in parts if p)}{where}")


def network_detail(network: Network, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a network at a width; ``full`` for its own page."""
    sheet = Sheet(moment, cells, full=full)
    sheet.fact("state", network_state_line(network, moment))
    sheet.fact("scope", _scope(network, moment.snapshot))
    made = f", of stack {network.stack}" if network.stack else ""
    sheet.fact("created", (ago(network.created, moment.now) or "not known") + made)
    sheet.fact("id", network.id if full else network.id[:25])
    _addresses(sheet, network)
    _tree(sheet, network)
    _driver(sheet, network)
    if full:
        sheet.pairs("labels", network.labels)
        sheet.pairs("options", network.options)
    command = network_command(network)
    sheet.command(command)
    return Detail(network.name, sheet.lines, _compact(network, moment, cells), command)


def _scope(network: Network, snapshot: Snapshot) -> str:
    if not network.is_swarm:
        node = snapshot.nodes.get(network.node_id)
        return f"local to {node.name if node else 'this node'}" + (", internal" if network.internal else "")
    attach = "attachable by containers" if network.attachable else "for services only"
    inside = "internal: no way out" if network.internal else "not internal"
    return "swarm, the routing mesh for published ports" if network.ingress else f"swarm, {attach}, {inside}"


def _addresses(sheet: Sheet, network: Network) -> None:
    use = addresses(network, sheet.moment.snapshot)
    configs = network.ipam.configs
    if not configs and use.size is None:
        return
    sheet.head("Addresses", "about, tasks are not all read" if use.estimated else "computed here")
    h = network_health(network, use)
    for index, config in enumerate(configs):
        bar: Line = ()
        if index == 0 and use.size:
            said = f"  {number(use.used)} used, {number(use.free)} free"
            cells = max(8, min(30, sheet.cells - width(config.subnet) - 3 - width(said)))
            tone = {"filling": "warn", "failing": "err"}.get(h.word, "ok")
            bar = line("   ", gauge(use.used, use.size, cells, tone), said)
        sheet.text(line(config.subnet, bar), hang=2)
        sheet.text(
            spaced(
                line(("gateway ", "muted"), host(config.gateway)) if config.gateway else "",
                line(("gives out ", "muted"), config.ip_range) if config.ip_range else "",
                *(line(("reserved ", "muted"), f"{a} {k}") for k, a in config.aux.items()),
            ),
            hang=2,
        )
    parts = (
        (use.virtual, "virtual"),
        (use.tasks, "of tasks"),
        (use.containers, "of containers"),
        (use.balancers, "of balancers"),
    )
    said = ", ".join(f"{count} {word}" for count, word in parts if count)
    sheet.text((said, "muted"))
    if network.ipam.driver not in ("", "default"):
        sheet.fact("given by", network.ipam.driver)


def _tree(sheet: Sheet, network: Network) -> None:
    moment = sheet.moment
    snapshot = moment.snapshot
    known = relations(snapshot)
    rows = [r for r in endpoints_of(network, snapshot) if not r.balancer]
    services = known.services_on(network)
    if not rows and not services:
        return
    sheet.head("How it hangs together", f"network {sym('to')} endpoint {sym('to')} sandbox")
    sheet.text((network.name, "bold"), (f" {network.driver}, {', '.join(network.subnets) or 'no subnet'}", "muted"))
    groups: list[tuple[Line, list[EndpointRow]]] = []
    for service in services:
        vip = next((host(v.address) for v in service.virtual_ips if v.network_id == network.id), "")
        address = line(("   virtual address ", "muted"), vip) if vip else (("   no virtual address", "muted"),)
        members = [r for r in rows if r.service_id == service.id]
        groups.append((line((service.name, ""), address), members))
    ids = {s.id for s in services}
    alone = [r for r in rows if r.service_id not in ids]
    if alone:
        groups.append(((("on their own", "muted"),), alone))
    left = 10_000 if sheet.full else _TREE
    cut = 0
    for index, (title, members) in enumerate(groups):
        last = index == len(groups) - 1
        if left <= 0:
            cut += 1 + len(members)
            continue
        sheet.text(("└─ " if last else "├─ ", "line"), title, hang=3)
        left -= 1
        shown = members[: max(left, 0)]
        for number_, row in enumerate(shown):
            tip = number_ == len(shown) - 1 and len(shown) == len(members)
            branch = ("   " if last else "│  ") + ("└─ " if tip else "├─ ")
            sheet.text((branch, "line"), _leaf(row, moment), hang=9)
        left -= len(shown)
        cut += len(members) - len(shown)
    if cut:
        sheet.text((f"{cut} more", "muted"))


def _leaf(row: EndpointRow, moment: Moment) -> Line:
    node = moment.snapshot.nodes.get(row.node_id)
    symbol = endpoint_state_line(row, moment)[0]
    where = f"   {node.name}" if node else ""
    return line(symbol, f" {row.ipv4 or row.ipv6 or '-'}  ", row.name, (where, "muted"))


def _driver(sheet: Sheet, network: Network) -> None:
    fact = driver_fact(network.driver)
    sheet.head(f"Driver: {network.driver or 'none'}")
    sheet.text((fact.what, "muted"))
    options = network.options
    sheet.fact("vni", next((v for k, v in options.items() if k.endswith("vxlanid_list")), ""))
    sheet.fact("mtu", options.get("com.docker.network.driver.mtu", ""))
    sheet.fact("parent", options.get("parent", ""))
    sheet.fact("bridge", options.get("com.docker.network.bridge.name", ""))
    if network.driver == "overlay":
        sheet.fact("encrypted", "yes, IPsec between the nodes" if network.encrypted else "no")
    if network.peers:
        names = {n.address: n.name for n in sheet.moment.snapshot.nodes.values() if n.address}
        peers = sorted(names.get(p.address, p.address) for p in network.peers)
        sheet.fact("peers", listing(peers, most=len(peers) if sheet.full else 6))
    elif network.driver == "overlay" and network.inspected:
        sheet.fact("peers", "none seen from this node")


def _compact(network: Network, moment: Moment, cells: int) -> tuple[Line, ...]:
    use = addresses(network, moment.snapshot)
    h = network_health(network, use)
    known = relations(moment.snapshot)
    services = [s.name for s in known.services_on(network)]
    held = [r for r in endpoints_of(network, moment.snapshot) if not r.balancer]
    ends = [f"{r.name} {address}" for r, address in zip(held, shortened([r.ipv4 for r in held]), strict=True)]
    bar: Line = ()
    if use.size:
        tone = {"filling": "warn", "failing": "err"}.get(h.word, "")
        bar = line("  ", gauge(use.used, use.size, max(8, min(24, cells - 56)), tone), "  ", used_line(use, h.word))
    return (
        one_row("state", network_state_line(network, moment), cells=cells),
        one_row("scope", _scope(network, moment.snapshot), cells=cells),
        one_row("addresses", ", ".join(network.subnets) or ("none", "muted"), bar, cells=cells),
        one_row("services", listing(services, most=6) or ("none", "muted"), cells=cells),
        one_row("endpoints", listing(ends, most=6) or ("none", "muted"), cells=cells),
        one_row("driver", spaced(network.driver, (flags(network), "muted")), cells=cells),
    )
