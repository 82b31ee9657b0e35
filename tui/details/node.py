"""The detail of a node: how it is, what it is made of, how it is reached, what runs on it, what room is left."""

from __future__ import annotations

from backends.model import Kind, Node, Snapshot, Task
from backends.state.health import node_health
from backends.state.relations import relations
from backends.state.severity import SEVERITIES, rank
from backends.state.wording import listing
from tui.details.errors import error_block
from tui.details.events import clock_apart
from tui.details.reach import reach_block, reached_line
from tui.details.sheet import Sheet, labelled, one_row, spaced
from tui.details.task import task_name, task_state
from tui.look.symbols import gauge, state, sym
from tui.tables.spec import Detail, Moment
from tui.text.ago import age, ago, duration, size
from tui.text.span import Line, line

#: Tasks shown in a pane; the describe page shows all.
_TASKS = 12


def node_name(snapshot: Snapshot, node_id: str) -> str:
    """Host name of a node, the head of its ID where it is not known; of a plain engine the engine's name."""
    node = snapshot.nodes.get(node_id)
    if node is not None:
        return node.name
    if snapshot.engine is not None and node_id == snapshot.node_id:
        return snapshot.engine.name or node_id[:12]
    return node_id[:12]


def node_state_line(node: Node, moment: Moment) -> Line:
    """``● ready``, ``✗ down 6m``: whether it answers the managers; what it takes is another column."""
    h = node_health(node)
    word = "ready" if h.word in ("drained", "paused") else h.word
    since = f" {age(node.updated, moment.now)}" if word == "down" and node.updated is not None else ""
    return state(word, word + since, SEVERITIES.get(word, ""))


def availability_line(node: Node) -> Line:
    """``active`` (quiet), ``▽ drain``, ``‖ pause``."""
    if node.availability == "active":
        return (("active", "muted"),)
    symbol = sym("drained" if node.availability == "drain" else "paused")
    return ((f"{symbol} {node.availability}", "off"),)


def role_line(node: Node) -> Line:
    """``★ leader``, ``manager``, ``worker`` (quiet)."""
    if node.is_leader:
        return line((sym("leader"), "accent"), " leader")
    return ((node.role, "" if node.role == "manager" else "muted"),)


def running_on(node_id: str, snapshot: Snapshot) -> tuple[Task, ...]:
    """Tasks of a node that are meant to be there and are not over."""
    tasks = relations(snapshot).tasks_on(node_id)
    return tuple(t for t in tasks if not t.is_over and t.desired_state not in ("shutdown", "remove"))


def tasks_known(snapshot: Snapshot) -> bool:
    """Whether the whole task list has been read."""
    return Kind.TASK in snapshot.listed


def node_detail(node: Node, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a node at a width; ``full`` for its own page."""
    sheet = Sheet(moment, cells, full=full)
    h = node_health(node)
    since = f", for {duration(moment.now - node.created)}" if node.created is not None and h.word == "ready" else ""
    sheet.fact("state", node_state_line(node, moment), f", {_takes(node)}", since)
    sheet.fact("", h.reason if h.word not in ("ready", "drained", "paused") else "")
    sheet.fact("role", _role(node))
    sheet.fact("address", spaced(node.address, _raft_address(node)))
    engine = moment.snapshot.engines.get(node.id)
    if engine is None and node.id == moment.snapshot.node_id:
        engine = moment.snapshot.engine
    api = f", API {engine.api_version}" if engine and engine.api_version else ""
    containerd = f", containerd {engine.containerd}" if engine and engine.containerd else ""
    sheet.fact("engine", (node.engine_version or "not known") + api + containerd)
    kernel = f", kernel {engine.kernel}" if engine and engine.kernel else ""
    system = f"{engine.os}, " if engine and engine.os else ""
    sheet.fact("system", f"{system}{node.os or '?'}/{node.architecture or '?'}{kernel}")
    sheet.fact("size", f"{node.nano_cpus / 1e9:g} cpu, {size(node.memory)}" if node.memory else "not known")
    sheet.fact("clock", _clock(node, moment))
    if full:
        sheet.fact("id", node.id)
        sheet.fact("joined", ago(node.created, moment.now))
    reach_block(sheet, node)
    _labels(sheet, node)
    _tasks(sheet, node)
    _room(sheet, node)
    _plugins(sheet, node)
    command = f"docker node inspect --pretty {node.name}"
    sheet.command(command)
    return Detail(node.name, sheet.lines, _compact(node, moment, cells), command)


def _clock(node: Node, moment: Moment) -> Line:
    """``37 s ahead; its events are put in order by that``; empty where it is right or not known."""
    clock = moment.snapshot.clocks.get(node.id)
    apart = clock_apart(clock.counted) if clock is not None else ""
    return line((apart, "warn"), "; its events are put in order by that") if apart else ()


def _takes(node: Node) -> str:
    return {"active": "active", "drain": "drained: takes no tasks", "pause": "paused: takes no new tasks"}.get(
        node.availability, node.availability
    )


def _role(node: Node) -> Line:
    if node.manager is None:
        return line(node.role)
    if node.is_leader:
        return line((sym("leader"), "accent"), " leader of the managers")
    reach = node.manager.reachability
    return line("manager, ", ("", ""), (reach, "" if reach == "reachable" else "err"))


def _raft_address(node: Node) -> Line:
    address = node.manager.address if node.manager else ""
    return labelled("managers talk to", address) if address and address.partition(":")[0] != node.address else ()


def _labels(sheet: Sheet, node: Node) -> None:
    if node.labels or node.engine_labels:
        sheet.head("Labels")
        parts = [line((f"{key}=", "muted"), value) for key, value in sorted(node.labels.items())]
        if parts:
            sheet.text(spaced(*parts))
        sheet.pairs("of engine", node.engine_labels)


def _tasks(sheet: Sheet, node: Node) -> None:
    moment = sheet.moment
    known = relations(moment.snapshot)
    if not tasks_known(moment.snapshot):
        sheet.head("Tasks", "not read yet")
        return
    tasks = running_on(node.id, moment.snapshot)
    failed = [t for t in known.tasks_on(node.id) if t.failed]
    if not tasks:
        sheet.head("Tasks", "none")
    else:
        ordered = sorted(tasks, key=lambda t: (rank(task_state(t, moment)), task_name(t, moment.snapshot)))
        shown = ordered if sheet.full else ordered[:_TASKS]
        rows = []
        for task in sorted(shown, key=lambda t: task_name(t, moment.snapshot)):
            word = task_state(task, moment)
            symbol = state(word, "", SEVERITIES.get(word, ""))
            rows.append((line(task_name(task, moment.snapshot)), symbol, ((age(task.since, moment.now), "muted"),)))
        sheet.grid(("Tasks", "state", "age"), rows, aligns="llr", cuts="m")
        if len(ordered) > len(shown):
            sheet.text((f"{len(ordered) - len(shown)} more", "muted"))
    error_block(sheet, failed, on_node=True)


def _room(sheet: Sheet, node: Node) -> None:
    snapshot = sheet.moment.snapshot
    if not node.memory or not tasks_known(snapshot):
        return
    services = snapshot.services
    held = [services[t.service_id].resources for t in running_on(node.id, snapshot) if t.service_id in services]
    cpus, memory = sum(r.reserve_cpu for r in held), sum(r.reserve_memory for r in held)
    if not cpus and not memory:
        sheet.head("Room left", "no task reserves any")
        return
    sheet.head("Room left", "of what tasks reserve")
    bar = max(8, min(16, sheet.cells - 36))
    for label, used, total, said in (
        ("cpu", cpus, node.nano_cpus, f"{cpus / 1e9:g} of {node.nano_cpus / 1e9:g} reserved"),
        ("memory", memory, node.memory, f"{size(memory)} of {size(node.memory)}"),
    ):
        tone = "warn" if total and used / total >= 0.9 else ""
        sheet.fact(label, gauge(used, total, bar, tone), f"  {said}")


def _plugins(sheet: Sheet, node: Node) -> None:
    if not sheet.full or not node.plugins:
        return
    sheet.head("Plugins")
    for kind in sorted({p.type for p in node.plugins}):
        names = sorted(p.name for p in node.plugins if p.type == kind)
        sheet.fact(kind.lower(), ", ".join(names))


def _compact(node: Node, moment: Moment, cells: int) -> tuple[Line, ...]:
    h = node_health(node)
    tasks = running_on(node.id, moment.snapshot)
    troubled = [t for t in tasks if task_state(t, moment) not in ("running", "complete")]
    counts = str(len(tasks)) if tasks_known(moment.snapshot) else "not read yet"
    trouble = f"{len(troubled)} not running" if troubled else ""
    labels = listing([f"{k}={v}" for k, v in sorted(node.labels.items())], most=5)
    rows = [
        one_row("state", node_state_line(node, moment), f", {_takes(node)}", cells=cells),
        one_row("", h.reason, cells=cells) if h.severity in ("err", "warn") and h.reason else (),
        one_row("role", _role(node), cells=cells),
        one_row("engine", spaced(node.engine_version, labelled("address", node.address)), cells=cells),
        one_row("clock", clock, cells=cells) if (clock := _clock(node, moment)) else (),
        one_row("size", f"{node.nano_cpus / 1e9:g} cpu, {size(node.memory)}" if node.memory else "", cells=cells),
        one_row("tasks", spaced(counts, (trouble, "warn")), cells=cells),
        one_row("labels", labels or ("none", "muted"), cells=cells),
        one_row("reached", reached_line(node, moment), cells=cells),
    ]
    return tuple(row for row in rows if row)[:6]
