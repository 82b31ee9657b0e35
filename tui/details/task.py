"""The detail of a task: how it ended, what that means, where it was, what its slot did before."""

from __future__ import annotations

from backends.model import Snapshot, Task
from backends.model.task import BEFORE_RUNNING
from backends.state.placement import why_pending
from backends.state.relations import relations
from backends.state.service_health import task_word
from backends.state.severity import SEVERITIES
from backends.state.wording import EXIT_MEANINGS, listing, short_image
from tui.details.errors import error_text, fingerprint, happened
from tui.details.phrases import restarts
from tui.details.sheet import Sheet, host, labelled, one_row, spaced
from tui.look.symbols import state
from tui.tables.spec import Detail, Moment
from tui.text.ago import age, ago, clock, duration
from tui.text.fit import image_line, wrap
from tui.text.span import Line, line

#: Past tasks of the slot shown in a pane.
_PAST = 6


def task_state(task: Task, moment: Moment) -> str:
    """Its state word; a task that is held back by the restart delay is ``waiting``."""
    if task.desired_state == "ready" and task.state in BEFORE_RUNNING:
        return "waiting"
    return task_word(task, moment.snapshot.nodes.get(task.node_id))


def task_name(task: Task, snapshot: Snapshot) -> str:
    """``shop_worker.3``; of a task that only holds the place of a container on a network, that container."""
    if not task.service_id:
        container = snapshot.containers.get(task.container_id)
        return container.name if container is not None else f"container {task.container_id[:12] or task.id[:12]}"
    return relations(snapshot).task_name(task)


def task_state_line(task: Task, moment: Moment) -> Line:
    """``✗ failed``."""
    word = task_state(task, moment)
    return state(word, "", SEVERITIES.get(word, ""))


def slot_mates(task: Task, moment: Moment) -> tuple[Task, ...]:
    """The other tasks of its slot (of a global service: of its node), newest first."""
    same = [
        other
        for other in relations(moment.snapshot).tasks_of(task.service_id)
        if other is not task and (other.slot, other.slot or other.node_id) == (task.slot, task.slot or task.node_id)
    ]
    return tuple(sorted(same, key=lambda t: t.created or 0.0, reverse=True))


def note(task: Task, moment: Moment, told: str = "") -> str:
    """What is to be said of a task that does not run and has no error of its own: when it starts, which attempt
    it is. ``told`` names the slot whose error is the same. Empty where there is nothing."""
    if task.is_over or task.state == "running" or task.error:
        return ""
    before = [t for t in slot_mates(task, moment) if t.failed and moment.now - happened(t) <= 600]
    parts: list[str] = []
    service = moment.snapshot.services.get(task.service_id)
    if task.desired_state == "ready" and service is not None and task.created is not None:
        delay = service.restart.delay
        left = min(task.created + delay - moment.now, delay)
        if left > 0:
            parts.append(f"next start in {duration(left)}, restart delay {duration(delay)}")
    if before:
        same = len({fingerprint(error_text(t)) for t in before}) == 1
        ended = f" with the error of {told}" if told else " with the same error" if same and len(before) > 1 else ""
        what = "the one before failed" if len(before) == 1 else f"the {len(before)} before failed"
        parts.append(f"attempt {len(before) + 1}; {what}{ended}")
    return "; ".join(parts) or task.message


def task_detail(task: Task, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a task at a width; ``full`` for its own page."""
    name = task_name(task, moment.snapshot)
    sheet = Sheet(moment, cells, full=full)
    node = moment.snapshot.nodes.get(task.node_id)
    service = moment.snapshot.services.get(task.service_id)
    sheet.fact(
        "state", task_state_line(task, moment), f", wanted {task.desired_state}", (_since(task, moment), "muted")
    )
    here = "this node" if task.node_id and task.node_id == moment.snapshot.node_id else ""
    sheet.fact(
        "node",
        spaced(node.name if node else task.node_id[:12] or "none yet", (node.address if node else "", "muted"), here),
    )
    sheet.fact("image", image_line(short_image(task.image)))
    sheet.fact("exit", exit_line(task))
    if task.container_id:
        pid = (f"   pid {task.pid}" if task.pid else "", "muted")
        sheet.fact("container", task.container_id if full else task.container_id[:12], pid)
    sheet.fact("task", task.id)
    if full:
        sheet.fact("created", ago(task.created, moment.now))
    _error(sheet, task, service is not None and service.previous_image not in ("", service.image))
    _addresses(sheet, task)
    _slot(sheet, task)
    if service is not None:
        sheet.fact("restart", restarts(service.restart, service.is_job))
    command = f"docker inspect {task.id}"
    sheet.command(command)
    return Detail(name, sheet.lines, _compact(task, moment, cells), command)


def _since(task: Task, moment: Moment) -> str:
    return f"   for {age(task.since, moment.now)}" if task.since is not None else ""


def exit_line(task: Task) -> Line:
    """``126   command cannot be executed``; empty while it runs and where it ended well."""
    if task.exit_code is None or (not task.exit_code and not task.is_over) or not task.container_id:
        return ()
    return spaced(str(task.exit_code), (EXIT_MEANINGS.get(task.exit_code, ""), "muted"))


def _error(sheet: Sheet, task: Task, changed: bool) -> None:
    text = error_text(task)
    if text:
        sheet.head("Error", clock(happened(task) or None, sheet.moment.now))
        pending = task.state == "pending"
        sheet.words(text, "warn" if pending else "err" if not task.is_over or task.failed else "")
    said = meaning(text, task.exit_code)
    if said and task.failed:
        sheet.head("What it means")
        sheet.text(said)
    others = running_before(task, sheet.moment)
    if task.failed and others and changed:
        sheet.text(others)
        service = sheet.moment.snapshot.services.get(task.service_id)
        if service is not None:
            sheet.text(("to go back  ", "muted"), f"docker service rollback {service.name}", hang=2)
    if task.state == "pending":
        why = why_pending(task, sheet.moment.snapshot)
        if why is not None and not why.fitting:
            sheet.head("Why it waits", ((sheet.moment.hint("w"), "strong bold"), (" in full", "muted")))
            sheet.text(why.summary)
            for index, remedy in enumerate(why.remedies, 1):
                sheet.text((f"{index}  ", "strong bold"), remedy.text, hang=3)
                sheet.text((remedy.command, "muted"), indent=3, hang=2)
    elif note(task, sheet.moment):
        sheet.head("What it does now")
        sheet.text(note(task, sheet.moment))


#: A piece of an engine's error and what it means for people. Sources: runc's and the engine's own messages.
_MEANINGS: tuple[tuple[str, str], ...] = (
    ("permission denied: unknown", "The file that is to be run is in the image but may not be executed there."),
    ("no such file or directory: unknown", "The file that is to be run is not in the image."),
    ("executable file not found in", "The command is not in the image, or not on its PATH."),
    ("exec format error", "The image is made for another processor."),
    ("No such image", "The node has no such image and could not pull it: wrong name, no access, or no registry."),
    ("pull access denied", "The registry has no such image, or wants a login."),
    ("manifest unknown", "The registry has no such tag."),
    ("no suitable node", "No node passes every test of the scheduler."),
    ("bind source path does not exist", "The folder to be mounted is not on that node."),
    ("address already in use", "Another program on that node has the port."),
    ("port is already allocated", "Another container on that node has the port."),
    ("no space left on device", "The disk of that node is full."),
    ("starting container failed", "The engine could not start the container."),
    ("task: non-zero exit", "The program ended by itself; its log may say why."),
    ("unhealthy", "Its health check failed, so the swarm stopped it."),
)


def meaning(text: str, exit_code: int | None) -> str:
    """What an error means, in a sentence; empty where we do not know better than the engine."""
    for piece, said in _MEANINGS:
        if piece in text:
            if exit_code == 137:
                return f"{said} Exit 137 is SIGKILL: often too little memory."
            return said
    return "SIGKILL: often too little memory, or it did not stop in time." if exit_code == 137 else ""


def running_before(task: Task, moment: Moment) -> str:
    """``Slot 1 still runs shop/worker:1.9.``: a sister task that runs another image; empty where none does."""
    for other in relations(moment.snapshot).tasks_of(task.service_id):
        if other.state == "running" and other.image != task.image and other.image:
            where = f"Slot {other.slot}" if other.slot else "Another node"
            return f"{where} still runs {short_image(other.image)}."
    return ""


def _addresses(sheet: Sheet, task: Task) -> None:
    known = relations(sheet.moment.snapshot)
    rows: list[tuple[Line, ...]] = []
    for attached in task.networks:
        network = known.network(attached.network_id)
        name = attached.network_name or (network.name if network else attached.network_id[:12])
        others = len(known.services_on(network)) - 1 if network is not None else 0
        with_ = f"with {others} other service{'s' if others != 1 else ''}" if others > 0 else ""
        rows.append((line(name), line(", ".join(attached.addresses)), ((with_, "muted"),)))
    if rows:
        sheet.grid(("Addresses", "", ""), rows)


def _slot(sheet: Sheet, task: Task) -> None:
    moment = sheet.moment
    mates = slot_mates(task, moment)
    if not mates:
        return
    failures = sum(1 for t in (task, *mates) if t.failed and moment.now - happened(t) <= 600)
    kept = f"{failures} failures in 10 min" if failures else ""
    title = "This slot" if task.slot else "On this node before"
    sheet.head(title, kept)
    for other in mates if sheet.full else mates[:_PAST]:
        text = error_text(other)
        same = text and fingerprint(text) == fingerprint(error_text(task))
        word = task_state(other, moment)
        row = spaced(
            (f"{age(other.since, moment.now):>4}", "muted"),
            state(word, "", SEVERITIES.get(word, "")),
            (short_image(other.image) if other.image != task.image else "", "muted"),
            ("same error" if same else "", "muted"),
            gap=2,
        )
        sheet.text(row)
        if text and not same:
            sheet.words(text, "muted", indent=6)
    if not sheet.full and len(mates) > _PAST:
        sheet.text((f"{len(mates) - _PAST} more", "muted"))


def _compact(task: Task, moment: Moment, cells: int) -> tuple[Line, ...]:
    rows: list[Line] = []
    text = error_text(task)
    if text:
        rows += [((row, "err" if task.failed else "warn"),) for row in wrap(text, cells, limit=3)]
        said = meaning(text, task.exit_code)
        rows += [((row, ""),) for row in wrap(said, cells, limit=1)]
    elif note(task, moment):
        rows += [((row, ""),) for row in wrap(note(task, moment), cells, limit=2)]
    node = moment.snapshot.nodes.get(task.node_id)
    where = node.name if node else task.node_id[:12] or "none yet"
    rows.append(one_row("state", task_state_line(task, moment), f", wanted {task.desired_state}", cells=cells))
    rows.append(one_row("node", spaced(where, labelled("container", task.container_id[:12] or "none")), cells=cells))
    rows.append(
        one_row(
            "image",
            spaced(image_line(short_image(task.image)), labelled("exit", exit_line(task)) if exit_line(task) else ""),
            cells=cells,
        )
    )
    places = [f"{a.network_name or a.network_id[:12]} {listing([host(x) for x in a.addresses])}" for a in task.networks]
    rows.append(one_row("networks", "; ".join(places) or "none", cells=cells))
    return tuple(rows[:6])
