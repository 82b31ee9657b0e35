"""A driver that falls silent while the terminal is lent to a shell, and that no terminal can bring down.

Textual's own keeps a queue of 30 writes to a thread that is stopped during ``App.suspend``: the next frames
would fill it and then block the event loop for ever, and event streams, which go on meanwhile, do cause frames.
The same happens where that thread dies because the terminal is gone. Its input thread ends the app with a
traceback at the first byte that is not UTF-8, and a signal ends the program with the terminal left as it is.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import logging
import os
import select
import signal
import time
from collections.abc import Callable
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.escapes import Escape, Escapes

if TYPE_CHECKING:
    from textual.app import App

_log = logging.getLogger(__name__)
#: What ends the program from outside; its exit code is 128 and the number, as a shell has it.
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
#: Seconds between two looks whether input should end, and between two for an escape key that stands alone.
_LOOK = 0.1
_CHUNK = 4096


class _Screen:
    """Standard output as what Textual's writer takes: UTF-8 whatever the locale says (a terminal that is not gets
    ASCII only), and never an error: where the terminal is gone, that is told and the rest is dropped."""

    def __init__(self, descriptor: int, gone: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._gone = gone
        self._due: list[str] = []
        self._dead = False

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, text: str) -> int:
        if not self._dead:
            self._due.append(text)
        return len(text)

    def flush(self) -> None:
        view = memoryview("".join(self._due).encode("utf-8", "replace"))
        self._due.clear()
        try:
            while view:
                try:
                    view = view[os.write(self._descriptor, view) :]
                except BlockingIOError:
                    # Somebody who has the same terminal has set it to that. Nothing may be left out: what was sent
                    # counts as seen, and is not sent again.
                    select.select([], [self._descriptor], [])
        except OSError:
            self._dead = True
            self._gone()


class LendingDriver(LinuxDriver):
    """``LinuxDriver`` that drops output between ``suspend_application_mode`` and ``resume_application_mode``, takes
    any byte as input, and ends the app with order when the terminal is gone or a signal asks for it."""

    _lent = False

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._loop = asyncio.get_running_loop()
        # Not standard error: that may well be sent to a file.
        self._file = cast("TextIOWrapper[Any]", _Screen(1, self._terminal_gone))

    def write(self, data: str) -> None:
        """Writes, or drops what would spoil the shell's screen; all is painted anew on return."""
        if not self._lent:
            super().write(data)

    def flush(self) -> None:
        """Nothing to do: the writer thread flushes; while lent there is no such thread."""

    def start_application_mode(self) -> None:
        """Takes the terminal; from now on a signal ends the app with order."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for number in SIGNALS:
            # Whoever has it ignored, as nohup does, means it.
            if signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(RuntimeError, ValueError):
                    self._loop.add_signal_handler(number, self._end, 128 + number)

    def suspend_application_mode(self) -> None:
        """Gives the terminal away."""
        super().suspend_application_mode()
        self._lent = True

    def resume_application_mode(self) -> None:
        """Takes it back, and has all painted anew. Where it was never given away, as when the program was stopped
        by a signal that cannot be caught, there is nothing else to do."""
        if self._lent:
            self._lent = False
            super().resume_application_mode()
        with contextlib.suppress(RuntimeError):  # the loop may have been closed meanwhile
            self._loop.call_soon_threadsafe(self._repaint)

    def _repaint(self) -> None:
        self._app.refresh(layout=True)

    def run_input_thread(self) -> None:
        """Reads keys until the terminal is given away or gone."""
        parser, escapes = XTermParser(self._debug), Escapes()
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            try:
                text = ""
                if select.select([self.fileno], [], [], _LOOK)[0]:
                    data = os.read(self.fileno, _CHUNK)
                    if not data:
                        raise EOFError
                    text = decode(data)
                now = time.monotonic()
                for piece in escapes.feed(text, now) if text else escapes.tick(now):
                    if isinstance(piece, Escape):
                        self.process_message(events.Key("escape", "\x1b"))
                        continue
                    for event in parser.feed(piece):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
            except (OSError, EOFError):
                self._terminal_gone()
                return
            except Exception:
                # A sequence that the parser cannot take: what follows is read afresh.
                _log.exception("input that cannot be read")
                parser, escapes = XTermParser(self._debug), Escapes()

    def _terminal_gone(self) -> None:
        """From any thread: as if the program had been told so by a signal."""
        with contextlib.suppress(RuntimeError):  # the loop may have been closed meanwhile
            self._loop.call_soon_threadsafe(self._end, 128 + signal.SIGHUP)

    def _end(self, code: int) -> None:
        self._app.exit(return_code=code)
