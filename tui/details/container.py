"""The detail of a container: how it is, where, on which networks, with which mounts and limits."""

from __future__ import annotations

from backends.model import Attachment, Container, ContainerDetail, Snapshot
from backends.state.health import container_health
from backends.state.relations import relations
from backends.state.severity import SEVERITIES
from backends.state.wording import EXIT_MEANINGS, listing, short_image
from tui.details.command import check_line
from tui.details.container_command import container_command
from tui.details.errors import error_text
from tui.details.phrases import mount_line
from tui.details.reach import reached_line
from tui.details.sheet import Sheet, host, labelled, one_row, spaced
from tui.details.task import meaning, task_name
from tui.look.symbols import state, sym
from tui.tables.spec import Detail, Moment
from tui.text.ago import age, ago, clock, cpu, duration, plural, size
from tui.text.fit import image_line, wrap
from tui.text.span import Line, line


def container_name(container: Container, snapshot: Snapshot) -> str:
    """As short as Docker's own tools say it: ``webapp1.2`` for a task's container, else its name."""
    task = relations(snapshot).task_of(container)
    if task is not None:
        return task_name(task, snapshot)
    name, task_id = container.name, container.task_id
    if task_id and name.endswith(f".{task_id}"):
        name = name[: -len(task_id) - 1]
        head, _, tail = name.rpartition(".")
        node = snapshot.nodes.get(tail)
        if node is not None:
            return f"{head}.{node.name}"
    return name or container.id[:12]


def is_past(container: Container, snapshot: Snapshot) -> bool:
    """Whether it is only kept: it ended, and its task is not meant to run any more."""
    task = relations(snapshot).task_of(container)
    if container.state == "running":
        return False
    return task is not None and task.desired_state in ("shutdown", "remove")


def container_word(container: Container, snapshot: Snapshot) -> tuple[str, str]:
    """State word and what is written for it: ``up 9d`` needs the age put behind it by the caller. One that ended is
    judged as its task is: a kill that nobody asked for is a failure."""
    h = container_health(container)
    if container.state == "exited":
        code = container.exit_code
        task = relations(snapshot).task_of(container)
        said = "exited" if code is None else f"exited {code}"
        return "failed" if task is not None and task.failed else h.word, said
    return h.word, ""


def container_state_line(container: Container, moment: Moment) -> Line:
    """``● up 9d``, ``◐ starting``, ``✗ exited 126``."""
    word, said = container_word(container, moment.snapshot)
    if not said and word in ("running", "healthy"):
        since = age(container.started, moment.now)
        said = f"up {since}".strip()
    elif word == "failing":
        said = "unhealthy"
    elif container.state == "created":
        said = "created"
    return state(word, said, SEVERITIES.get(word, ""))


def container_detail(
    container: Container, moment: Moment, cells: int, extra: ContainerDetail | None = None, *, full: bool = False
) -> Detail:
    """The description of a container. ``extra`` is what inspecting it told; ``full`` for its own page."""
    snapshot = moment.snapshot
    sheet = Sheet(moment, cells, full=full)
    _what(sheet, container, extra)
    _error(sheet, container, extra)
    _networks(sheet, container, extra)
    _ports(sheet, container)
    mounts = extra.mounts if extra is not None else container.mounts
    if mounts:
        sheet.head("Mounts")
        for mount in mounts:
            sheet.text(mount_line(mount), hang=2)
    if extra is not None:
        _runs_with(sheet, container, extra)
        _probes(sheet, extra)
    else:
        sheet.head("Runs with")
        sheet.fact("command", container.command)
    if container.labels:
        if full:
            sheet.head("Labels")
            sheet.pairs("", container.labels)
        elif not container.service_id:
            sheet.head("Labels", plural(len(container.labels), "label"))
            sheet.text((listing(sorted(container.labels), most=4), "muted"))
    command = container_command(container, extra)
    sheet.command(command)
    name = container_name(container, snapshot)
    return Detail(name, sheet.lines, _compact(container, moment, cells, extra), command)


def _what(sheet: Sheet, container: Container, extra: ContainerDetail | None) -> None:
    moment = sheet.moment
    snapshot = moment.snapshot
    restarts = ""
    if extra is not None:
        count = extra.restart_count
        restarts = f", restarted {count} times" if count else ", never restarted by its engine"
    health = f", {container.health}" if container.health else ""
    sheet.fact("state", container_state_line(container, moment), health, restarts)
    digest = container.image_id.removeprefix("sha256:")[: 64 if sheet.full else 12]
    sheet.fact("image", spaced(image_line(short_image(container.image)), (digest, "muted")))
    node = snapshot.nodes.get(container.node_id)
    here = container.node_id == snapshot.node_id
    where = node.name if node else (snapshot.engine.name if snapshot.engine else "")
    away = reached_line(node, moment) if node is not None and not here and node.id in snapshot.links else ()
    address = (node.address if node else "", "muted")
    sheet.fact("node", spaced(where, address, "this node" if here and node else away))
    task = relations(snapshot).task_of(container)
    if container.service_name:
        slot = f" slot {task.slot}" if task and task.slot else ""
        owner = line((container.service_name, "bold"), slot)
        sheet.fact("belongs to", spaced(owner, labelled("stack", container.stack) if container.stack else ""))
    elif container.project:
        sheet.fact("belongs to", "compose project ", (container.project, "bold"))
    pid = f"pid {extra.pid}" if extra is not None and extra.pid else ""
    sheet.fact("id", spaced(container.id if sheet.full else container.id[:12], (pid, "muted")))
    sheet.fact("created", ago(container.created, moment.now))
    sheet.fact("name", container.name if sheet.full else "")
    if extra is not None and extra.finished and container.state != "running":
        code = extra.exit_code
        said = EXIT_MEANINGS.get(code, "") if code else ""
        sheet.fact("ended", spaced(clock(extra.finished, moment.now), f"exit {code}", (said, "muted")))


def _error(sheet: Sheet, container: Container, extra: ContainerDetail | None) -> None:
    task = relations(sheet.moment.snapshot).task_of(container)
    text = (extra.error if extra else "") or (error_text(task) if task and task.failed else "")
    code = container.exit_code if container.state != "running" else None
    killed = extra is not None and extra.oom_killed
    if not text and not killed and code not in (137,):
        return
    sheet.head("Error")
    if text:
        sheet.words(text, "err")
    if killed:
        sheet.text(("It used more memory than it may, and the kernel ended it.", "err"))
    said = meaning(text, code)
    if said and not killed:
        sheet.text(said)


def _networks(sheet: Sheet, container: Container, extra: ContainerDetail | None) -> None:
    mode = container.network_mode or (extra.network_mode if extra else "")
    attached = extra.networks if extra is not None and extra.networks else container.networks
    if mode == "host":
        sheet.head("Networks", "of the node itself")
        sheet.text(("It has no sandbox of its own: it sees the interfaces and ports of the node.", "muted"))
        return
    if mode.startswith("container:"):
        sheet.head("Networks", "of another container")
        sheet.text(f"It shares the sandbox of {mode.partition(':')[2][:12]}.")
        return
    if not attached:
        sheet.head("Networks", "none")
        return
    rows = [(line(a.network), line(_address(a)), ((a.mac if sheet.full else a.gateway, "muted"),)) for a in attached]
    sheet.grid(("Networks", "address", "MAC" if sheet.full else "gateway"), rows, cuts="m")
    aliases = sorted({alias for a in attached for alias in a.aliases if not container.id.startswith(alias)})
    names = line(("names ", "muted"), listing(aliases, most=6)) if aliases else ()
    sandbox = line(("sandbox ", "muted"), extra.sandbox_id[:12]) if extra is not None and extra.sandbox_id else ()
    sheet.text(spaced(sandbox, names), hang=2)
    if sheet.full and extra is not None:
        sheet.text(labelled("namespace", extra.sandbox_key) if extra.sandbox_key else ())
    if extra is not None and (extra.dns or extra.dns_search or extra.extra_hosts):
        sheet.fact("dns", ", ".join(extra.dns))
        sheet.fact("search", ", ".join(extra.dns_search))
        sheet.fact("hosts", ", ".join(extra.extra_hosts))


def _address(attached: Attachment) -> str:
    v4 = f"{attached.ipv4}/{attached.prefix}" if attached.ipv4 and attached.prefix else attached.ipv4
    return ", ".join(filter(None, (v4, attached.ipv6))) or "-"


def _ports(sheet: Sheet, container: Container) -> None:
    rows: dict[Line, None] = {}
    for port in container.ports:
        if port.host_port:
            address = "" if port.host_ip in ("", "0.0.0.0", "::") else f"{port.host_ip}:"
            shown = line((f"{address}{port.host_port}", "strong bold"))
            rows[line(shown, (f" {sym('to')} ", "muted"), f"{port.container_port}/{port.protocol}")] = None
        else:
            rows[((f"{port.container_port}/{port.protocol}", ""), ("   not published", "muted"))] = None
    service = sheet.moment.snapshot.services.get(container.service_id)
    for published in service.ports if service else ():
        if published.mode == "ingress":
            shown = line((str(published.published), "strong bold"), (f" {sym('to')} ", "muted"))
            said = line(f"{published.target}/{published.protocol}", ("    by the service, on every node", "muted"))
            rows.pop(((f"{published.target}/{published.protocol}", ""), ("   not published", "muted")), None)
            rows[line(shown, said)] = None
    if rows:
        sheet.head("Ports")
        for row in rows:
            sheet.text(row)


def _runs_with(sheet: Sheet, container: Container, extra: ContainerDetail) -> None:
    sheet.head("Runs with")
    words = " ".join((*extra.entrypoint, *extra.command)) or container.command
    sheet.fact("command", words)
    where = labelled("in", extra.workdir) if extra.workdir else ""
    sheet.fact("user", spaced(extra.user or "root, unless the image says otherwise", where))
    sheet.fact("host name", extra.hostname if not container.id.startswith(extra.hostname or "?") else "")
    _environment(sheet, extra.env)
    limit = ", ".join(
        part
        for part in (
            cpu(extra.nano_cpus) if extra.nano_cpus else "",
            size(extra.memory) if extra.memory else "",
            f"{extra.pids_limit} processes" if extra.pids_limit > 0 else "",
        )
        if part
    )
    sheet.fact("limits", limit or ("none", "muted"))
    special = [
        word
        for word, on in (
            ("privileged", extra.privileged),
            ("read only root", extra.read_only),
            ("init", extra.init),
            ("tty", extra.tty),
        )
        if on
    ]
    sheet.fact("special", (", ".join(special), "warn" if extra.privileged else ""))
    sheet.fact("may also", _capabilities(extra))
    sheet.fact("security", ", ".join(extra.security) if sheet.full else "")
    if container.service_id:
        sheet.fact("restart", "by the swarm")
    else:
        limit = f", at most {extra.restart_max} times" if extra.restart_max else ""
        sheet.fact("restart", (extra.restart_policy or "no") + limit)
    sheet.fact("health", check_line(extra.health_test) if extra.health_test else "none defined")
    options = ", ".join(f"{key} {value}" for key, value in sorted(extra.log_options.items()))
    sheet.fact("logs", spaced(extra.log_driver, (options, "muted")))
    if sheet.full:
        sheet.fact("runtime", extra.runtime)
        sheet.fact("stop", spaced(extra.stop_signal, duration(extra.stop_timeout) if extra.stop_timeout else ""))
        sheet.pairs("sysctls", extra.sysctls)
        sheet.fact("devices", ", ".join(extra.devices))
        sheet.fact("ulimits", ", ".join(f"{n} {soft}:{hard}" for n, soft, hard in extra.ulimits))


def _capabilities(extra: ContainerDetail) -> str:
    words = [f"+{c.removeprefix('CAP_')}" for c in extra.cap_add] + [
        f"-{c.removeprefix('CAP_')}" for c in extra.cap_drop
    ]
    return " ".join(words)


def _environment(sheet: Sheet, env: tuple[str, ...]) -> None:
    if not sheet.full:
        sheet.fact("env", listing([pair.partition("=")[0] for pair in env], most=6) if env else "")
        return
    for index, pair in enumerate(env):
        name, equals, value = pair.partition("=")
        sheet.fact("env" if index == 0 else "", (name + equals, "muted"), value)


def _probes(sheet: Sheet, extra: ContainerDetail) -> None:
    if not extra.health_log:
        return
    failing = f"{extra.health_failing_streak} failures in a row" if extra.health_failing_streak else ""
    sheet.head("Health checks", failing)
    for probe in reversed(extra.health_log if sheet.full else extra.health_log[-2:]):
        word = "healthy" if probe.exit_code == 0 else "failed"
        when = (clock(probe.start, sheet.moment.now), "muted")
        sheet.text(
            spaced(when, state(word, "", SEVERITIES[word]), f"exit {probe.exit_code}" if probe.exit_code else "")
        )
        sheet.words(probe.output.strip(), "muted" if probe.exit_code == 0 else "", indent=2)


def _compact(container: Container, moment: Moment, cells: int, extra: ContainerDetail | None) -> tuple[Line, ...]:
    snapshot = moment.snapshot
    task = relations(snapshot).task_of(container)
    rows: list[Line] = []
    error = (extra.error if extra else "") or (error_text(task) if task and task.failed else "")
    if error:
        rows += [((row, "err"),) for row in wrap(error, cells, limit=2)]
    node = snapshot.nodes.get(container.node_id)
    where = node.name if node else (snapshot.engine.name if snapshot.engine else "")
    slot = f"{container.service_name}{f' slot {task.slot}' if task and task.slot else ''}"
    owner = labelled("task of", slot) if container.service_name else ""
    rows.append(one_row("node", spaced(where, owner, labelled("id", container.id[:12])), cells=cells))
    networks = [f"{a.network} {host(a.ipv4 or a.ipv6)}".strip() for a in container.networks]
    rows.append(one_row("networks", spaced(*networks) or (container.network_mode or "none", "muted"), cells=cells))
    ports = sorted(
        {f"{p.host_port} {sym('to')} {p.container_port}/{p.protocol}" for p in container.ports if p.host_port}
    )
    rows.append(one_row("ports", spaced(*ports) or ("none published", "muted"), cells=cells))
    rows.append(one_row("runs", container.command or ("not known", "muted"), cells=cells))
    mounts = [f"{m.destination} ({m.name or m.type})" for m in container.mounts]
    rows.append(one_row("mounts", ", ".join(mounts) or ("none", "muted"), cells=cells))
    rows.append(one_row("image", image_line(short_image(container.image)), cells=cells))
    return tuple(rows[:6])
