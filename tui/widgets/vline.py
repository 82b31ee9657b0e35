"""The vertical line between panes."""

from __future__ import annotations

from textual.widget import Widget


class VLine(Widget):
    """One column of ``│`` in ``line``. Width 1. ``joints`` are rows (from its top) with ``┤`` ``├`` ``┬``…"""

    def show(self, joints: dict[int, str] | None = None, *, warn: bool = False) -> None:
        """Sets joints by row, and whether it is drawn in ``warn``."""
