"""The detail of a service: how it is, where it runs, what it reaches, what changed, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Mode, Service, Snapshot, Task
from backends.state.judged import listed_tasks, services_health
from backends.state.placement import placement
from backends.state.relations import relations
from backends.state.service_health import ServiceHealth, SlotHealth, service_health
from backends.state.severity import SEVERITIES
from backends.state.wording import image_change, listing, short_image
from tui.details.errors import error_block
from tui.details.phrases import check, limits, mode, mount_line, pace, port_line, restarts, wanted_word
from tui.details.service_command import service_command
from tui.details.sheet import Sheet, host, labelled, one_row, shortened, spaced
from tui.details.task import task_state
from tui.look.symbols import state, sym
from tui.tables.spec import Detail, Moment
from tui.text.ago import age, ago, duration, plural
from tui.text.fit import image_line, width, wrap
from tui.text.span import Line, line

#: Replicas shown in a pane; the describe page shows all.
_REPLICAS = 12


def service_detail(service: Service, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a service at a width; ``full`` for its own page."""
    h = services_health(moment.snapshot, moment.now).get(service.id)
    h = h or service_health(service, None, moment.snapshot.nodes, moment.now)
    sheet = Sheet(moment, cells, full=full)
    _what(sheet, service, h)
    _replicas(sheet, service, h)
    failing = h.severity == "err"
    if failing:
        _errors(sheet, service)
    _networks(sheet, service)
    _ports(sheet, service)
    _update(sheet, service)
    if not failing:
        _errors(sheet, service)
    _settings(sheet, service)
    command = service_command(service, moment.snapshot)
    sheet.command(command)
    return Detail(service.name, sheet.lines, _compact(service, h, moment, cells), command)


def state_sentence(service: Service, h: ServiceHealth) -> Line:
    """``● healthy, 3 of 3 replicas, 3 nodes``."""
    said = h.reason or f"{h.running} of {h.wanted} {wanted_word(service)}"
    nodes = {s.node_id for s in h.slots if s.word == "running" and s.node_id}
    if h.word == "healthy" and nodes:
        said += f", {plural(len(nodes), 'node')}"
    return line(state(h.word, "", SEVERITIES.get(h.word, "")), f", {said}")


def _what(sheet: Sheet, service: Service, h: ServiceHealth) -> None:
    now = sheet.moment.now
    sheet.fact("state", state_sentence(service, h))
    name, _, digest = service.image.partition("@")
    path, slash, rest = name.rpartition("/")
    base, colon, tag = rest.partition(":")
    shown = line((path + slash, "muted"), base + colon, (tag, "strong bold"))
    sheet.fact("image", spaced(shown, (digest if sheet.full else digest[:19], "muted")))
    stack = service.stack or "none"
    endpoint = labelled("endpoint", service.endpoint_mode) if not service.is_job else ""
    sheet.fact("mode", spaced(mode(service), endpoint, labelled("stack", stack)))
    created = line(ago(service.created, now) or "not known")
    changed = labelled("changed", ago(service.updated, now)) if service.updated and service.version else ()
    sheet.fact("created", spaced(created, changed))
    if sheet.full:
        sheet.fact("id", service.id)


def _replicas(sheet: Sheet, service: Service, h: ServiceHealth) -> None:
    snapshot = sheet.moment.snapshot
    if listed_tasks(service, snapshot) is None:
        sheet.head("Replicas")
        sheet.text(_reading())
        return
    if not h.slots:
        sheet.head("Replicas", "none")
        return
    shown = h.slots if sheet.full else sorted(h.slots, key=_trouble_first)[:_REPLICAS]
    rows: list[tuple[Line, ...]] = []
    for slot in _in_order(shown, snapshot):
        task = slot.current
        number = f"{slot.slot}  " if slot.slot else ""
        word = task_state(task, sheet.moment) if task else slot.word
        addresses = _addresses(task, sheet.full) if task else ""
        node = snapshot.nodes.get(slot.node_id)
        since = age(task.since, sheet.moment.now) if task else ""
        rows.append(
            (
                line((number, ""), state(word, "", SEVERITIES.get(word, ""))),
                line(node.name if node else slot.node_id[:12]),
                line(addresses),
                ((since, "muted"),),
            )
        )
    title = "Replicas" if service.mode is Mode.REPLICATED else "Tasks"
    sheet.grid((title, "node", "address", "age"), rows, aligns="lllr", cuts="rmr")
    if len(h.slots) > len(shown):
        sheet.text((f"{len(h.slots) - len(shown)} more", "muted"))


def _reading() -> Line:
    return ((f"{sym('changing')} reading its tasks", "chg"),)


def _in_order(slots: Iterable[SlotHealth], snapshot: Snapshot) -> list[SlotHealth]:
    """By slot; a global service's by the name of the node."""

    def place(slot: SlotHealth) -> tuple[int, str, str]:
        node = snapshot.nodes.get(slot.node_id) if not slot.slot else None
        return (slot.slot, node.name if node else "", slot.node_id)

    return sorted(slots, key=place)


def _trouble_first(slot: SlotHealth) -> tuple[int, int, str]:
    return (1 if slot.word in ("running", "complete") else 0, slot.slot, slot.node_id)


def _addresses(task: Task, every: bool) -> str:
    own = [a for a in task.networks if a.network_name != "ingress"] or list(task.networks)
    found = [host(a) for network in own for a in network.addresses]
    return ", ".join(found) if every else found[0] if found else ""


def _networks(sheet: Sheet, service: Service) -> None:
    known = relations(sheet.moment.snapshot)
    networks = known.networks_of(service)
    vips = {v.network_id: host(v.address) for v in service.virtual_ips}
    rows = [
        (line(n.name), ((", ".join(n.subnets), "muted"),), line(vips.get(n.id, "")))
        for n in sorted(networks, key=lambda n: (n.ingress, n.name))
    ]
    missing = [n.target for n in service.networks if known.network(n.target) is None]
    rows += [(line(target), (("not known here", "warn"),), ()) for target in missing]
    if not rows:
        sheet.head("Networks", "none of its own")
        return
    sheet.grid(("Networks", "subnet", "virtual address"), rows, cuts="m")
    aliases = sorted({a for n in service.networks for a in n.aliases if a != service.name})
    if aliases:
        sheet.text(("also called ", "muted"), ", ".join(aliases), hang=2)
    reach = known.reaches(service)
    groups: dict[str, list[str]] = {}
    for other in reach:
        groups.setdefault(listing([n.name for n in other.networks]), []).append(other.service.name)
    for over, names in groups.items():
        shown = listing(names, most=len(names) if sheet.full else 5)
        sheet.text(("reaches  ", "muted"), shown, (f" over {over}", "muted"), hang=9)
    if not reach and any(not n.ingress for n in networks):
        sheet.text(("reaches  ", "muted"), ("no other service", "muted"))


def _ports(sheet: Sheet, service: Service) -> None:
    if not service.ports:
        return
    sheet.head("Ports")
    conflicts = {
        (p.port, p.protocol): p.conflict for p in relations(sheet.moment.snapshot).ports_of(service.key) if p.conflict
    }
    for port in service.ports:
        sheet.text(port_line(port), hang=2)
        conflict = conflicts.get((port.published, port.protocol))
        if conflict:
            sheet.text((f"{sym('look')} {conflict}", "warn"), indent=2, hang=2)


def _update(sheet: Sheet, service: Service) -> None:
    update, now = service.update, sheet.moment.now
    changed = service.previous_image not in ("", service.image)
    if update is None and not changed:
        return
    when = ""
    if update is not None:
        word = {
            "updating": "running",
            "paused": "paused",
            "completed": "completed",
            "rollback_started": "rolling back",
            "rollback_paused": "rollback paused",
            "rollback_completed": "rolled back",
        }.get(update.state, update.state)
        when = spaced_words(word, ago(update.completed or update.started, now))
    sheet.head("Last update", when)
    took = ""
    if update is not None and update.started is not None and update.completed is not None:
        took = f"took {duration(update.completed - update.started)}"
    if changed:
        change = line(image_change(service.previous_image, service.image))
        sheet.text(spaced(change, (took, "muted")))
    elif took:
        sheet.text("same image, other settings", (f"   {took}", "muted"))
    if update is not None and update.message and update.state not in ("completed", "updating"):
        sheet.words(update.message, "warn" if "paused" in update.state else "muted")
    said = pace(service.update_config)
    if said:
        sheet.text((said, "muted"), hang=2)
    if changed:
        sheet.text(("to go back  ", "muted"), f"docker service rollback {service.name}", hang=2)


def spaced_words(*words: str) -> str:
    """Words with one space between them, empty ones left out."""
    return " ".join(word for word in words if word)


def _errors(sheet: Sheet, service: Service) -> None:
    tasks = listed_tasks(service, sheet.moment.snapshot)
    if tasks:
        error_block(sheet, [t for t in tasks if t.failed or (t.error and not t.is_over)])


def _settings(sheet: Sheet, service: Service) -> None:
    s = service
    sheet.head("Runs with")
    known = placement(s, sheet.moment.snapshot)
    where = ", ".join((*s.constraints, *(f"spread over {p}" for p in s.preferences))) or "any node"
    matches = f"matches {len(known.fitting)} of {len(known.nodes)}" if known.nodes else ""
    sheet.fact("placement", spaced(where, (matches, "muted")))
    if s.max_per_node:
        sheet.fact("per node", f"at most {s.max_per_node}")
    sheet.fact("platforms", ", ".join(s.platforms) if sheet.full else "")
    sheet.fact("limits", limits(s.resources))
    if s.command or s.args:
        sheet.fact("command", " ".join((*s.command, *s.args)))
    sheet.fact("user", spaced(s.user, labelled("in", s.workdir) if s.workdir else ""))
    sheet.fact("host name", s.hostname)
    for name, path in s.configs:
        sheet.fact("config", name, (f" {sym('to')} {path}" if path else "", "muted"))
    for name, file in s.secrets:
        sheet.fact("secret", name, (f" {sym('to')} /run/secrets/{file}" if file not in ("", name) else "", "muted"))
    for index, mount in enumerate(s.mounts):
        sheet.fact("mounts" if index == 0 else "", mount_line(mount))
    _environment(sheet, s.env)
    sheet.fact("health", check(s.healthcheck))
    sheet.fact("restart", restarts(s.restart, s.is_job))
    sheet.fact("logs", s.log_driver or "as each engine is set")
    for label, words in (("updates", pace(s.update_config)), ("rollbacks", pace(s.rollback_config))):
        sheet.fact(label, words if sheet.full else "")
    if sheet.full:
        sheet.pairs("labels", s.labels)
        sheet.pairs("in tasks", s.container_labels)


def _environment(sheet: Sheet, env: tuple[str, ...]) -> None:
    if not sheet.full:
        names = [pair.partition("=")[0] for pair in env]
        sheet.fact("env", listing(names, most=6) if names else "")
        return
    for index, pair in enumerate(env):
        name, equals, value = pair.partition("=")
        sheet.fact("env" if index == 0 else "", (name + equals, "muted"), value)


def _compact(service: Service, h: ServiceHealth, moment: Moment, cells: int) -> tuple[Line, ...]:
    """Six rows for 80x24; a service in trouble says its error first."""
    known = relations(moment.snapshot)
    rows: list[Line] = []
    if h.severity in ("err", "warn", "chg") and (h.error or h.reason):
        rows += [((row, ""),) for row in wrap(h.reason, cells, limit=2)]
        if h.error and h.error not in h.reason:
            rows += [((row, "err" if h.severity == "err" else ""),) for row in wrap(h.error, cells, limit=3)]
    replicas: list[Line] = []
    slots = _in_order(h.slots, moment.snapshot)
    for slot, address in zip(
        slots, shortened([_addresses(s.current, False) if s.current else "" for s in slots]), strict=True
    ):
        node = moment.snapshot.nodes.get(slot.node_id)
        word = task_state(slot.current, moment) if slot.current else slot.word
        symbol = state(word, "", SEVERITIES.get(word, ""))[0]
        place = node.name if node else slot.node_id[:12] or word
        replicas.append(line(f"{slot.slot} " if slot.slot else "", symbol, f" {place}", (f" {address}", "muted")))
    unread = listed_tasks(service, moment.snapshot) is None
    rows.append(one_row("replicas", _reading() if unread else spaced(*replicas), cells=cells))
    vips = {v.network_id: host(v.address) for v in service.virtual_ips}
    networks = [n for n in known.networks_of(service) if not n.ingress]
    said = [f"{n.name} {', '.join(n.subnets)}" + (f", vip {vips[n.id]}" if n.id in vips else "") for n in networks]
    if width("; ".join(said)) > cells - 10:
        # All of them by name and address tell more than some with their subnets.
        said = [n.name + (f" {vips[n.id]}" if n.id in vips else "") for n in networks]
    rows.append(one_row("networks", "; ".join(said) or ("none of its own", "muted"), cells=cells))
    others = [r.service.name for r in known.reaches(service)]
    below = len(rows)
    if service.ports:
        rows.append(one_row("ports", spaced(*(port_line(p) for p in service.ports)), cells=cells))
    if service.update is not None:
        change = image_change(service.previous_image, service.image) if service.previous_image else ""
        when = spaced_words(service.update.state, ago(service.update.completed or service.update.started, moment.now))
        rows.append(one_row("update", spaced(when, change), cells=cells))
    else:
        rows.append(one_row("image", image_line(short_image(service.image)), cells=cells))
    if others:
        # Whom it reaches takes the rows that nothing else needs.
        named = wrap(listing(others, most=6), cells - 18, limit=max(1, 6 - len(rows)))
        rows[below:below] = [
            one_row("", ("        " if number else "reaches ", "muted"), part, cells=cells)
            for number, part in enumerate(named)
        ]
    return tuple(rows[:6])
