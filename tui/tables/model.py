"""The rows of one list as pure data: projected, filtered, grouped and sorted, with cursor and marks by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from backends.model import Changes, Key
from tui.places import Place
from tui.tables.spec import Column, Moment, TableSpec

R = TypeVar("R")
Predicate = Callable[[Any, Moment], bool]


class TableModel(Generic[R]):
    """See :class:`tui.widgets.table.ResourceTable`, which shows it."""

    def __init__(self, spec: TableSpec[R], place: Place) -> None:
        self.spec = spec
        self.place = place
