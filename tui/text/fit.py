"""Text measured, cut, padded and wrapped in terminal cells. Everything here cleans what it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import overload

from rich.cells import cell_len, chop_cells, get_character_cell_size

from tui.text.clean import clean, clean_lines
from tui.text.span import Align, Cut, Line, Span

ELLIPSIS = "…"


def width(text: str) -> int:
    """Cells that clean text takes."""
    return len(text) if text.isascii() else cell_len(text)


def line_width(row: Iterable[Span]) -> int:
    """Cells that a line takes once painted."""
    return sum([width(clean(text)) for text, _ in row])


def head(text: str, cells: int) -> str:
    """The longest start of clean text within ``cells``."""
    if text.isascii() or cells <= 0:
        return text[: max(cells, 0)]
    used = 0
    for index, char in enumerate(text):
        used += get_character_cell_size(char)
        if used > cells:
            return text[:index]
    return text


def tail(text: str, cells: int) -> str:
    """The longest end of clean text within ``cells``; never starts with a mark of a character cut away."""
    if cells <= 0:
        return ""
    if text.isascii():
        return text[-cells:]
    used = 0
    for index in range(len(text) - 1, -1, -1):
        used += get_character_cell_size(text[index])
        if used > cells:
            kept = text[index + 1 :]
            while kept and get_character_cell_size(kept[0]) == 0:
                kept = kept[1:]
            return kept
    return text


def cut_text(text: str, cells: int, cut: Cut = "r") -> str:
    """Clean text within ``cells``, with ``…`` where something is gone: at the end (``r``; behind a whole word,
    ``w``), in the middle (``m``) or at the start (``l``). At the start a path is cut between its parts, and of the
    last part (an image's ``name:tag``) the middle of the name goes before the tag."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    if cells == 1:
        return ELLIPSIS
    if cut == "r":
        return head(text, cells - 1) + ELLIPSIS
    if cut == "w":
        return words_within(text, cells - 1) + ELLIPSIS
    if cut == "m":
        front = cells // 2
        return head(text, front) + ELLIPSIS + tail(text, cells - 1 - front)
    return _cut_path(text, cells)


def words_within(text: str, cells: int) -> str:
    """The longest start of clean text within ``cells`` that ends with a whole word; a first word that is longer is
    broken."""
    start, end = _breaks(text, cells, cells)[0] if text else (0, 0)
    return text[start:end]


def _cut_path(text: str, cells: int) -> str:
    parts = text.split("/")
    for first in range(1, len(parts)):
        rest = ELLIPSIS + "/" + "/".join(parts[first:])
        if width(rest) <= cells:
            return rest
    name, colon, tag = parts[-1].rpartition(":")
    if not colon:
        return ELLIPSIS + tail(text, cells - 1)
    room = cells - width(tag) - 1
    if room >= 3:
        return head(name, room - 1) + ELLIPSIS + ":" + tag
    return ELLIPSIS + tail(":" + tag, cells - 1)


@lru_cache(maxsize=2048)
def fit_image(image: str, cells: int) -> str:
    """An image reference within ``cells``: a digest beside a tag goes first, then the path, then the middle of the
    name, and the tag never while there is room for it."""
    text = clean(image)
    name, at, digest = text.partition("@")
    if at:
        if ":" in name.rpartition("/")[2]:
            text = name
        else:
            algorithm, colon, value = digest.partition(":")
            text = f"{name}@{algorithm}{colon}{value[:12]}" if colon else text
    return cut_text(text, cells, "l")


def image_line(image: str, cells: int = 0, style: str = "") -> Line:
    """An image with its path ``muted`` and its name in ``style``; ``cells`` 0 does not cut."""
    text = fit_image(image, cells or 10_000)
    path, slash, name = text.rpartition("/")
    return ((path + slash, "muted"), (name, style)) if slash else ((name, style),)


@overload
def fit(row: str, cells: int, align: Align = "l", cut: Cut = "r") -> str: ...
@overload
def fit(row: Line, cells: int, align: Align = "l", cut: Cut = "r") -> Line: ...
def fit(row: str | Line, cells: int, align: Align = "l", cut: Cut = "r") -> str | Line:
    """``row`` cleaned, cut and padded to exactly ``cells``. Padding of a line is an unstyled span."""
    if isinstance(row, str):
        if len(row) <= cells and row.isascii() and row.isprintable():
            return row.rjust(cells) if align == "r" else row.ljust(cells)
        text = cut_text(clean(row), cells, cut)
        pad = " " * (cells - width(text))
        return pad + text if align == "r" else text + pad
    spans = cut_line(row, cells, cut)
    missing = cells - sum([width(text) for text, _ in spans])
    if missing <= 0:
        return spans
    pad_span = (" " * missing, "")
    return (pad_span, *spans) if align == "r" else (*spans, pad_span)


def cut_line(row: Line, cells: int, cut: Cut = "r") -> Line:
    """``row`` cleaned and cut to at most ``cells``; ``…`` takes the style of what it stands for."""
    spans = tuple([(clean(text), style) for text, style in row])
    if sum([width(text) for text, _ in spans]) <= cells:
        return spans
    if len(spans) == 1:
        return ((cut_text(spans[0][0], cells, cut), spans[0][1]),)
    whole = "".join([text for text, _ in spans])
    shorter = cut_text(whole, cells, cut)
    mark = shorter.find(ELLIPSIS) if cut not in ("r", "w") else len(shorter) - 1
    front, back = shorter[:mark], shorter[mark + 1 :]
    if not shorter or whole[: len(front)] != front or not whole.endswith(back):
        return ((shorter, spans[-1][1]),)
    kept = _slice(spans, 0, len(front))
    behind = _slice(spans, len(whole) - len(back), len(whole))
    gone = _slice(spans, len(front), len(front) + 1)
    dots: Span = (ELLIPSIS, gone[0][1] if gone else "")
    return (*kept, dots, *behind)


def without_head(row: Line, cells: int) -> Line:
    """``row`` cleaned, without its first cells; of a wide character that is cut through a blank is left."""
    out: list[Span] = []
    for part, style in row:
        text = clean(part)
        size = width(text)
        if cells >= size:
            cells -= size
            continue
        if cells:
            kept = tail(text, size - cells)
            text = " " * (size - cells - width(kept)) + kept
            cells = 0
        out.append((text, style))
    return tuple(out)


def _slice(spans: Iterable[Span], start: int, end: int) -> Line:
    """Characters ``start`` to ``end`` of a line."""
    out: list[Span] = []
    at = 0
    for text, style in spans:
        after = at + len(text)
        if after > start and at < end:
            out.append((text[max(0, start - at) : end - at], style))
        at = after
        if at >= end:
            break
    return tuple(out)


def _breaks(text: str, first: int, cells: int) -> list[tuple[int, int]]:
    """Where clean text is broken: character ranges of at most ``first``, then ``cells`` cells."""
    out: list[tuple[int, int]] = []
    start, room = 0, max(first, 1)
    length = len(text)
    while start < length:
        piece = head(text[start:], room) or text[start]
        end = start + len(piece)
        if end < length and text[end] != " ":
            space = piece.rfind(" ")
            if space > 0 and piece[:space].strip():
                end = start + space
        stop = end
        while stop > start and text[stop - 1] == " ":
            stop -= 1
        out.append((start, stop))
        start = end
        while start < length and text[start] == " ":
            start += 1
        room = max(cells, 1)
    return out


def wrap(text: str, cells: int, *, limit: int = 0) -> list[str]:
    """``text`` broken between words at ``cells``; longer words are broken hard, its own line breaks are kept.
    ``limit`` rows at most, the last then ends in ``…``; 0 is all. Empty text is no row."""
    rows: list[str] = []
    for part in clean_lines(text):
        if not part:
            rows.append("")
        elif part.isascii() or " " in part:
            rows.extend([part[start:end] for start, end in _breaks(part, cells, cells)])
        else:
            rows.extend(chop_cells(part, max(cells, 2)))
    if limit and len(rows) > limit:
        last = rows[limit - 1]
        rows = [
            *rows[: limit - 1],
            cut_text(last + ELLIPSIS, cells) if width(last) < cells else cut_text(last + " ", cells),
        ]
    return rows


def wrap_line(row: Line, cells: int, *, indent: int = 0) -> list[Line]:
    """A styled line broken between words; rows after the first stand ``indent`` cells in. At least one row."""
    spans = [(clean(text), style) for text, style in row]
    whole = "".join([text for text, _ in spans])
    pad: Line = ((" " * indent, ""),) if indent else ()
    out: list[Line] = []
    for start, end in _breaks(whole, cells, cells - indent):
        piece = _slice(spans, start, end)
        out.append((*pad, *piece) if out else piece)
    return out or [()]


def columns(
    rows: Sequence[Sequence[Line | str]],
    *,
    gap: int = 2,
    aligns: str = "",
    widths: Sequence[int] = (),
) -> list[Line]:
    """Rows of cells as aligned lines. A column is as wide as its widest cell unless ``widths`` says (0: widest);
    ``aligns`` has one of ``l r`` per column, ``l`` where it ends. The last column is not padded if it is ``l``."""
    cells = [[((cell, ""),) if isinstance(cell, str) else cell for cell in row] for row in rows]
    count = max((len(row) for row in cells), default=0)
    sizes = [
        widths[index]
        if index < len(widths) and widths[index]
        else max((line_width(row[index]) for row in cells if index < len(row)), default=0)
        for index in range(count)
    ]
    space = (" " * gap, "")
    out: list[Line] = []
    for row in cells:
        spans: list[Span] = []
        for index, cell in enumerate(row):
            if index:
                spans.append(space)
            right = index < len(aligns) and aligns[index] == "r"
            if index == len(row) - 1 and not right:
                spans.extend(cut_line(cell, sizes[index]))
            else:
                spans.extend(fit(cell, sizes[index], "r" if right else "l"))
        out.append(tuple(spans))
    return out
