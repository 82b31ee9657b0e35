"""The panes of a list and what is written into them: title rules, the detail, the newest events."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.geometry import Region

from backends.model import Key, Kind
from tui.actions.filter import Filter
from tui.details.events import event_line, newest
from tui.frame import states, titles
from tui.frame.line_edit import LineEdit
from tui.frame.states import State
from tui.places import Place
from tui.screens.page import Page
from tui.screens.panes import list_regions
from tui.tables.spec import Detail, Moment, TableSpec
from tui.tables.unasked import asked_note
from tui.text.span import BLANK, Line
from tui.widgets.events import EventStrip
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule
from tui.widgets.table import ResourceTable
from tui.widgets.vline import VLine


class ListParts(Page):
    """Widgets and words; what moves and when is in ``tui.screens.list_page``."""

    def __init__(self, place: Place, spec: TableSpec[Any], page_id: str = "list") -> None:
        super().__init__(page_id)
        self.place = place
        self.spec = spec
        self.table = ResourceTable(spec, place, id="list")
        self.detail = LinesView(id="detail")
        self.strip = EventStrip(id="events")
        self.rule = TitleRule(id="rule")
        self.detail_rule = TitleRule(id="detail-rule")
        self.events_rule = TitleRule(id="events-rule")
        self.line = VLine(id="line")
        self.lay_out(self.regions)
        self.moment: Moment | None = None
        self.edit: LineEdit | None = None
        self.problem = ""
        """Why a filter is not read as it was meant."""
        self._filter: Filter | None = None
        """What holds now."""
        self.stale = False
        """What is listed is old: the engine is gone, or the Swarm has no leader."""
        self.cut_off = False
        """The engine is gone, and the stream of events with it."""
        self.shown: Detail | None = None
        self.shown_key: Key | None = None

    def compose(self) -> ComposeResult:
        """All panes; those without a place in the present size are not drawn."""
        yield self.rule
        yield self.table
        yield self.line
        yield self.detail_rule
        yield self.detail
        yield self.events_rule
        yield self.strip

    @property
    def has_events(self) -> bool:
        """Whether the strip has rows: not below the list of events itself."""
        return bool(self.shape.events) and self.spec.id != "events"

    @property
    def has_detail(self) -> bool:
        """Whether the detail has a place in the present size."""
        shape = self.shape
        return self.spec.detail is not None and bool(shape.detail_width or shape.detail_height or shape.only_detail)

    def regions(self, width: int, height: int) -> dict[str, Region]:
        """Where each pane stands in a page of that size."""
        shape, detail = self.shape, self.spec.detail is not None
        regions = list_regions(
            width,
            height,
            shape.detail_width if detail else 0,
            shape.detail_height if detail else 0,
            shape.events if self.has_events else 0,
            shape.only_detail and detail,
        )
        if "line" in regions:
            joints = {0: "┬"}
            if "events-rule" in regions:
                joints[regions["events-rule"].y] = "┤"
            self.line.show(joints)
        return regions

    # The list

    def show_state(self) -> None:
        """Stale, connecting, or why there are no rows."""
        moment = self.moment
        if moment is None:
            return
        state = states.state_of(moment.snapshot)
        self.cut_off = state is State.STALE
        self.stale = self.cut_off or states.leaderless(moment.snapshot, self.spec.id)
        width = max(20, self.table.size.width or self.size.width)
        notice = states.notice(moment, self.spec.id, width)
        if tuple(self.table.notice) != notice:
            self.table.notice = notice
        dimmed = self.stale and not notice
        if self.table.stale != dimmed:
            self.table.stale = dimmed
        self.table.connecting = not notice and not self.listed(moment)

    def listed(self, moment: Moment) -> bool:
        """Whether all that the list is made of has been read once."""
        snapshot = moment.snapshot
        if self.spec.id == "contexts":
            return True
        return snapshot.engine is not None and (
            all(kind in snapshot.listed for kind in self.spec.needs)
            or any(key.kind is Kind.SERVICE and key.id in snapshot.tasks_of for key in self.place.scope)
        )

    def show_rules(self) -> None:
        """The title rules of list and detail."""
        moment = self.moment
        if moment is None:
            return
        left = titles.path(moment.snapshot, self.place, self.spec.title)
        left = (*left, *titles.filter_part(self.place.filter, self.edit))
        old = titles.as_of(states.read_at(moment.snapshot, self.spec.id), moment.now)
        right = () if self.table.notice else old if self.stale else self.counted(moment)
        on_detail = self.screen.focused is self.detail
        self.rule.show(left, right, active=not on_detail, warn=self.stale)
        title = self.shown.title if self.shown else ""
        keys = () if not title else old if self.stale else self._detail_keys()
        self.detail_rule.show(((title, ""),) if title else (), keys, active=on_detail, warn=self.stale)

    def counted(self, moment: Moment) -> Line:
        """The right end of the title: how many of how many, in which order."""
        table = self.table
        return titles.counts(
            self.spec,
            self.place,
            moment,
            shown=table.shown,
            total=table.total,
            marked=len(table.marks),
            sort=table.sort,
            problem=self.problem,
        )

    # The detail

    def _detail_keys(self) -> Line:
        screen = self.frame_screen
        key = screen.keymap.key
        describe = [(key("describe"), "describe")] if self.targets else []
        if self.shape.detail_width:
            return titles.keys(*describe, *([(key("yaml"), "yaml")] if describe else []))
        size = {"normal": "bigger", "bigger": "off", "off": "on"}[screen.detail_size]
        if self.shape.only_detail:
            size = "list"
        return titles.keys((key("pane.detail"), size), *describe)

    def show_detail(self) -> None:
        """The detail of the row under the cursor."""
        moment, row = self.moment, self.table.cursor_row
        if row is None:
            # What is gone is told of nowhere, also where the detail comes back into a larger screen later.
            self.shown = self.shown_key = None
            self.detail.show(self._nothing(), keep=False)
            return
        if moment is None or self.spec.detail is None or not self.has_detail:
            return
        found = self.spec.detail(row, moment, max(10, self.detail.text_width))
        key = self.table.cursor_key
        small = self.shape.detail_height and self.frame_screen.detail_size == "normal"
        lines = found.compact if small and found.compact else found.lines
        self.detail.show(lines, keep=key == self.shown_key, stale=self.stale)
        self.shown, self.shown_key = found, key

    def _nothing(self) -> tuple[Line, ...]:
        """Why there is no detail, where the list is hidden by it or narrowed to nothing."""
        if not self.has_detail or not self.table.total:
            return ()
        what = f"Nothing matches /{self.place.filter}." if self.place.filter else "Nothing is wrong here."
        return (BLANK, ((what, "muted"),))

    # The events

    def show_events(self) -> None:
        """The newest events, newest first."""
        moment = self.moment
        if moment is None or not self.has_events:
            return
        screen = self.frame_screen
        rows = self.strip.size.height or self.shape.events
        width = max(10, self.strip.text_width)
        told = newest(screen.cluster.events, rows)
        self.strip.show([event_line(event, moment, width) for event in told], stale=self.cut_off)
        right = titles.keys((screen.keymap.key("view.events"), "opens"))
        if self.cut_off:
            right = titles.stream_ended(moment)
        elif rows > 1:
            note = asked_note(moment, Place("events")) if moment.snapshot.links else ""
            live = f"live, {note.removeprefix('on ')}" if note else "live"
            right = ((live, "muted"), ("   ", "line"), *right)
        self.events_rule.show((("Last event" if rows == 1 else "Events", ""),), right, active=False)

    def show_all(self) -> None:
        """Everything anew."""
        self.show_state()
        self.show_events()
        self.show_detail()
        self.show_rules()
