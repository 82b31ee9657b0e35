"""One rollout: how far it is, its replicas with their tries, what ran when, and the events of its service."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.geometry import Region

from backends.api import Interest
from backends.model import Key, Snapshot
from backends.rollouts.recent import turned_back
from backends.rollouts.rollout import Rollout, Step, rollout
from tui.bridge import Frame
from tui.details.events import event_line, newest_of
from tui.details.rollout import compact_lines, head_lines
from tui.details.rollout_timeline import timeline
from tui.frame import titles
from tui.places import Place
from tui.screens.list_page import ListPage
from tui.screens.panes import list_regions
from tui.screens.rollout_reading import RolloutReading
from tui.tables.rollout import rollout_table
from tui.tables.spec import Moment
from tui.text.span import Line
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule
from tui.widgets.table import ResourceTable

#: Events that are looked through for the moment at which it turned back.
LOOK_BACK = 2000
#: Lists of fewer rows than this leave no room for a timeline.
_ROOMY = 24


class RolloutPage(ListPage):
    """A list of replicas with a head above it and a timeline below it."""

    def __init__(self, place: Place) -> None:
        self.reading = RolloutReading(lambda: self.frame_screen.cluster)
        super().__init__(place, rollout_table(self._run_of, lambda: self.reading.words), "rollout")
        self.head = LinesView(id="head", margin=2)
        self.list_rule = TitleRule(id="list-rule")
        self.time_rule = TitleRule(id="time-rule")
        self.time = LinesView(id="time", margin=2)
        self._run: Rollout | None = None
        self._of: tuple[Snapshot | None, int, str] = (None, 0, "")
        """What the rollout at hand was worked out from."""
        self._pointed = False

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.head
        yield self.list_rule
        yield self.table
        yield self.line
        yield self.detail_rule
        yield self.detail
        yield self.time_rule
        yield self.time
        yield self.events_rule
        yield self.strip

    # Where things stand

    @property
    def _small(self) -> bool:
        return not self.shape.detail_width

    def regions(self, width: int, height: int) -> dict[str, Region]:
        """Title and head over the full width; below them the panes of a list with the timeline in between."""
        top = 1 + min(3 if self._small else 6, max(0, height - 4))
        shape = self.shape
        events = min(shape.events, max(1, (height - top) // 4)) if self.has_events else 0
        below = list_regions(width, height - top, shape.detail_width, shape.detail_height, events, shape.only_detail)
        found = {name: region.translate((0, top)) for name, region in below.items()}
        title = found.pop("rule", None)
        found["rule"] = Region(0, 0, width, 1)
        found["head"] = Region(0, 1, width, top - 1)
        table = found.get("list")
        if title is None or table is None:
            return found
        if self._small:
            # The titles of the columns stand where the rule would be.
            found["list"] = Region(table.x, table.y - 1, table.width, table.height + 1)
            return found
        found["list-rule"] = title
        extra = self._timeline_rows(table.height)
        if extra:
            found["list"] = Region(table.x, table.y, table.width, table.height - extra - 1)
            found["time-rule"] = Region(table.x, table.bottom - extra - 1, table.width, 1)
            found["time"] = Region(table.x, table.bottom - extra, table.width, extra)
            joints = {0: "┬", found["time-rule"].y - top: "┤"}
            if "events-rule" in found:
                joints[found["events-rule"].y - top] = "┤"
            self.line.show(joints)
        elif "events-rule" in found:
            self.line.show({0: "┬", found["events-rule"].y - top: "┤"})
        return found

    def _timeline_rows(self, room: int) -> int:
        """A scale, as many replicas as there are up to eight, and a legend, where the list keeps its part."""
        return 10 if room >= _ROOMY else 7 if room >= 17 else 0

    # The rollout

    def _run_of(self, snapshot: Snapshot, service_id: str) -> Rollout | None:
        moment, known = self.moment, self._run
        service = snapshot.services.get(service_id)
        if service is None or moment is None:
            return None
        if known is None or self._of != (snapshot, int(moment.now * 2), service_id):
            self._of = (snapshot, int(moment.now * 2), service_id)
            turned = None
            if service.update is not None and service.update.state.startswith("rollback"):
                turned = turned_back(self.frame_screen.cluster.events.tail(LOOK_BACK), service_id)
            known = self._run = rollout(service, snapshot, moment.now, turned)
        return known

    @property
    def _key(self) -> Key | None:
        return self.place.scope[-1] if self.place.scope else None

    @property
    def run(self) -> Rollout | None:
        """The rollout at the moment shown."""
        moment, key = self.moment, self._key
        return self._run_of(moment.snapshot, key.id) if moment is not None and key is not None else None

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """Another rollout: its cursor goes to what is wrong in it."""
        if place.scope != self.place.scope:
            self._pointed = False
        self._pointed = self._pointed or place.cursor is not None
        super().open(place, moment)

    def _point(self) -> None:
        """Once the replicas are known: the first that failed, else the first that is at work."""
        if self._pointed or not self.table.keys:
            return
        self._pointed = True
        rows = self.table.rows_shown
        wrong = [one for one in rows if one.step in (Step.FAILED, Step.PENDING)]
        busy = [one for one in rows if one.step in (Step.AGAIN, Step.STARTING, Step.STOPPING)]
        for one in (*wrong[:1], *busy[:1])[:1]:
            self.table.move_to(one.key)

    def frame(self, frame: Frame) -> None:
        """The list, then what is around it."""
        super().frame(frame)
        if frame.changes is None or frame.changes.keys or frame.changes.kinds or frame.changes.links:
            self._show_around()

    def tick(self, now: float) -> bool:
        """Time alone ends what is watched, and moves the timeline."""
        if self.moment is None:
            return False
        before, steps = self.time.lines, self._steps()
        self.moment = replace(self.moment, now=now)
        if self._steps() != steps:
            self.table.update(self.moment)
        moved = super().tick(now)
        self._show_around()
        return moved or self.time.lines != before

    def _steps(self) -> tuple[object, ...]:
        run = self.run
        return () if run is None else (run.phase, *(lane.step for lane in run.lanes))

    def close(self) -> None:
        """Logs that are being read are not needed any more."""
        self.reading.stop()
        super().close()

    # What the frame asks

    @property
    def interest(self) -> Interest:
        """The tasks of the service, wherever the cursor is."""
        found = super().interest
        key = self._key
        return replace(found, services=frozenset({key.id})) if key is not None else found

    # What is shown

    def show_all(self) -> None:
        """Everything anew."""
        super().show_all()
        self._show_around()

    def show_rules(self) -> None:
        """The keys of the page stand in its title, the count in the rule of its list."""
        super().show_rules()
        moment = self.moment
        if moment is None:
            return
        if not self._small:
            self.list_rule.show((("Replicas", ""),), self._replicas(moment), active=False, warn=self.stale)
        key = self.frame_screen.keymap.key
        keys = titles.keys((key("rollout.leave"), "leave it running"), (key("rollout.rollback"), "roll back now"))
        if not self.stale and not self.place.filter and not self.table.notice:
            self.rule.show(right=keys if self.size.width >= 80 else ())

    def _replicas(self, moment: Moment) -> Line:
        """How many there are, however many tries have rows; with a filter on, what it leaves."""
        run = self.run
        if run is None or self.place.filter or self.place.faults or self.table.marks:
            return self.counted(moment)
        return ((str(len(run.lanes)), ""), ("   by slot" if all(lane.slot for lane in run.lanes) else "   by node", ""))

    def _show_around(self) -> None:
        moment, run = self.moment, self.run
        if moment is None:
            return
        width = max(20, self.head.text_width)
        if run is None:
            gone: Line = (("The service is gone.", "strong bold"),)
            self.head.show((gone,) if moment.snapshot.engine is not None else ())
            self.time.show(())
            return
        self._point()
        what = self.reading.what(run, self._read)
        lines = compact_lines(run, moment, width, what) if self._small else head_lines(run, moment, width, what)
        self.head.show(lines, stale=self.stale)
        row = self.table.cursor_row
        cursor = (row.slot, row.node_id if not row.slot else "") if row is not None else None
        height = self.time.size.height
        rows, unit = timeline(run, moment, max(40, self.time.text_width), height, cursor) if height else ((), "")
        self.time.show(rows, stale=self.stale)
        self.time_rule.show((("Timeline", ""),), ((unit, ""),) if unit else (), active=False, warn=self.stale)

    def show_detail(self) -> None:
        """The try under the cursor; of one that failed the end of its log is asked for once."""
        row = self.table.cursor_row
        if row is not None and self.moment is not None and row.task.failed and row.task.container_id:
            self.reading.last_words(row.task.key, self._read)
        super().show_detail()

    def show_events(self) -> None:
        """Those of the service and of its tasks and containers."""
        moment, key = self.moment, self._key
        if moment is None or key is None or not self.has_events:
            return
        rows = self.strip.size.height or self.shape.events
        width = max(10, self.strip.text_width)
        found = newest_of(self.frame_screen.cluster.events, key.id, rows)
        self.strip.show([event_line(event, moment, width) for event in found], stale=self.cut_off)
        right = titles.keys((self.frame_screen.keymap.key("view.events"), "opens"))
        if self.cut_off:
            right = titles.stream_ended(moment)
        self.events_rule.show((("Its last event" if rows == 1 else "Events of the service", ""),), right, active=False)

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """Another size of one of the texts."""
        super().on_lines_view_resized(message)
        self._show_around()

    def on_resource_table_row_highlighted(self, message: ResourceTable.RowHighlighted) -> None:
        """The timeline follows the cursor where not all replicas have a row in it."""
        super().on_resource_table_row_highlighted(message)
        self._show_around()

    def _read(self) -> None:
        """Something that was asked for has come."""
        if self.is_mounted:
            super().show_detail()
            self._show_around()
