"""One object in words, over the whole screen: the detail of its list, wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backends.model import Key
from tui.actions.objects import get
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.registry import TABLES
from tui.tables.spec import Moment, TableSpec
from tui.text.span import BLANK, Line

#: Wider lines are hard to read.
WIDEST = 110


class DescribePage(TextPage):
    """Its place's last step is the object."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "describe", self._lines)

    def _lines(self, moment: Moment, place: Place, width: int) -> Sequence[Line]:
        if not place.scope:
            return ((("Nothing is under the cursor.", "strong bold"),),)
        key = place.scope[-1]
        spec = _spec_of(key)
        row = _row(spec, moment, place, key) if spec is not None else None
        if spec is None or row is None or spec.detail is None:
            return (BLANK, (("It is gone.", "strong bold"),), (("esc goes back.", "muted"),))
        return spec.detail(row, moment, min(width, WIDEST)).lines


def _spec_of(key: Key) -> TableSpec[Any] | None:
    return next((spec for spec in TABLES.values() if spec.kind is key.kind), None)


def _row(spec: TableSpec[Any], moment: Moment, place: Place, key: Key) -> Any | None:
    whole = Place(spec.id)
    if get(moment.snapshot, key) is None:
        return None
    if spec.row is not None:
        return spec.row(moment.snapshot, whole, key)
    return next((row for row in spec.rows(moment.snapshot, whole) if spec.key(row) == key), None)
