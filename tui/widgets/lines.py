"""A scrolling view of lines that somebody else rendered: details, help, topology, YAML, facts."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from tui.text.fit import line_width, without_head
from tui.text.span import Line, restyle
from tui.widgets.finding import CURRENT, HIT, Match, find, marked
from tui.widgets.paint import painter_of
from tui.widgets.screenful import changed_runs
from tui.widgets.scrolling import Scrolled
from tui.widgets.sheet import page

#: Cells per step sideways.
SIDE = 8


class LinesView(Scrolled, can_focus=True):
    """Shows lines, already wrapped to its width; ``margin`` blank cells stand left of them. Keys are methods."""

    DEFAULT_CSS = "LinesView { width: 1fr; height: 1fr; }"

    class Resized(Message):
        """Its text width changed: render the lines anew for ``width`` cells."""

        def __init__(self, view: LinesView, width: int) -> None:
            super().__init__()
            self.view = view
            self.width = width

        @property
        def control(self) -> LinesView:
            """The view."""
            return self.view

    class Clicked(Message):
        """Line ``index`` was clicked at cell ``x`` of its text."""

        def __init__(self, view: LinesView, index: int, x: int) -> None:
            super().__init__()
            self.view = view
            self.index = index
            self.x = x

        @property
        def control(self) -> LinesView:
            """The view."""
            return self.view

    def __init__(self, *, base: str = "", margin: int = 1, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._base = base
        self._margin = margin
        self._lines: tuple[Line, ...] = ()
        self._stale = False
        self._left = 0
        self._screen: list[Line] = []
        self._fits = Size(0, 0)
        """The size that the screen was composed for."""
        self._needle = ""
        self._matches: list[Match] = []
        self._current = -1

    @property
    def text_width(self) -> int:
        """Cells that a line may take: without the margin left, and a blank and the scroll bar right."""
        return max(0, self.size.width - self._margin - 2)

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    @property
    def top(self) -> int:
        """The first line seen."""
        return self._scroll.top

    @property
    def matches(self) -> int:
        """How many places the search found."""
        return len(self._matches)

    @property
    def current(self) -> int:
        """Number of the current match from 1, 0 without one."""
        return self._current + 1

    @property
    def current_line(self) -> int | None:
        """The line of the current match."""
        return self._matches[self._current].row if self._current >= 0 else None

    def show(self, lines: Sequence[Line], *, keep: bool = True, stale: bool = False) -> None:
        """Sets the lines; only rows that differ are drawn. ``keep`` keeps the scroll position (another object in
        the same pane: ``False``). ``stale`` draws all in ``muted``."""
        self._lines = tuple(lines)
        self._stale = stale
        if not keep:
            self._scroll.top = self._left = 0
        if self._needle:
            at = self._matches[self._current] if self._current >= 0 else None
            self._matches = find(self._lines, self._needle)
            self._current = next((index for index, match in enumerate(self._matches) if at and match >= at), -1)
            if self._current < 0 and self._matches:
                self._current = len(self._matches) - 1 if at else 0
        self._sync()

    def move(self, step: str) -> None:
        """Scrolls: ``up down page-up page-down half-up half-down home end left right``; other words raise
        ``LookupError``."""
        by = page(step, self._scroll.height)
        if by is not None:
            self._scroll.top += by
        elif step in ("home", "end"):
            self._scroll.top = 0 if step == "home" else len(self._lines)
        elif step in ("left", "right"):
            widest = max((line_width(line) for line in self._lines), default=0)
            most = max(0, widest - self.text_width)
            self._left = max(0, min(most, self._left + (SIDE if step == "right" else -SIDE)))
        else:
            raise LookupError(step)
        self._sync()

    def reveal(self, line: int) -> None:
        """Scrolls as little as possible so that a line is seen."""
        self._scroll.reveal(line, line + 1)
        self._sync()

    def search(self, needle: str) -> int:
        """Marks all places of ``needle`` (case matters only if it has a capital); scrolls to the first from the
        top of the view; answers how many there are. Empty ends the search. The same again (the text may be another)
        stays at its place and does not scroll."""
        again = needle == self._needle
        at = self._matches[self._current] if again and 0 <= self._current < len(self._matches) else None
        self._needle = needle
        self._matches = find(self._lines, needle)
        if at in self._matches:
            self._current = self._matches.index(at)
            self._sync()
            return len(self._matches)
        self._current = next((index for index, match in enumerate(self._matches) if match.row >= self._scroll.top), -1)
        if self._current < 0 and self._matches:
            self._current = 0
        if again:
            self._sync()
        else:
            self._to_match()
        return len(self._matches)

    def step(self, by: int) -> int:
        """To the next (1) or previous (-1) match, round the end; answers its number from 1, or 0 if there is none."""
        if self._matches:
            self._current = (self._current + by) % len(self._matches)
            self._to_match()
        return self.current

    def _to_match(self) -> None:
        if self._current >= 0:
            row = self._matches[self._current].row
            if not self._scroll.top <= row < self._scroll.top + self._scroll.height:
                # With some of what stands around it.
                self._scroll.top = row - self._scroll.height // 3
        self._sync()

    def _line_count(self) -> int:
        return len(self._lines)

    def _scrolled(self) -> None:
        self._sync()

    # Drawing

    def _compose_screen(self) -> list[Line]:
        scroll = self._scroll
        seen = range(scroll.top, min(scroll.top + scroll.height, len(self._lines)))
        spots: dict[int, list[tuple[int, int, str]]] = {}
        for index, match in enumerate(self._matches):
            if match.row in seen:
                style = CURRENT if index == self._current else HIT
                spots.setdefault(match.row, []).append((match.start, match.end, style))
        out: list[Line] = []
        for row in seen:
            line = self._lines[row]
            if self._stale:
                line = restyle(line, "muted")
            out.append(marked(line, spots[row]) if row in spots else line)
        return out

    def _sync(self) -> None:
        """Draws the rows that differ from what is on the screen."""
        old, bars, size = self._screen, self._thumb, self.size
        self._fit()
        if size.width and size.height:
            for region in changed_runs(old, self._screen, size.width, (bars, self._thumb), top=0):
                self.refresh(region)

    def _fit(self) -> None:
        """All rows as they should be at the present size."""
        self._picture = None
        self._fits = self.size
        self._scroll.height = self.size.height
        self._scroll.clamp(len(self._lines))
        new = self._compose_screen()
        if self._left:
            new = [without_head(line, self._left) for line in new]
        self._screen = new
        self._thumb = self._scroll.thumb(len(self._lines))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paints. A size that is new is taken here: the lines stand in the first picture of it, not in the next."""
        if self._fits != self.size:
            self._fit()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paints one line."""
        painter, width = painter_of(self), self.size.width
        line: Line = ((" " * self._margin, ""), *self._screen[y]) if y < len(self._screen) else ()
        edge = ("▕" if y in self._thumb else " ", "line") if self._thumb else None
        return painter.strip(line, width, self._base, edge)

    def on_resize(self, event: events.Resize) -> None:
        """Asks for lines of the new width."""
        if self._fits != self.size:
            self._screen = []
            self._sync()
            self.refresh()
        self.post_message(self.Resized(self, self.text_width))

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Tells which line was clicked."""
        row = self._scroll.top + event.y
        if row < len(self._lines) and not self._on_bar(event.x):
            self.post_message(self.Clicked(self, row, event.x - self._margin + self._left))
