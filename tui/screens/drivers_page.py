"""``:drivers``: each network driver, and the container network model drawn with what is here."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.geometry import Region

from tui.bridge import Frame
from tui.details.drivers import DRIVER_TABLE, DriverRow
from tui.details.network_model import model_lines
from tui.places import Place
from tui.screens.list_page import ListPage
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule

#: Rows of the drawing below which it is not worth its place.
LEAST = 6


class DriversPage(ListPage):
    """A list like any other; the drawing stands where others have the events."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, DRIVER_TABLE, "drivers")
        self.body = LinesView(id="body", margin=0)
        self.body_rule = TitleRule(id="body-rule")

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.table
        yield self.line
        yield self.detail_rule
        yield self.detail
        yield self.body_rule
        yield self.body

    @property
    def has_events(self) -> bool:
        """The drawing has their place."""
        return False

    def regions(self, width: int, height: int) -> dict[str, Region]:
        """The list as high as its rows, up to half; the drawing below it; the detail as everywhere."""
        regions = super().regions(width, height)
        space = regions.get("list")
        if space is None:
            return regions
        # The heads of the columns, and two rows for each driver.
        rows = min(1 + 2 * max(1, self.table.total), max(5, space.height // 2))
        rest = space.height - rows - 1
        if rest >= LEAST:
            regions["list"] = Region(space.x, space.y, space.width, rows)
            regions["body-rule"] = Region(space.x, space.y + rows, space.width, 1)
            regions["body"] = Region(space.x, space.y + rows + 1, space.width, rest)
            if "line" in regions:
                self.line.show({0: "┬", space.y + rows: "┤"})
        return regions

    def show_all(self) -> None:
        """Everything anew."""
        super().show_all()
        self.divide()
        self._show_body()

    def frame(self, frame: Frame) -> None:
        """Networks and containers may be others now."""
        super().frame(frame)
        self._show_body()

    def show_detail(self) -> None:
        """The drawing follows the cursor too."""
        super().show_detail()
        self._show_body()

    def _show_body(self) -> None:
        if self.moment is None:
            return
        row = self.table.cursor_row
        driver = row.name if isinstance(row, DriverRow) else ""
        width = max(20, self.body.text_width)
        self.body.show(model_lines(self.moment, width, driver), stale=self.stale)
        self.body_rule.show((("The container network model, with what is here", ""),), (), active=False)

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """Another width for the detail or the drawing."""
        super().on_lines_view_resized(message)
        self._show_body()

    def _activate(self) -> None:
        row = self.table.cursor_row
        if isinstance(row, DriverRow):
            self.frame_screen.go(Place("networks", argument=row.name))
