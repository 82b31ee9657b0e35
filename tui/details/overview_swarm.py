"""Blocks of the Overview about the Swarm as a whole: quorum and settings, nodes, services, stacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from backends.model import Kind, Node
from backends.state.health import node_health, quorum
from backends.state.judged import services_health
from backends.state.severity import SEVERITIES, rank
from tui.details.blocks import Block
from tui.details.node import availability_line, node_state_line, role_line, running_on, tasks_known
from tui.details.sheet import LABEL, spaced
from tui.details.stack import stack_services, stack_state_line, stack_tasks
from tui.details.task import task_state
from tui.look.symbols import gauge, state, sym
from tui.tables.spec import Moment
from tui.text.ago import duration, number, plural
from tui.text.fit import cut_line, fit, line_width, width, wrap_line
from tui.text.span import Line, Span, line


def _fact(label: str, value: Line, cells: int) -> list[Line]:
    if not line_width(value):
        return []
    rows = wrap_line(value, max(cells - LABEL, 8))
    return [(*fit(((label if i == 0 else "", "muted"),), LABEL), *row) for i, row in enumerate(rows)]


def quorum_line(moment: Moment) -> Line:
    """``● healthy, 3 of 3 managers``."""
    q = quorum(moment.snapshot)
    if q.word == "unknown":
        return state("unknown", "not known")
    said = f", {q.reachable} of {plural(q.managers, 'manager')}"
    return line(state(q.word, "", SEVERITIES.get(q.word, "")), said)


def survives(moment: Moment) -> str:
    """``survives the loss of 1 manager``; says it where none may be lost."""
    q = quorum(moment.snapshot)
    if not q.held:
        return f"{q.needed} are needed; nothing can be changed" if q.managers else ""
    if not q.survives:
        return "no manager may be lost"
    return f"survives the loss of {plural(q.survives, 'manager')}"


def task_counts(moment: Moment) -> Line:
    """``72 run, 3 failing, 1 pending``; empty where the tasks were not read."""
    s = moment.snapshot
    if not tasks_known(s):
        health = services_health(s, moment.now).values()
        running, wanted = sum(h.running for h in health), sum(h.wanted for h in health if h.word != "complete")
        return line(f"{number(running)} of {number(wanted)} run") if s.services else ()
    words: Counter[str] = Counter()
    for task in s.tasks.values():
        if not task.is_over and task.desired_state not in ("shutdown", "remove"):
            words[task_state(task, moment)] += 1
    parts = [f"{number(words.pop('running', 0))} run"]
    parts += [f"{number(count)} {word}" for word, count in sorted(words.items(), key=lambda i: (rank(i[0]), i[0]))]
    return line(", ".join(parts))


def swarm_block(moment: Moment, cells: int) -> Block:
    """Quorum, leader, managers, engines and the settings of the whole Swarm."""
    s = moment.snapshot
    q = quorum(s)
    rows = _fact("quorum", quorum_line(moment), cells)
    rows += _fact("", ((survives(moment), "muted"),), cells)
    if q.leader is not None:
        here = ", this node" if q.leader.id == s.node_id else ""
        rows += _fact("leader", line((sym("leader"), "accent"), f" {q.leader.name}{here}"), cells)
        address = q.leader.manager.address if q.leader.manager else ""
        rows += _fact("", line(address), cells)
    others = [n for n in s.nodes.values() if n.manager is not None and n is not q.leader]
    marks = [_manager_mark(n) for n in sorted(others, key=lambda n: n.name)]
    rows += _fact("managers", spaced(*marks), cells)
    versions = Counter(n.engine_version for n in s.nodes.values() if n.engine_version)
    told = [f"{v} on {n}" if i else f"{v} on {plural(n, 'node')}" for i, (v, n) in enumerate(versions.most_common(3))]
    rows += _fact("engine", line(", ".join(told)), cells)
    if s.swarm is not None:
        swarm = s.swarm
        rows += _fact("data path", line(f"VXLAN, UDP {swarm.data_path_port or 4789}"), cells)
        pools = " ".join(swarm.default_pools)
        rows += _fact("pools", line(f"{pools} in /{swarm.subnet_size}" if pools else ""), cells)
        rows += _fact("autolock", line("on" if swarm.autolock else "off"), cells)
        if swarm.ca_expires is not None:
            left = swarm.ca_expires - moment.now
            tone = "warn" if left < 30 * 86400 else ""
            rows += _fact("CA", ((f"expires in {duration(left)}" if left > 0 else "has expired", tone),), cells)
    rows += _fact("tasks", task_counts(moment), cells)
    return Block("Swarm", tuple(rows))


def _manager_mark(node: Node) -> Line:
    reached = node.manager is not None and node.manager.reachability == "reachable"
    return line((sym("ok") if reached else sym("fail"), "ok" if reached else "err"), f" {node.name}")


def nodes_block(moment: Moment, cells: int, height: int) -> Block:
    """Each node with its state, role and tasks; those in trouble first where not all fit."""
    s = moment.snapshot
    nodes = sorted(s.nodes.values(), key=_node_order)
    room = max(height - 4, 1)
    if len(nodes) > room:
        nodes = sorted(nodes, key=lambda n: (rank(node_health(n).word), *_node_order(n)))[: room - 1]
    counts = {n.id: len(running_on(n.id, s)) for n in s.nodes.values()} if tasks_known(s) else {}
    most = max(counts.values(), default=0)
    name_cells = max(8, min(16, max((width(n.name) for n in s.nodes.values()), default=8)))
    bar = max(0, min(20, cells - name_cells - 33))
    # Tasks are read whole only while a list needs them: until then the address says more than a blank.
    last = ("TASKS", 5) if counts else ("ADDRESS", 15)
    head = (("NAME", name_cells), ("STATE", 10), ("ROLE", 8), last)
    rows: list[Line] = [tuple((fit(t, size, "r" if t == "TASKS" else "l") + "  ", "muted") for t, size in head)]
    for node in nodes:
        drained = node.state == "ready" and node.availability != "active"
        how = availability_line(node) if drained else node_state_line(node, moment)
        count = counts.get(node.id)
        parts: list[Span] = [
            *fit(line(node.name), name_cells, cut="m"),
            ("  ", ""),
            *fit(how, 10),
            ("  ", ""),
            *fit(role_line(node), 8),
            ("  ", ""),
            *(((node.address, "muted"),) if count is None else fit(line(str(count)), 5, "r")),
        ]
        if bar >= 6 and count is not None:
            parts += [("  ", ""), *gauge(count, most, bar)]
        rows.append(tuple(parts))
    if len(nodes) < len(s.nodes):
        rows.append(((f"{len(s.nodes) - len(nodes)} more", "faint"),))
    rows += [(), ((node_counts(s.nodes.values()), "muted"),)]
    return Block("Nodes", tuple(rows), number(len(s.nodes)))


def _node_order(node: Node) -> tuple[int, str]:
    return (0 if node.is_leader else 1 if node.role == "manager" else 2, node.name)


def node_counts(nodes: Iterable[Node]) -> str:
    """``6 take tasks, 1 drained, 1 down``."""
    words: Counter[str] = Counter()
    for node in nodes:
        words["take tasks" if node.takes_tasks else node_health(node).word] += 1
    order = sorted(words.items(), key=lambda item: (item[0] != "take tasks", rank(item[0]), item[0]))
    return ", ".join(f"{count} {word}" for word, count in order)


def services_block(moment: Moment, cells: int, height: int) -> Block:
    """Services by state, worst first, by name; the healthy ones as many as fit."""
    s = moment.snapshot
    health = services_health(s, moment.now)
    groups: dict[str, list[Line]] = {}
    for service in sorted(s.services.values(), key=lambda x: x.name):
        h = health.get(service.id)
        if h is not None:
            shown = f"{h.wanted}/{h.wanted}" if h.word == "complete" else h.replicas
            groups.setdefault(h.word, []).append(line(service.name, (f" {shown}", "muted")))
    words = sorted(groups, key=lambda w: (rank(w), w))
    rows: list[Line] = []
    left = height - 1
    for index, word in enumerate(words):
        members = groups[word]
        tone = SEVERITIES.get(word, "")
        head = line(
            fit(state(word, "", tone), 11),
            (f"{len(members):>3}", f"{tone} bold" if tone in ("err", "warn", "chg") else "bold"),
            "  ",
        )
        # Every state that follows needs a row of its own.
        room = max(1, left - len(rows) - (len(words) - index - 1))
        flowed = flow(members, max(cells - 16, 12), room)
        for number_, row in enumerate(flowed):
            rows.append((*(head if number_ == 0 else ((" " * 16, ""),)), *row))
    if not rows:
        rows = [line(("No services yet.", "muted"))]
    return Block("Services", tuple(rows[: max(left, 1)]), number(len(s.services)))


def flow(items: Sequence[Line], cells: int, rows: int) -> list[Line]:
    """Items one after another, three apart, on at most ``rows`` rows; the last one counts those left out."""
    out: list[list[Span]] = [[]]
    used = 0
    for index, item in enumerate(items):
        size = line_width(item)
        gap = 3 if used else 0
        more = f"{len(items) - index} more"
        last = len(out) == rows
        reserve = width(more) + 3 if last and index < len(items) - 1 else 0
        if used + gap + size + reserve > cells and used:
            if last:
                out[-1] += [("   ", ""), (more, "faint")]
                return [cut_line(tuple(row), cells) for row in out]
            out.append([])
            used, gap = 0, 0
        out[-1] += [(" " * gap, ""), *item]
        used += gap + size
    return [cut_line(tuple(row), cells) for row in out]


def stacks_block(moment: Moment, cells: int) -> Block:
    """Each stack with its state, services and tasks."""
    s = moment.snapshot
    rows: list[Line] = []
    name_cells = max(8, min(20, cells // 4))
    for stack in sorted(s.stacks.values(), key=lambda k: k.name):
        services = len(stack_services(stack, s))
        said = f"{plural(services, 'service')}, {plural(stack_tasks(stack, moment)[1], 'task')}"
        room = max(10, cells - name_cells - 2 - width(said) - 2)
        rows.append(
            (
                *fit(line(stack.name), name_cells, cut="m"),
                ("  ", ""),
                *fit(stack_state_line(stack, moment), room),
                ("  ", ""),
                (said, "muted"),
            )
        )
    return Block("Stacks", tuple(rows) or (line(("No stack is deployed.", "muted")),), number(len(s.stacks)))


def in_short(moment: Moment, cells: int) -> tuple[Line, ...]:
    """The Swarm in four rows, for screens of 80 columns."""
    s = moment.snapshot
    q = quorum(s)
    parts: list[Line] = []
    if q.word != "unknown":
        said = f"{q.reachable} of {q.managers}, {survives(moment).removesuffix(' manager').removesuffix(' managers')}"
        parts.append(line(state(q.word, said, SEVERITIES.get(q.word, ""))))
    if q.leader is not None:
        here = ", this node" if q.leader.id == s.node_id else ""
        parts.append(line(("leader ", "muted"), (sym("leader"), "accent"), f" {q.leader.name}{here}"))
    nodes = Counter(node_health(n).word for n in s.nodes.values())
    services = Counter(h.word for h in services_health(s, moment.now).values())
    rows = (
        ("quorum", spaced(*parts)),
        ("nodes", _tally(nodes)),
        ("services", _tally(services) if services else line(("none yet", "muted")) if Kind.SERVICE in s.listed else ()),
        ("tasks", task_counts(moment)),
    )
    return tuple(cut_line((*fit(((label, "muted"),), 10), *row), cells) for label, row in rows if line_width(row))


def _tally(words: Counter[str]) -> Line:
    ordered = sorted(words.items(), key=lambda item: (rank(item[0]), item[0]))
    return spaced(*(state(w, f"{n} {w}", SEVERITIES.get(w, "")) for w, n in ordered), gap=2)
