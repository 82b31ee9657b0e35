"""One-row bars: context, tabs, footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.text.fit import cut_line, line_width
from tui.text.span import Line, Span
from tui.widgets.paint import painter_of
from tui.widgets.picture import Picture


@dataclass(frozen=True, slots=True)
class BarItem:
    """A piece of a bar."""

    row: Line
    act: str = ""
    """What a click on it means; comes back in :class:`Bar.Clicked`."""
    drop: int = 0
    """Order of dropping for lack of room: 1 goes first, 0 stays (and is cut at last)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an item came to stand."""

    item: BarItem
    x: int
    width: int


def place_items(left: Sequence[BarItem], right: Sequence[BarItem], width: int) -> list[Placed]:
    """Left items from cell 0, right ones flush right; what does not fit is dropped in order, then the left ones are
    cut, then the right ones."""
    sizes = {id(item): line_width(item.row) for item in (*left, *right)}
    kept = [*left, *right]
    for item in sorted((item for item in kept if item.drop), key=lambda item: item.drop):
        if sum([sizes[id(one)] for one in kept]) <= width:
            break
        kept.remove(item)
    rights = [item for item in right if item in kept]
    start = max(0, width - sum([sizes[id(item)] for item in rights]))
    out: list[Placed] = []
    x = 0
    for item in left:
        if item in kept:
            room = min(sizes[id(item)], start - x)
            if room > 0:
                out.append(Placed(item, x, room))
                x += room
    x = start
    for item in rights:
        room = min(sizes[id(item)], width - x)
        if room > 0:
            out.append(Placed(item, x, room))
            x += room
    return out


class Bar(Picture):
    """Left items from cell 0, right items flush right; nothing is added between items."""

    DEFAULT_CSS = "Bar { width: 1fr; height: 1; }"
    ALLOW_SELECT = False

    class Clicked(Message):
        """An item with an act was clicked."""

        def __init__(self, bar: Bar, act: str) -> None:
            super().__init__()
            self.bar = bar
            self.act = act

        @property
        def control(self) -> Bar:
            """The bar."""
            return self.bar

    def __init__(self, base: str = "on_surf", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._base = base
        self._left: tuple[BarItem, ...] = ()
        self._right: tuple[BarItem, ...] = ()
        self._placed: list[Placed] = []
        self._placed_for = -1

    def show(self, left: Sequence[BarItem], right: Sequence[BarItem] = (), *, base: str | None = None) -> None:
        """Sets all; ``base`` is the style below (``"on_prodbar"``). Nothing is drawn again if nothing changed."""
        wanted = (tuple(left), tuple(right), self._base if base is None else base)
        if wanted != (self._left, self._right, self._base):
            self._left, self._right, self._base = wanted
            self._placed_for = -1
            self.refresh()

    @property
    def placed(self) -> Sequence[Placed]:
        """The items that are shown, with their cells."""
        if self._placed_for != self.size.width:
            self._placed = place_items(self._left, self._right, self.size.width)
            self._placed_for = self.size.width
        return self._placed

    def render_line(self, y: int) -> Strip:
        """Paints the row; further rows (a bar may be given more) are blank."""
        painter, width = painter_of(self), self.size.width
        if y:
            return painter.blank(width, self._base)
        out: list[Span] = []
        at = 0
        for placed in self.placed:
            if placed.x > at:
                out.append((" " * (placed.x - at), ""))
            out += cut_line(placed.item.row, placed.width)
            at = placed.x + placed.width
        return painter.strip(tuple(out), width, self._base)

    def on_click(self, event: events.Click) -> None:
        """Tells which item was clicked."""
        for placed in self.placed:
            if placed.x <= event.x < placed.x + placed.width and placed.item.act:
                self.post_message(self.Clicked(self, placed.item.act))
