"""The ``:`` line: typed in the last row, completions and what ``enter`` would do above it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from tui.actions.paths import engine_here, paths
from tui.frame.line_edit import LineEdit
from tui.screens.command_listed import Listed
from tui.screens.command_rows import MOST, Shown, first_shown, pane_rows, typed_row
from tui.text.fit import wrap
from tui.text.span import Line
from tui.widgets.bar import Bar, BarItem
from tui.widgets.paint import painter_of

if TYPE_CHECKING:
    # What reads lines is imported when the first one is typed: not everybody types one, and starting is not free.
    from tui.actions.command import Known
    from tui.actions.complete import Completion
    from tui.actions.history import CommandHistory
    from tui.screens.main import MainScreen


def taken(one: Completion) -> LineEdit:
    """The line once a candidate is taken."""
    return LineEdit(one.insert, one.cursor) if one.is_word else LineEdit.of(one.insert)


class CommandPane(Widget):
    """The completions; hidden until ``:`` is pressed. Takes keys through the screen, not by the focus."""

    DEFAULT_CSS = """
    CommandPane { layer: over; display: none; position: absolute; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._edit: LineEdit | None = None
        self._found: tuple[Completion, ...] = ()
        self._at = 0
        self._chosen = False
        self._refused = ""
        self._rows: list[tuple[Line, str]] = []
        self._sentence: tuple[str, bool] = ("", True)
        self._wrong = (-1, -1)
        self._form = False
        """Whether the line's verb has a form."""
        self._listed = Listed()

    @property
    def is_open(self) -> bool:
        """Whether a line is being typed."""
        return self._edit is not None

    @property
    def text(self) -> str:
        """What is typed."""
        return self._edit.text if self._edit else ""

    @property
    def candidates(self) -> Sequence[Completion]:
        """What may be meant."""
        return self._found

    @property
    def _screen(self) -> MainScreen:
        return cast("MainScreen", self.screen)

    @property
    def _past(self) -> CommandHistory:
        return self._screen.dnet.composer.history

    def open(self, text: str, *, refused: str = "") -> None:
        """Begins with ``text`` in the line; ``refused`` says why it was not done."""
        self._past.begin()
        self._listed = Listed()
        self._set(LineEdit.of(text))
        if refused:
            self._refused = refused
            self._draw()

    def close(self) -> None:
        """Gives the last row back to the keys."""
        self._edit = None
        self.display = False
        self._screen.chrome.footer()

    # Keys

    def key(self, event: events.Key) -> bool:
        """Takes a key while open."""
        if self._edit is None:
            return False
        match event.key:
            case "escape" | "ctrl+c":
                self.close()
            case "backspace" if not self._edit.text:
                self.close()
            case "enter":
                self._enter()
            case "tab":
                self._take()
            case "ctrl+e" if self._form:
                self._open_form()
            case "down" | "ctrl+n":
                self._move(1)
            case "shift+tab":
                self._move(-1)
            case "up" if self._chosen and self._at > 0:
                self._move(-1)
            case "up" | "ctrl+p":
                self._history(-1)
            case key:
                changed = self._edit.key(key, event.character)
                if changed is not None:
                    self._set(changed)
        return True

    def paste(self, text: str) -> bool:
        """Takes pasted text while open."""
        if self._edit is None:
            return False
        self._set(self._edit.insert(text))
        return True

    def _move(self, by: int) -> None:
        if not self._found:
            self._history(by)
            return
        if self._past.walking and by > 0:
            self._history(by)
            return
        self._at = (self._at + by) % len(self._found) if self._chosen else (0 if by > 0 else len(self._found) - 1)
        self._chosen = True
        self._draw()

    def _history(self, step: int) -> None:
        text = self._past.walk(step, self.text)
        if text is not None:
            self._set(LineEdit.of(text))

    def _take(self) -> None:
        if self._found and self._found[self._at].makes:
            self._make(self._found[self._at])
        elif self._found:
            self._set(taken(self._found[self._at]))

    def _make(self, wanted: Completion) -> None:
        """Opens the form of what is not there yet; the line comes back with its name, or as it was."""
        from tui.screens.form_errand import make_network

        before = self._edit or LineEdit()
        head = wanted.insert[: wanted.cursor].rstrip()
        head, tail = head.removesuffix(wanted.makes), wanted.insert[wanted.cursor :]

        def made(name: str) -> None:
            self._resume(LineEdit(f"{head}{name} {tail}", len(head) + len(name) + 1))

        self.close()
        make_network(self._screen, wanted.makes, made, lambda: self._resume(before))

    def _resume(self, edit: LineEdit) -> None:
        """Goes on with a line where it was left."""
        self.open("")
        self._set(edit)

    def _enter(self) -> None:
        text = self.text
        if self._chosen and self._found:
            chosen = self._found[self._at]
            if chosen.makes:
                self._make(chosen)
                return
            if chosen.is_word or (chosen.insert.endswith(" ") and chosen.insert.strip() != text.strip()):
                # More belongs behind it: take it, and let that be typed.
                self._set(taken(chosen))
                return
            text = chosen.insert
        if not text.strip():
            self.close()
            return
        from tui.actions.command import parse

        command = parse(text, self._known())
        if isinstance(command, str):
            self._refused = command
            self._draw()
            return
        from tui.actions.history import worth_keeping

        if worth_keeping(text):
            self._past.add(text)
        self.close()
        self._screen.run_action_spec(command.action, command.context)

    def _known(self) -> Known:
        from tui.actions.command import Known

        screen = self._screen
        return Known(
            keymap=screen.keymap,
            ui=screen,
            snapshot=self._listed.within(screen.cluster.snapshot),
            place=screen.place,
            targets=screen.targets(),
            tables=screen.tables,
            contexts=[row.name for row in screen.dnet.composer.contexts()],
            environ=os.environ,
            paths=paths,
            here=engine_here(screen.cluster.engine.endpoint, screen.cluster.snapshot),
        )

    def _relisted(self) -> None:
        """What a name may be is known now: the same line once more, with the same candidate chosen."""
        if self._edit is None:
            return
        at, chosen, refused = self._at, self._chosen, self._refused
        self._set(self._edit)
        # Why the line was refused stays until it is another one.
        self._refused = refused
        self._at, self._chosen = (at, chosen) if at < len(self._found) else (0, False)
        self._draw()

    def _open_form(self) -> None:
        from tui.actions.line_form import place_of_line

        text = self.text
        found = place_of_line(text, self._known())
        if isinstance(found, str):
            self._refused = found
            self._draw()
            return
        self.close()
        self._screen.go(found)

    # Drawing

    def _set(self, edit: LineEdit) -> None:
        from tui.actions.change_lines import wrong_place
        from tui.actions.command import explain
        from tui.actions.complete import changing, complete
        from tui.actions.line_form import has_form

        self._edit = edit
        known = self._known()
        self._found = complete(edit.text, edit.cursor, known)
        change = changing(edit.text, edit.cursor, known)
        if change is not None and change.wanted is not None:
            self._listed.want(change.wanted, self._screen, self._relisted)
        self._form = change is not None and has_form(edit.text)
        self._at, self._chosen, self._refused = 0, False, ""
        self._sentence = explain(edit.text, known) if edit.text.strip() else ("", True)
        self._wrong = (-1, -1) if self._sentence[1] else wrong_place(edit.text, known)
        if self._found and self._wrong[1] >= len(edit.text[: edit.cursor].rstrip()):
            # What is being typed, or waits for its value, is not wrong yet.
            self._wrong = (-1, -1)
        self._draw()

    def _draw(self) -> None:
        self.display = True
        self.fit()
        self._screen.chrome.footer()

    def fit(self) -> None:
        """Lays it out for the size of the screen: over the left pane, above the last row."""
        if self._edit is None:
            return
        width, height = self.screen.size
        shape = self._screen.shape
        cells = width - shape.detail_width - 1 if shape.detail_width else width
        shown = Shown(self.text, self._found, self._at, self._about(cells), self._wrong, self._form)
        self._rows = pane_rows(shown, cells, max(4, width - 6))[-max(1, height - 2) :]
        self.styles.width = cells
        self.styles.height = len(self._rows)
        self.styles.offset = (0, max(0, height - 1 - len(self._rows)))
        self.refresh(layout=True)

    def _about(self, cells: int) -> list[tuple[str, str]]:
        room = max(20, cells - 4)
        if self._refused:
            return [(row, "err") for row in wrap(self._refused, room, limit=3)]
        sentence, runs = self._sentence
        if self._chosen and self._found:
            from tui.actions.command import explain

            one = self._found[self._at]
            if not one.is_word:
                sentence, runs = explain(one.insert.strip(), self._known())
        return [(row, "" if runs else "muted") for row in wrap(sentence, room, limit=2)] or [("", "")]

    def render_line(self, y: int) -> Strip:
        """One row."""
        row, base = self._rows[y] if y < len(self._rows) else ((), "on_raised")
        return painter_of(self).strip(row, self.size.width, base)

    def show_line(self, bar: Bar) -> None:
        """Draws the line itself into the last row."""
        edit = self._edit
        if edit is None:
            return
        width = self.screen.size.width
        _, at, after = edit.parts
        ghost = ""
        if self._found and not after and not at:
            insert = self._found[self._at].insert
            if insert.startswith(edit.text):
                ghost = insert[len(edit.text) :].rstrip()
        row = typed_row(edit, ghost, max(4, width - 6), self._wrong)
        note = "read-only " if self._screen.readonly else ""
        bar.show([BarItem(row)], [BarItem(((note, "muted"),), drop=1)] if note else [], base="on_fieldf")

    def on_click(self, event: events.Click) -> None:
        """A click takes a completion."""
        number = event.y - 1
        first = first_shown(Shown(self.text, self._found, self._at, ()))
        if 0 <= number < MOST and first + number < len(self._found):
            self._at = first + number
            self._take()
