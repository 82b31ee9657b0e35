"""The vertical line between panes."""

from __future__ import annotations

from collections.abc import Mapping

from textual.strip import Strip

from tui.widgets.paint import painter_of
from tui.widgets.picture import Picture


class VLine(Picture):
    """One column of ``│`` in ``line``. ``joints`` are rows (from its top) with ``┤``, ``├``, ``┬`` …"""

    DEFAULT_CSS = "VLine { width: 1; height: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._joints: dict[int, str] = {}
        self._warn = False

    def show(self, joints: Mapping[int, str] | None = None, *, warn: bool = False) -> None:
        """Sets joints by row (``None``: as they are), and whether it is drawn in ``warn``."""
        wanted = self._joints if joints is None else dict(joints)
        if (wanted, warn) != (self._joints, self._warn):
            self._joints, self._warn = wanted, warn
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paints one cell."""
        char = self._joints.get(y, "│")
        return painter_of(self).strip(((char * self.size.width, "warn" if self._warn else "line"),), self.size.width)
