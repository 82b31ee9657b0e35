"""The detail of a published port: who answers on it, where, and who else wants it."""

from __future__ import annotations

from backends.model import Key, Kind
from backends.state.relations import PublishedAt
from backends.state.wording import listing
from tui.details.node import node_name
from tui.details.sheet import Sheet, one_row
from tui.look.symbols import state
from tui.tables.spec import Detail, Moment
from tui.text.ago import plural


def owner_of(port: PublishedAt) -> Key:
    """The service or container that publishes a port."""
    return Key(Kind.SERVICE, port.service_id) if port.service_id else Key(Kind.CONTAINER, port.container_id)


def where(port: PublishedAt, moment: Moment) -> str:
    """``every node``, ``6 nodes``, or the name of the one node."""
    s = moment.snapshot
    if port.mode == "ingress":
        return "every node"
    names = [node_name(s, i) for i in port.node_ids if i]
    if not names:
        if port.mode == "container":
            return "this node"
        read = Kind.TASK in s.listed or port.service_id in s.tasks_of
        return "no node now" if read else "where it runs"
    return names[0] if len(names) == 1 else plural(len(names), "node")


def port_detail(port: PublishedAt, moment: Moment, cells: int) -> Detail:
    """Who answers on a port, where, and who else wants it."""
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
