"""The ``:`` line: typed in the last row, completions and what ``enter`` would do above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from tui.frame.line_edit import LineEdit
from tui.frame.titles import keys
from tui.look.symbols import sym
from tui.text.fit import fit, wrap
from tui.text.span import Line, Span, line
from tui.widgets.bar import Bar, BarItem
from tui.widgets.paint import painter_of

if TYPE_CHECKING:
    # What reads lines is imported when the first one is typed: not everybody types one, and starting is not free.
    from tui.actions.command import Known
    from tui.actions.complete import Completion
    from tui.actions.history import CommandHistory
    from tui.screens.main import MainScreen

#: Completions shown at once.
MOST = 6


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

    @property
    def is_open(self) -> bool:
        """Whether a line is being typed."""
        return self._edit is not None

    @property
    def text(self) -> str:
        """What is typed."""
        return self._edit.text if self._edit else ""

    @property
    def _screen(self) -> MainScreen:
        return cast("MainScreen", self.screen)

    @property
    def _past(self) -> CommandHistory:
        return self._screen.dnet.composer.history

    def open(self, text: str, *, refused: str = "") -> None:
        """Begins with ``text`` in the line; ``refused`` says why it was not done."""
        self._past.begin()
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
        if self._found:
            self._set(LineEdit.of(self._found[self._at].insert))

    def _enter(self) -> None:
        text = self.text
        if self._chosen and self._found:
            chosen = self._found[self._at].insert
            if chosen.endswith(" ") and chosen.strip() != text.strip():
                # More belongs behind it: take it, and let that be typed.
                self._set(LineEdit.of(chosen))
                return
            text = chosen
        if not text.strip():
            self.close()
            return
        from tui.actions.command import parse

        command = parse(text, self._known())
        if isinstance(command, str):
            self._refused = command
            self._draw()
            return
        self._past.add(text)
        self.close()
        self._screen.run_action_spec(command.action, command.context)

    def _known(self) -> Known:
        from tui.actions.command import Known

        screen = self._screen
        return Known(
            keymap=screen.keymap,
            ui=screen,
            snapshot=screen.cluster.snapshot,
            place=screen.place,
            targets=screen.targets(),
            tables=screen.tables,
            contexts=[row.name for row in screen.dnet.composer.contexts()],
        )

    # Drawing

    def _set(self, edit: LineEdit) -> None:
        from tui.actions.change_lines import wrong_place
        from tui.actions.command import explain
        from tui.actions.complete import complete

        self._edit = edit
        known = self._known()
        self._found = complete(edit.text, edit.cursor, known)
        self._at, self._chosen, self._refused = 0, False, ""
        self._sentence = explain(edit.text, known) if edit.text.strip() else ("", True)
        self._wrong = (-1, -1) if self._sentence[1] else wrong_place(edit.text, known)
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
        self._rows = self._lines(cells)[-max(1, height - 2) :]
        self.styles.width = cells
        self.styles.height = len(self._rows)
        self.styles.offset = (0, max(0, height - 1 - len(self._rows)))
        self.refresh(layout=True)

    def _lines(self, cells: int) -> list[tuple[Line, str]]:
        found = self._found
        first = max(0, min(self._at - MOST + 1, len(found) - MOST)) if self._at >= MOST else 0
        shown = found[first : first + MOST]
        rows: list[tuple[Line, str]] = [(self._rule(cells, len(shown), len(found)), "on_raised")]
        names = min(max((len(one.text) for one in shown), default=0) + 2, max(12, cells * 2 // 5))
        names = max(names, min(31, cells // 3))
        for number, one in enumerate(shown, first):
            here = number == self._at
            rows.append((self._row(one, names, cells, here), "on_sel" if here else "on_raised"))
        rows.append(((), "on_raised"))
        for text, style in self._about(cells):
            rows.append((((f"  {text}", style),), "on_raised"))
        hint = keys(("tab", "completes"), ("enter", "runs"), (sym("cursor") and "↑", "history"), ("esc", "closes"))
        more = line("  ", hint, ("   docker … works too", "muted")) if cells >= 64 else line("  ", hint)
        rows.append((more, "on_raised"))
        return rows

    def _rule(self, cells: int, shown: int, total: int) -> Line:
        thin = sym("thin")
        right = f" {shown} of {total} " if shown < total else f" {total} "
        fill = max(0, cells - 14 - len(right))
        return (
            (thin * 2, "accent"),
            (" Commands ", "strong bold"),
            (thin * fill, "accent"),
            (right, "muted"),
            (thin * 2, "accent"),
        )

    def _row(self, one: Completion, names: int, cells: int, here: bool) -> Line:
        typed = self.text.strip().lower()
        shown = one.text.removeprefix(":")
        hit = len(typed) if typed and shown.lower().startswith(typed) else 0
        name = fit(
            ((":", "muted"), (shown[:hit], "accent bold"), (shown[hit:], "strong bold" if here else "")), names - 2
        )
        what = fit(((one.what, "muted"),), max(0, cells - names - 10))
        bar: Span = (sym("cursor") if here else " ", "accent")
        return (bar, (" ", ""), *name, ("  ", ""), *what, (one.key.rjust(6), "strong bold"), ("  ", ""))

    def _about(self, cells: int) -> list[tuple[str, str]]:
        room = max(20, cells - 4)
        if self._refused:
            return [(row, "err") for row in wrap(self._refused, room, limit=3)]
        sentence, runs = self._sentence
        if self._chosen and self._found:
            from tui.actions.command import explain

            sentence, runs = explain(self._found[self._at].insert.strip(), self._known())
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
        before, at, after = edit.parts
        room = max(4, width - 6)
        typed = before
        before = before[-room:]
        ghost = ""
        if self._found and not after and not at:
            insert = self._found[self._at].insert
            if insert.startswith(edit.text):
                ghost = insert[len(edit.text) :].rstrip()
        cursor = at or ghost[:1] or " "
        row = line(
            (sym("cursor"), "accent"),
            (":", "muted"),
            *self._marked(before, len(typed) - len(before)),
            (cursor, "reverse"),
            *self._marked(after, len(typed) + 1),
            (ghost[1:], "muted"),
        )
        note = "read-only " if self._screen.readonly else ""
        bar.show([BarItem(row)], [BarItem(((note, "muted"),), drop=1)] if note else [], base="on_fieldf")

    def _marked(self, part: str, offset: int) -> Line:
        """A part of the line, beginning at ``offset`` of it; what is wrong in it is shown as such."""
        start, end = (max(0, min(len(part), place - offset)) for place in self._wrong)
        if self._wrong[0] < 0 or start >= end:
            return ((part, "strong bold"),)
        return ((part[:start], "strong bold"), (part[start:end], "err underline"), (part[end:], "strong bold"))

    def on_click(self, event: events.Click) -> None:
        """A click takes a completion."""
        number = event.y - 1
        first = max(0, min(self._at - MOST + 1, len(self._found) - MOST)) if self._at >= MOST else 0
        if 0 <= number < MOST and first + number < len(self._found):
            self._at = first + number
            self._take()
