"""The list widget: virtual rows on the line API, drawn only where something changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from textual import events

from backends.model import Changes, Key
from tui.places import Place
from tui.tables.model import Delta, Predicate
from tui.tables.spec import Moment, TableSpec
from tui.text.span import Line
from tui.widgets.listing import Listing
from tui.widgets.rows import Slot
from tui.widgets.sheet import page
from tui.widgets.table_view import HOLD, TableView


class ResourceTable(TableView, can_focus=True):
    """One list. Keys are methods (:meth:`move`, :meth:`mark`, …): the frame binds them.

    Messages: :class:`RowHighlighted`, :class:`RowSelected`, :class:`Sorted`, :class:`Counted`.
    """

    DEFAULT_CSS = "ResourceTable { width: 1fr; height: 1fr; }"

    def show(self, spec: TableSpec[Any], place: Place, moment: Moment | None = None) -> None:
        """Another list in the same widget: sort, faults and cursor are taken from ``place``; marks and filter are
        forgotten. With a moment it is filled at once."""
        rendered, old = self._listing.rendered, self._listing
        self._take(Listing(spec, place))
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

    def row_of(self, key: Key) -> Any | None:
        """The row of an object in scope, hidden or not; ``None`` where it is gone."""
        return self._listing.model.rows.get(key)

    @property
    def rows_shown(self) -> Sequence[Any]:
        """The rows shown, from the top."""
        model = self._listing.model
        return [model.rows[key] for key in model.order]

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

    def filter_by(
        self,
        predicate: Predicate | None,
        text: str = "",
        explain: Callable[[Iterable[Any], Moment], str] = lambda rows, moment: "",
        *,
        within: Predicate | None = None,
    ) -> None:
        """Shows only rows for which ``predicate`` holds; for the empty list ``text`` is how it was typed, and
        ``explain`` what it could have said to match any of the rows. ``within`` see ``TableModel.filter_by``."""
        self._explain = explain
        self._view = replace(self._view, filter_text=text if predicate is not None else "")
        self._apply(lambda: Delta(moved=self._listing.model.filter_by(predicate, within)))

    @property
    def faults(self) -> bool:
        """Whether only faults are shown."""
        return self._listing.model.faults

    @faults.setter
    def faults(self, on: bool) -> None:
        self._apply(lambda: Delta(moved=self._listing.model.faults_only(on)))

    @property
    def stale(self) -> bool:
        """Whether all is drawn muted."""
        return self._view.stale

    @stale.setter
    def stale(self, on: bool) -> None:
        self._see(replace(self._view, stale=on))

    @property
    def notice(self) -> Sequence[Line]:
        """A block in place of rows (why nothing can be shown); empty shows rows, or the spec's ``empty``."""
        return self._view.notice

    @notice.setter
    def notice(self, lines: Sequence[Line]) -> None:
        self._see(replace(self._view, notice=tuple(lines)))

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
