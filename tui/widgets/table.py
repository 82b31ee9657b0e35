"""The list widget: virtual rows on the line API, drawn only where something changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.message import Message
from textual.scroll_view import ScrollView

from backends.model import Changes, Key
from tui.places import Place
from tui.tables.spec import Column, Moment, TableSpec
from tui.text.span import Line


class ResourceTable(ScrollView, can_focus=True):
    """One list. Keys are methods (:meth:`move`, :meth:`mark`, …): the frame binds them."""

    class RowHighlighted(Message):
        """The cursor came to another object (``None``: no rows)."""

        table: ResourceTable
        key: Key | None

    class RowSelected(Message):
        """Enter (see :meth:`select`) or a double click."""

        table: ResourceTable
        key: Key

    class Sorted(Message):
        """Sorted by another column or the other way round (by key or by a click on the head)."""

        table: ResourceTable
        column: str
        reverse: bool

    class Counted(Message):
        """``shown``, ``total`` or the marks changed: the title is old."""

        table: ResourceTable

    def __init__(
        self, spec: TableSpec[Any], place: Place, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.spec = spec
        self.place = place

    rows_rendered: int = 0
    """Rows rendered from their spec since the start; tests count with it."""

    def show(self, spec: TableSpec[Any], place: Place, moment: Moment | None = None) -> None:
        """Another list in the same widget: sort, faults and cursor are taken from ``place``; marks and filter are
        forgotten. With a moment it is filled at once."""

    def update(self, moment: Moment, changes: Changes | None = None) -> None:
        """The new state; ``changes`` ``None`` projects all rows anew, else only those it touches."""

    def tick(self, now: float) -> None:
        """Time has passed (call once a second): visible rows whose ages changed are drawn again."""

    # What it says

    @property
    def moment(self) -> Moment | None:
        """The moment shown, ``None`` before the first :meth:`update`."""
        return None

    @property
    def cursor_key(self) -> Key | None:
        """The object under the cursor."""
        return None

    @property
    def cursor_row(self) -> Any | None:
        """Its row."""
        return None

    @property
    def marks(self) -> frozenset[Key]:
        """Marked objects, hidden ones as well."""
        return frozenset()

    @property
    def targets(self) -> tuple[Key, ...]:
        """The marked objects in the order shown (hidden ones last), else the one under the cursor."""
        return ()

    @property
    def shown(self) -> int:
        """Rows after filter and faults-only."""
        return 0

    @property
    def total(self) -> int:
        """Rows in the place's scope."""
        return 0

    @property
    def sort(self) -> tuple[str, bool]:
        """Column id and whether it is the other way round."""
        return "", False

    @property
    def column_layout(self) -> tuple[tuple[Column[Any], int, int], ...]:
        """Columns shown, each with its first cell and its width."""
        return ()

    # What it is told

    filter: Callable[[Any, Moment], bool] | None
    """Compiled filter; assigning narrows at once."""
    faults: bool
    """Whether only faults are shown."""
    wide: bool
    """Whether wide columns are shown; ``None`` decides by width (200 and more)."""
    stale: bool
    """Whether all is drawn muted."""
    connecting: bool
    """Whether grey bars stand for rows that are not there yet."""
    notice: Sequence[Line]
    """A block in place of rows (why nothing can be shown); empty shows rows, or the spec's ``empty``."""

    def move(self, step: str) -> None:
        """Cursor: ``up down page-up page-down half-up half-down home end``; or ``left right`` scrolls wide columns."""

    def move_to(self, key: Key) -> bool:
        """Cursor to an object; ``False`` if it is not shown (it is then taken as soon as it comes)."""
        return False

    def select(self) -> None:
        """Posts :class:`RowSelected` for the cursor."""

    def sort_by(self, column: str, reverse: bool | None = None) -> None:
        """Sorts; the same column again turns round. ``""`` is the list's own order."""

    def cycle_sort(self, step: int = 1) -> None:
        """To the next column that sorts."""

    def mark(self) -> None:
        """Marks or unmarks the row under the cursor and goes one down."""

    def mark_range(self) -> None:
        """Marks all from the last mark to the cursor."""

    def mark_all(self) -> None:
        """Marks all that are shown; again: none."""

    def clear_marks(self) -> None:
        """Takes all marks away."""
