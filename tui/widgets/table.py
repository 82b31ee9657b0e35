"""The list widget: virtual rows on the line API, drawn only where something changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from backends.model import Changes, Key
from tui.look.tokens import Depth
from tui.places import Place
from tui.tables.model import Delta, Predicate
from tui.tables.spec import Moment, TableSpec
from tui.text.span import Line
from tui.widgets.listing import Listing, Painted, View
from tui.widgets.paint import painter_of
from tui.widgets.rows import Slot
from tui.widgets.screenful import changed_runs
from tui.widgets.sheet import page

#: Seconds after a key during which rows keep their places.
HOLD = 2.0
#: Lines per turn of the wheel.
WHEEL = 3
#: Terminal width from which wide columns come in.
WIDE = 200


class ResourceTable(Widget, can_focus=True):
    """One list. Keys are methods (:meth:`move`, :meth:`mark`, …): the frame binds them."""

    DEFAULT_CSS = "ResourceTable { width: 1fr; height: 1fr; }"
    ALLOW_SELECT = False

    class RowHighlighted(Message):
        """The cursor came to another object (``None``: no rows)."""

        def __init__(self, table: ResourceTable, key: Key | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

    class RowSelected(Message):
        """Enter (see :meth:`select`) or a double click."""

        def __init__(self, table: ResourceTable, key: Key) -> None:
            super().__init__()
            self.table = table
            self.key = key

    class Sorted(Message):
        """Sorted by another column or the other way round (by key or by a click on the head)."""

        def __init__(self, table: ResourceTable, column: str, reverse: bool) -> None:
            super().__init__()
            self.table = table
            self.column = column
            self.reverse = reverse

    class Counted(Message):
        """``shown``, ``total`` or the marks changed: the title is old."""

        def __init__(self, table: ResourceTable) -> None:
            super().__init__()
            self.table = table

    def __init__(
        self,
        spec: TableSpec[Any],
        place: Place,
        *,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._clock = clock
        self._listing = Listing(spec, place)
        self._view = View()
        self._connecting: bool | None = None
        self._wide: bool | None = None
        self._screen: list[Painted] = []
        self._thumb = range(0)
        self._last_key = float("-inf")
        self._said: tuple[Key | None, int, int, int] = (None, 0, 0, 0)
        self._quiet_timer: Timer | None = None
        self._settle_timer: Timer | None = None
        self._dragging = False

    def show(self, spec: TableSpec[Any], place: Place, moment: Moment | None = None) -> None:
        """Another list in the same widget: sort, faults and cursor are taken from ``place``; marks and filter are
        forgotten. With a moment it is filled at once."""
        rendered, old = self._listing.rendered, self._listing
        self._listing = Listing(spec, place)
        self._listing.rendered = rendered
        self._listing.resize(old.width, old.height, self.wide)
        self._view = replace(self._view, notice=(), filter_text="")
        self._last_key = float("-inf")
        if moment is not None:
            self.update(moment)
        else:
            self._sync()

    def update(self, moment: Moment, changes: Changes | None = None) -> None:
        """The new state; ``changes`` ``None`` projects all rows anew, else only those it touches."""
        model = self._listing.model
        hold = self._clock() - self._last_key < HOLD
        self._apply(lambda: model.set(moment, hold) if changes is None else model.update(moment, changes, hold))
        if not model.settled and self._settle_timer is None:
            self._settle_timer = self.set_timer(HOLD, self._settle_later)

    def tick(self, now: float) -> None:
        """Time has passed (call once a second): visible rows whose ages changed are drawn again."""
        if self._listing.tick(now):
            self._sync()

    def settle(self) -> None:
        """Puts rows where they sort that were held in their places while keys came."""
        self._apply(lambda: Delta(moved=self._listing.model.settle()))

    def _settle_later(self) -> None:
        self._settle_timer = None
        wait = self._last_key + HOLD - self._clock()
        if wait > 0:
            self._settle_timer = self.set_timer(wait, self._settle_later)
        else:
            self.settle()

    def _apply(self, change: Callable[[], Delta]) -> None:
        """Changes the model; the cursor's row keeps its line of the screen where that can be."""
        listing = self._listing
        anchor, cursor = listing.anchor(), listing.model.cursor
        listing.changed(change(), anchor)
        if listing.model.cursor != cursor:
            listing.reveal()
        self._sync()

    # What it says

    @property
    def spec(self) -> TableSpec[Any]:
        """What is listed."""
        return self._listing.spec

    @property
    def place(self) -> Place:
        """Where."""
        return self._listing.model.place

    @property
    def moment(self) -> Moment | None:
        """The moment shown, ``None`` before the first :meth:`update`."""
        return self._listing.model.moment

    @property
    def rows_rendered(self) -> int:
        """Rows rendered from their spec since the start; tests count with it."""
        return self._listing.rendered

    @property
    def cursor_key(self) -> Key | None:
        """The object under the cursor."""
        return self._listing.model.cursor

    @property
    def cursor_row(self) -> Any | None:
        """Its row."""
        model = self._listing.model
        return None if model.cursor is None else model.rows.get(model.cursor)

    @property
    def keys(self) -> Sequence[Key]:
        """The rows shown, from the top."""
        return self._listing.model.order

    @property
    def marks(self) -> frozenset[Key]:
        """Marked objects, hidden ones as well."""
        return frozenset(self._listing.model.marks)

    @property
    def targets(self) -> tuple[Key, ...]:
        """The marked objects in the order shown (hidden ones last), else the one under the cursor."""
        return self._listing.model.targets()

    @property
    def shown(self) -> int:
        """Rows after filter and faults-only."""
        return len(self._listing.model.order)

    @property
    def total(self) -> int:
        """Rows in the place's scope."""
        return len(self._listing.model.rows)

    @property
    def sort(self) -> tuple[str, bool]:
        """Column id (empty: the list's own order) and whether it is the other way round."""
        return self._listing.model.sort, self._listing.model.reverse

    @property
    def column_layout(self) -> tuple[Slot, ...]:
        """Columns shown, each with its first cell and its width."""
        return self._listing.slots

    # What it is told

    @property
    def filter(self) -> Predicate | None:
        """The filter's predicate; assigning (see :meth:`filter_by`) narrows at once."""
        return self._listing.model.predicate

    @filter.setter
    def filter(self, predicate: Predicate | None) -> None:
        self.filter_by(predicate)

    def filter_by(self, predicate: Predicate | None, text: str = "") -> None:
        """Shows only rows for which ``predicate`` holds; ``text`` is how it was typed, for the empty list."""
        self._view = replace(self._view, filter_text=text if predicate is not None else "")
        self._apply(lambda: Delta(moved=self._listing.model.filter_by(predicate)))

    @property
    def faults(self) -> bool:
        """Whether only faults are shown."""
        return self._listing.model.faults

    @faults.setter
    def faults(self, on: bool) -> None:
        self._apply(lambda: Delta(moved=self._listing.model.faults_only(on)))

    @property
    def wide(self) -> bool:
        """Whether wide columns are shown; assigning ``None`` lets the terminal's width decide (200 and more)."""
        return self.app.size.width >= WIDE if self._wide is None else self._wide

    @wide.setter
    def wide(self, on: bool | None) -> None:
        self._wide = on
        self._resize(self.size)

    @property
    def stale(self) -> bool:
        """Whether all is drawn muted."""
        return self._view.stale

    @stale.setter
    def stale(self, on: bool) -> None:
        self._see(replace(self._view, stale=on))

    @property
    def connecting(self) -> bool:
        """Whether grey bars stand for rows that are not there yet. Unless told, while a kind that the list needs was
        never listed; assigning ``None`` goes back to that."""
        if self._connecting is not None:
            return self._connecting
        moment = self.moment
        return moment is None or any(kind not in moment.snapshot.listed for kind in self.spec.needs)

    @connecting.setter
    def connecting(self, on: bool | None) -> None:
        self._connecting = on
        self._sync()

    @property
    def notice(self) -> Sequence[Line]:
        """A block in place of rows (why nothing can be shown); empty shows rows, or the spec's ``empty``."""
        return self._view.notice

    @notice.setter
    def notice(self, lines: Sequence[Line]) -> None:
        self._see(replace(self._view, notice=tuple(lines)))

    def _see(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self._sync()

    # Keys

    def move(self, step: str) -> None:
        """Cursor: ``up down page-up page-down half-up half-down home end``; other words raise ``LookupError``."""
        model, count = self._listing.model, len(self._listing.model.order)
        by = {"home": -count, "end": count}.get(step)
        if by is None:
            by = page(step, self._listing.scroll.height)
        if by is None:
            raise LookupError(step)
        if self._listing.spec.under is not None and abs(by) > 1 and step not in ("home", "end"):
            by = self._lines_as_rows(by)
        model.move(by)
        self._moved()

    def _lines_as_rows(self, by: int) -> int:
        """How many rows a page is, where rows have several lines."""
        listing = self._listing
        index = listing.model.index(listing.model.cursor)
        line = min(max(listing.sheet.top(index) + by, 0), listing.sheet.lines - 1)
        rows = listing.sheet.at(line)[0] - index
        return rows or (1 if by > 0 else -1)

    def move_to(self, key: Key) -> bool:
        """Cursor to an object; ``False`` if it is not shown (it is then taken as soon as it comes)."""
        self._listing.model.move_to(key)
        self._moved()
        return self.cursor_key == key

    def _moved(self) -> None:
        self._last_key = self._clock()
        self._listing.moved_by_hand = True
        self._listing.reveal()
        self._sync()

    def select(self) -> None:
        """Posts :class:`RowSelected` for the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.RowSelected(self, self.cursor_key))

    def sort_by(self, column: str, reverse: bool | None = None) -> None:
        """Sorts; the same column again turns round. ``""`` is the list's own order. Columns that do not sort raise
        ``LookupError``."""
        model = self._listing.model
        turn = (column == model.sort and not model.reverse) if reverse is None else reverse
        self._apply(lambda: Delta(moved=model.sort_by(column, turn)))
        self._listing.reveal()
        self._sync()
        self.post_message(self.Sorted(self, column, turn))

    def cycle_sort(self, step: int = 1) -> None:
        """To the next column that sorts, in the order they stand; behind the last comes the list's own order."""
        ids = ["", *(slot.column.id for slot in self.column_layout if slot.column.sort is not None)]
        at = ids.index(self.sort[0]) if self.sort[0] in ids else 0
        self.sort_by(ids[(at + step) % len(ids)], False)

    def mark(self) -> None:
        """Marks or unmarks the row under the cursor and goes one down."""
        self._listing.model.mark()
        self.move("down")

    def mark_range(self) -> None:
        """Marks all from the last mark to the cursor."""
        self._listing.model.mark_range()
        self._sync()

    def mark_all(self) -> None:
        """Marks all that are shown; again: none."""
        self._listing.model.mark_all()
        self._sync()

    def clear_marks(self) -> None:
        """Takes all marks away."""
        self._listing.model.marks.clear()
        self._sync()

    # Drawing

    def _sync(self) -> None:
        """Draws the lines that differ from what is on the screen, and tells what changed."""
        listing = self._listing
        painter = painter_of(self)
        now = self._clock()
        due = listing.quiet(now)
        view = replace(
            self._view,
            focused=self.has_focus,
            connecting=self.connecting,
            loud="underline" if painter.palette.choice.depth is Depth.MONO else "bold",
        )
        new = listing.screen(view, now)
        old, self._screen = self._screen, new
        thumb = listing.scroll.thumb(listing.sheet.lines) if listing.model.order and not view.notice else range(0)
        bars = self._thumb, thumb
        self._thumb = thumb
        if self.size.width:
            for region in changed_runs(old, new, self.size.width, bars):
                self.refresh(region)
        if due is None:
            due = listing.quiet(now)
        if due is not None and self._quiet_timer is None and self.is_running:
            self._quiet_timer = self.set_timer(max(0.05, due - now), self._quieten)
        self._say()

    def _quieten(self) -> None:
        self._quiet_timer = None
        self._sync()

    def _say(self) -> None:
        model = self._listing.model
        key, shown, total, marks = self._said
        said = (model.cursor, len(model.order), len(model.rows), len(model.marks))
        if said == self._said:
            return
        self._said = said
        if not self.is_running:
            return
        if key != said[0]:
            self.post_message(self.RowHighlighted(self, said[0]))
        if (shown, total, marks) != said[1:]:
            self.post_message(self.Counted(self))

    def render_line(self, y: int) -> Strip:
        """Paints one line of the screen."""
        painter, width = painter_of(self), self.size.width
        if y >= len(self._screen):
            return painter.blank(width)
        line, base = self._screen[y]
        return painter.strip(line, width, base, ("▕", "line") if y - 1 in self._thumb else None)

    def _resize(self, size: Size) -> None:
        self._listing.resize(size.width, size.height, self.wide)
        self._screen = []
        self._sync()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Another width is another set of columns."""
        self._resize(event.size)

    def on_mount(self) -> None:
        """What was set before it ran is told now."""
        self._said = (None, 0, 0, 0)
        self._sync()

    def on_focus(self) -> None:
        """The cursor's row is bright where the keys go."""
        self._sync()

    def on_blur(self) -> None:
        """… and pale elsewhere."""
        self._sync()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """A row takes the cursor (with ctrl a mark too, twice enters it); a title sorts."""
        key = self._listing.row_at(event.y)
        if event.y == 0 and self._listing.model.order:
            slot = next((one for one in self.column_layout if one.x <= event.x < one.x + one.width + 1), None)
            if slot is not None and slot.column.sort is not None:
                self.sort_by(slot.column.id)
        elif key is not None and not self._on_bar(event.x):
            self.move_to(key)
            if event.ctrl:
                self._listing.model.mark()
                self._sync()
            elif event.chain == 2:
                self.select()

    def _on_bar(self, x: int) -> bool:
        return bool(self._thumb) and x == self.size.width - 1

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The scroll bar is taken."""
        if self._on_bar(event.x) and event.y >= 1:
            self._dragging = True
            self.capture_mouse()
            self._drag(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """… and dragged."""
        if self._dragging:
            self._drag(event.y)

    def on_mouse_up(self) -> None:
        """… and let go."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _drag(self, y: int) -> None:
        self._listing.scroll.drag(y - 1, self._listing.sheet.lines)
        self._scrolled()

    def _wheel(self, by: int) -> None:
        self._listing.scroll.top += by
        self._listing.scroll.clamp(self._listing.sheet.lines)
        self._scrolled()

    def _scrolled(self) -> None:
        """The window moved without the cursor."""
        self._listing.moved_by_hand = True
        self._sync()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the rows, the cursor stays on its object."""
        event.stop()
        self._wheel(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The same upwards."""
        event.stop()
        self._wheel(-WHEEL)
