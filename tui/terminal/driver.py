"""A driver that falls silent while the terminal is lent to a shell.

Textual's own keeps a queue of 30 writes to a thread that is stopped during ``App.suspend``: the next frames
would fill it and then block the event loop for ever, and event streams, which go on meanwhile, do cause frames.
"""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver


class LendingDriver(LinuxDriver):
    """``LinuxDriver`` that drops output between ``suspend_application_mode`` and ``resume_application_mode``."""

    _lent = False

    def write(self, data: str) -> None:
        """Writes, or drops what would spoil the shell's screen; all is painted anew on return."""
        if not self._lent:
            super().write(data)

    def flush(self) -> None:
        """Nothing to do: the writer thread flushes; while lent there is no such thread."""

    def suspend_application_mode(self) -> None:
        """Gives the terminal away."""
        super().suspend_application_mode()
        self._lent = True

    def resume_application_mode(self) -> None:
        """Takes it back."""
        self._lent = False
        super().resume_application_mode()
