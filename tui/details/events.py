"""An event on one row, for strips and for the list, and what it is about."""

from __future__ import annotations

from itertools import islice

from backends.api import EventLog
from backends.model import Event, EventSource, Key, Kind, Snapshot
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import clock, duration
from tui.text.fit import cut_line, fit, line_width
from tui.text.span import Line, line

#: Actions of engines that end something; everyday, but worth the ring.
_ENDS = frozenset(
    {"die", "stop", "kill", "destroy", "remove", "delete", "disconnect", "unmount", "untag", "prune"}
    | {"shutdown", "complete"}
)
_SHORT = {"health_status": "health", "updatestate": "update"}
#: Events that are looked through for those of a strip.
_LOOK_BACK = 1000
_SYMBOLS = {"ok": "ok", "chg": "changing", "warn": "look", "err": "fail"}

#: Seconds by which a clock may be off without a word.
CLOCK_OFF = 2.0

#: Columns of a strip by its width: time, node, type, object, action.
_WIDE, _MIDDLE, _NARROW = (8, 10, 9, 20, 13), (8, 9, 0, 19, 12), (8, 0, 0, 19, 12)

_KINDS = {
    "container": Kind.CONTAINER,
    "service": Kind.SERVICE,
    "node": Kind.NODE,
    "network": Kind.NETWORK,
    "config": Kind.CONFIG,
    "secret": Kind.SECRET,
    "task": Kind.TASK,
    "volume": Kind.VOLUME,
    "image": Kind.IMAGE,
}


def event_key(event: Event) -> Key | None:
    """The object an event is about; ``None`` for marks and what is no object of ours."""
    kind = _KINDS.get(event.type)
    if kind is None or not event.id or event.source in (EventSource.GAP, EventSource.STREAM):
        return None
    if kind in (Kind.VOLUME, Kind.IMAGE):
        return Key(kind, f"{event.node_id}/{event.id}")
    return Key(kind, event.id)


def event_object(event: Event) -> str:
    """Its name, short: of a task's container ``webapp1.2.k2v9`` (four letters of the task)."""
    name = event.name or event.id[:12]
    task = event.attributes.get("com.docker.swarm.task.id", "")
    if task and name.endswith(f".{task}"):
        return name[: -len(task)] + task[:4]
    return name


def event_action(event: Event) -> Line:
    """``✗ failed``: the action in a word, with the symbol of how grave it is."""
    word, _, _ = event.action.partition(":")
    word = _SHORT.get(word, word)
    if event.source is EventSource.GAP:
        return ((f"{sym('look')} gap", "warn"),)
    tone = event.severity if event.severity in _SYMBOLS else ""
    if tone:
        return line((sym(_SYMBOLS[tone]), tone), " ", (word, tone))
    symbol = sym("ended") if word in _ENDS else " "
    return ((f"{symbol} {word}", "muted"),)


def event_time(event: Event, moment: Moment, fine: bool = False) -> Line:
    """``14:32:07`` by our clock; ``fine`` adds the milliseconds, faint. Events of other days say the day instead."""
    text = clock(event.at, moment.now)
    if fine and ":" in text[:3] and len(text) == 8:
        return line((text, "muted"), (f".{int(event.at * 1000) % 1000:03d}", "faint"))
    return ((text, "muted"),)


def clock_apart(ahead: float) -> str:
    """``37 s ahead``, ``1 h 2 min behind``; empty for what is no more than clocks usually differ."""
    if abs(ahead) <= CLOCK_OFF:
        return ""
    return f"{duration(round(abs(ahead)))} {'ahead' if ahead > 0 else 'behind'}"


def event_node(event: Event, snapshot: Snapshot) -> str:
    """Name of the node whose engine told it."""
    node = snapshot.nodes.get(event.node_id)
    if node is not None:
        return node.name
    if event.node_id and event.node_id == snapshot.node_id and snapshot.engine is not None:
        return snapshot.engine.name
    return event.node_id[:12]


def _is_noise(event: Event) -> bool:
    idle = event.type == "node" and event.action == "update" and not event.text
    return idle or event.action.startswith("exec_")


def newest(log: EventLog, count: int) -> list[Event]:
    """The newest ``count`` events for a strip, newest first. What would hide all others is left out: commands that
    ran in containers (each health check is three such events), and nodes written down again without a change that
    is told. The list of events has them."""
    look = 4 * count
    while True:
        told = (event for event in reversed(log.tail(look)) if not _is_noise(event))
        found = list(islice(told, count))
        if len(found) == count or look >= _LOOK_BACK:
            return found
        look = min(_LOOK_BACK, 4 * look)


def newest_of(log: EventLog, service_id: str, count: int) -> list[Event]:
    """The newest ``count`` events of one service, of its tasks and of their containers, newest first."""
    told = (event for event in reversed(log.tail(_LOOK_BACK)) if not _is_noise(event) and _is_of(event, service_id))
    return list(islice(told, count))


def _is_of(event: Event, service_id: str) -> bool:
    known = event.attributes
    return service_id in (event.id, known.get("service"), known.get("com.docker.swarm.service.id"))


def event_line(event: Event, moment: Moment, width: int) -> Line:
    """One event within ``width`` cells: node and type only where there is room."""
    if event.source in (EventSource.GAP, EventSource.STREAM):
        return mark_line(event, moment, width)
    sizes = _WIDE if width >= 130 else _MIDDLE if width >= 90 else _NARROW
    cells: tuple[Line, ...] = (
        event_time(event, moment),
        ((event_node(event, moment.snapshot), "muted"),),
        ((event.type, "muted"),),
        line(event_object(event)),
        event_action(event),
    )
    parts: list[Line] = [
        (*fit(cell, size, cut="m" if index == 3 else "r"), ("  ", ""))
        for index, (cell, size) in enumerate(zip(cells, sizes, strict=True))
        if size
    ]
    return cut_line(line(*parts, event.text), width)


def mark_line(event: Event, moment: Moment, width: int) -> Line:
    """A gap, or the stream's end or return, as a dashed rule with its text."""
    gap = event.source is EventSource.GAP
    head = f" {sym('look')} {'gap' if gap else event.action or 'stream'} "
    text = line((head, "warn" if gap or event.severity in ("warn", "err") else "muted"), (event.text, ""), " ")
    left = fit(line((clock(event.at, moment.now), "muted"), " "), 9)
    dashes = max(0, width - line_width(left) - line_width(text))
    before = min(3, dashes)
    row = line(left, (sym("gap") * before, "warn"), text, (sym("gap") * (dashes - before), "warn"))
    return cut_line(row, width)
