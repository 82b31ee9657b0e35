"""Wheel and scroll bar of widgets that scroll lines by themselves."""

from __future__ import annotations

from textual import events

from tui.widgets.picture import Picture
from tui.widgets.sheet import Scroll

#: Lines per turn of the wheel.
WHEEL = 3


class Scrolled(Picture):
    """A widget with a window over lines and a scroll bar of one cell at its right edge, drawn only when needed."""

    ALLOW_SELECT = False
    BAR_TOP = 0
    """The row of the widget where the window starts."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._scroll = Scroll()
        self._thumb = range(0)
        self._dragging = False

    def _line_count(self) -> int:
        """How many lines the window moves over."""
        raise NotImplementedError

    def _scrolled(self) -> None:
        """The window was moved by hand: draw."""
        raise NotImplementedError

    def _on_bar(self, x: int) -> bool:
        return bool(self._thumb) and x == self.size.width - 1

    def _drag(self, y: int) -> None:
        self._scroll.drag(y - self.BAR_TOP, self._line_count())
        self._scrolled()

    def _wheel(self, by: int) -> None:
        self._scroll.top += by
        self._scroll.clamp(self._line_count())
        self._scrolled()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The scroll bar is taken."""
        if self._on_bar(event.x) and event.y >= self.BAR_TOP:
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

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the lines; a cursor stays on its object."""
        event.stop()
        self._wheel(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The same upwards."""
        event.stop()
        self._wheel(-WHEEL)
