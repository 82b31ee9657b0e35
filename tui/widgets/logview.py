"""The log on screen: only the visible rows are ever laid out, however fast lines arrive."""

from __future__ import annotations

from bisect import bisect_left

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.logs.buffer import LogBuffer
from tui.logs.render import LogLook, rows
from tui.text.span import Line
from tui.widgets.paint import painter_of


class LogView(Widget, can_focus=True):
    """Shows a :class:`LogBuffer`; follows its end until somebody scrolls up. Call :meth:`update` after changes."""

    class Followed(Message):
        """Following began or ended by scrolling."""

        def __init__(self, view: LogView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, buffer: LogBuffer, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.buffer = buffer
        self.look = LogLook()
        self.follow = True
        self.current: int | None = None
        """Index in the whole log of the hit that ``n`` and ``N`` came to."""
        self._top = 0
        self._sub = 0
        self._rows: list[Line] = []

    # What it shows

    def _entry_rows(self, position: int) -> list[Line]:
        index = self.buffer.index(position)
        return rows(
            self.buffer[position], self.look, self._columns, self.buffer.search.pattern, current=index == self.current
        )

    @property
    def _columns(self) -> int:
        return max(self.size.width - 3, 10)

    def _last(self, height: int) -> list[Line]:
        """The last rows, and with them where the view begins."""
        out: list[list[Line]] = []
        filled = 0
        position = len(self.buffer)
        while position and filled < height:
            position -= 1
            out.append(self._entry_rows(position))
            filled += len(out[-1])
        flat = [row for part in reversed(out) for row in part]
        if flat:
            self._top, self._sub = self.buffer.index(position), max(len(flat) - height, 0)
        return flat[-height:] if height else []

    def _from_top(self, height: int) -> list[Line]:
        if not len(self.buffer):
            return []
        position = self.buffer.position(self._top)
        if self.buffer.index(position) != self._top:
            self._top, self._sub = self.buffer.index(position), 0  # its line has gone
        out: list[Line] = []
        skip = self._sub
        while position < len(self.buffer) and len(out) < height:
            part = self._entry_rows(position)
            out += part[skip:]
            skip = 0
            position += 1
        if len(out) < height:
            return self._last(height)
        return out[:height]

    def update(self) -> None:
        """Lays the visible rows out anew and draws those that differ."""
        height = self.size.height
        fresh = self._last(height) if self.follow else self._from_top(height)
        stale, self._rows = self._rows, fresh
        changed = [
            y for y in range(height) if (fresh[y] if y < len(fresh) else None) != (stale[y] if y < len(stale) else None)
        ]
        if len(changed) > height // 2:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        painter = painter_of(self)
        if y >= len(self._rows):
            return painter.blank(self.size.width)
        return painter.strip((("  ", ""), *self._rows[y]), self.size.width)

    def on_resize(self) -> None:
        self.update()
        self.refresh()

    # Moving

    def _set_follow(self, follow: bool) -> None:
        if follow != self.follow:
            self.follow = follow
            self.post_message(self.Followed(self))

    def _scroll(self, by: int) -> None:
        """By rows; upwards ends following, arriving at the end begins it again."""
        if not len(self.buffer):
            return
        position, sub = self.buffer.position(self._top), self._sub + by
        while sub < 0 and position:
            position -= 1
            sub += len(self._entry_rows(position))
        count = len(self._entry_rows(position))
        while sub >= count and position + 1 < len(self.buffer):
            sub -= count
            position += 1
            count = len(self._entry_rows(position))
        self._top, self._sub = self.buffer.index(position), max(sub, 0)
        self._set_follow(False)
        if by > 0:
            self._follow_at_end(position)
        self.update()

    def _follow_at_end(self, position: int) -> None:
        seen = -self._sub
        for later in range(position, len(self.buffer)):
            seen += len(self._entry_rows(later))
            if seen > self.size.height:
                return
        self._set_follow(True)

    def move(self, step: str) -> None:
        """Scrolls: ``up down page-up page-down half-up half-down home end``."""
        page = max(self.size.height - 1, 1)
        by = {"up": -1, "down": 1, "page-up": -page, "page-down": page, "half-up": -page // 2, "half-down": page // 2}
        if step == "home":
            self._top, self._sub = self.buffer.first, 0
            self._set_follow(False)
            self.update()
        elif step == "end":
            self._set_follow(True)
            self.update()
        elif step in by:
            self._scroll(by[step])

    def toggle_follow(self) -> None:
        """Stops at what is shown, or goes to the end and on with it."""
        self._set_follow(not self.follow)
        self.update()

    def step(self, by: int) -> int:
        """To the next (1) or previous (-1) hit, round the end; answers its number from 1, or 0 if there is none."""
        hits = self.buffer.hits
        if not hits:
            return 0
        if self.current in hits:
            number = (hits.index(self.current) + by) % len(hits)
        else:
            # The first one from what is on the screen on; the newest where the end is.
            number = len(hits) - 1 if by < 0 or self.follow else bisect_left(hits, self._top) % len(hits)
        self.current = hits[number]
        self._set_follow(False)
        position = self.buffer.position(self.current)
        above, room = position, self.size.height // 2
        while above and room > 0:
            above -= 1
            room -= len(self._entry_rows(above))
        self._top, self._sub = self.buffer.index(above), 0
        self.update()
        self.refresh()
        return number + 1

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-3)

    def on_mouse_scroll_down(self) -> None:
        self._scroll(3)
