"""The only place where text from outside becomes cells: lines of spans become Textual strips."""

from __future__ import annotations

import unicodedata

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.look.symbols import ASCII
from tui.look.tokens import Choice, Palette, palette
from tui.text.clean import clean
from tui.text.fit import cut_line, width
from tui.text.span import Line, Span

#: Strips kept, of about 4 kB each: some screens full, at 200x60 with their cursor variants.
_KEEP = 768


class _AsciiTable(dict[int, str]):
    """Character → ASCII of the same width."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if code < 0x80:
            plain = char
        elif char in ASCII:
            plain = ASCII[char]
        else:
            base = unicodedata.normalize("NFKD", char)[0]
            plain = base if base.isascii() and base.isprintable() else "?"
            plain = (plain + "?")[: get_character_cell_size(char)]
        self[code] = plain
        return plain


_TO_ASCII = _AsciiTable()


class Painter:
    """Paints lines. The app owns one as ``app.painter`` and sets a new one (then refreshes) on a theme switch."""

    def __init__(self, palette: Palette, ascii: bool = False) -> None:
        self.palette = palette
        self.ascii = ascii
        self.painted = 0
        """Strips made, not found in the cache; tests count with it."""
        self._strips: dict[tuple[Line, int, str, Span | None], Strip] = {}

    def strip(self, row: Line, width: int, base: str = "", edge: Span | None = None) -> Strip:
        """``row`` cleaned, cut at or padded to ``width`` cells. ``base`` is the style below all spans
        (``"on_sel"``, ``"muted on_surf"``); without a background token it is ``on_bg``. The same strip object comes
        back for the same row, so callers may compare by identity. ``edge`` takes the last cells (a scroll bar)."""
        key = (row, width, base, edge)
        strips = self._strips
        found = strips.get(key)
        if found is None:
            if len(strips) >= _KEEP:
                # Dicts keep their order: the older half goes. Cheaper than moving an entry on every hit.
                for old in list(strips)[: _KEEP // 2]:
                    del strips[old]
            found = strips[key] = self._paint(row, width, base, edge)
        return found

    def blank(self, width: int, base: str = "") -> Strip:
        """An empty row."""
        return self.strip((), width, base)

    def _paint(self, row: Line, cells: int, base: str, edge: Span | None) -> Strip:
        self.painted += 1
        room = cells - width(edge[0]) if edge else cells
        if room < 0:
            row, room, edge = (), cells, None
        segments, used = self._segments(row, base)
        if used > room:
            segments, used = self._segments(cut_line(row, room), base)
        if used < room:
            segments.append(Segment(" " * (room - used), self.palette.resolve(base)))
        if edge:
            segments += self._segments((edge,), base)[0]
        return Strip(segments, cells)

    def _segments(self, row: Line, base: str) -> tuple[list[Segment], int]:
        """Segments and the cells they take."""
        resolve = self.palette.resolve
        segments: list[Segment] = []
        used = 0
        for text, style in row:
            text = clean(text)
            if text:
                if self.ascii and not text.isascii():
                    text = text.translate(_TO_ASCII)
                used += width(text)
                segments.append(Segment(text, resolve(f"{base} {style}" if style else base)))
        return segments, used


_DEFAULT: list[Painter] = []


def painter_of(widget: Widget) -> Painter:
    """The painter of the widget's app, or a dark truecolor one where the app has none."""
    found = getattr(widget.app, "painter", None)
    if isinstance(found, Painter):
        return found
    if not _DEFAULT:
        _DEFAULT.append(Painter(palette(Choice())))
    return _DEFAULT[0]
