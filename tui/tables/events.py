"""The list of events, newest first. Unlike other lists it is not made of the snapshot but of the event log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.api import EventLog
from backends.model import Changes, Event, EventSource, Key, Kind, Snapshot, Value
from tui.details.events import (
    clock_apart,
    event_action,
    event_key,
    event_node,
    event_object,
    event_time,
)
from tui.details.sheet import Sheet, one_row
from tui.look.symbols import sym
from tui.places import Place
from tui.tables.cells import muted
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.ago import clock
from tui.text.span import Line, line, plain

#: Events the list holds at most.
LIMIT = 5000
#: New events in one change from which on all rows are made anew.
_MANY = 1000


class EventRow(Value, frozen=True, kw_only=True):
    """One event; its number counts all that ever came."""

    number: int
    event: Event

    @property
    def key(self) -> Key:
        """Of the row: one object has many events."""
        return Key(Kind.ENGINE, f"event/{self.number}")

    @property
    def is_mark(self) -> bool:
        """Whether it is a gap, or the stream's end or return."""
        return self.event.source in (EventSource.GAP, EventSource.STREAM)


class NoEvents:
    """An event log in which nothing ever happens."""

    @property
    def total(self) -> int:
        """None came."""
        return 0

    def tail(self, count: int) -> Sequence[Event]:
        """None is kept."""
        return ()

    def after(self, total: int) -> Sequence[Event]:
        """None came since."""
        return ()


class _Rows:
    """Rows of one log, and which of them are new since they were last asked for."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._told = 0
        self._batch: dict[int, Event] = {}

    def all(self, snapshot: Snapshot, place: Place) -> Iterable[EventRow]:
        events = self._log.tail(LIMIT)
        self._told = self._log.total
        first = self._told - len(events)
        rows = (EventRow(number=first + i, event=event) for i, event in enumerate(events))
        return [row for row in rows if _inside(row.event, place)]

    def affected(self, snapshot: Snapshot, place: Place, changes: Changes) -> Iterable[Key] | None:
        if any(key.kind is Kind.NODE for key in changes.keys):
            return None
        total, told = self._log.total, self._told
        if total == told:
            return ()
        events = self._log.after(told)
        if total < told or len(events) != total - told or len(events) > _MANY:
            return None
        self._told = total
        self._batch = {told + i: event for i, event in enumerate(events)}
        gone = range(max(0, told - LIMIT), max(0, total - LIMIT))
        return [Key(Kind.ENGINE, f"event/{number}") for number in (*self._batch, *gone)]

    def one(self, snapshot: Snapshot, place: Place, key: Key) -> EventRow | None:
        number = int(key.id.partition("/")[2])
        event = self._batch.get(number)
        return EventRow(number=number, event=event) if event is not None and _inside(event, place) else None

    def detail(self, row: EventRow, moment: Moment, cells: int) -> Detail:
        """What happened, in full, and what happened around it."""
        event = row.event
        sheet = Sheet(moment, cells)
        sheet.fact("what", event_action(event))
        sheet.fact("when", _fine(event.at, moment))
        if apart := clock_apart(event.ahead):
            sheet.fact("stamped", _fine(event.time, moment), (f", by a clock that is {apart}", "muted"))
        sheet.fact("node", event_node(event, moment.snapshot))
        sheet.fact(event.type or "object", event.name or event.id)
        sheet.fact("id", event.id if event.id != event.name else "")
        sheet.fact("told by", _SOURCES[event.source])
        if event.text:
            sheet.head("In full")
            sheet.words(event.text, "err" if event.severity == "err" else "")
        self._around(sheet, row)
        told = {key: value for key, value in event.attributes.items() if value}
        if told:
            sheet.head("Attributes")
            sheet.pairs("", told)
        command = f"docker events --since {event.time - 5:.0f} --until {event.time + 5:.0f}"
        sheet.command(command)
        compact = (
            one_row("what", event_action(event), f"   {event.text}", cells=cells),
            one_row("object", f"{event.type} {event.name or event.id}", cells=cells),
            one_row("node", event_node(event, moment.snapshot), cells=cells),
            one_row("told by", _SOURCES[event.source], cells=cells),
        )
        return Detail(f"{event_object(event)} {event.action.partition(':')[0]}".strip(), sheet.lines, compact, command)

    def _around(self, sheet: Sheet, row: EventRow) -> None:
        subject = _family(row.event)
        if not subject:
            return
        near = [e for e in self._log.after(max(0, row.number - 60))[:120] if abs(e.at - row.event.at) <= 10]
        same = [e for e in near if _family(e) == subject and e is not row.event]
        if not same:
            return
        sheet.head("Around it", "within 10 s")
        for event in sorted([*same[:12], row.event], key=lambda e: e.at):
            after = event.at - row.event.at
            when = "0" if abs(after) < 0.05 else f"{after:+.1f} s"
            who = "" if event is row.event else f"  {event_object(event)}"
            sheet.text((f"{when:<9}", "bold" if event is row.event else "muted"), event_action(event), who, hang=9)


_SOURCES = {
    EventSource.ENGINE: "the engine",
    EventSource.DERIVED: "dnet-tui: two readings differ, the engine sends no event for it",
    EventSource.GAP: "dnet-tui: events may be missing before this",
    EventSource.STREAM: "dnet-tui: the stream itself",
}


def _family(event: Event) -> str:
    """What events of one service (or one object) have in common."""
    service = event.attributes.get("com.docker.swarm.service.name", "")
    if service:
        return service
    if event.type == "task":
        return event.name.rpartition(".")[0]
    return event.name or event.id


def _inside(event: Event, place: Place) -> bool:
    if not place.scope:
        return True
    scope = place.scope[-1]
    if scope.kind is Kind.NODE:
        return scope.id in (event.node_id, event.id)
    if scope.kind is Kind.STACK:
        return event.attributes.get("com.docker.stack.namespace") == scope.id or event.name.startswith(f"{scope.id}_")
    wanted = scope.id.rpartition("/")[2] if scope.kind in (Kind.VOLUME, Kind.IMAGE) else scope.id
    return wanted in (
        event.id,
        event.attributes.get("com.docker.swarm.service.id"),
        event.attributes.get("com.docker.swarm.task.id"),
        event.attributes.get("container"),
    )


def _fine(time: float, moment: Moment) -> Line:
    return line(clock(time, moment.now), f".{int(time * 1000) % 1000:03d}")


def _dash(row: EventRow, cells: int, cell: Line) -> Line:
    return ((sym("gap") * cells, "warn"),) if row.is_mark else cell


def _action(row: EventRow, moment: Moment) -> Line:
    """With a star for what the engine did not say: this column is there in every width."""
    star = "*" if row.event.source is EventSource.DERIVED else ""
    return (*event_action(row.event), (star, "faint"))


def _what(row: EventRow, moment: Moment) -> Line:
    if not row.is_mark:
        return line(row.event.text)
    return line((row.event.text, "warn"), (f" {sym('gap') * 12}", "warn"))


def _footer(moment: Moment, place: Place, cells: int) -> Sequence[Line]:
    return ((("* seen by comparing two readings; the engine sends no event for it", "faint"),),)


def events_table(log: EventLog) -> TableSpec[EventRow]:
    """The list of one cluster's events."""
    rows = _Rows(log)
    return TableSpec(
        id="events",
        title="Events",
        kind=None,
        rows=rows.all,
        row=rows.one,
        key=lambda r: r.key,
        subject=lambda r: event_key(r.event),
        affected=rows.affected,
        columns=(
            Column(
                "time",
                "TIME",
                12,
                lambda r, m: event_time(r.event, m, fine=True),
                lambda r, m: (r.event.at, r.number),
                keep=True,
                sort_key="B",
                descending=True,
            ),
            Column(
                "node",
                "NODE",
                9,
                lambda r, m: _dash(r, 9, muted(event_node(r.event, m.snapshot))),
                lambda r, m: event_node(r.event, m.snapshot),
                cut="m",
                drop=2,
                sort_key="O",
            ),
            Column(
                "type",
                "TYPE",
                10,
                lambda r, m: _dash(r, 10, muted(r.event.type)),
                lambda r, m: r.event.type,
                drop=1,
                sort_key="Y",
            ),
            Column(
                "object",
                "OBJECT",
                19,
                lambda r, m: _dash(r, 19, line(event_object(r.event))),
                lambda r, m: event_object(r.event),
                cut="m",
                keep=True,
                sort_key="N",
            ),
            Column(
                "action",
                "ACTION",
                14,
                _action,
                lambda r, m: plain(event_action(r.event)),
                keep=True,
                sort_key="C",
            ),
            # In 80 columns what happened is worth more than where it was told.
            Column("what", "WHAT", 0, _what, keep=True, narrow=25),
            Column("scope", "SCOPE", 6, lambda r, m: muted(r.event.scope), lambda r, m: r.event.scope, wide=True),
            Column("id", "ID", 12, lambda r, m: muted(r.event.id[:12]), lambda r, m: r.event.id, wide=True),
        ),
        order=("time",),
        follows=True,
        filters={
            "type": lambda r, m: r.event.type,
            "action": lambda r, m: r.event.action,
            "node": lambda r, m: event_node(r.event, m.snapshot),
            "object": lambda r, m: r.event.name,
            "name": lambda r, m: r.event.name,
            "scope": lambda r, m: r.event.scope,
            "service": lambda r, m: r.event.attributes.get("com.docker.swarm.service.name", ""),
            "source": lambda r, m: r.event.source.value,
            "state": lambda r, m: r.event.severity,
            "id": lambda r, m: r.event.id,
        },
        haystack=lambda r, m: (
            f"{r.event.type} {r.event.name} {r.event.action} {r.event.text} {event_node(r.event, m.snapshot)} "
            f"{r.event.id[:12]}"
        ),
        fault=lambda r, m: r.event.severity in ("err", "warn") or r.is_mark,
        detail=rows.detail,
        footer=_footer,
        empty=(
            "Nothing has happened since dnet-tui was started.",
            "Events come as they happen; docker events shows older.",
        ),
        live=False,
    )


#: The list without a log: its columns, for keys and help.
EVENTS: TableSpec[EventRow] = events_table(NoEvents())
