"""What stands in place of content when there is none to show, and why: one sentence, the evidence, the key. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from backends.model import Kind, LinkState, Node, Snapshot
from tui.frame import titles, views
from tui.frame.session import Session
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import clock, duration, plural
from tui.text.fit import line_width, wrap, wrap_line
from tui.text.span import BLANK, Line, Span, line


class State(Enum):
    """How the whole screen stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    DENIED = "denied"
    UNREACHABLE = "unreachable"


_OF_LINK = {
    LinkState.CONNECTING: State.CONNECTING,
    LinkState.LIVE: State.LIVE,
    LinkState.STALE: State.STALE,
    LinkState.DENIED: State.DENIED,
    LinkState.UNREACHABLE: State.UNREACHABLE,
}


def state_of(snapshot: Snapshot) -> State:
    """The state of the link to the engine we are started on. One that never answered and is tried again is
    unreachable still, so that its reason stays on screen."""
    link = snapshot.link
    if link.state is LinkState.CONNECTING and link.problem and not link.fresh:
        return State.UNREACHABLE
    return _OF_LINK[link.state]


@dataclass(frozen=True, slots=True)
class Screen:
    """A state that takes the whole page."""

    title: str
    lines: tuple[Line, ...]
    copies: tuple[str, ...] = ()
    """Lines that ``c`` copies, by the number that stands before them."""


def whole_screen(moment: Moment, session: Session, width: int) -> Screen | None:
    """What replaces every page while no engine has answered; ``None`` where there is something to show."""
    state = state_of(moment.snapshot)
    if state is State.DENIED:
        return _closed("No access to the engine", moment, session, width)
    if state is State.UNREACHABLE:
        return _closed("No engine", moment, session, width)
    return None


def _closed(title: str, moment: Moment, session: Session, width: int) -> Screen:
    link = moment.snapshot.link
    room = max(20, min(100, width - 8))
    lines: list[Line] = [BLANK]
    lines += [line("  ", (text, "strong bold")) for text in wrap(link.problem or "No engine answers.", room)]
    lines += [line("  ", text) for text in wrap(link.hint, room)]
    endpoint = link.endpoint or session.endpoint
    if "://" in endpoint:
        # Else it is no address but the name of a context that nobody knows.
        lines += [line("  ", (text, "muted")) for text in wrap(f"Asked at {endpoint}.", room)]
    lines.append(BLANK)
    commands = [(text, command) for text, command in _ways(link.hint)]
    label = max((len(text) for text, _ in commands), default=0) + 2
    for number, (text, command) in enumerate(commands, 1):
        head = line("  ", (str(number), "strong bold"), "  ", (text + ":").ljust(label))
        if label + 9 + len(command) <= width:
            lines.append(line(head, (command, "accent")))
        else:
            lines += [line("  ", (str(number), "strong bold"), "  ", text + ":"), line("     ", (command, "accent"))]
    lines.append(BLANK)
    if link.next_try is not None:
        left = max(0.0, link.next_try - moment.now)
        when = f"next try in {duration(int(left))}" if left >= 1 else "trying now"
        lines.append(line("  ", (f"Asked {_times(link.attempt)}; {when}.", "muted")))
    elif link.state is LinkState.UNREACHABLE and link.attempt:
        again = f"{moment.hint('ctrl+r')} tries it nevertheless"
        lines.append(line("  ", (f"Not asked again by itself, since that would change nothing; {again}.", "muted")))
    if link.state is LinkState.DENIED and "docker" in link.problem + link.hint:
        lines.append(line("  ", ("Being in group docker means being root on this machine.", "muted")))
    return Screen(title, tuple(lines), tuple(command for _, command in commands))


def _ways(hint: str) -> list[tuple[str, str]]:
    """Ways out as (what, the line to type). The engine library's hint may hold a command of its own."""
    ways: list[tuple[str, str]] = []
    for start in ("sudo usermod", "sudo systemctl", "systemctl start", "newgrp"):
        at = hint.find(start)
        if at >= 0:
            command = hint[at:].split(",")[0].rstrip(". ")
            what = "Join the group, then log in again" if "usermod" in command else "Start the engine"
            ways.append((what if start != "newgrp" else "Take the group in this session", command))
            break
    ways.append(("Go to another machine through SSH", "dnet-tui -H ssh://USER@MANAGER"))
    ways.append(("Look around without an engine", "dnet-tui --demo"))
    return ways


def _times(count: int) -> str:
    return {0: "once", 1: "once", 2: "twice"}.get(count, f"{count} times")


def notice(moment: Moment, view: str, width: int) -> tuple[Line, ...]:
    """What stands in place of a view's rows although the engine answers; empty where they can be shown."""
    if view == "overview":
        return ()
    if leaderless(moment.snapshot, view):
        known = any(kind in moment.snapshot.listed for kind in _KINDS_OF.get(view, ()))
        return () if known else no_quorum(moment, width)
    return not_a_manager(moment, view, width)


def leaderless(snapshot: Snapshot, view: str) -> bool:
    """Whether a view shows objects of a Swarm that has no leader now: they are as of the last answer."""
    return bool(snapshot.manager_problem) and snapshot.is_manager and view in views.NEEDS_MANAGER


#: Of which listing a view of the Swarm's objects is, where it is not one that every node has.
_KINDS_OF = {
    "nodes": (Kind.NODE,),
    "services": (Kind.SERVICE,),
    "tasks": (Kind.TASK, Kind.SERVICE),
    "stacks": (Kind.SERVICE,),
    "topology": (Kind.SERVICE,),
    "configs": (Kind.CONFIG,),
    "secrets": (Kind.SECRET,),
    "rollouts": (Kind.SERVICE,),
    "rollout": (Kind.SERVICE,),
}


def read_at(snapshot: Snapshot, view: str) -> float:
    """When what a view shows was last true, in seconds since the epoch."""
    if leaderless(snapshot, view):
        times = [snapshot.listed[kind] for kind in _KINDS_OF.get(view, ()) if kind in snapshot.listed]
        if times:
            return min(times)
    return snapshot.link.fresh or snapshot.link.since


def connecting(moment: Moment, session: Session) -> Line:
    """The line below the grey bars."""
    where = moment.snapshot.link.endpoint or session.endpoint or "the engine"
    return line(("Asking ", "muted"), (where, ""), ("; rows come when it has answered.", "muted"))


def not_a_manager(moment: Moment, view: str, width: int) -> tuple[Line, ...]:
    """Why a view of the Swarm's own objects is empty here, and what goes on working; empty where it is not so."""
    snapshot = moment.snapshot
    engine = snapshot.engine
    if engine is None or view not in views.NEEDS_MANAGER or snapshot.is_manager:
        return ()
    room = max(20, min(90, width - 8))
    sign = sym("look") + " "
    what = views.title(view)
    if not snapshot.in_swarm:
        head = f"{engine.name or 'This engine'} is not part of a Swarm: it has no {what.lower()}."
        key = moment.hint("^n")
        rest = [
            "Its containers, networks, volumes and images are all here.",
            f"{key} starts a Swarm on it (docker swarm init). To join one, let a manager do that: n in its Nodes.",
        ]
        if view == "stacks":
            head = f"{engine.name or 'This engine'} is not part of a Swarm: no stack is deployed in it."
    else:
        head = f"This node is a worker: it knows its own containers, not the {what.lower()}."
        managers = ", ".join(address.rpartition(":")[0] or address for _, address in engine.swarm.remote_managers)
        rest = [f"Managers of this Swarm: {managers}"] if managers else []
        first = managers.partition(",")[0]
        rest.append(f"On a manager it shows all: dnet-tui -H ssh://USER@{first or 'MANAGER'}")
    if engine.swarm.state == "locked":
        head = "The Swarm state of this manager is locked."
        rest = [f"{moment.hint('^n')} asks for the key that opens it; until then it is no manager, and runs no tasks."]
    lines: list[Line] = [BLANK, *_with_sign(sign, head, room)]
    lines += [line("    ", (text, "")) for part in rest for text in wrap(part, room)]
    ways: tuple[tuple[str, str], ...] = (("6", "containers"), ("5", "networks"), (":ctx", "other context"))
    if not snapshot.in_swarm or engine.swarm.state == "locked":
        ways = ((moment.hint("^n"), "start a swarm" if not snapshot.in_swarm else "unlock"), *ways)
    lines += [BLANK, line("    ", titles.keys(*ways))]
    return tuple(lines)


def _with_sign(sign: str, text: str, room: int) -> list[Line]:
    return [
        line("  ", (sign if index == 0 else "  ", "warn"), (row, "strong bold"))
        for index, row in enumerate(wrap(text, room))
    ]


def no_quorum(moment: Moment, width: int) -> tuple[Line, ...]:
    """The verdict block of a Swarm without a leader: what it is, what is needed, what is still true; else empty."""
    snapshot = moment.snapshot
    if not snapshot.manager_problem or not snapshot.is_manager:
        return ()
    room = max(20, width - 22)
    managers = sorted((node for node in snapshot.nodes.values() if node.manager is not None), key=lambda n: n.name)
    lost = [node.name for node in managers if not _up(node, snapshot)]
    said = (("The swarm runs on, but nothing in it can be changed.", "strong bold"),)
    block = [_block(f"{sym('fail')} no quorum", "err bold", said)]
    names: list[Span] = []
    for node in managers:
        up = _up(node, snapshot)
        here = ", here" if node.id == snapshot.node_id else ""
        names += [(sym("ok" if up else "fail") + " ", "ok" if up else "err"), (node.name + here, ""), ("   ", "")]
    if names:
        block += _blocks("managers", wrap_line(tuple(names), room))
    needed = len(managers) // 2 + 1 - (len(managers) - len(lost))
    if needed > 0 and lost:
        block += _blocks("needs", _rows(f"{plural(needed, 'more manager')}: start {_either(lost)}", room))
    block += _blocks("it says", _rows(snapshot.manager_problem, room, "muted"))
    lines: list[Line] = [
        (*((text, f"{style} on_errbg") for text, style in row), (" " * (width - line_width(row)), "on_errbg"))
        for row in block
    ]
    since = snapshot.listed.get(Kind.SERVICE) or snapshot.listed.get(Kind.NODE)
    as_of = f"as of {clock(since, moment.now)}, no leader since" if since else "none was read yet"
    lines.append(BLANK)
    for label, style, text in (
        ("still true", "strong bold", "containers run; shells, logs and events of this node work"),
        (f"{sym('look')} stale", "warn", f"services, tasks and networks of the swarm: {as_of}"),
        ("not now", "muted bold", "create, scale, drain; tasks of dead nodes do not move"),
    ):
        for index, part in enumerate(wrap(text, room)):
            lines.append(line("  ", ((label if index == 0 else "").ljust(13), style), part))
    return tuple(lines)


def _up(node: Node, snapshot: Snapshot) -> bool:
    return node.id == snapshot.node_id or (node.manager is not None and node.manager.reachability == "reachable")


def _rows(text: str, room: int, style: str = "") -> list[Line]:
    return [((row, style),) for row in wrap(text, room)]


def _blocks(label: str, rows: Sequence[Line]) -> list[Line]:
    return [_block(label if index == 0 else "", "muted", row) for index, row in enumerate(rows)]


def _block(label: str, style: str, rest: Line) -> Line:
    return line((sym("cursor") + " ", "err"), (label.ljust(13), style), rest)


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def demo_reason(session: Session) -> str:
    """What the toast says at the start of a demo that nobody asked for; empty else."""
    if not session.demo or not session.reason:
        return ""
    return f"{session.reason} This is the demo: a made-up Swarm, nothing here is real. :ctx goes to a real one."


def part_of_sentence(text: str) -> str:
    """A sentence as a part of another one: without its full stop, its first word small unless it is a name."""
    part = text.strip().rstrip(".")
    return part[0].lower() + part[1:] if part[1:2].islower() else part


def no_engine(endpoint: str, problem: str) -> str:
    """Why the demo is shown, as a sentence."""
    why = part_of_sentence(problem)
    return f"No engine answered at {endpoint}: {why}." if why else f"No engine answered at {endpoint}."
