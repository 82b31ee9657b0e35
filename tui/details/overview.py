"""The Overview below its findings: the whole Swarm at a glance, laid out for the room there is. Pure."""

from __future__ import annotations

from backends.model import EngineInfo
from backends.state.judged import services_health
from backends.state.relations import relations
from tui.details.blocks import Block, beside, clipped, joints, text_cells
from tui.details.findings import FINDINGS
from tui.details.kept import Kept
from tui.details.overview_network import networks_block, networks_in_short, ports_block
from tui.details.overview_swarm import in_short, nodes_block, services_block, stacks_block, swarm_block
from tui.details.sheet import Sheet, spaced
from tui.look.symbols import state, sym
from tui.tables.spec import Moment
from tui.text.ago import number, size
from tui.text.fit import cut_line
from tui.text.span import BLANK, Line

#: From this width on blocks stand beside each other.
WIDE = 120


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


#: Seconds that figures of networks may lag behind: containers change with every event, addresses hardly do.
_LAG = 2.0

_SWARM: Kept[Block] = Kept()
_NODES: Kept[Block] = Kept()
_SERVICES: Kept[Block] = Kept()
_NETWORKS: Kept[Block] = Kept()
_SHORT: Kept[Block] = Kept()
_PORTS: Kept[Block] = Kept()
_STACKS: Kept[Block] = Kept()
_PICTURE: Kept[list[Line]] = Kept()


def _blocks(moment: Moment, cells: tuple[int, ...], height: int) -> tuple[Block, Block, Block]:
    """Swarm, nodes and services; each is drawn anew only when its part of the snapshot changed."""
    s = moment.snapshot
    health = services_health(s, moment.now)
    swarm = _SWARM.get(
        (s.engine, s.swarm, s.nodes, s.tasks, s.listed, health),
        (cells[0], int(moment.now // 60)),
        lambda: swarm_block(moment, cells[0]),
    )
    top = _top(moment, swarm, height)
    nodes = _NODES.get(
        (s.nodes, s.tasks, s.listed),
        (cells[1], top, int(moment.now // 10)),
        lambda: nodes_block(moment, cells[1], top),
    )
    services = _SERVICES.get((s.services, health), (cells[2], top), lambda: services_block(moment, cells[2], top))
    return swarm, nodes, services


def _networks(moment: Moment, cells: int, height: int) -> Block:
    s = moment.snapshot
    return _NETWORKS.get(
        (s.engine, s.networks, s.services, s.tasks, s.nodes),
        (cells, height, int(moment.now // _LAG)),
        lambda: networks_block(moment, cells, height),
    )


def _networks_short(moment: Moment, cells: int, height: int) -> Block:
    s = moment.snapshot

    def build() -> Block:
        count = sum(1 for n in s.networks.values() if n.is_swarm or not s.in_swarm)
        return Block("Networks", networks_in_short(moment, cells, height), number(count))

    return _SHORT.get(
        (s.engine, s.networks, s.services, s.tasks, s.nodes), (cells, height, int(moment.now // _LAG)), build
    )


def _ports(moment: Moment, cells: int) -> Block:
    return _PORTS.get((relations(moment.snapshot).ports,), (cells,), lambda: ports_block(moment, cells))


def _stacks(moment: Moment, cells: int) -> Block:
    s = moment.snapshot
    health = services_health(s, moment.now)
    return _STACKS.get((s.stacks, s.services, health), (cells,), lambda: stacks_block(moment, cells))


def _wide(moment: Moment, width: int, height: int) -> list[Line]:
    top_widths = _share(width, (45, 57, 56) if width >= 150 else (38, 44, 36))
    bottom_widths = _share(width, (89, 70))
    blocks = _blocks(moment, tuple(text_cells(w) for w in top_widths), height)
    top = _top(moment, blocks[0], height)
    bottom = height - top
    if not bottom:
        return _PICTURE.get(blocks, (width, height), lambda: beside(blocks, top_widths, top))
    left, right = (text_cells(w) for w in bottom_widths)
    ports, stacks = _ports(moment, right), _stacks(moment, right)
    wanted = max(len(moment.snapshot.networks) + 2, len(ports.rows) + len(stacks.rows) + 3)
    bottom = min(bottom, wanted)
    networks = _networks(moment, left, bottom)

    def build() -> list[Line]:
        below = (networks, _column(ports, stacks, bottom))
        return beside(blocks, top_widths, top) + beside(below, bottom_widths, bottom, joints(top_widths))

    return _PICTURE.get((*blocks, networks, ports, stacks), (width, height), build)


def _top(moment: Moment, swarm: Block, height: int) -> int:
    """Rows of the upper blocks: what the Swarm has to say, or all there is where too little would be left below."""
    wanted = max(len(swarm.rows), min(len(moment.snapshot.nodes), 8) + 3) + 1
    # Below that a second row of blocks has five rows at least, or there is none.
    top = min(wanted, height) if height < wanted + 6 else wanted
    return height if height - top < 5 else top


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
    s = moment.snapshot
    cells = text_cells(width)
    health = services_health(s, moment.now)
    short = _SWARM.get(
        (s.engine, s.nodes, s.services, s.tasks, s.listed, health),
        (cells, "in short"),
        lambda: Block("Swarm", in_short(moment, cells)),
    )
    top = min(len(short.rows) + 1, height)
    parts = [(short, top)]
    room = height - top
    if room >= 2:
        shown = _networks_short(moment, cells, room - 1)
        below = min(len(shown.rows) + 1, room)
        parts.append((shown, below))
        room -= below
    if room >= 3 and s.stacks:
        stacks = _stacks(moment, cells)
        parts.append((stacks, min(room, len(stacks.rows) + 1)))
    return _PICTURE.get(
        tuple(block for block, _ in parts),
        (width, height),
        lambda: [row for block, rows in parts for row in beside((block,), (width,), rows)],
    )


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
        next_.fact("start one", (moment.hint("^n"), "strong bold"), (" here: ", "muted"),
                   f"docker swarm init --advertise-addr {address}")  # fmt: skip
        next_.fact("join one", ("a manager lets it in over SSH: n in its Nodes", ""))
        next_.text(("By hand: docker swarm join --token TOKEN MANAGER:2377, as :tokens shows it there", "muted"))
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
        sheet.fact(
            "unlock", (sheet.moment.hint("^n"), "strong bold"), (" asks for the key: ", "muted"), "docker swarm unlock"
        )
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


__all__ = ["FINDINGS", "WIDE", "overview"]
