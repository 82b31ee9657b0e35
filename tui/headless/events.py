"""``events``: what happened on all nodes that are asked, merged in the order of time, one event a line."""

from __future__ import annotations

import time
from collections.abc import Sequence

from backends.api import Cluster, EventLog
from backends.model import Event, Kind, Snapshot
from backends.state.listening import HISTORY
from backends.state.wording import duration
from tui.actions.filter import Filter
from tui.cli import UsageError
from tui.details.events import event_object
from tui.headless import arguments, plain, records
from tui.headless.arguments import Arguments
from tui.headless.listing import filter_of
from tui.headless.settle import Need, Watch
from tui.tables.events import EventRow, events_table
from tui.tables.spec import Moment
from tui.text.fit import fit
from tui.text.span import line

_NEED = Need(frozenset({Kind.NODE, Kind.SERVICE, Kind.CONTAINER}), frozenset({Kind.CONTAINER}), everywhere=True)
#: An engine sends what it remembers as soon as its stream is opened, and no sign at the end: quiet for so long is
#: taken for it, or so long in all.
_QUIET, _LONGEST = 0.5, 3.0
#: Events that come together are printed together, in the order of their time whichever engine was first.
_GATHER = 0.2
_TONES = {"ok": "ok", "chg": "chg", "warn": "warn", "err": "err"}


class Printer:
    """Prints events of one log as they are wanted."""

    def __init__(self, log: EventLog, given: Arguments, style: plain.Style) -> None:
        self._table = events_table(log)
        self._filter: Filter = filter_of(given.filter, self._table)
        self._json, self._style = given.json, style
        self._number = 0

    def show(self, events: Sequence[Event], snapshot: Snapshot) -> None:
        """Those that pass the filter."""
        moment = Moment(snapshot, time.time())
        for event in events:
            self._number += 1
            row = EventRow(number=self._number, event=event)
            if self._filter and not self._filter.predicate(row, moment):
                continue
            told = records.event(event, snapshot)
            if self._json:
                plain.record(told)
            else:
                self._line(event, told)
        plain.flush()

    def _line(self, event: Event, told: records.Record) -> None:
        name = event_object(event) or "-"
        parts = (
            (str(told["time"] or "-"), "muted"),
            (fit(str(told["node"] or "-"), max(12, len(str(told["node"])))), ""),
            (fit(event.type or event.source.value, 9), "muted"),
            (fit(name, max(24, len(name))), ""),
            (event.action or event.source.value, _TONES.get(event.severity, "")),
            (_what(event), ""),
        )
        row = line(*[span for number, part in enumerate(parts) for span in ((("  " if number else ""), ""), part)])
        plain.line(row, self._style)


def _what(event: Event) -> str:
    if event.text:
        return event.text
    code = event.attributes.get("exitCode", "")
    return f"exit {code}" if code else ""


async def run(cluster: Cluster, given: Arguments, style: plain.Style) -> int:
    """Prints events; the exit code. With ``--follow`` it ends only when it is cancelled."""
    now = time.time()
    since = arguments.since(given.since, now) if given.since else (now if given.follow else now - HISTORY)
    if now - since > HISTORY + 1:
        raise UsageError(f"--since: engines remember few events; at most the last {duration(HISTORY)} are asked for")
    printer = Printer(cluster.events, given, style)
    watch = Watch(cluster)
    try:
        answer = await watch.settle(_NEED, given.timeout)
        if given.follow:
            # Told at once: nobody knows when it will end.
            plain.missing(answer.unasked, given.json)
            plain.flush()
        await _replayed(watch)
        seen = cluster.events.total
        printer.show([e for e in cluster.events.tail(seen) if e.at >= since], cluster.snapshot)
        while given.follow:
            await watch.change()
            await watch.gather(_GATHER)
            new = cluster.events.after(seen)
            seen = cluster.events.total
            printer.show([e for e in new if e.at >= since], cluster.snapshot)
    finally:
        watch.close()
    plain.missing(answer.unasked, given.json)
    plain.flush()
    return 3 if answer.unasked else 0


async def _replayed(watch: Watch) -> None:
    end = time.monotonic() + _LONGEST
    while await watch.change(_QUIET) and time.monotonic() < end:
        pass
