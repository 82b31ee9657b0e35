"""A program in a private tmux server: keys in, screen out."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class ScreenError(AssertionError):
    """What was waited for did not come; the message holds the screen."""


#: Seconds that a busy machine may take for anything. Nobody waits for them but a test that fails.
PATIENCE = 90.0
#: Runs a command and writes its exit code: tmux itself may miss that one (see ``Tmux.ended``).
_TELLING = '"$@"; echo $? >"$0"'


class Tmux:
    """One window of ``columns`` by ``rows``; ends with the context."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="walk-")
        self._socket = str(Path(self._folder.name) / "tmux")
        conf = Path(self._folder.name) / "conf"
        conf.write_text(
            "set -g default-terminal tmux-256color\nset -g status off\nset -g escape-time 0\n"
            "set -g remain-on-exit on\nset -g history-limit 2000\n"
        )
        self._code = Path(self._folder.name) / "code"
        environment = {**os.environ, **(env or {})}
        environment.pop("TMUX", None)
        subprocess.run(
            [
                *("tmux", "-S", self._socket, "-f", str(conf), "new-session", "-d", "-s", "walk"),
                *("-x", str(columns), "-y", str(rows)),
                *("sh", "-c", _TELLING, str(self._code), *command),
            ],
            check=True,
            env=environment,
        )
        self.keystrokes = 0

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)
        self._folder.cleanup()

    def _tmux(self, *arguments: str, check: bool = True, given: str = "") -> str:
        command = ["tmux", "-S", self._socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=check, input=given).stdout

    def keys(self, *keys: str) -> None:
        """Presses keys by their tmux names, one after another."""
        for key in keys:
            self._tmux("send-keys", "-t", "walk", key)
            self.keystrokes += 1

    def type(self, text: str) -> None:
        """Types text as it is."""
        # A semicolon at the end would be one between two commands of tmux.
        self._tmux("send-keys", "-t", "walk", "-l", re.sub(";$", r"\\;", text))
        self.keystrokes += len(text)

    def paste(self, text: str) -> None:
        """Pastes text, which is one keystroke, as from the clipboard: in brackets where the program asks for them."""
        self._tmux("load-buffer", "-b", "walk", "-", given=text)
        self._tmux("paste-buffer", "-p", "-d", "-b", "walk", "-t", "walk")
        self.keystrokes += 1

    def resize(self, columns: int, rows: int) -> None:
        """Another size of the window."""
        self._tmux("resize-window", "-t", "walk", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """What is seen."""
        return self._tmux("capture-pane", "-p", "-t", "walk")

    def listed(self) -> str:
        """The rows of the list: between its title rule and the next one."""
        rows = self.screen().splitlines()
        start = next((number for number, row in enumerate(rows) if row.startswith("━━")), len(rows))
        end = next((number for number in range(start + 1, len(rows)) if rows[number].startswith("──")), len(rows))
        return "\n".join(rows[start + 1 : end])

    def ended(self, timeout: float = PATIENCE) -> int:
        """Waits until the program has ended and nobody has its terminal any more; its exit code.

        Not by "Pane is dead", which tmux may never draw: when a terminal is closed libutempter takes SIGCHLD away
        for a moment, and a program whose end falls into that moment stays unseen."""
        deadline = time.monotonic() + timeout
        while self._tmux("display-message", "-p", "-t", "walk", "#{pane_dead}").strip() != "1":
            if time.monotonic() > deadline:
                raise ScreenError(f"the program did not end within {timeout} s; on screen:\n{self.screen()}")
            time.sleep(0.05)
        return int(self._code.read_text())

    def line_with(self, text: str) -> str:
        """The first row that holds ``text``, or an empty one."""
        return next((row for row in self.screen().splitlines() if text in row), "")

    def until(self, condition: Callable[[str], bool], what: str, timeout: float = PATIENCE) -> str:
        """Waits until the screen fulfils a condition; the screen then."""
        deadline = time.monotonic() + timeout
        while True:
            screen = self.screen()
            if condition(screen):
                return screen
            if time.monotonic() > deadline:
                raise ScreenError(f"{what} did not come within {timeout} s; on screen:\n{screen}")
            time.sleep(0.05)

    def wait(self, text: str, timeout: float = PATIENCE) -> str:
        """Waits until ``text`` is on the screen."""
        return self.until(lambda screen: text in screen, repr(text), timeout)

    def gone(self, text: str, timeout: float = PATIENCE) -> str:
        """Waits until ``text`` is off the screen."""
        return self.until(lambda screen: text not in screen, f"the end of {text!r}", timeout)
