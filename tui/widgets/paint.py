"""The only place where text from outside becomes cells: lines of spans become Textual strips."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from tui.look.tokens import Choice, Palette, palette
from tui.text.span import Line


class Painter:
    """Paints lines. The app owns one as ``app.painter`` and sets a new one (then refreshes) on a theme switch."""

    def __init__(self, palette: Palette, ascii: bool = False) -> None:
        self.palette = palette
        self.ascii = ascii

    def strip(self, row: Line, width: int, base: str = "") -> Strip:
        """``row`` cleaned, cut at or padded to ``width`` cells. ``base`` is the style below all spans
        (``"on_sel"``, ``"muted on_surf"``); without a background token it is ``on_bg``."""
        raise NotImplementedError

    def blank(self, width: int, base: str = "") -> Strip:
        """An empty row."""
        raise NotImplementedError


def painter_of(widget: Widget) -> Painter:
    """The painter of the widget's app, or a dark truecolor one where the app has none."""
    found = getattr(widget.app, "painter", None)
    return found if isinstance(found, Painter) else Painter(palette(Choice()))
