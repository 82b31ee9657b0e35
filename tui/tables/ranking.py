"""What a row sorts by, as one tuple that Python compares by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from backends.model import Key
from tui.tables.spec import Column, Moment, TableSpec

R = TypeVar("R")

#: ``(group, value, …, key)``: no two are equal, so that the order is always the same.
Rank = tuple[Any, ...]


class Descending:
    """Turns the order of a value round where minus cannot (texts, tuples)."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: Descending) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def _down(value: Any) -> Any:
    return -value if isinstance(value, (int, float)) else Descending(value)


def ranker(spec: TableSpec[R], sort: str, reverse: bool) -> Callable[[R, Moment], Rank]:
    """A function that ranks rows: by group, by the column ``sort`` (``reverse`` against its own first direction),
    by the list's own order, by key. With no ``sort``, ``reverse`` turns the first column of the own order round."""
    by_id = {column.id: column for column in spec.columns}
    parts: list[tuple[Column[R], bool]] = []
    for name in ([sort] if sort else []) + [name for name in spec.order if name != sort]:
        column = by_id.get(name)
        if column is not None and column.sort is not None:
            parts.append((column, column.descending ^ (reverse and not parts)))
    steps = [(column.sort, down) for column, down in parts if column.sort is not None]
    group, key = spec.group, spec.key

    if group is None and len(steps) == 1 and not steps[0][1]:
        only = steps[0][0]
        return lambda row, moment: ("", only(row, moment), key(row))

    def rank(row: R, moment: Moment) -> Rank:
        values = [_down(sort(row, moment)) if down else sort(row, moment) for sort, down in steps]
        name: Key = key(row)
        return ("" if group is None else group(row, moment), *values, name)

    return rank
