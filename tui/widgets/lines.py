"""A scrolling view of lines that somebody else rendered: details, help, topology, YAML, facts."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message
from textual.scroll_view import ScrollView

from tui.text.span import Line


class LinesView(ScrollView, can_focus=True):
    """Shows lines, already wrapped to its width; ``margin`` blank cells stand left of them."""

    class Resized(Message):
        """Its text width changed: render the lines anew for ``width`` cells."""

        view: LinesView
        width: int

    def __init__(
        self, *, base: str = "", margin: int = 1, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.base = base
        self.margin = margin

    @property
    def text_width(self) -> int:
        """Cells that a line may take (without margins and scroll bar)."""
        return 0

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return ()

    def show(self, lines: Sequence[Line], *, keep: bool = True, stale: bool = False) -> None:
        """Sets the lines; only rows that differ are drawn. ``keep`` keeps the scroll position (another object in
        the same pane: ``False``). ``stale`` draws all in ``muted``."""

    def move(self, step: str) -> None:
        """Scrolls: ``up down page-up page-down half-up half-down home end left right``."""

    def search(self, needle: str) -> int:
        """Marks all places of ``needle`` (case matters only if it has a capital); scrolls to the first from the
        top of the view; answers how many there are. Empty ends the search."""
        return 0

    def step(self, by: int) -> int:
        """To the next (1) or previous (-1) match, round the end; answers its number from 1, or 0 if there is none."""
        return 0
