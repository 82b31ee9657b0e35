"""The page ``w``: why a task finds no node, or why it fails, worked out node by node. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from backends.model import Key, Kind, Node, Service, Task
from backends.state.health import node_health
from backends.state.judged import listed_tasks, services_health
from backends.state.placement import NodeVerdict, Placement, Test, why_pending
from backends.state.relations import relations
from backends.state.severity import SEVERITIES
from backends.state.wording import listing, short_image
from tui.details.errors import error_block, error_text, happened
from tui.details.sheet import Sheet, spaced
from tui.details.task import meaning, running_before, task_name
from tui.look.symbols import state, sym
from tui.tables.spec import Detail, Moment
from tui.text.ago import ago, clock, duration
from tui.text.fit import fit, width
from tui.text.span import Line, Span, line

_TITLES = {"availability": "AVAIL"}
#: Cells of a test's column at least, and at most.
_LEAST, _MOST = 5, 14


def why(key: Key, moment: Moment, cells: int) -> Detail | None:
    """Why a service, task or node is not as it should be; ``None`` where the object is not known.

    Says so where nothing is wrong. ``command`` is the first line that would help.
    """
    s = moment.snapshot
    if key.kind is Kind.NODE and key.id in s.nodes:
        return _node(s.nodes[key.id], moment, cells)
    if key.kind is Kind.TASK and key.id in s.tasks:
        task = s.tasks[key.id]
        if task.state == "pending":
            found = why_pending(task, s)
            if found is not None:
                return _pending(task_name(task, s), found, task, moment, cells)
        service = s.services.get(task.service_id)
        return _failing(task_name(task, s), service, [task], moment, cells)
    if key.kind is Kind.SERVICE and key.id in s.services:
        service = s.services[key.id]
        found = why_pending(service, s)
        if found is not None:
            task_ = _newest_pending(service, moment)
            name = task_name(task_, s) if task_ else service.name
            return _pending(name, found, task_, moment, cells)
        tasks = [t for t in listed_tasks(service, s) or () if t.failed]
        return _failing(service.name, service, tasks, moment, cells)
    return None


def _newest_pending(service: Service, moment: Moment) -> Task | None:
    waiting = [t for t in relations(moment.snapshot).tasks_of(service.id) if t.state == "pending"]
    return max(waiting, key=lambda t: t.created or 0.0, default=None)


# -- pending ------------------------------------------------------------------------------------------------


def _pending(name: str, found: Placement, task: Task | None, moment: Moment, cells: int) -> Detail:
    sheet = Sheet(moment, cells)
    for_ = f"for {duration(moment.now - task.since)}" if task is not None and task.since is not None else ""
    verdict = "No node passes every test." if not found.fitting else "A node would take it now."
    tone = "warn" if not found.fitting else "ok"
    symbol = sym("look") if not found.fitting else sym("ok")
    sheet.text((f"{symbol} {verdict}", f"{tone} bold"), "  ", _sentence(found.summary), (f"   {for_}", "muted"), hang=2)
    sheet.gap()
    sheet.rows += verdict_table(found, moment, cells)
    if found.remedies:
        sheet.head("What would let it run")
        for index, remedy in enumerate(found.remedies, 1):
            parts = spaced(remedy.text, (remedy.command, "accent"))
            sheet.text((f"{index}  ", "strong bold"), parts, hang=3)
    sheet.gap()
    said = found.says or (error_text(task) if task else "")
    if said:
        sheet.fact("swarm says", said)
    read = clock(moment.snapshot.listed.get(Kind.NODE), moment.now)
    when = f" of {read}" if read else ""
    sheet.fact(
        "worked out", f"here, from the spec, labels, reservations and networks{when}; the scheduler is not asked"
    )
    command = next((r.command for r in found.remedies if r.command), "")
    return Detail(f"Why is {name} pending", sheet.lines, sheet.lines[:6], command)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".") if text else ""


def verdict_table(found: Placement, moment: Moment, cells: int) -> list[Line]:
    """Nodes by tests; where not all columns fit, the reasons alone."""
    if not found.nodes:
        return [line(("No node is known.", "muted"))]
    names = max(6, min(18, max(width(v.node.name) for v in found.nodes)))
    columns = found.columns
    titles = [_TITLES.get(c, c.removeprefix("node.labels.") if "=" in c else c.upper()) for c in columns]
    sizes = [max(_LEAST, min(_MOST, width(t))) for t in titles]
    reasons = max((width(", ".join(v.reasons)) for v in found.nodes), default=8)
    room = cells - names - 2
    tests = sum(size + 2 for size in sizes)
    if tests + 8 > room:
        return _plain_table(found, names, cells)
    rest = room - tests
    head: list[Span] = [(fit("NODE", names), "muted"), ("  ", "")]
    for title, size in zip(titles, sizes, strict=True):
        head += [(fit(title, size, cut="m"), "muted"), ("  ", "")]
    head.append((fit("VERDICT", min(rest, max(reasons, 8))), "muted"))
    rows: list[Line] = [tuple(head)]
    for verdict in found.nodes:
        rows.append(_verdict_row(verdict, names, sizes, rest))
    foot: list[Span] = [(fit("pass", names), "muted"), ("  ", "")]
    for index, size in enumerate(sizes):
        count = sum(1 for v in found.nodes if v.tests[index].passed is not False)
        foot += [(fit(str(count), size), "bold" if count <= 1 else "muted"), ("  ", "")]
    foot.append((f"{len(found.fitting)} of {len(found.nodes)}", "bold"))
    rows.append(tuple(foot))
    return rows


def _verdict_row(verdict: NodeVerdict, names: int, sizes: Sequence[int], rest: int) -> Line:
    parts: list[Span] = [*fit(line(verdict.node.name), names, cut="m"), ("  ", "")]
    for test, size in zip(verdict.tests, sizes, strict=True):
        parts += [*fit(_mark(test, size), size), ("  ", "")]
    reasons = ", ".join(verdict.reasons)
    parts += fit(line((reasons, "")) if reasons else line(("takes it", "ok")), rest)
    return tuple(parts)


def _mark(test: Test, size: int) -> Line:
    if test.passed is None:
        return ((sym("unknown"), "muted"),)
    if test.passed:
        return ((sym("check"), "ok"),)
    if test.name == "availability":
        return ((sym("drained"), "off"), (f" {test.text}" if size >= len(test.text) + 2 else "", "muted"))
    short = test.text.split()[0] if test.text[:1].isdigit() else ""
    return ((sym("fail"), "err"), (f" {short}" if short else "", "muted"))


def _plain_table(found: Placement, names: int, cells: int) -> list[Line]:
    rows: list[Line] = []
    for verdict in found.nodes:
        good = verdict.fits
        mark = line((sym("check"), "ok")) if good else line((sym("fail"), "err"))
        said = "takes it" if good else ", ".join(verdict.reasons)
        rows.append(fit((*fit(line(verdict.node.name), names, cut="m"), ("  ", ""), *mark, (f" {said}", "")), cells))
    return rows


# -- failing ------------------------------------------------------------------------------------------------


def _failing(name: str, service: Service | None, tasks: Sequence[Task], moment: Moment, cells: int) -> Detail:
    sheet = Sheet(moment, cells)
    wrong = sorted((t for t in tasks if error_text(t)), key=happened, reverse=True)
    health = services_health(moment.snapshot, moment.now).get(service.id) if service else None
    if not wrong:
        if health is not None:
            word = state(health.word, "", SEVERITIES.get(health.word, ""))
            sheet.text(word, f"   {_sentence(health.reason)}" if health.reason else "", hang=2)
        sheet.text("No failure of its tasks is known; the swarm keeps a few past tasks a slot, older ones are gone.")
        return Detail(f"Why {name}", sheet.lines, sheet.lines[:6], f"docker service ps --no-trunc {name}")
    newest = wrong[0]
    if health is not None:
        sheet.text((f"{sym('fail')} ", "err"), _sentence(health.reason), hang=2)
    said = meaning(error_text(newest), newest.exit_code)
    if said:
        sheet.head("What it means")
        sheet.text(said)
        sheet.text(running_before(newest, moment))
    error_block(sheet, wrong, "What the engine says")
    _where(sheet, wrong)
    command = ""
    if service is not None:
        command = _ways(sheet, service)
    return Detail(f"Why does {name} fail", sheet.lines, sheet.lines[:6], command)


def _where(sheet: Sheet, wrong: Sequence[Task]) -> None:
    nodes = sheet.moment.snapshot.nodes
    counts: dict[str, int] = {}
    for task in wrong:
        node = nodes.get(task.node_id)
        name = node.name if node else task.node_id[:12] or "no node"
        counts[name] = counts.get(name, 0) + 1
    images = sorted({short_image(t.image) for t in wrong if t.image})
    sheet.head("Where it fails")
    sheet.fact("nodes", listing([f"{name} ({count})" for name, count in sorted(counts.items())], most=6))
    sheet.fact("images", listing(images, most=3))
    sheet.fact("since", ago(min(happened(t) for t in wrong) or None, sheet.moment.now))


def _ways(sheet: Sheet, service: Service) -> str:
    lines = [f"docker service logs --tail 50 {service.name}"]
    if service.previous_image not in ("", service.image):
        lines.append(f"docker service rollback {service.name}")
    lines.append(f"docker service ps --no-trunc {service.name}")
    sheet.head("What helps")
    for index, text in enumerate(lines, 1):
        remark = f"   back to {short_image(service.previous_image)}" if "rollback" in text else ""
        sheet.text((f"{index}  ", "strong bold"), text, (remark, "muted"), hang=3)
    return lines[0] if len(lines) < 3 else lines[1]


# -- nodes --------------------------------------------------------------------------------------------------


_CHECKS = (
    "look whether the machine runs and answers",
    "look whether its engine runs: systemctl status docker",
    "look whether it reaches the managers: ports 2377/tcp, 7946/tcp and udp, 4789/udp",
)


def _node(node: Node, moment: Moment, cells: int) -> Detail:
    sheet = Sheet(moment, cells)
    h = node_health(node)
    sheet.text(state(h.word, "", SEVERITIES.get(h.word, "")), f"   {_sentence(h.reason)}" if h.reason else "", hang=2)
    if node.state != "ready":
        last = ago(node.updated, moment.now)
        sheet.fact("changed", last)
        sheet.head("What helps")
        for index, text in enumerate(_CHECKS, 1):
            sheet.text((f"{index}  ", "strong bold"), text, hang=3)
        sheet.head("What became of its tasks")
        sheet.text("The swarm starts them on other nodes; what was in local volumes of this node stays there.")
    elif node.availability != "active":
        sheet.head("What helps")
        sheet.text(f"docker node update --availability active {node.name}")
    command = f"docker node update --availability active {node.name}" if node.availability != "active" else ""
    return Detail(
        f"Why {node.name}", sheet.lines, sheet.lines[:6], command or f"docker node inspect --pretty {node.name}"
    )
