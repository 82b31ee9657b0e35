"""The rows of the box in which a replica is chosen."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from backends.model import Kind
from backends.state.relations import relations
from tui.actions.entering import Entrance
from tui.details.node import node_name
from tui.details.reach import address, reached_line
from tui.details.sheet import grid
from tui.details.task import task_state_line
from tui.look.symbols import state, sym
from tui.tables.spec import Moment
from tui.text.fit import fit, wrap_line
from tui.text.span import BLANK, Line, line


def picker_rows(choice: Sequence[Entrance], at: int, moment: Moment, cells: int) -> list[Line]:
    """One row for each replica, with the cursor on one; the heads above."""
    rows: list[list[Line | str]] = []
    for one in choice:
        node = moment.snapshot.nodes.get(one.node_id)
        rows.append(
            [
                str(one.slot) if one.slot else one.name.rpartition(".")[2],
                state_of(one, moment),
                node_name(moment.snapshot, one.node_id),
                ((one.address, "muted"),),
                reached_line(node, moment) if node is not None else state("ready", "this engine"),
            ]
        )
    table = grid(("SLOT", "STATE", "NODE", "ADDRESS", "REACHED BY"), rows, cells - 2)
    out = [line("  ", *(((text, "faint"),) for text, _ in table[0]))]
    for number, row in enumerate(table[1:]):
        here = number == at
        out.append(line((sym("cursor") if here else " ", "accent"), " ", tinted(row, cells - 2, here)))
    return [*out, BLANK, (("the healthy first, then this engine", "muted"),)]


def tinted(row: Line, cells: int, here: bool) -> Line:
    """A row over its whole width, in the tint of the cursor where it is there."""
    padded = fit(row, cells)
    return tuple((text, f"{style} on_sel".strip()) for text, style in padded) if here else padded


def state_of(one: Entrance, moment: Moment) -> Line:
    """Health where there is a check, else what the managers say of the task."""
    if one.health:
        return state(one.health)
    known = relations(moment.snapshot)
    container = moment.snapshot.containers.get(one.key.id) if one.key.kind is Kind.CONTAINER else None
    task = known.task_of(container) if container is not None else moment.snapshot.tasks.get(one.key.id)
    return task_state_line(task, moment) if task is not None else state("running")


def equal_line(one: Entrance, moment: Moment, cells: int) -> list[Line]:
    """The line that opens the same shell by hand."""
    reach = moment.reach.get(one.node_id)
    target = reach.link.target if reach is not None and reach.link is not None else None
    container = moment.snapshot.containers.get(one.key.id)
    task = moment.snapshot.tasks.get(one.key.id)
    name = container.name if container is not None else task.container_id[:12] if task is not None else one.name
    away = one.node_id not in ("", moment.snapshot.node_id)
    login = address(target).rpartition(":")[0] if target is not None else node_name(moment.snapshot, one.node_id)
    port = f"-p {target.port} " if target is not None and target.port != 22 else ""
    ssh = f"ssh -t {port}{login} " if away else ""
    rows = wrap_line(((f"{ssh}docker exec -it {shlex.quote(name)} sh", ""),), cells, indent=2)
    return [
        (("Equal command", "strong bold"),),
        *rows,
        (("As another user, in another folder: :exec NAME -u USER -w DIR", "muted"),),
    ]
