"""Rows of a list as lines: which columns fit, the head, and a row rendered from its spec."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tui.tables.spec import Column, Moment, TableSpec
from tui.text.fit import fit, head, line_width, width, wrap_line
from tui.text.span import Line, Span, restyle

#: Cells left of the first column: the cursor bar and the mark.
LEFT = 2
#: Cells right of the last column; the last of them is the scroll bar's.
RIGHT = 2
GAP = 2
#: Lines below a row start at most this far in.
INDENT = 8
_GAP: Span = (" " * GAP, "")
#: How far in where only the row under the cursor has lines below it.
OPENED = 4
#: Panes narrower than this use a column's ``narrow`` width.
NARROW = 100
#: A column whose content is cut in the middle or at the start (names, images) takes spare cells, and gives them.
LEAST = 8


class Slot(NamedTuple):
    """A column as it stands in a list."""

    column: Column[Any]
    x: int
    width: int


def place_columns(spec: TableSpec[Any], cells: int, wide: bool) -> tuple[Slot, ...]:
    """The columns that fit into ``cells``: from the width alone, never from content. Wide ones go first, then by
    ``drop``; columns that are never dropped shrink at last."""
    room = cells - LEFT - RIGHT
    narrow = cells < NARROW
    shown = [column for column in spec.columns if wide or not column.wide]

    def size(column: Column[Any]) -> int:
        if narrow and column.narrow is not None:
            return column.narrow
        return column.width or max(LEAST, len(column.title))

    def needed() -> int:
        return sum(size(column) for column in shown) + GAP * (len(shown) - 1)

    victims = [column for column in reversed(spec.columns) if column.wide and not column.keep]
    victims += sorted(
        (column for column in spec.columns if not column.wide and not column.keep), key=lambda column: column.drop
    )
    for victim in victims:
        if needed() <= room:
            break
        if victim in shown:
            shown.remove(victim)
    sizes = _stretch(shown, [size(column) for column in shown], room - needed())
    out: list[Slot] = []
    x = LEFT
    for column, cells_of in zip(shown, sizes, strict=True):
        out.append(Slot(column, x, cells_of))
        x += cells_of + GAP
    return tuple(out)


def _stretch(columns: Sequence[Column[Any]], sizes: list[int], spare: int) -> list[int]:
    """Gives spare cells to the column that takes the rest, else to names and images up to twice their width; takes
    missing ones from the same, in that order."""
    rest = [index for index, column in enumerate(columns) if column.width == 0]
    soft = [index for index, column in enumerate(columns) if column.cut != "r" and column.width]
    if spare > 0 and rest:
        sizes[rest[0]] += spare
        return sizes
    if rest:
        given = min(-spare, max(0, sizes[rest[0]] - LEAST))
        sizes[rest[0]] -= given
        spare += given
    first = list(sizes)
    while spare and soft:
        for index in tuple(soft):
            step = 1 if spare > 0 else -1
            if spare == 0:
                break
            if sizes[index] + step > first[index] * 2 or sizes[index] + step < min(LEAST, first[index]):
                soft.remove(index)
                continue
            sizes[index] += step
            spare -= step
    return sizes


def head_line(slots: Sequence[Slot], sort: str, up: bool) -> Line:
    """The head: titles in muted capitals; the column the user sorts by in the accent, its arrow behind the title,
    in the gap if need be."""
    out: list[Span] = []
    at = 0
    for column, x, size in slots:
        title = head(column.title.upper(), size)
        start = x + (size - width(title) if column.align == "r" else 0)
        by = bool(sort) and column.id == sort
        text = title + (("▴" if up else "▾") if by else "")
        out += [(" " * (start - at), ""), (text, "accent" if by else "muted")]
        at = start + width(text)
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Block:
    """One row rendered: its cells (each as wide as its slot) and the lines below it, without cursor and mark."""

    cells: tuple[Line, ...]
    under: tuple[Line, ...]


def opens(spec: TableSpec[Any], cells: int) -> bool:
    """Whether only the row under the cursor has lines below it."""
    return spec.opened is not None and cells < NARROW


def under_room(spec: TableSpec[Any], slots: Sequence[Slot], cells: int) -> tuple[int, int]:
    """Where lines below a row start and how wide they may be: from the second column (behind a wide first one from
    a little way in) to the right margin."""
    x = OPENED if opens(spec, cells) else min(slots[1].x, INDENT) if len(slots) > 1 else LEFT + GAP
    return x, max(1, cells - x - RIGHT)


def under_lines(spec: TableSpec[Any], row: Any, moment: Moment, slots: Sequence[Slot], cells: int) -> tuple[Line, ...]:
    """Lines below a row; one that is too long is wrapped, never cut."""
    said = spec.opened if opens(spec, cells) else spec.under
    if said is None:
        return ()
    room = under_room(spec, slots, cells)[1]
    out: list[Line] = []
    for line in said(row, moment, room):
        if line_width(line) > room:
            out.extend(wrap_line(line, room))
        else:
            out.append(line)
    return tuple(out)


def lines_wanted(spec: TableSpec[Any], rows: Iterable[Any], moment: Moment, cells: int) -> int:
    """Lines that rows take at a width; where only the row under the cursor is open as many as with the longest one,
    so that nothing below the list moves with the cursor."""
    slots = place_columns(spec, cells, False)
    below = [len(under_lines(spec, row, moment, slots, cells)) for row in rows]
    return len(below) + (max(below, default=0) if opens(spec, cells) else sum(below))


def render(spec: TableSpec[Any], row: Any, moment: Moment, slots: Sequence[Slot], cells: int) -> Block:
    """One row rendered from its spec."""
    style = spec.style(row, moment) if spec.style is not None else ""
    out: list[Line] = []
    for column, _, size in slots:
        said = column.cell(row, moment)
        line: Line
        if isinstance(said, str):
            line = ((fit(said, size, column.align, column.cut), ""),)
        else:
            line = fit(said, size, column.align, column.cut)
        out.append(restyle(line, style) if style else line)
    under = under_lines(spec, row, moment, slots, cells)
    if style:
        under = tuple([restyle(line, style) for line in under])
    return Block(tuple(out), under)


_AGE = re.compile(r"\d+[smhdy]\s*$")


def changed_cells(old: Block, new: Block) -> frozenset[int]:
    """Which cells say something else now; that an age went on is not a change."""
    out: list[int] = []
    for index, (before, after) in enumerate(zip(old.cells, new.cells, strict=False)):
        if before != after:
            then, now = ("".join([text for text, _ in cell]) for cell in (before, after))
            if then != now and _AGE.sub("", then).strip() != _AGE.sub("", now).strip():
                out.append(index)
    return frozenset(out)


def first_line(block: Block, bar: Span, mark: Span, name: str, loud: str, which: frozenset[int]) -> Line:
    """A row's first line whole: cursor bar, mark, cells. ``name`` is the style of the first column's text (empty:
    its own), ``loud`` the attribute of the cells ``which`` that changed a moment ago."""
    out: list[Span] = [bar, mark]
    for index, cell in enumerate(block.cells):
        if index:
            out.append(_GAP)
        if index == 0 and name:
            cell = restyle(cell, name)
        if index in which:
            cell = tuple([(text, f"{style} {loud}") for text, style in cell])
        out.extend(cell)
    return tuple(out)


def heading_lines(text: str, blank: bool) -> tuple[Line, ...]:
    """A group's heading: what stands behind two spaces is a remark, ``faint``."""
    title, space, remark = text.partition("  ")
    line: Line = (("  ", ""), (title, "muted bold"), (space, ""), (remark, "faint"))
    return ((), line) if blank else (line,)


def skeleton_line(slots: Sequence[Slot], row: int) -> Line:
    """A grey bar per cell for a row that is not there yet; lengths differ, so that it looks like a list."""
    out: list[Span] = []
    at = 0
    for index, slot in enumerate(slots):
        size = max(1, slot.width * (45 + (row * 37 + index * 23) % 50) // 100)
        x = slot.x + (slot.width - size if slot.column.align == "r" else 0)
        out += [(" " * (x - at), ""), ("─" * size, "line")]
        at = x + size
    return tuple(out)
