"""Errors of tasks, whole, each text once: what the lists and details of services, tasks and nodes share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backends.model import Task
from backends.state.relations import relations
from tui.details.sheet import Sheet, spaced
from tui.text.ago import clock
from tui.text.span import line

#: IDs that make equal errors differ.
_IDS = re.compile(r"\b[0-9a-f]{12,}\b")

#: Distinct errors shown in a pane; the describe page shows all.
_ERRORS = 3


def error_text(task: Task) -> str:
    """The engine's whole text; where there is none but an exit code, that."""
    if task.error:
        return task.error
    if task.failed and task.message:
        return task.message
    return f"exit {task.exit_code}" if task.exit_code else ""


def fingerprint(text: str) -> str:
    """What equal errors have in common: the text without the IDs in it."""
    return _IDS.sub("#", text.strip())


def happened(task: Task) -> float:
    """When a task came into its state; 0 where it is not known."""
    return task.since or task.updated or task.created or 0.0


def error_block(sheet: Sheet, tasks: Sequence[Task], title: str = "Last errors", *, on_node: bool = False) -> None:
    """``Last errors``: newest first, each text once and whole, equal ones counted. ``on_node`` says that they are
    one node's tasks, of many services: their names are told then, not slot and node."""
    wrong = sorted((t for t in tasks if error_text(t)), key=happened, reverse=True)
    if not wrong:
        return
    groups: dict[str, list[Task]] = {}
    for task in wrong:
        groups.setdefault(fingerprint(error_text(task)), []).append(task)
    now = sheet.moment.now
    recent = sum(1 for t in wrong if t.failed and now - happened(t) <= 600)
    day = sum(1 for t in wrong if t.failed and now - happened(t) <= 86400)
    sheet.head(title, f"{recent} in 10 min" if recent else f"{day} in 24 h" if day else "")
    shown = list(groups.values()) if sheet.full else list(groups.values())[:_ERRORS]
    for members in shown:
        _one(sheet, members, on_node)
    if len(groups) > len(shown):
        sheet.text((f"{len(groups) - len(shown)} other errors before", "muted"))


def _one(sheet: Sheet, members: Sequence[Task], on_node: bool) -> None:
    newest = members[0]
    code = f"exit {newest.exit_code}" if newest.exit_code else ""
    sheet.text(spaced(_head(sheet, newest, on_node), (code, "muted"), gap=2))
    live = newest.failed and sheet.moment.now - happened(newest) <= 600
    sheet.words(error_text(newest), "err" if live else "", indent=2)
    if len(members) > 1:
        more = f"same error, {len(members) - 2} more" if len(members) > 2 else "same error"
        sheet.text(spaced(_head(sheet, members[1], on_node), (more, "muted"), gap=2))


def _head(sheet: Sheet, task: Task, on_node: bool) -> tuple[tuple[str, str], ...]:
    when = clock(happened(task) or None, sheet.moment.now)
    if on_node:
        name = relations(sheet.moment.snapshot).task_name(task)
        return spaced(line((when, "muted")), line((name, "")), gap=2)
    node = sheet.moment.snapshot.nodes.get(task.node_id)
    slot = f"slot {task.slot}" if task.slot else ""
    return spaced(*(line((w, "muted")) for w in (when, slot, node.name if node else "")), gap=2)
