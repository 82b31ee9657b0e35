"""The smallest changes: a few rows above the keys, where one value is typed or one line answered. Not boxed: it is a
line like ``:``; list and cursor row stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from tui.frame.titles import keys as key_line
from tui.look.symbols import sym
from tui.text.fit import cut_line, line_width
from tui.text.span import Line, line
from tui.widgets.bar import Bar, BarItem
from tui.widgets.paint import painter_of

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class Asked:
    """What a prompt shows and what its keys mean."""

    takes_keys = True
    """Whether all keys are its own; else ``esc`` alone is, and the others go to the page."""

    def title(self) -> str:
        """Verb and name: ``Scale web``."""
        raise NotImplementedError

    def right(self) -> str:
        """At the right end of its rule: the docker line that it equals."""
        return ""

    def rows(self, cells: int) -> Sequence[Line]:
        """Value, and what follows of it."""
        raise NotImplementedError

    def keys(self) -> Sequence[tuple[str, str]]:
        """For the last row."""
        return ()

    def escapes(self) -> str:
        """What ``esc`` does, for the last row."""
        return "cancel"

    def press(self, key: str, character: str | None) -> None:
        """Any key but ``esc``."""

    def paste(self, text: str) -> None:
        """Pasted text."""

    def left(self) -> None:
        """``esc``, or something else is asked instead."""


class Prompt(Widget):
    """Shows one question at a time; hidden else. Keys come through the screen, not by the focus."""

    DEFAULT_CSS = """
    Prompt { layer: over; display: none; position: absolute; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.asked: Asked | None = None
        self._rows: list[Line] = []

    @property
    def is_open(self) -> bool:
        """Whether something is asked."""
        return self.asked is not None

    @property
    def _screen(self) -> MainScreen:
        return cast("MainScreen", self.screen)

    def open(self, asked: Asked) -> None:
        """Asks."""
        if self.asked is not None:
            self.asked.left()
        self.asked = asked
        self.display = True
        self.again()

    def close(self) -> None:
        """Gives the rows and the keys back."""
        if self.asked is not None:
            self.asked = None
            self.display = False
            self._screen.chrome.footer()

    def key(self, event: events.Key) -> bool:
        """Takes a key while open."""
        asked = self.asked
        if asked is None:
            return False
        if event.key in ("escape", "ctrl+c"):
            self.close()
            asked.left()
            return True
        if not asked.takes_keys:
            return False
        asked.press(event.key, event.character)
        self.again()
        return True

    def paste(self, text: str) -> bool:
        """Takes pasted text while open."""
        if self.asked is None or not self.asked.takes_keys:
            return False
        self.asked.paste(text)
        self.again()
        return True

    def again(self) -> None:
        """Draws it anew: a key was pressed, or what it stands on is another."""
        if self.asked is not None:
            self.fit()
            self._screen.chrome.footer()

    def fit(self) -> None:
        """Lays it out for the size of the screen: over the left pane, above the last row."""
        asked = self.asked
        if asked is None:
            return
        width, height = self.screen.size
        shape = self._screen.shape
        cells = width - shape.detail_width - 1 if shape.detail_width else width
        self._rows = [self._rule(asked, cells), *asked.rows(cells - 4)][: max(2, height - 4)]
        self.styles.width, self.styles.height = cells, len(self._rows)
        self.styles.offset = (0, max(0, height - 1 - len(self._rows)))
        self.refresh(layout=True)

    def _rule(self, asked: Asked, cells: int) -> Line:
        thick = sym("heavy")
        title: Line = ((thick * 2, "accent"), (f" {asked.title()} ", "strong bold"))
        right = asked.right()
        room = cells - line_width(title) - 6
        tail: Line = ((f" {right} ", "muted"), (thick * 2, "accent")) if right and len(right) <= room else ()
        fill = max(0, cells - line_width(title) - line_width(tail))
        return line(cut_line(title, cells), (thick * fill, "accent"), tail)

    def render_line(self, y: int) -> Strip:
        """One row."""
        row: Line = self._rows[y] if y < len(self._rows) else ()
        shown = row if y == 0 else line("  ", row)
        return painter_of(self).strip(shown, self.size.width, "on_raised")

    def show_keys(self, bar: Bar) -> None:
        """Its keys in the last row."""
        if self.asked is not None:
            row = line(" ", key_line(*self.asked.keys()))
            leave = key_line(("esc", f"{self.asked.escapes()} "))
            bar.show([BarItem(row)], [BarItem(leave, drop=1)], base="on_surf")
