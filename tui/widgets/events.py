"""The strip of events below a list."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.text.span import Line, restyle
from tui.widgets.paint import painter_of
from tui.widgets.picture import Picture
from tui.widgets.screenful import changed_runs

#: Cells left and right of an event.
MARGIN = 2


class EventStrip(Picture):
    """Newest first; shows as many as it has rows. Lines come from ``tui.details.events.event_line``."""

    DEFAULT_CSS = "EventStrip { width: 1fr; height: 1fr; }"
    ALLOW_SELECT = False

    class Clicked(Message):
        """Row ``index`` (0 is the newest) was clicked."""

        def __init__(self, strip: EventStrip, index: int) -> None:
            super().__init__()
            self.strip = strip
            self.index = index

        @property
        def control(self) -> EventStrip:
            """The strip."""
            return self.strip

    class Resized(Message):
        """Its size changed: ``rows`` events of ``width`` cells are wanted."""

        def __init__(self, strip: EventStrip, width: int, rows: int) -> None:
            super().__init__()
            self.strip = strip
            self.width = width
            self.rows = rows

        @property
        def control(self) -> EventStrip:
            """The strip."""
            return self.strip

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()

    @property
    def text_width(self) -> int:
        """Cells an event line may take: its width without the margins of 2."""
        return max(0, self.size.width - 2 * MARGIN)

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    def show(self, lines: Sequence[Line], *, stale: bool = False) -> None:
        """Sets the rows; only those that differ are drawn."""
        wanted = tuple([restyle(line, "muted") for line in lines]) if stale else tuple(lines)
        old, self._lines = self._lines, wanted
        height, width = self.size.height, self.size.width
        if width and height:
            for region in changed_runs(old[:height], wanted[:height], width):
                self.refresh(region)

    def render_line(self, y: int) -> Strip:
        """Paints one event."""
        line: Line = ((" " * MARGIN, ""), *self._lines[y]) if y < len(self._lines) else ()
        return painter_of(self).strip(line, self.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Asks for lines of the new size."""
        self.post_message(self.Resized(self, self.text_width, event.size.height))

    def on_click(self, event: events.Click) -> None:
        """Tells which event was clicked."""
        if event.y < len(self._lines):
            self.post_message(self.Clicked(self, event.y))
