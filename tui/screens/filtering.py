"""Typing a filter or a search where it stands: in the title rule of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from tui.frame import titles
from tui.frame.line_edit import LineEdit
from tui.text.span import Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: These keys move the cursor of the list while one types.
_MOVES = {"up": "cursor-up", "down": "cursor-down", "pageup": "page-up", "pagedown": "page-down"}
#: Earlier texts that are kept.
_KEPT = 50


class Filtering:
    """The state of typing; takes keys while it is on.

    It begins empty, as in ``less`` and k9s. As long as nothing was typed ``up`` and ``down`` walk through earlier
    texts, the one that held before first; after that they move the cursor of the list.
    """

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._edit: LineEdit | None = None
        self._before = ""
        self._earlier: list[str] = []
        """Texts that were entered, the newest last; each once."""
        self._at = 0
        """Which of them stands in the line: 0 is none, 1 the newest."""

    @property
    def on(self) -> bool:
        """Whether a filter is being typed."""
        return self._edit is not None

    def begin(self, text: str) -> None:
        """An empty line; ``text`` is what holds now."""
        self._before, self._at = text, 0
        self._remember(text)
        self._set(LineEdit(""))
        self._screen.chrome.footer()

    def end(self) -> None:
        """What is typed stays."""
        if self._edit is not None:
            text, self._edit = self._edit.text, None
            self._remember(text)
            self._screen.page.set_filter(text)
            self._screen.past.amend(self._screen.page.left)
            self._screen.chrome.footer()

    def cancel(self) -> None:
        """No filter."""
        if self._edit is not None:
            self._edit = LineEdit("")
            self.end()

    def key(self, event: events.Key) -> bool:
        """Takes a key while on."""
        if self._edit is None:
            return False
        match event.key:
            case "enter" | "tab":
                self._enter()
            case "escape":
                self.cancel()
            case "backspace" if not self._edit.text:
                self.cancel()
            case "up" | "down" if self._walks(event.key):
                pass
            case key if key in _MOVES:
                self._screen.page.act(_MOVES[key], ())
            case key:
                changed = self._edit.key(key, event.character)
                if changed is not None:
                    self._at = 0
                    self._set(changed)
        return True

    def paste(self, text: str) -> bool:
        """Takes pasted text while on."""
        if self._edit is None:
            return False
        self._set(self._edit.insert(text))
        return True

    def footer(self) -> Line:
        """The keys of the line being typed."""
        searches = self._screen.page.searches
        pairs = [("enter", "finds" if searches else "keeps it"), ("esc", "clears"), ("^u", "empties the line")]
        if self._earlier and self._edit is not None and (self._at or not self._edit.text):
            pairs.append(("up", "earlier ones"))
        if searches:
            key = self._screen.keymap.key
            pairs.append((f"{key('page.next')} {key('page.previous')}".strip(), "then go from hit to hit"))
        return line(" ", titles.keys(*pairs))

    def _enter(self) -> None:
        """A search for nothing is the last one again; a filter for nothing is none."""
        again = self._screen.page.searches and self._edit is not None and not self._edit.text and self._before
        if again:
            self._edit = LineEdit.of(self._before)
        self.end()
        if again:
            self._screen.page.act("next-match", ())

    def _walks(self, key: str) -> bool:
        """Through earlier texts, where nothing was typed by hand; answers whether the key was for that."""
        if self._edit is None or not self._earlier or (self._edit.text and not self._at):
            return False
        at = min(max(self._at + (1 if key == "up" else -1), 0), len(self._earlier))
        if at == self._at == 0:
            return False
        self._at = at
        self._set(LineEdit.of(self._earlier[-at] if at else ""))
        return True

    def _remember(self, text: str) -> None:
        if text:
            self._earlier = [*(one for one in self._earlier if one != text), text][-_KEPT:]

    def _set(self, edit: LineEdit) -> None:
        self._edit = edit
        self._screen.page.set_filter(edit.text, edit)
        self._screen.chrome.footer()
        self._screen.watch_soon()
