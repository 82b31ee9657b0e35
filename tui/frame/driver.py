"""The terminal driver: the skeleton frame stays until the app paints over it, and only what differs is sent."""

from __future__ import annotations

import re
from functools import cached_property

from tui.terminal.driver import LendingDriver
from tui.terminal.memory import ScreenMemory

_ALTERNATE, _PRIMARY = "\x1b[?1049h", "\x1b[?1049l"
#: Around a frame, so that terminals show it in one go.
_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
_FRAME = re.compile(r"\x1b\[\d+;\d+H")
#: The pointer's shape, the clipboard, a bell: these leave the cells alone.
_HARMLESS = ("\x1b]", "\x07")


class FrameDriver(LendingDriver):
    """Does not enter the alternate screen a second time, which would clear what the skeleton drew; of frames it
    writes what the terminal does not show already."""

    left = False
    """Whether the alternate screen has been left, by the last word written about it."""
    _entered = False
    _sync = ""
    """``_SYNC_START`` while a frame was begun and nothing of it was written."""

    @cached_property
    def _memory(self) -> ScreenMemory:
        return ScreenMemory()

    def write(self, data: str) -> None:
        """Writes a frame as far as it is new, anything else as it is; except the first entry into the alternate
        screen."""
        if data == _SYNC_START:
            self._sync = data
        elif data == _SYNC_END:
            if not self._sync:
                super().write(data)
            self._sync = ""
        elif _FRAME.match(data):
            new = self._memory.reduce(data, self._app.size.height)
            if new:
                super().write(self._sync + new)
                self._sync = ""
        elif data == _ALTERNATE and not self._entered:
            self._entered = True
        else:
            if data in (_ALTERNATE, _PRIMARY):
                self.left = data == _PRIMARY
            if not data.startswith(_HARMLESS):
                self._memory.forget()
            super().write(data)

    def resume_application_mode(self) -> None:
        """Somebody else drew on the terminal meanwhile."""
        self._memory.forget()
        super().resume_application_mode()
