"""Which rows of a widget differ from what it drew last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from textual.geometry import Region


def changed_runs(
    old: Sequence[Any], new: Sequence[Any], width: int, bars: tuple[range, range] = (range(0), range(0)), top: int = 1
) -> Iterator[Region]:
    """Regions of ``width`` that cover the rows in which two screens differ. ``bars`` are the scroll bar's thumb
    before and after, counted from row ``top``."""
    height = max(len(old), len(new))
    dirty = {y for y in range(height) if y >= len(old) or y >= len(new) or old[y] != new[y]}
    before, after = bars
    if before != after:
        dirty.update(y + top for y in range(height) if (y in before) != (y in after))
        if bool(before) != bool(after):
            dirty.update(range(height))
    start: int | None = None
    for y in range(height + 1):
        if y in dirty and start is None:
            start = y
        elif y not in dirty and start is not None:
            yield Region(0, start, width, y - start)
            start = None
