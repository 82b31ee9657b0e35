"""The program ends when it was told to, whatever hangs: a thread in a system call, a connection that does not close."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.cli import crashed

if TYPE_CHECKING:
    from tui.app import DnetApp
    from tui.cli import Options
    from tui.skeleton import Skeleton

_log = logging.getLogger(__name__)
#: Seconds that connections, threads and widgets have to end by themselves.
LIMIT = 2.0
#: Seconds for giving the terminal back; it may be stopped (ctrl+s), and then nothing can be written to it.
_GIVE_BACK = 0.5


class Ending:
    """Begins when somebody wants to leave; unless it is ``over`` within ``limit`` seconds, the process is ended.

    Both halves of an ending by itself can hang for ever: a connection or a widget that waits for something, and after
    them ``asyncio.run``, which joins the threads of ``asyncio.to_thread``, one that waits for a touch of a security
    key or for a dead network file system included.
    """

    def __init__(
        self, give_back: Callable[[], None], *, limit: float = LIMIT, leave: Callable[[int], object] = os._exit
    ) -> None:
        """``give_back`` sets the terminal as it was found, from any thread; ``leave`` ends the process."""
        self._give_back = give_back
        self._limit = limit
        self._leave = leave
        self._over = threading.Event()
        self._begun = False

    def begin(self, code: int) -> None:
        """From now on the time runs; ``code`` is the exit code if it runs out. A second call changes nothing."""
        if not self._begun:
            self._begun = True
            threading.Thread(target=self._watch, args=(code,), name="ending", daemon=True).start()

    def over(self) -> None:
        """Everything has ended by itself."""
        self._over.set()

    def _watch(self, code: int) -> None:
        if self._over.wait(self._limit):
            return
        last = threading.Thread(target=self._last_words, name="last words", daemon=True)
        last.start()
        last.join(_GIVE_BACK)
        self._leave(code)

    def _last_words(self) -> None:
        """On a thread of its own: neither the terminal nor the log may take anything any more."""
        threads = ", ".join(thread.name for thread in threading.enumerate())
        self._give_back()
        _log.warning("not ended %g s after it was told to; threads: %s", self._limit, threads)


def bound(app: DnetApp, skeleton: Skeleton, options: Options) -> Ending:
    """An ending for an app that is about to run, to be told when that is over; a crash is told in any case."""

    def give_back() -> None:
        if getattr(app._driver, "left", False):
            skeleton.left()
        skeleton.restore()
        if app.crash is not None:
            crashed(options, app.crash)

    ending = Ending(give_back)
    app.leaving = ending.begin
    return ending
