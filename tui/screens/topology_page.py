"""Services by networks, with whom the service under the cursor can reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.geometry import Region

from backends.api import Interest
from backends.model import Key, Kind
from tui.bridge import Frame
from tui.details.topology import HEAD, TopologyModel
from tui.frame import states, titles
from tui.frame.interest import ALWAYS
from tui.frame.layout import Layout
from tui.frame.line_edit import LineEdit
from tui.places import Place
from tui.screens.page import Page
from tui.screens.panes import list_regions
from tui.screens.text_page import MOVES
from tui.tables.spec import Detail, Moment
from tui.text.ago import plural
from tui.text.span import Line
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule
from tui.widgets.vline import VLine


class TopologyPage(Page):
    """The matrix with its cursor, and the detail beside or below it."""

    def __init__(self, place: Place) -> None:
        super().__init__("topology")
        self.place = place
        self.model = TopologyModel()
        self.rule = TitleRule(id="rule")
        self.view = LinesView(id="list", margin=0)
        self.line = VLine(id="line")
        self.detail_rule = TitleRule(id="detail-rule")
        self.detail = LinesView(id="detail")
        self.lay_out(self._regions)
        self._moment: Moment | None = None
        self._edit: LineEdit | None = None
        self._shown: Detail | None = None

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.view
        yield self.line
        yield self.detail_rule
        yield self.detail

    def _regions(self, width: int, height: int) -> dict[str, Region]:
        shape = self.shape
        regions = list_regions(width, height, shape.detail_width, shape.detail_height, 0, shape.only_detail)
        if "line" in regions:
            self.line.show({0: "┬"})
        return regions

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """The cursor goes to the object that the place names."""
        self.place, self._moment, self._edit = place, moment, None
        self.model.update(moment)
        wanted = place.cursor or (place.scope[-1] if place.scope else None)
        if wanted is not None:
            self.model.move_to(wanted)
        self.set_filter(place.filter)

    def frame(self, frame: Frame) -> None:
        """Other services, networks or addresses."""
        changes = frame.changes
        self._moment = frame.moment
        concerned = {Kind.SERVICE, Kind.NETWORK, Kind.CONTAINER, Kind.TASK}
        if changes is None or changes.links or changes.kinds & concerned:
            self.model.update(frame.moment)
            self._show()

    def adapt(self, shape: Layout) -> None:
        """Another division of the screen."""
        super().adapt(shape)
        self.divide()
        if self._on_detail and not (shape.detail_width or shape.detail_height or shape.only_detail):
            self.view.focus()
        self.call_after_refresh(self._show)

    # What the frame asks

    @property
    def _on_detail(self) -> bool:
        return self.screen.focused is self.detail

    @property
    def pane(self) -> str:
        """``list`` or ``detail``."""
        return "detail" if self._on_detail else "list"

    @property
    def left(self) -> Place:
        """The place with the service under the cursor."""
        return replace(self.place, cursor=self.model.target)

    @property
    def targets(self) -> tuple[Key, ...]:
        """The service under the cursor."""
        return (self.model.target,) if self.model.target is not None else ()

    @property
    def interest(self) -> Interest:
        """Services and networks; who answers on them is in their specs."""
        return Interest(ALWAYS, networks=frozenset(network.id for network in self.model.networks))

    @property
    def filterable(self) -> bool:
        """By service or network."""
        return True

    def set_filter(self, text: str, edit: LineEdit | None = None) -> None:
        """Narrows at once."""
        self.place = replace(self.place, filter=text)
        self._edit = edit
        self.model.filter_by(text)
        self._show()

    def focus_pane(self) -> None:
        """The matrix has the keys."""
        (self.detail if self.shape.only_detail else self.view).focus()

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Cursor in two directions, panes, copying."""
        if name in MOVES:
            if self._on_detail:
                self.detail.move(MOVES[name])
            elif self.model.move(MOVES[name]):
                self._show()
                self.frame_screen.cursor_moved()
            return True
        if name in ("next-pane", "previous-pane"):
            (self.view if self._on_detail else self.detail).focus()
            return True
        if name == "copy-command" and self._shown is not None and self._shown.command:
            self.frame_screen.copy(self._shown.command, "the docker line")
            return True
        return False

    # Parts

    def _show(self) -> None:
        moment = self._moment
        if moment is None:
            return
        width, height = self.view.size
        snapshot = moment.snapshot
        stale = states.state_of(snapshot) is states.State.STALE or states.leaderless(snapshot, "topology")
        notice = states.notice(moment, "topology", max(20, width or self.size.width))
        if snapshot.engine is None:
            lines: Sequence[Line] = ((), (("  ", ""), *states.connecting(moment, self.frame_screen.session)))
        else:
            lines = notice or (self.model.lines(width, height) if width and height else ())
        self.view.show(lines, stale=stale and not notice)
        detail_width = self.detail.text_width
        self._shown = self.model.detail(detail_width) if detail_width > 0 and not notice else None
        small = self.shape.detail_height and self.frame_screen.detail_size == "normal"
        found = self._shown
        rows = () if found is None else found.compact if small and found.compact else found.lines
        self.detail.show(rows, keep=False, stale=stale)
        self._show_rules(moment, stale, bool(notice))

    def _show_rules(self, moment: Moment, stale: bool, empty: bool) -> None:
        old = titles.as_of(states.read_at(moment.snapshot, "topology"), moment.now)
        count = f"{plural(len(self.model.services), 'service')} on {plural(len(self.model.networks), 'network')}"
        legend = "● attached, with its virtual address   " if self.rule.size.width >= 90 else ""
        right: Line = old if stale else ((legend, "faint"), (count, ""))
        left = (("Services × networks", ""), *titles.filter_part(self.place.filter, self._edit))
        self.rule.show(left, () if empty else right, active=not self._on_detail, warn=stale)
        title = self._shown.title if self._shown else ""
        key = self.frame_screen.keymap.key
        keys = titles.keys((key("describe"), "describe"), (key("yaml"), "yaml")) if title else ()
        self.detail_rule.show(((title, ""),) if title else (), keys, active=self._on_detail, warn=stale)

    # What its widgets say

    def on_descendant_focus(self) -> None:
        """The heavy rule goes with the focus."""
        if self._moment is not None:
            self._show()
            self.frame_screen.focus_moved()

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """Other sizes."""
        message.stop()
        self._show()

    def on_lines_view_clicked(self, message: LinesView.Clicked) -> None:
        """A click on a row of the matrix takes the cursor there."""
        message.stop()
        rows = self.view.lines
        here = next((index for index, row in enumerate(rows) if any("on_sel" in style for _, style in row)), None)
        if message.view is not self.view or here is None or not HEAD <= message.index < len(rows):
            return
        step = "down" if message.index > here else "up"
        for _ in range(abs(message.index - here)):
            self.model.move(step)
        self._show()
        self.frame_screen.cursor_moved()
