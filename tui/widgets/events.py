"""The strip of events below a list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message
from textual.widget import Widget

from tui.text.span import Line


class EventStrip(Widget):
    """Newest first; shows as many as it has rows. Lines come from ``tui.details.events.event_line``."""

    class Clicked(Message):
        """Row ``index`` (0 is the newest) was clicked."""

        strip: EventStrip
        index: int

    @property
    def text_width(self) -> int:
        """Cells an event line may take: its width without the margins of 2."""
        return 0

    def show(self, lines: Sequence[Line], *, stale: bool = False) -> None:
        """Sets the rows; only those that differ are drawn."""
