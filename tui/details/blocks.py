"""Blocks of lines beside and below each other, parted by thin rules: how Overview, Info and Drivers are laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.text.fit import cut_line, fit, line_width
from tui.text.span import BLANK, Line


@dataclass(frozen=True, slots=True)
class Block:
    """One titled block: rows already cut to its width."""

    title: str
    rows: tuple[Line | Block, ...]
    """A block among the rows stands for its rule: it starts below another in the same column."""
    right: str = ""
    """At the right end of its rule, e.g. how many there are."""


#: Cells between the left edge of a column (or its line) and its text, and after its text.
MARGIN = 2


def text_cells(width: int) -> int:
    """Cells that a row of a column of ``width`` may take."""
    return max(width - 2 * MARGIN, 8)


def rule(blocks: Sequence[Block], widths: Sequence[int], above: Sequence[int] = ()) -> Line:
    """``── Swarm ───┬── Nodes ─── 8 ──``: the titles of blocks that stand beside each other. ``above`` are the
    columns at which the lines of the blocks above end."""
    total = sum(widths) + len(widths) - 1
    cells: list[tuple[str, str]] = [("─", "line")] * total
    start = 0
    starts: list[int] = []
    for block, width in zip(blocks, widths, strict=True):
        starts.append(start)
        left, right = f" {block.title} ", f" {block.right} " if block.right else ""
        room = max(width - 4, 0)
        shown = fit(((left, "muted"),), min(line_width(((left, ""),)), room))
        _write(cells, start + 2, shown)
        if right and line_width(shown) + line_width(((right, ""),)) + 3 <= room:
            _write(cells, start + width - 2 - line_width(((right, ""),)), ((right, "muted"),))
        start += width + 1
    below = {s - 1 for s in starts[1:]}
    for column in below | set(above):
        if 0 <= column < total and cells[column][1] == "line":
            joint = "┼" if column in below and column in above else "┬" if column in below else "┴"
            cells[column] = (joint, "line")
    return _joined(cells)


def _write(cells: list[tuple[str, str]], at: int, row: Line) -> None:
    """Puts text over cells; a wide character takes the place of two."""
    for text, style in row:
        for char in text:
            size = max(line_width(((char, ""),)), 1)
            if at + size > len(cells):
                return
            cells[at] = (char, style)
            for extra in range(1, size):
                cells[at + extra] = ("", style)
            at += size


def _joined(cells: Sequence[tuple[str, str]]) -> Line:
    out: list[tuple[str, str]] = []
    for char, style in cells:
        if out and out[-1][1] == style:
            out[-1] = (out[-1][0] + char, style)
        else:
            out.append((char, style))
    return tuple(out)


def joints(widths: Sequence[int]) -> tuple[int, ...]:
    """Columns of the lines between blocks of these widths."""
    out: list[int] = []
    at = 0
    for width in widths[:-1]:
        at += width
        out.append(at)
        at += 1
    return tuple(out)


def beside(blocks: Sequence[Block], widths: Sequence[int], height: int, above: Sequence[int] = ()) -> list[Line]:
    """Blocks beside each other with their rule on top, exactly ``height`` rows; what is too much is left out and
    counted in the last row."""
    out = [rule(blocks, widths, above)]
    bodies = [clipped(block.rows, height - 1) for block in blocks]
    for index in range(height - 1):
        row: list[tuple[str, str]] = []
        for column, (body, width) in enumerate(zip(bodies, widths, strict=True)):
            inner = body[index] if index < len(body) else BLANK
            if column:
                row.append(("├" if isinstance(inner, Block) else "│", "line"))
            if isinstance(inner, Block):
                row += rule((inner,), (width,))
                continue
            row += [(" " * MARGIN, ""), *fit(cut_line(inner, text_cells(width)), width - MARGIN)]
        out.append(tuple(row))
    return out


def clipped(rows: Sequence[Line | Block], height: int) -> Sequence[Line | Block]:
    """At most ``height`` rows; where some do not fit the last one says how many."""
    if len(rows) <= height:
        return rows
    if height < 1:
        return ()
    return (*rows[: height - 1], ((f"{len(rows) - height + 1} more", "faint"),))
