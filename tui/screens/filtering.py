"""Typing a filter where it stands: in the title rule of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from tui.frame.line_edit import LineEdit

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: These keys move the cursor of the list while one types.
_MOVES = {"up": "cursor-up", "down": "cursor-down", "pageup": "page-up", "pagedown": "page-down"}


class Filtering:
    """The state of typing; takes keys while it is on."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._edit: LineEdit | None = None
        self._before = ""

    @property
    def on(self) -> bool:
        """Whether a filter is being typed."""
        return self._edit is not None

    def begin(self, text: str) -> None:
        """The cursor stands behind the filter that is there."""
        self._before = text
        self._set(LineEdit.of(text))

    def end(self) -> None:
        """What is typed stays."""
        if self._edit is not None:
            text, self._edit = self._edit.text, None
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
                self.end()
            case "escape":
                self.cancel()
            case "backspace" if not self._edit.text:
                self.cancel()
            case key if key in _MOVES:
                self._screen.page.act(_MOVES[key], ())
            case key:
                changed = self._edit.key(key, event.character)
                if changed is not None:
                    self._set(changed)
        return True

    def paste(self, text: str) -> bool:
        """Takes pasted text while on."""
        if self._edit is None:
            return False
        self._set(self._edit.insert(text))
        return True

    def _set(self, edit: LineEdit) -> None:
        self._edit = edit
        self._screen.page.set_filter(edit.text, edit)
        self._screen.watch_soon()
