"""Rows of the right column: headings and pairs."""

from __future__ import annotations

from tui.text.fit import cut_line, fit, line_width
from tui.text.span import Line, line


def headed(title: str, right: Line, cells: int) -> Line:
    """A heading with something at its right end."""
    room = max(len(title), cells - line_width(right))
    return line(*fit(((title, "strong bold"),), room), right)


def two(name: str, said: Line, cells: int, label: int = 12) -> Line:
    """A name and what is said of it."""
    wide = max(label, min(18, cells // 3))
    return cut_line(line(*fit(((name, ""),), wide - 1, cut="m"), " ", said), cells)
