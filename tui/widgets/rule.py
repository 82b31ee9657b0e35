"""The title rule of a pane: one row with text left and right on a line."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message
from textual.widget import Widget

from tui.text.span import Line


class TitleRule(Widget):
    """``━━ Services  /web ━━━━━ 13 of 14   by name ━━``: heavy and in the accent while its pane has the focus.

    Height 1. ``joints`` puts a character on a column (``{104: "┬"}``), in ``line``.
    """

    class Clicked(Message):
        """The rule was clicked, at cell ``x``."""

        rule: TitleRule
        x: int

    def show(
        self,
        left: Line,
        right: Line = (),
        *,
        active: bool | None = None,
        warn: bool | None = None,
        joints: Mapping[int, str] | None = None,
    ) -> None:
        """Sets all texts; ``None`` leaves the rest as it is. ``left`` is usually ``(("Services", ""),)``: the rule
        makes unstyled spans bold ``strong`` when active and ``muted`` else. ``warn`` draws the line in ``warn``
        (stale panes). Nothing is drawn again if nothing changed."""
