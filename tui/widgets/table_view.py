"""What draws a list: only the lines that changed, with the mouse that works on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from backends.model import Key, Kind
from tui.look.tokens import Depth
from tui.places import Place
from tui.tables.model import Delta
from tui.tables.spec import Moment, TableSpec
from tui.widgets.listing import Listing, Painted, View
from tui.widgets.paint import painter_of
from tui.widgets.screenful import changed_runs
from tui.widgets.scrolling import Scrolled

if TYPE_CHECKING:
    from tui.widgets.table import ResourceTable

#: Seconds after a key during which rows keep their places.
HOLD = 2.0
#: Terminal width from which wide columns come in.
WIDE = 200


def _read(moment: Moment | None, kinds: frozenset[Kind]) -> bool:
    """Whether all of these were listed once."""
    return moment is not None and all(kind in moment.snapshot.listed for kind in kinds)


class TableView(Scrolled):
    """A :class:`Listing` on the screen; :class:`tui.widgets.table.ResourceTable` is what is used."""

    BAR_TOP = 1

    class RowHighlighted(Message, namespace="resource_table"):
        """The cursor came to another object (``None``: no rows)."""

        def __init__(self, table: TableView, key: Key | None) -> None:
            super().__init__()
            self.table = cast("ResourceTable", table)
            self.key = key

    class RowSelected(Message, namespace="resource_table"):
        """Enter (see :meth:`select`) or a double click."""

        def __init__(self, table: TableView, key: Key) -> None:
            super().__init__()
            self.table = cast("ResourceTable", table)
            self.key = key

    class Sorted(Message, namespace="resource_table"):
        """Sorted by another column or the other way round (by key or by a click on the head)."""

        def __init__(self, table: TableView, column: str, reverse: bool) -> None:
            super().__init__()
            self.table = cast("ResourceTable", table)
            self.column = column
            self.reverse = reverse

    class Counted(Message, namespace="resource_table"):
        """``shown``, ``total`` or the marks changed: the title is old."""

        def __init__(self, table: TableView) -> None:
            super().__init__()
            self.table = cast("ResourceTable", table)

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
        self._view = View()
        self._explain: Callable[[Iterable[Any], Moment], str] = lambda rows, moment: ""
        """What a filter could have said, for a list in which nothing matches."""
        self._connecting: bool | None = None
        self._wide: bool | None = None
        self._screen: list[Painted] = []
        self._last_key = float("-inf")
        self._fits = (0, 0, False)
        """Width, height and wide columns that the listing was laid out for."""
        self._said: tuple[Key | None, int, int, int] = (None, 0, 0, 0)
        self._quiet_timer: Timer | None = None
        self._settle_timer: Timer | None = None
        self._take(Listing(spec, place))

    def _take(self, listing: Listing) -> None:
        self._listing = listing
        self._scroll = listing.scroll

    @property
    def wide(self) -> bool:
        """Whether wide columns are shown; assigning ``None`` lets the terminal's width decide (200 and more)."""
        return self.app.size.width >= WIDE if self._wide is None else self._wide

    @wide.setter
    def wide(self, on: bool | None) -> None:
        self._wide = on
        self._resize()

    @property
    def connecting(self) -> bool:
        """Whether grey bars stand for rows that are not there yet. Unless told, while a kind that the list needs was
        never listed; assigning ``None`` goes back to that."""
        if self._connecting is not None:
            return self._connecting
        return not _read(self._listing.model.moment, self._listing.spec.needs)

    @connecting.setter
    def connecting(self, on: bool | None) -> None:
        self._connecting = on
        self._sync()

    # Changing

    def _apply(self, change: Callable[[], Delta]) -> None:
        """Changes the model; the cursor's row keeps its line of the screen where that can be."""
        listing = self._listing
        anchor, model = listing.anchor(), listing.model
        cursor, first = model.cursor, model.order[0] if model.order else None
        made_of = listing.spec.needs | listing.spec.depends
        stays = listing.spec.follows or not _read(model.moment, made_of)
        stays = stays and not listing.moved_by_hand and model.wanted is None and cursor == first
        delta = change()
        if stays and model.order:
            model.move_to(model.order[0])
        listing.changed(delta, anchor)
        if model.cursor != cursor:
            listing.reveal()
        self._sync()

    def _settle_later(self) -> None:
        self._settle_timer = None
        wait = self._last_key + HOLD - self._clock()
        if wait > 0:
            self._settle_timer = self.set_timer(wait, self._settle_later)
        else:
            self._apply(lambda: Delta(moved=self._listing.model.settle()))

    def _see(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self._sync()

    def _moved(self) -> None:
        """The cursor was moved by hand."""
        self._last_key = self._clock()
        self._listing.moved_by_hand = True
        self._listing.reveal()
        self._sync()

    def _line_count(self) -> int:
        return self._listing.sheet.lines

    def _scrolled(self) -> None:
        self._listing.moved_by_hand = True
        self._sync()

    # Drawing

    def _sync(self) -> None:
        """Draws the lines that differ from what is on the screen, and tells what changed."""
        listing = self._listing
        now = self._clock()
        due = listing.quiet(now)
        old, bars = self._screen, self._thumb
        self._compose_screen(now)
        if self.size.width:
            for region in changed_runs(old, self._screen, self.size.width, (bars, self._thumb)):
                self.refresh(region)
        if due is None:
            due = listing.quiet(now)
        if due is not None and self._quiet_timer is None and self.is_running:
            self._quiet_timer = self.set_timer(max(0.05, due - now), self._quieten)
        self._say()

    def _compose_screen(self, now: float) -> None:
        """All lines as they should be."""
        listing = self._listing
        mono = painter_of(self).palette.choice.depth is Depth.MONO
        model = listing.model
        asked = self._view.filter_text and model.rows and not model.order and model.moment is not None
        view = replace(
            self._view,
            hint=self._explain(model.rows.values(), model.moment) if asked and model.moment else "",
            focused=self.has_focus,
            connecting=self.connecting,
            loud="underline" if mono else "bold",
        )
        self._screen = listing.screen(view, now)
        bar = listing.model.order and not view.notice
        self._thumb = listing.scroll.thumb(listing.sheet.lines) if bar else range(0)

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

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paints. A size that is new is taken here: rows stand in the first picture of it, not in the next one."""
        if self._fits != self._measure():
            self._fit()
            self._compose_screen(self._clock())
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paints one line of the screen."""
        painter, width = painter_of(self), self.size.width
        if y >= len(self._screen):
            return painter.blank(width)
        line, base = self._screen[y]
        return painter.strip(line, width, base, ("▕", "line") if y - 1 in self._thumb else None)

    def _measure(self) -> tuple[int, int, bool]:
        return self.size.width, self.size.height, self.wide

    def _fit(self) -> None:
        """Another width is another set of columns."""
        self._picture = None
        self._fits = self._measure()
        self._listing.resize(*self._fits)

    def _resize(self) -> None:
        if self._fits != self._measure():
            self._fit()
            self._screen = []
            self._sync()
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Another size: unless it was painted already, all anew."""
        self._resize()
        self._sync()

    def on_mount(self) -> None:
        """What was set before it ran is told now."""
        self._said = (None, 0, 0, 0)
        self._sync()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor's row is bright where the keys go, and pale elsewhere."""
        super().watch_has_focus(has_focus)
        if self.is_running:
            self._sync()
