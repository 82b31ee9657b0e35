"""Places widgets by a pure function of the size: no style decides where a pane is, so nothing jumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import Layout, WidgetPlacement
from textual.widget import Widget

from tui.widgets.rule import TitleRule

#: Gives regions by widget id for a size; a widget without one is not shown.
Plan = Callable[[int, int], Mapping[str, Region]]


class PlannedLayout(Layout):
    """A Textual layout that asks a :data:`Plan`."""

    name = "planned"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> list[WidgetPlacement]:
        """One placement for each child that the plan names and that has an area."""
        regions = self._plan(size.width, size.height)
        return [
            # Title rules lie over what they head: a list without column titles begins below its rule.
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child, order=int(isinstance(child, TitleRule)))
            for child in children
            if (region := regions.get(child.id or "")) is not None and region.area
        ]


def list_regions(
    width: int, height: int, detail_width: int, detail_height: int, events: int, only_detail: bool
) -> dict[str, Region]:
    """Where the panes of a list stand (ids ``rule list line detail-rule detail events-rule events``).

    Beside each other: the list above the events on the left, the line, the detail over the full height. Else one
    below the other. The list keeps at least three rows: events give way first, then the detail.
    """
    if width <= 0 or height <= 0:
        return {}
    if only_detail:
        return {"detail-rule": Region(0, 0, width, 1), "detail": Region(0, 1, width, max(0, height - 1))}
    if detail_width:
        left = max(1, width - detail_width - 1)
        right = width - left - 1
        events = _fit(events, height - 4 - 1)
        table = height - 1 - (events + 1 if events else 0)
        regions = {
            "rule": Region(0, 0, left, 1),
            "list": Region(0, 1, left, table),
            "line": Region(left, 0, 1, height),
            "detail-rule": Region(left + 1, 0, right, 1),
            "detail": Region(left + 1, 1, right, height - 1),
        }
        if events:
            regions["events-rule"] = Region(0, 1 + table, left, 1)
            regions["events"] = Region(0, 2 + table, left, events)
        return regions
    detail_height = _fit(detail_height, height - 4 - 1)
    below = detail_height + 1 if detail_height else 0
    events = _fit(events, height - 4 - below - 1)
    table = max(0, height - 1 - below - (events + 1 if events else 0))
    regions = {"rule": Region(0, 0, width, 1), "list": Region(0, 1, width, table)}
    y = 1 + table
    if detail_height:
        regions["detail-rule"] = Region(0, y, width, 1)
        # Its text stands where that of the list does: one cell further in than beside the line.
        regions["detail"] = Region(1, y + 1, width - 1, detail_height)
        y += below
    if events:
        regions["events-rule"] = Region(0, y, width, 1)
        regions["events"] = Region(0, y + 1, width, events)
    return regions


def _fit(wanted: int, room: int) -> int:
    return max(0, min(wanted, room))
