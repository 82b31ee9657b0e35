"""The title rule of a pane: one row with text left and right on a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.text.fit import cut_line, line_width
from tui.text.span import Line, Span
from tui.widgets.paint import painter_of
from tui.widgets.picture import Picture


@dataclass(frozen=True, slots=True)
class _Title:
    left: Line = ()
    right: Line = ()
    active: bool = False
    warn: bool = False
    joints: tuple[tuple[int, str], ...] = ()
    base: str = ""


def rule_line(left: Line, right: Line, width: int, active: bool, warn: bool, joints: Mapping[int, str]) -> Line:
    """The whole row: two cells of line, the texts with a blank on either side, line between. The left text is cut
    before the right one, the right one goes if both leave no room."""
    char, own = ("━", "warn" if warn else "accent") if active else ("─", "warn" if warn else "line")
    words = "strong bold" if active else "muted"
    first = tuple([(text, style or words) for text, style in left])
    second = tuple([(text, style or "muted") for text, style in right])
    room = width - 4
    if second and line_width(second) + 2 + 8 > room:
        second = ()
    tail = line_width(second) + 2 if second else 0
    first = cut_line(first, max(0, room - tail - 2)) if first else ()
    out: list[Span] = [(char * min(2, width), own)]
    if first:
        out += [(" ", ""), *first, (" ", "")]
    used = line_width(out) + (tail + 2 if second else 0)
    fill = max(0, width - used)
    out.append((char * fill, own))
    if second:
        out += [(" ", ""), *second, (" ", ""), (char * 2, own)]
    return _joined(tuple(out), joints, "warn" if warn and not active else "line") if joints else tuple(out)


def _joined(row: Line, joints: Mapping[int, str], style: str) -> Line:
    """Puts joints onto the line, never onto text."""
    out: list[Span] = []
    at = 0
    for text, own in row:
        spots = [x for x in sorted(joints) if at <= x < at + len(text)] if text.strip("━─") == "" and text else []
        start = 0
        for x in spots:
            if x - at > start:
                out.append((text[start : x - at], own))
            out.append((joints[x], style))
            start = x - at + 1
        if start < len(text):
            out.append((text[start:], own))
        at += line_width(((text, own),))
    return tuple(out)


class TitleRule(Picture):
    """``━━ Services  /web ━━━━━ 13 of 14   by name ━━``: heavy and in the accent while its pane has the focus.

    ``joints`` puts a character on a column (``{104: "┬"}``), in ``line``.
    """

    DEFAULT_CSS = "TitleRule { width: 1fr; height: 1; }"
    ALLOW_SELECT = False

    class Clicked(Message):
        """The rule was clicked, at cell ``x``."""

        def __init__(self, rule: TitleRule, x: int) -> None:
            super().__init__()
            self.rule = rule
            self.x = x

        @property
        def control(self) -> TitleRule:
            """The rule."""
            return self.rule

    def __init__(self, left: Line = (), right: Line = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._title = _Title(left, right)

    def show(
        self,
        left: Line | None = None,
        right: Line | None = None,
        *,
        active: bool | None = None,
        warn: bool | None = None,
        joints: Mapping[int, str] | None = None,
        base: str | None = None,
    ) -> None:
        """Sets what is given. The rule makes unstyled spans of the left text bold ``strong`` when active and
        ``muted`` else, those of the right one ``muted``. ``warn`` draws the line in ``warn`` (stale panes), ``base``
        is the style below. Nothing is drawn again if nothing changed."""
        old = self._title
        title = _Title(
            old.left if left is None else left,
            old.right if right is None else right,
            old.active if active is None else active,
            old.warn if warn is None else warn,
            old.joints if joints is None else tuple(sorted(joints.items())),
            old.base if base is None else base,
        )
        if title != self._title:
            self._title = title
            self.refresh()

    @property
    def active(self) -> bool:
        """Whether it is drawn as the rule of the pane that has the focus."""
        return self._title.active

    def render_line(self, y: int) -> Strip:
        """Paints the row."""
        title, width = self._title, self.size.width
        row = rule_line(title.left, title.right, width, title.active, title.warn, dict(title.joints))
        return painter_of(self).strip(row, width, title.base)

    def on_click(self, event: events.Click) -> None:
        """Tells where it was clicked."""
        self.post_message(self.Clicked(self, event.x))
