"""The Overview: what needs attention as a list, the whole Swarm below it, the newest events at the bottom."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.geometry import Region

from backends.model import LinkState
from backends.state.judged import services_health
from tui.bridge import Frame
from tui.details.findings import FINDINGS
from tui.details.overview import overview
from tui.frame import states
from tui.places import Place
from tui.screens.list_page import ListPage
from tui.tables.spec import Moment
from tui.text.ago import plural
from tui.text.span import Line
from tui.widgets.lines import LinesView
from tui.widgets.rows import lines_wanted


class OverviewPage(ListPage):
    """A list like any other, but its detail is the whole Swarm."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, FINDINGS, "overview")
        self.body = LinesView(id="body", margin=0)
        self._rows = 1
        self._judged: object = None

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.table
        yield self.body
        yield self.events_rule
        yield self.strip

    @property
    def has_detail(self) -> bool:
        """The list has no detail beside it: each finding has its error and its keys below it."""
        return False

    @property
    def has_events(self) -> bool:
        """The strip is as wide as the page; a low screen has none."""
        return "-short" not in self.shape.classes and self.size.width >= 80

    def regions(self, width: int, height: int) -> dict[str, Region]:
        """Findings as high as they are, up to half of the page; a quarter for the events; the rest between."""
        if height < 3:
            return {"rule": Region(0, 0, width, 1), "list": Region(0, 0, width, height)}
        events = (height // 4 if width >= 120 else max(1, height // 7)) if self.has_events else 0
        below = events + 1 if events else 0
        room = height - 1 - below
        table = min(self._rows, max(3, room // 2))
        body = room - table
        # The list's first row would be the titles of its columns. It has none: the rule lies there.
        regions = {"rule": Region(0, 0, width, 1), "list": Region(0, 0, width, table + 1)}
        if body > 0:
            regions["body"] = Region(0, 1 + table, width, body)
        if events:
            regions["events-rule"] = Region(0, height - below, width, 1)
            regions["events"] = Region(0, height - events, width, events)
        return regions

    def frame(self, frame: Frame) -> None:
        """The list, then what is below it."""
        super().frame(frame)
        if frame.changes is None or frame.changes.keys or frame.changes.kinds or frame.changes.links:
            self._show_body()

    def show_all(self) -> None:
        """Everything anew."""
        super().show_all()
        self._show_body()

    def show_state(self) -> None:
        """Without a leader the verdict stands where the Swarm's objects would."""
        super().show_state()
        if self.moment is not None:
            self.table.connecting = self.moment.snapshot.engine is None

    def counted(self, moment: Moment) -> Line:
        """How many findings there are."""
        total = plural(self.table.total, "finding")
        number = total if self.table.shown == self.table.total else f"{self.table.shown:,} of {total}"
        return ((number, ""), ("   worst first", "muted")) if self.table.total else ((number, ""),)

    def tick(self, now: float) -> bool:
        """Ages below the findings."""
        if self.moment is None:
            return False
        before = self.body.lines
        self.moment = replace(self.moment, now=now)
        health = services_health(self.moment.snapshot, now)
        if health is not self._judged:
            # Time alone changed how a service is: row 0 says so, and so does the list.
            self._judged = health
            self.table.update(self.moment)
        self._show_body()
        return self.body.lines != before

    def _show_body(self) -> None:
        moment = self.moment
        if moment is None:
            return
        width, height = self.size
        # At least as high as the sentence that all is well; one row to breathe.
        found = FINDINGS.rows(moment.snapshot, self.place)
        rows = max(lines_wanted(FINDINGS, found, moment, width), 3) + (1 if height >= 30 else 0)
        if rows != self._rows:
            self._rows = rows
            self.divide()
        width, height = self.body.size
        lines: tuple[Line, ...] = ()
        if moment.snapshot.manager_problem and moment.snapshot.is_manager:
            lines = states.no_quorum(moment, max(20, width))
        elif width and height:
            lines = overview(moment, width, height)
        if not lines and moment.snapshot.link.state is LinkState.CONNECTING:
            lines = ((), (("  ", ""), *states.connecting(moment, self.frame_screen.session)))
        self.body.show(lines, stale=self.stale)

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """The room between findings and events is another."""
        message.stop()
        self._show_body()
