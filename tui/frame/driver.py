"""The terminal driver: the skeleton frame stays until the app paints over it."""

from __future__ import annotations

from tui.terminal.driver import LendingDriver

_ALTERNATE = "\x1b[?1049h"


class FrameDriver(LendingDriver):
    """Does not enter the alternate screen a second time, which would clear what the skeleton drew."""

    _entered = False

    def write(self, data: str) -> None:
        """Writes, except the first entry into the alternate screen."""
        if data == _ALTERNATE and not self._entered:
            self._entered = True
            return
        super().write(data)
