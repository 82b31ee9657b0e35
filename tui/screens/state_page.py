"""The page of a state in which there is nothing to show: no engine, no access."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.frame.states import Screen
from tui.frame.titles import keys
from tui.screens.page import Page
from tui.text.span import Line, line
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule

_MOVES = {"up": "up", "down": "down", "pageup": "page-up", "pagedown": "page-down"}


class StatePage(Page):
    """A sentence, the evidence, the ways out by number."""

    def __init__(self) -> None:
        super().__init__("state")
        self.rule = TitleRule(id="state-rule")
        self.view = LinesView(id="state-text")
        self._shown: Screen | None = None

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.view

    def say(self, screen: Screen) -> None:
        """What it shows."""
        self._shown = screen
        if self.ready:
            self._show()

    def on_mount(self) -> None:
        """What was said before it was there."""
        self._show()

    def _show(self) -> None:
        if self._shown is not None:
            self.rule.show(((self._shown.title, ""),), active=True)
            self.view.show(self._shown.lines)

    def focus_pane(self) -> None:
        """Its text scrolls where it is longer than the screen."""
        self.view.focus()

    def key(self, key: str) -> bool:
        """The keys of this page: the numbered ways out, copy, demo, try again."""
        screen = self.frame_screen
        copies = self._shown.copies if self._shown else ()
        if key in _MOVES:
            self.view.move(_MOVES[key])
        elif key == "c" and copies:
            screen.copy(copies[0], "line 1")
        elif key.isdigit() and 1 <= int(key) <= len(copies):
            if int(key) == len(copies):
                screen.dnet.use_demo()
            else:
                screen.copy(copies[int(key) - 1], f"line {key}: {copies[int(key) - 1]}")
        elif key == "d":
            screen.dnet.use_demo()
        elif key in ("r", "enter"):
            screen.call("refresh")
        elif key == "q":
            screen.call("quit")
        else:
            return False
        return True

    def footer(self, width: int) -> Line | None:
        """Its keys."""
        copies = self._shown.copies if self._shown else ()
        key = self.frame_screen.keymap.key
        first = copies[0] if copies and len(copies[0]) <= width // 3 else "the command at 1"
        pairs = [
            ("c", f"copy {first}"),
            (key("refresh"), "try again"),
            (str(len(copies)), "demo"),
            (key("quit"), "quit"),
        ]
        return line(" ", keys(*pairs), ("  ", ""), keys((":ctx", "other context")))
