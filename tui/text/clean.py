"""The one door for text from outside: nothing a terminal would obey or lay out by itself passes.

Engines, images, labels and logs may hold anything. What is not plainly printable becomes a visible glyph, so that
two names which differ only in something invisible still look different. ``clean`` is idempotent.
"""

from __future__ import annotations

import unicodedata

#: Stands for what must not be written and has no picture of its own.
REPLACEMENT = "�"
#: Stands for a line break inside one row.
NEWLINE = "↵"
#: Stands for every space that is not the ASCII one (no-break, ideographic, …).
SPACE = "␣"
TAB = " " * 4
#: Marks kept on one base character; more would paint over neighbouring rows.
MARKS = 2

#: Printable for Python, but drawn at a width that depends on the neighbours or on the terminal: joining Hangul
#: letters, variation selectors (Mongolian ones as well), regional indicators and skin tones.
_SHIFTY = (
    (0x034F, 0x034F),
    (0x115F, 0x11FF),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x3164, 0x3164),
    (0xD7B0, 0xD7FF),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0x1F1E6, 0x1F1FF),
    (0x1F3FB, 0x1F3FF),
    (0xE0000, 0xE0FFF),
)


def _glyph(code: int) -> str:
    char = chr(code)
    if code == 0x09:
        return TAB
    if code == 0x0A or code in (0x85, 0x2028, 0x2029):
        return NEWLINE
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    category = unicodedata.category(char)
    if category == "Zs" and code != 0x20:
        return SPACE
    if category == "Me" or not char.isprintable():
        return REPLACEMENT
    if any(first <= code <= last for first, last in _SHIFTY):
        return REPLACEMENT
    return char


class _Table(dict[int, str]):
    """Filled as characters come by; bounded by the size of Unicode."""

    def __missing__(self, code: int) -> str:
        glyph = self[code] = _glyph(code)
        return glyph


_TABLE = _Table()


def _bound_marks(text: str) -> str:
    out: list[str] = []
    marks = MARKS
    for char in text:
        if unicodedata.category(char) == "Mn":
            marks += 1
            if marks > MARKS:
                if marks == MARKS + 1:
                    out.append(REPLACEMENT)
                continue
        else:
            marks = 0
        out.append(char)
    return "".join(out)


def clean(text: str) -> str:
    """``text`` on one row, safe to write: control, direction and invisible characters turned into glyphs."""
    if text.isascii() and text.isprintable():
        return text
    if not text.isascii():
        # Composed first, so that ordinary accents are one character and marks are left for what needs them.
        text = unicodedata.normalize("NFC", text.translate(_TABLE)).translate(_TABLE)
        return _bound_marks(text)
    return text.translate(_TABLE)


def clean_lines(text: str) -> list[str]:
    """``text`` cut at its line breaks (``\\n``, ``\\r\\n``), each clean; trailing blank lines are left out."""
    lines = [clean(row.removesuffix("\r")) for row in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines
