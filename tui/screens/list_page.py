"""The page of every list: the list itself, the detail of the row under the cursor, the newest events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from backends.api import Interest
from backends.model import Key
from tui.actions.filter import compile_filter, values_here
from tui.bridge import Frame
from tui.frame.interest import COUNTING, interest_of, unread
from tui.frame.layout import Layout
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.list_parts import ListParts
from tui.tables.spec import Moment, TableSpec
from tui.widgets.events import EventStrip
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule
from tui.widgets.table import ResourceTable

#: Seconds the cursor rests before the detail follows: a held arrow key must not render each row it passes.
FOLLOW = 0.03

_MOVES = {
    "cursor-down": "down",
    "cursor-up": "up",
    "cursor-first": "home",
    "cursor-last": "end",
    "page-down": "page-down",
    "page-up": "page-up",
}


class ListPage(ListParts):
    """Shows any table; one instance serves them all."""

    def __init__(self, place: Place, spec: TableSpec[Any], page_id: str = "list") -> None:
        super().__init__(place, spec, page_id)
        self._following = False
        self._unread: frozenset[str] = frozenset()
        self._acts: dict[str, Callable[[], object]] = {
            "mark": self.table.mark,
            "mark-range": self.table.mark_range,
            "clear-marks": self.table.clear_marks,
            "activate": self._activate,
            "toggle-wide": lambda: self._wide(not self.table.wide),
            "next-pane": self._other_pane,
            "previous-pane": self._other_pane,
            "copy-command": self._copy_command,
        }

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """A list, or the list that is shown with another order, filter or scope."""
        spec = self.table_for(place)
        same = self.moment is not None and spec is self.spec and place.scope == self.place.scope
        self.place, self.moment, self.edit = place, moment, None
        if not same:
            self.spec = spec
            self.shown = self.shown_key = None
            self.table.show(self.spec, place, moment)
            self.divide()
        else:
            self.table.update(moment)
            if self.table.sort != (place.sort, place.reverse):
                self.table.sort_by(place.sort, place.reverse)
            if place.cursor is not None and place.cursor != self.table.cursor_key:
                self.table.move_to(place.cursor)
        if self.table.faults != place.faults:
            self.table.faults = place.faults
        self._narrow(place.filter)
        self.show_all()

    def frame(self, frame: Frame) -> None:
        """Only what differs is drawn: the table and the views see to that."""
        changes = frame.changes
        self.moment = frame.moment
        if changes is None or changes.links or changes.kinds:
            self.show_state()
        log = self.spec.id == "events" and changes is not None and changes.events
        if changes is None or changes.keys or changes.kinds or changes.links or log:
            self.table.update(frame.moment, changes)
            self.show_detail()
            self.show_rules()
            self._read_once()
        if changes is None or changes.events or changes.links:
            self.show_events()

    def _read_once(self) -> None:
        """Where addresses are counted: tasks that were read are not wanted again, and those of new services are."""
        if self.spec.id in COUNTING and self.moment is not None:
            wanted = unread(self.moment.snapshot)
            if wanted != self._unread:
                self._unread = wanted
                self.frame_screen.watch_soon()

    def tick(self, now: float) -> bool:
        """Ages of visible rows, and of the detail."""
        if self.moment is None or not self.spec.live:
            return False
        before, lines = self.table.rows_rendered, self.detail.lines
        self.moment = replace(self.moment, now=now)
        self.table.tick(now)
        self.show_detail()
        return self.table.rows_rendered != before or self.detail.lines != lines

    def adapt(self, shape: Layout) -> None:
        """Another division of the screen."""
        super().adapt(shape)
        self.divide()
        if shape.only_detail and self.has_detail:
            self.detail.focus()
        elif self.on_detail and not self.has_detail:
            self.table.focus()
        self.call_after_refresh(self.show_all)

    def table_for(self, place: Place) -> TableSpec[Any]:
        """The list of a place; a page that shows one list only has its own."""
        return self.frame_screen.table_of(place) if self.page_id == "list" else self.spec

    # What the frame asks

    @property
    def on_detail(self) -> bool:
        """Whether the detail has the keys."""
        return self.screen.focused is self.detail

    @property
    def pane(self) -> str:
        """``list`` or ``detail``."""
        return "detail" if self.on_detail else "list"

    @property
    def left(self) -> Place:
        """The place with the cursor and the order of now."""
        sort, reverse = self.table.sort
        return replace(self.place, cursor=self.table.cursor_key, sort=sort, reverse=reverse)

    @property
    def targets(self) -> tuple[Key, ...]:
        """What the marked rows are about, else the one under the cursor; a finding may be about nothing."""
        subject = self.spec.subject
        if subject is None:
            return self.table.targets
        rows = [self.table.row_of(key) for key in self.table.targets]
        found = [subject(row) for row in rows if row is not None]
        return tuple(dict.fromkeys(key for key in found if key is not None))

    @property
    def interest(self) -> Interest:
        """What the list is made of, and what is near the cursor."""
        snapshot = self.moment.snapshot if self.moment else None
        return interest_of(self.spec, self.place, self._near(), self.table.cursor_key, snapshot)

    def _near(self) -> Sequence[Key]:
        """Rows that are on screen or soon may be: a screen above and below the cursor."""
        keys, height = self.table.keys, max(1, self.table.size.height)
        cursor = self.table.cursor_key
        at = next((index for index, key in enumerate(keys) if key == cursor), 0)
        return keys[max(0, at - height) : at + height]

    @property
    def filterable(self) -> bool:
        """Every list is."""
        return True

    def set_filter(self, text: str, edit: LineEdit | None = None) -> None:
        """Narrows at once."""
        self.place = replace(self.place, filter=text)
        self.edit = edit
        self._narrow(text)
        self.show_rules()

    def _narrow(self, text: str) -> None:
        before, self._filter = self._filter, compile_filter(text, self.spec)
        found = self._filter
        self.problem = found.error
        self.table.filter_by(
            found.predicate if found else None,
            text,
            lambda rows, moment: values_here(text, self.spec, rows, moment),
            within=found.within(before),
        )

    def focus_pane(self) -> None:
        """The list has the keys, or the detail where it has the list's place."""
        (self.detail if self.shape.only_detail and self.has_detail else self.table).focus()

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Cursor, marks, panes, columns."""
        if name in _MOVES:
            (self.detail if self.on_detail else self.table).move(_MOVES[name])
        elif name in ("scroll-left", "scroll-right"):
            side = name.removeprefix("scroll-")
            if self.on_detail:
                self.detail.move(side)
            else:
                self._wide(side == "right")
        elif name == "save":
            self._save(arguments)
        elif name in self._acts:
            self._acts[name]()
        else:
            return False
        return True

    def _wide(self, on: bool) -> None:
        self.table.wide = on

    def _other_pane(self) -> None:
        (self.table if self.on_detail or not self.has_detail else self.detail).focus()

    def _activate(self) -> None:
        key = self.table.cursor_key
        if key is not None and self.spec.id == "contexts":
            self.frame_screen.call("context", key.id)

    def _copy_command(self) -> None:
        row, moment = self.table.cursor_row, self.moment
        detail = self.spec.detail
        command = detail(row, moment, self.size.width).command if detail and row is not None and moment else ""
        if command:
            self.frame_screen.copy(command, "the docker line")
        else:
            self.frame_screen.say("There is no docker line for this.", bad=True)

    def _save(self, arguments: Sequence[str]) -> None:
        from tui.frame.saving import save_list

        if self.moment is not None:
            said, bad = save_list(self.table, self.moment, arguments)
            self.frame_screen.say(said, bad=bad)

    # What its widgets say

    def on_resource_table_row_highlighted(self, message: ResourceTable.RowHighlighted) -> None:
        """The detail follows the cursor once it rests."""
        message.stop()
        if not self._following:
            self._following = True
            self.set_timer(FOLLOW, self._followed)

    def _followed(self) -> None:
        self._following = False
        if self.table.cursor_key != self.shown_key:
            self.show_detail()
            self.show_rules()
        self.frame_screen.cursor_moved()

    def on_resource_table_row_selected(self, message: ResourceTable.RowSelected) -> None:
        """A double click is the key enter."""
        message.stop()
        self.frame_screen.press("enter")

    def on_resource_table_sorted(self, message: ResourceTable.Sorted) -> None:
        """Sorted by a click on a head, too."""
        message.stop()
        self.place = replace(self.place, sort=message.column, reverse=message.reverse)
        self.show_rules()

    def on_resource_table_counted(self, message: ResourceTable.Counted) -> None:
        """The title is old."""
        message.stop()
        self.show_rules()

    def on_descendant_focus(self) -> None:
        """The heavy rule goes with the focus."""
        self.show_rules()
        self.frame_screen.focus_moved()

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """The detail has another width."""
        message.stop()
        self.show_detail()

    def on_event_strip_resized(self, message: EventStrip.Resized) -> None:
        """The strip has another size."""
        message.stop()
        self.show_events()

    def on_event_strip_clicked(self, message: EventStrip.Clicked) -> None:
        """An event in the strip opens the events."""
        message.stop()
        self.frame_screen.go(Place("events"))

    def on_title_rule_clicked(self, message: TitleRule.Clicked) -> None:
        """A click on a title gives its pane the keys; on that of the events opens them."""
        message.stop()
        if message.rule is self.events_rule:
            self.frame_screen.go(Place("events"))
        else:
            (self.detail if message.rule is self.detail_rule else self.table).focus()
