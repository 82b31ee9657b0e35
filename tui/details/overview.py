"""The Overview below its findings: the whole Swarm at a glance, laid out for the room there is. Pure."""

from __future__ import annotations

from backends.model import EngineInfo
from tui.details.blocks import Block, beside, clipped, joints, text_cells
from tui.details.findings import FINDINGS
from tui.details.overview_network import networks_block, networks_in_short, ports_block
from tui.details.overview_swarm import in_short, nodes_block, services_block, stacks_block, swarm_block
from tui.details.sheet import Sheet, spaced
from tui.look.symbols import state, sym
from tui.places import Place
from tui.tables.spec import Moment
from tui.text.ago import number, size
from tui.text.fit import cut_line
from tui.text.span import BLANK, Line

#: From this width on blocks stand beside each other.
WIDE = 120


def finding_rows(moment: Moment, width: int) -> int:
    """Rows that the list of findings takes at a width, all errors in full."""
    rows = list(FINDINGS.rows(moment.snapshot, Place("overview")))
    room = max(width - 16, 20)
    return sum(1 + len(FINDINGS.under(row, moment, room) if FINDINGS.under else ()) for row in rows)


def overview(moment: Moment, width: int, height: int) -> tuple[Line, ...]:
    """Everything below the findings, at most ``height`` rows of ``width`` cells; the list itself is
    ``tui.details.findings.FINDINGS``. Empty before the engine has answered."""
    if moment.snapshot.engine is None or height < 2 or width < 20:
        return ()
    if not moment.snapshot.is_manager:
        lines = _outside(moment, moment.snapshot.engine, width)
    elif width >= WIDE:
        lines = _wide(moment, width, height)
    else:
        lines = _narrow(moment, width, height)
    return tuple(cut_line(row, width) for row in lines[:height])


def _wide(moment: Moment, width: int, height: int) -> list[Line]:
    top_widths = _share(width, (45, 57, 56) if width >= 150 else (38, 44, 36))
    bottom_widths = _share(width, (89, 70))
    cells = [text_cells(w) for w in top_widths]
    swarm = swarm_block(moment, cells[0])
    nodes = len(moment.snapshot.nodes)
    wanted = max(len(swarm.rows), min(nodes, 8) + 3) + 1
    # Both rows of blocks need at least five rows to say something.
    top = min(wanted, height) if height < wanted + 6 else wanted
    bottom = height - top
    if bottom < 5:
        top, bottom = height, 0
    blocks = (swarm, nodes_block(moment, cells[1], top), services_block(moment, cells[2], top))
    out = beside(blocks, top_widths, top)
    if not bottom:
        return out
    left, right = (text_cells(w) for w in bottom_widths)
    ports, stacks = ports_block(moment, right), stacks_block(moment, right)
    networks_count = len(moment.snapshot.networks)
    bottom = min(bottom, max(networks_count + 2, len(ports.rows) + len(stacks.rows) + 3))
    networks = networks_block(moment, left, bottom)
    body = beside((networks, _column(ports, stacks, bottom)), bottom_widths, bottom, joints(top_widths))
    return out + body


def _column(upper: Block, lower: Block, height: int) -> Block:
    """Two blocks in one column, the second with its own rule; the first gives way."""
    room = height - 1
    below = min(len(lower.rows), max(room // 3, 1))
    above = room - below - 1
    if above < 2:
        return Block(upper.title, tuple(clipped(upper.rows, room)), upper.right)
    first = list(clipped(upper.rows, above))
    first += [BLANK] * (above - len(first))
    return Block(upper.title, (*first, lower, *clipped(lower.rows, below)), upper.right)


def _share(width: int, parts: tuple[int, ...]) -> tuple[int, ...]:
    """``width`` less the lines between, in the proportion of ``parts``."""
    room = width - len(parts) + 1
    sizes = [room * part // sum(parts) for part in parts]
    sizes[-1] += room - sum(sizes)
    return tuple(sizes)


def _narrow(moment: Moment, width: int, height: int) -> list[Line]:
    cells = text_cells(width)
    short = Block("Swarm", in_short(moment, cells))
    top = min(len(short.rows) + 1, height)
    out = beside((short,), (width,), top)
    room = height - top
    if room >= 2:
        s = moment.snapshot
        count = sum(1 for n in s.networks.values() if n.is_swarm)
        shown = Block("Networks", networks_in_short(moment, cells, room - 1), number(count))
        below = min(len(shown.rows) + 1, room)
        out += beside((shown,), (width,), below)
        room -= below
    if room >= 3 and moment.snapshot.stacks:
        stacks = stacks_block(moment, cells)
        out += beside((stacks,), (width,), min(room, len(stacks.rows) + 1))
    return out


def _outside(moment: Moment, engine: EngineInfo, width: int) -> list[Line]:
    """A worker, a locked or waiting node, or an engine without a Swarm: what it is, what is here, what to do."""
    s = moment.snapshot
    cells = text_cells(width)
    membership = engine.swarm
    here = Sheet(moment, cells)
    here.fact("engine", engine.name or "this engine", (f"   {engine.version}, API {engine.api_version}", "muted"))
    here.fact("system", spaced(engine.os, (engine.kernel, "muted")))
    here.fact("size", f"{engine.cpus} cpu, {size(engine.memory)}" if engine.memory else "")
    run = sum(1 for c in s.containers.values() if c.state == "running")
    here.fact("containers", f"{number(run)} of {number(len(s.containers))} run", ("   6 shows them", "muted"))
    here.fact("networks", number(len(s.networks)), ("   5 shows them", "muted"))
    here.fact("images", number(engine.images) if engine.images else "")
    next_ = Sheet(moment, cells)
    if membership.state in ("active", "pending", "error", "locked"):
        title = "Swarm"
        _member(next_, engine)
    else:
        title = "No swarm yet"
        next_.fact("swarm", state("none", "this engine is in no swarm"))
        address = membership.node_addr or "ADDRESS"
        next_.fact("start one", f"docker swarm init --advertise-addr {address}")
        next_.fact("join one", "docker swarm join --token TOKEN MANAGER:2377")
        next_.text(("A manager shows the token: docker swarm join-token worker", "muted"))
    out = beside((Block("This engine", here.lines),), (width,), len(here.lines) + 1)
    out.append(BLANK)
    out += beside((Block(title, next_.lines),), (width,), len(next_.lines) + 1)
    rows = networks_in_short(moment, cells, 6)
    if rows:
        out.append(BLANK)
        out += beside((Block("Networks", rows, number(len(s.networks))),), (width,), len(rows) + 1)
    return out


def _member(sheet: Sheet, engine: EngineInfo) -> None:
    membership = engine.swarm
    said = {
        "active": state("ready", "member, a worker"),
        "pending": state("waiting", "still joining"),
        "error": state("failed", "cannot take part"),
        "locked": state("locked", "locked: a key opens it"),
    }[membership.state]
    sheet.fact("this node", said)
    sheet.words(membership.error, "err", indent=11)
    if membership.state == "locked":
        sheet.fact("unlock", "docker swarm unlock")
        return
    sheet.fact("node id", membership.node_id)
    sheet.fact("address", membership.node_addr)
    managers = [address for _, address in membership.remote_managers]
    sheet.fact("managers", ", ".join(managers))
    if membership.state == "active":
        sheet.text(
            (f"{sym('look')} ", "warn"),
            "A worker knows its own containers, volumes and images; nodes, services and tasks are known by managers.",
            hang=2,
        )
        first = managers[0].rpartition(":")[0] if managers else "MANAGER"
        sheet.fact("go there", f"dnet-tui -H ssh://USER@{first}")


__all__ = ["FINDINGS", "WIDE", "finding_rows", "overview"]
