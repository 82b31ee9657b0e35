"""What the terminal shows, cell by cell: of each frame only the cells that differ are sent.

Textual sends every line of a region that has changed, whole. A list where one word of one row changes, beside events
that move down one line, is some 4 kB of that, of which 1 kB is news; over SSH the rest is felt.

It is a filter over what Textual writes (``textual._compositor``, ``render_segments``): moves to a line and column, and
behind each one text with styles. What does not look like that is passed on as it is, and nothing is taken for known
after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tui.terminal.sgr import switch

_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_STYLE = re.compile(r"\x1b\[([0-9;]*)m")
#: Characters that every terminal draws one cell wide. Any other may be wider or narrower on the screen than thought,
#: and then what stands behind it is elsewhere: such a line is sent whole.
_SIMPLE = re.compile(
    r"[\x20-\x7e\xa1-\xac\xae-\xff\u2010-\u2027\u2039\u203a\u2190-\u22ff\u2423\u2500-\u25ff\u2605\u2713-\u2718\ufffd]*"
)
#: Cells that are alike between two that differ, and are sent all the same: a move is no shorter.
_GAP = 4
#: Texts whose cells are kept, and styles that are told apart; a screen needs some hundred of one, tens of the other.
_TEXTS, _STYLES = 256, 4096
#: A cell of which nothing is known; no character that is sent.
_UNKNOWN = "\0"


class Cells(NamedTuple):
    """Characters, and in a string of the same length a character for the style of each."""

    text: str
    styles: str


@dataclass(slots=True)
class _Row:
    pieces: dict[int, str] = field(default_factory=dict)
    """By first column (from 1): what was last written there, unless it was written over in part since."""
    cells: Cells | None = None
    """From column 1; ``None`` while nobody had to know. Made of the pieces."""


class ScreenMemory:
    """One terminal. Give every frame to :meth:`reduce`, in order."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}
        self._texts: dict[str, Cells | None] = {}
        self._styles: list[str] = []
        self._marks: dict[str, str] = {}
        self._cursor = ""
        self._out: list[str] = []
        self._at: tuple[int, int] | None = None
        self._pen = ""

    def forget(self) -> None:
        """Somebody else wrote there: of the next frame everything is sent."""
        self._rows.clear()
        self._cursor = ""

    def reduce(self, data: str, height: int = 0) -> str:
        """What has to be sent of a frame so that the screen shows it; may be nothing. A frame that writes all of
        ``height`` rows from their start is sent as it is: it mends whatever has disturbed the screen."""
        words = _MOVE.split(data)
        if words[0]:
            self.forget()
            return data
        if len(self._styles) > _STYLES:
            self._rows.clear()
            self._texts.clear()
            self._styles.clear()
            self._marks.clear()
        pieces = [(int(words[at]), int(words[at + 1]), words[at + 2].rstrip("\n")) for at in range(1, len(words), 3)]
        cursor = f"\x1b[{words[-3]};{words[-2]}H" if not words[-1] else ""
        if height and [y for y, x, _ in pieces if x == 1][:height] == list(range(1, height + 1)) == [
            y for y, _, text in pieces if text
        ]:
            self._rows = {y: _Row({x: text}) for y, x, text in pieces if text}
            self._cursor = cursor
            return data
        self._out, self._at, self._pen = [], None, ""
        for y, x, text in pieces:
            if text:
                self._write(y, x, text)
        if not self._out and cursor == self._cursor:
            return ""
        self._cursor = cursor
        self._use("")
        return "".join(self._out) + cursor

    def _write(self, y: int, x: int, text: str) -> None:
        row = self._rows.setdefault(y, _Row())
        if row.pieces.get(x) == text:
            return
        new = self._parse(text)
        if new is None:
            # What Textual wrote stands there, but where it ends cannot be told, nor what is left behind it.
            self._rows[y] = _Row({x: text})
            self._move(y, x)
            self._use("")
            self._out.append(text)
            self._at = None
            return
        start, end = x - 1, x - 1 + len(new.text)
        old = self._known(row)
        missing = _UNKNOWN * (end - len(old.text))
        old = Cells(old.text + missing, old.styles + missing)
        for first, last in differing(Cells(old.text[start:end], old.styles[start:end]), new):
            self._send(y, x + first, Cells(new.text[first:last], new.styles[first:last]))
        row.cells = Cells(
            old.text[:start] + new.text + old.text[end:], old.styles[:start] + new.styles + old.styles[end:]
        )
        for other in [one for one in row.pieces if one <= end and (one > x or self._reaches(one, row.pieces[one], x))]:
            del row.pieces[other]
        row.pieces[x] = text

    def _reaches(self, start: int, text: str, x: int) -> bool:
        """Whether a piece that starts at ``start`` covers column ``x``; one that cannot be told does."""
        cells = self._parse(text)
        return cells is None or start + len(cells.text) > x

    def _known(self, row: _Row) -> Cells:
        if row.cells is None:
            text = styles = ""
            for x, piece in sorted(row.pieces.items()):
                cells = self._parse(piece)
                if cells is None:
                    break
                missing = _UNKNOWN * (x - 1 - len(text))
                text += missing + cells.text
                styles += missing + cells.styles
            row.cells = Cells(text, styles)
        return row.cells

    def _parse(self, text: str) -> Cells | None:
        """The cells of a piece; ``None`` where it has more than styles and simple characters."""
        if text in self._texts:
            return self._texts[text]
        if len(self._texts) >= _TEXTS:
            # Dicts keep their order: the older half goes.
            for old in list(self._texts)[: _TEXTS // 2]:
                del self._texts[old]
        words = _STYLE.split(text)
        found: Cells | None = None
        if all(_SIMPLE.fullmatch(word) for word in words[::2]):
            style, styles = "", [self._mark("") * len(words[0])]
            for codes, word in zip(words[1::2], words[2::2], strict=True):
                style = "" if codes in ("", "0") else f"{style};{codes}" if style else codes
                if word:
                    styles.append(self._mark(style) * len(word))
            found = Cells("".join(words[::2]), "".join(styles))
        self._texts[text] = found
        return found

    def _mark(self, style: str) -> str:
        mark = self._marks.get(style)
        if mark is None:
            self._styles.append(style)
            mark = self._marks[style] = chr(len(self._styles))
        return mark

    # Sending

    def _send(self, y: int, x: int, cells: Cells) -> None:
        self._move(y, x)
        start = 0
        for at in range(1, len(cells.text) + 1):
            if at == len(cells.text) or cells.styles[at] != cells.styles[start]:
                self._use(self._styles[ord(cells.styles[start]) - 1])
                self._out.append(cells.text[start:at])
                start = at
        self._at = (y, x + len(cells.text))

    def _move(self, y: int, x: int) -> None:
        if self._at is not None and self._at[0] == y and self._at[1] < x:
            ahead = x - self._at[1]
            self._out.append(f"\x1b[{ahead}C" if ahead > 1 else "\x1b[C")
        elif self._at != (y, x):
            self._out.append(f"\x1b[{y};{x}H")

    def _use(self, style: str) -> None:
        if style != self._pen:
            self._out.append(switch(self._pen, style))
            self._pen = style


def differing(old: Cells, new: Cells) -> Iterator[tuple[int, int]]:
    """Runs [start, end) of whole words in which ``new`` differs from ``old``, which is as long; near ones are one.
    Whole words, since whoever reads along (a recording, a screen reader) reads words."""
    if old == new:
        return
    text = new.text
    start, end = -1, -1
    for at, (was, char, had, style) in enumerate(zip(old.text, text, old.styles, new.styles, strict=True)):
        if at < end or (was == char and had == style):
            continue
        first = at if char == " " else text.rfind(" ", 0, at) + 1
        if start >= 0 and first - end > _GAP:
            yield start, end
            start = first
        elif start < 0:
            start = first
        end = at + 1 if char == " " else text.find(" ", at)
        if end < 0:
            end = len(text)
    yield start, end
