"""Which lines of a list belong to which row: rows of one to several lines, headings between groups."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class Sheet:
    """Line numbers from 0. A row's block is its heading (if a group starts with it) and the row's own lines."""

    def __init__(self) -> None:
        self.count = 0
        self.lines = 0
        """How many lines there are in all."""
        self._tops: list[int] | None = None
        self._above: dict[int, int] = {}

    def lay(self, count: int, above: dict[int, int], sizes: list[int] | None) -> None:
        """``count`` rows; ``above`` has the lines of headings by row index; ``sizes`` the rows' own lines, ``None``
        if all have one."""
        self.count = count
        self._above = above
        if sizes is None and not above:
            self._tops, self.lines = None, count
            return
        sizes = [1] * count if sizes is None else sizes
        for index, more in above.items():
            sizes[index] += more
        tops = list(accumulate(sizes, initial=0))
        self.lines = tops.pop()
        self._tops = tops

    def top(self, index: int) -> int:
        """First line of a row itself, below its heading."""
        return index if self._tops is None else self._tops[index] + self._above.get(index, 0)

    def start(self, index: int) -> int:
        """First line of a row's block, with its heading."""
        return index if self._tops is None else self._tops[index]

    def end(self, index: int) -> int:
        """The line behind a row."""
        if self._tops is None:
            return index + 1
        return self._tops[index + 1] if index + 1 < self.count else self.lines

    def at(self, line: int) -> tuple[int, int]:
        """Row index and line in the row, which is negative in its heading; ``(-1, 0)`` outside of all rows."""
        if not 0 <= line < self.lines:
            return -1, 0
        if self._tops is None:
            return line, 0
        index = bisect_right(self._tops, line) - 1
        return index, line - self._tops[index] - self._above.get(index, 0)


class Scroll:
    """A window of ``height`` lines over a sheet; knows its thumb."""

    def __init__(self) -> None:
        self.top = 0
        self.height = 0

    def clamp(self, lines: int) -> None:
        """Brings the window back over what there is."""
        self.top = max(0, min(self.top, lines - self.height))

    def reveal(self, start: int, end: int) -> None:
        """Moves as little as possible so that lines ``start`` to ``end`` are seen, the first before the last."""
        if end > self.top + self.height:
            self.top = end - self.height
        if start < self.top:
            self.top = start

    def thumb(self, lines: int) -> range:
        """Rows of the window where the scroll bar's thumb is; empty if all is seen."""
        height = self.height
        if lines <= height or height <= 0:
            return range(0)
        size = max(1, height * height // lines)
        most = lines - height
        at = round((height - size) * min(self.top, most) / most)
        if 0 < self.top < most and height - size > 1:
            # The ends of the bar mean the ends of the list.
            at = min(max(at, 1), height - size - 1)
        return range(at, at + size)

    def drag(self, row: int, lines: int) -> None:
        """The scroll bar was pressed at a row of the window: that part of the list is shown."""
        if self.height > 1:
            self.top = round((lines - self.height) * min(max(row, 0), self.height - 1) / (self.height - 1))
        self.clamp(lines)


def page(step: str, height: int) -> int | None:
    """How many lines a step moves (``up down page-up page-down half-up half-down``); ``None`` for other words."""
    sizes: Sequence[tuple[str, int]] = (("", 1), ("page-", max(1, height - 1)), ("half-", max(1, height // 2)))
    for prefix, size in sizes:
        if step == f"{prefix}up":
            return -size
        if step == f"{prefix}down":
            return size
    return None
