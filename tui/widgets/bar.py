"""One-row bars: context, tabs, footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.widget import Widget

from tui.text.span import Line


@dataclass(frozen=True, slots=True)
class BarItem:
    """A piece of a bar."""

    row: Line
    act: str = ""
    """What a click on it means; comes back in :class:`Bar.Clicked`."""
    drop: int = 0
    """Order of dropping for lack of room: 1 goes first, 0 stays (and is cut at last)."""


class Bar(Widget):
    """Height 1; left items from cell 0, right items flush right; nothing is added between items."""

    class Clicked(Message):
        """An item with an act was clicked."""

        bar: Bar
        act: str

    def __init__(self, base: str = "on_surf", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.base = base

    def show(self, left: Sequence[BarItem], right: Sequence[BarItem] = (), *, base: str | None = None) -> None:
        """Sets all; ``base`` is the style below (``"on_prodbar"``). Nothing is drawn again if nothing changed."""
