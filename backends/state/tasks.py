"""Events of tasks, which have none of their own: derived from two listings of the same scope."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from backends.model import Event, EventSource, Kind, Task
from backends.state.draft import Draft
from backends.state.offsets import leader_of, stamped_by
from backends.state.wording import exit_text, short_image

#: States worth a line, with their colour class. The way from assigned to starting is no news.
_TOLD = {
    "running": "ok",
    "complete": "",
    "shutdown": "",
    "failed": "err",
    "rejected": "err",
    "orphaned": "err",
}


def derived(draft: Draft, differing: Sequence[tuple[Task | None, Task]], at: float) -> list[Event]:
    """What happened to tasks between two listings, of which the later was asked for at ``at``; in order of
    time. ``differing`` are (before, now); the draft has the state of now."""
    found: list[Event] = []
    slots: dict[tuple[str, int], list[Task]] = {}
    if any(new.state == "running" and new.slot for _, new in differing):
        for task in draft.tasks.values():
            slots.setdefault((task.service_id, task.slot), []).append(task)
    leader = leader_of(draft.nodes) if draft.field("clocks") else ""
    for old, new in differing:
        if old is None:
            created = new.created or new.since or at
            found.append(_event(draft, new, "created", created, "chg", short_image(new.image)))
        was = old.state if old is not None else ""
        when = new.since or new.updated or at
        if new.state != was and new.state in _TOLD:
            text = _text(draft, new, slots.get((new.service_id, new.slot), ()))
            found.append(_event(draft, new, new.state, when, _TOLD[new.state], text))
        if new.state == "pending" and new.error and (old is None or (was, old.error) != ("pending", new.error)):
            found.append(_event(draft, new, "pending", when, "warn", new.error))
    told = [replace(e, ahead=draft.ahead(stamped_by(e, leader))) for e in found]
    return sorted(told, key=lambda e: e.order)


def _event(draft: Draft, task: Task, action: str, time: float, severity: str, text: str) -> Event:
    service = draft.services.get(task.service_id)
    node = draft.nodes.get(task.node_id)
    name = service.name if service is not None else task.service_id[:12]
    if task.slot:
        name = f"{name}.{task.slot}"
    elif task.node_id:
        name = f"{name}.{node.name if node is not None else task.node_id[:12]}"
    return Event(
        time=time,
        time_nano=int(time * 1e9),
        source=EventSource.DERIVED,
        scope="swarm",
        type=Kind.TASK.value,
        action=action,
        id=task.id,
        name=name,
        node_id=task.node_id,
        attributes={"service": task.service_id, "slot": str(task.slot), "container": task.container_id},
        text=text,
        severity=severity,
    )


def _text(draft: Draft, task: Task, slot: Sequence[Task]) -> str:
    if task.failed:
        text = task.error or task.message
        if task.exit_code and str(task.exit_code) not in text:
            text = f"{text}, {exit_text(task.exit_code)}" if text else exit_text(task.exit_code)
        return text
    if task.state == "running":
        return _place(draft, task, slot)
    return exit_text(task.exit_code) if task.exit_code is not None else ""


def _place(draft: Draft, task: Task, slot: Sequence[Task]) -> str:
    """Where it runs, and where its slot was before, if elsewhere."""
    earlier = [t for t in slot if t.id != task.id and (t.created or 0.0) < (task.created or 0.0)]
    before = max(earlier, key=lambda t: t.created or 0.0, default=None) if task.slot else None
    if before is not None and before.node_id and before.node_id != task.node_id:
        return f"moved here from {_node(draft, before.node_id)}"
    return f"on {_node(draft, task.node_id)}" if task.node_id else ""


def _node(draft: Draft, node_id: str) -> str:
    node = draft.nodes.get(node_id)
    return node.name if node is not None else node_id[:12]
