"""A box over the page: a question, or a choice of a few. It takes keys only while it has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from tui.frame.titles import keys as key_line
from tui.tables.spec import Moment
from tui.text.fit import cut_line, fit, line_width
from tui.text.span import BLANK, Line, Span, line
from tui.widgets.bar import Bar, BarItem
from tui.widgets.paint import painter_of

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: Cells of a box that stands in the middle, at most.
WIDTH = 104
#: From this width on a box does not take the whole of it.
ROOMY = 120


@dataclass(frozen=True, slots=True)
class Button:
    """One button; ``act`` is given to :meth:`Content.chosen`."""

    label: str
    act: str


class Content:
    """What a box shows and what its keys mean. ``at`` is what has the focus: a field or a button, from 0."""

    docked = True
    """Over the detail, beside which the list goes on; else in the middle."""
    tone = "accent"
    """Of its frame."""
    fields = 0
    """How many fields come before the buttons."""
    width = WIDTH
    """Cells at most where it stands in the middle."""

    def __init__(self) -> None:
        self.at = 0

    def title(self) -> str:
        """What stands in its upper edge."""
        raise NotImplementedError

    def note(self) -> str:
        """What stands at the right of its upper edge."""
        return ""

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        """Its rows at a width; painted anew at each key and frame."""
        raise NotImplementedError

    def foot(self, moment: Moment, cells: int) -> Sequence[Line]:
        """Rows above the buttons that stay in sight while the others scroll."""
        return ()

    def buttons(self) -> Sequence[Button]:
        """Its buttons, the safe one first."""
        return ()

    def keys(self) -> Sequence[tuple[str, str]]:
        """Keys and what they do, for its lower edge and the last row."""
        return ()

    def chosen(self, act: str) -> None:
        """A button was pressed, or ``cancel`` by ``esc``."""

    def first(self, key: str, character: str | None) -> bool:
        """Takes a key before it is one of every box: a list that is open has ``tab`` and ``esc``."""
        return False

    def press(self, key: str, character: str | None) -> bool:
        """A key that is not one of every box; ``False`` where it means nothing."""
        return False

    def act(self, name: str) -> bool:
        """Does an action of ``tui.actions.own``, by its id; ``False`` where it means nothing here."""
        return False

    def paste(self, text: str) -> None:
        """Pasted text."""

    def stands(self, moment: Moment) -> bool:
        """Whether it still makes sense; a question that nobody wants answered any more is closed."""
        return True


class Box(Widget):
    """Shows one content at a time. Keys come through the screen, not by the focus."""

    DEFAULT_CSS = """
    Box { layer: over; display: none; position: absolute; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.content: Content | None = None
        self.active = False
        """Whether it has the keys."""
        self._rows: list[Line] = []
        self._tail: list[Line] = []
        self._top = 0
        self._spots: list[tuple[int, int, str]] = []

    @property
    def has_keys(self) -> bool:
        """Whether keys go to it."""
        return self.content is not None and self.active

    @property
    def _screen(self) -> MainScreen:
        return cast("MainScreen", self.screen)

    def open(self, content: Content) -> None:
        """Shows a content, and gives it the keys."""
        self.content, self.active, self._top = content, True, 0
        self.display = True
        self.fit()
        self._screen.chrome.footer()

    def close(self) -> None:
        """Takes it away; the list has the keys again."""
        if self.content is not None:
            self.content, self.active = None, False
            self._rows = []
            self.display = False
            self._screen.chrome.footer()

    def activate(self, on: bool) -> None:
        """Gives it the keys, or takes them."""
        self.active = on
        self.again()
        self._screen.chrome.footer()

    # Keys

    def key(self, event: events.Key) -> bool:
        """Takes a key while it has them."""
        content = self.content
        if content is None or not self.active:
            return False
        if content.first(event.key, event.character):
            self.again()
            return True
        stops = content.fields + len(content.buttons())
        match event.key:
            case "escape" | "ctrl+c":
                content.chosen("cancel")
            case "tab":
                if content.at + 1 < stops:
                    content.at += 1
                else:
                    content.at = 0
                    if content.docked and not self._over_all:
                        self.activate(False)
            case "shift+tab":
                content.at = (content.at - 1) % max(1, stops)
            case "enter" if content.at >= content.fields:
                content.chosen(content.buttons()[content.at - content.fields].act)
            case "left" | "right" if content.at >= content.fields and content.buttons():
                step = 1 if event.key == "right" else -1
                content.at = content.fields + (content.at - content.fields + step) % len(content.buttons())
            case key:
                if not content.press(key, event.character):
                    self._scroll(key)
        self.again()
        return True

    def paste(self, text: str) -> bool:
        """Takes pasted text while it has the keys."""
        if not self.has_keys or self.content is None:
            return False
        self.content.paste(text)
        self.again()
        return True

    def _scroll(self, key: str) -> None:
        page = max(1, self._room - 1)
        step = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -9999, "end": 9999}.get(key, 0)
        self._top = max(0, min(self._top + step, len(self._rows) - self._room))

    # Drawing

    @property
    def _over_all(self) -> bool:
        return self._screen.size.width < ROOMY

    @property
    def _room(self) -> int:
        return max(1, self.size.height - 2 - len(self._tail))

    def again(self) -> None:
        """Something in it may be another; it is closed where it makes no sense any more."""
        if self.content is None:
            return
        if not self.content.stands(self._screen.moment):
            self.close()
            return
        self.fit()

    def fit(self) -> None:
        """Lays it out for the size of the screen."""
        content = self.content
        if content is None:
            return
        screen = self._screen
        width, height = screen.size
        top = 2 if screen.shape.tabs and not self._over_all else 1
        most = max(4, height - top - 1)
        if self._over_all:
            x, cells = 0, width
        elif content.docked:
            cells = max(54, screen.shape.detail_width)
            x = width - cells
        else:
            cells = min(content.width, width - 4)
            x = (width - cells) // 2
        inner = max(10, cells - 6)
        self._rows = list(content.body(screen.moment, inner))
        foot = list(content.foot(screen.moment, inner))
        self._tail = [*foot, BLANK, self._button_row(content)] if content.buttons() else foot
        needed = len(self._rows) + len(self._tail) + 2
        rows = most if self._over_all else min(most, needed)
        y = top if self._over_all or content.docked else max(top, (height - rows) // 2)
        self._top = max(0, min(self._top, len(self._rows) - (rows - 2 - len(self._tail))))
        self.styles.width, self.styles.height, self.styles.offset = cells, rows, (x, y)
        self.refresh(layout=True)

    def _button_row(self, content: Content) -> Line:
        out: list[Span] = []
        self._spots = []
        at = 3
        for number, button in enumerate(content.buttons()):
            here = self.active and content.at == content.fields + number
            text = f"  {button.label}  "
            out += [(text, "onaccent on_accent bold" if here else "strong on_field"), ("  ", "")]
            self._spots.append((at, at + len(text), button.act))
            at += len(text) + 2
        return tuple(out)

    def render_line(self, y: int) -> Strip:
        """One row, in its frame."""
        painter, width = painter_of(self), self.size.width
        content, height = self.content, self.size.height
        if content is None:
            return painter.blank(width)
        tone = content.tone if self.active or content.tone == "err" else "line"
        base = "on_raised"
        if y == 0:
            return painter.strip(
                _edge("╭", "╮", ((content.title(), "strong bold"),), content.note(), width, tone), width, base
            )
        if y == height - 1:
            words = key_line(*content.keys()) if self.active else (("keys go to the list", "muted"),)
            return painter.strip(_edge("╰", "╯", words, "", width, tone), width, base)
        row: Line = ()
        inner, tail = y - 1, height - 2 - len(self._tail)
        if inner >= tail:
            row = self._tail[inner - tail]
        elif self._top + inner < len(self._rows):
            row = self._rows[self._top + inner]
        more = len(self._rows) > tail and inner == tail - 1 and self._top + tail < len(self._rows)
        edge: Span = ("▾" if more else "│", tone)
        return painter.strip(line(("│", tone), "  ", fit(row, width - 6), "  ", edge), width, base)

    def show_keys(self, bar: Bar) -> None:
        """Its keys in the last row."""
        content = self.content
        if content is not None:
            row = line(" ", key_line(*content.keys()))
            bar.show([BarItem(row)], [BarItem((("keys go to the box ", "muted"),), drop=1)], base="on_surf")

    def on_click(self, event: events.Click) -> None:
        """A click on a button presses it; elsewhere it gives the box the keys."""
        event.stop()
        content = self.content
        if content is None:
            return
        if self._tail and event.y == self.size.height - 2:
            for start, end, act in self._spots:
                if start <= event.x < end:
                    content.chosen(act)
                    self.again()
                    return
        if not self.active:
            self.activate(True)


def _edge(left: str, right: str, words: Line, note: str, width: int, tone: str) -> Line:
    tail: Line = ((f" {note} ", "muted"), ("─", tone)) if note else ()
    room = width - 4 - line_width(tail)
    shown = cut_line(line(" ", words, " "), room) if words else ()
    fill = width - 3 - line_width(shown) - line_width(tail)
    if fill < 0:
        tail, fill = (), width - 3 - line_width(shown)
    return line((left + "─", tone), shown, ("─" * max(0, fill), tone), tail, (right, tone))
