"""Logs of a container, a task or all replicas of a service."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.geometry import Region

from backends.api import Interest, LogLine, LogOptions
from backends.model import Key, Kind
from tui.actions.objects import name_of
from tui.bridge import Frame
from tui.frame import titles
from tui.frame.line_edit import LineEdit
from tui.frame.saving import save_text
from tui.logs.ansi import strip
from tui.logs.buffer import LogBuffer
from tui.logs.feed import LogFeed
from tui.logs.labels import column, label, labels
from tui.logs.render import LogLook, saved, stamp
from tui.look.symbols import sym
from tui.places import Place
from tui.screens.page import Page
from tui.tables.spec import Moment
from tui.text.ago import number, plural
from tui.text.span import Line
from tui.widgets.bar import Bar, BarItem
from tui.widgets.logview import LogView
from tui.widgets.rule import TitleRule

#: Seconds between two paintings of a log that never stops.
PAINT = 0.1
#: What ``T`` goes through: (words, seconds back, lines back).
SINCE: tuple[tuple[str, float | None, int | None], ...] = (
    ("last 1,000 lines", None, 1000),
    ("since 1 min", 60, None),
    ("since 5 min", 300, None),
    ("since 15 min", 900, None),
    ("since 1 h", 3600, None),
    ("all of it", None, None),
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MOVES = {
    "cursor-down": "down",
    "cursor-up": "up",
    "cursor-first": "home",
    "cursor-last": "end",
    "page-down": "page-down",
    "page-up": "page-up",
}


class LogsPage(Page):
    """Follows one log. Leaving the page ends the stream; coming back begins a new one."""

    def __init__(self, place: Place) -> None:
        super().__init__("logs")
        self.place = place
        self.buffer = LogBuffer()
        self.view = LogView(self.buffer, id="log")
        self.rule = TitleRule(id="rule")
        self.status = Bar(base="on_bg", id="status")
        self.lay_out(self._regions)
        self._feed: LogFeed | None = None
        self._since = SINCE[0]
        self._only = ""
        self._edit: LineEdit | None = None
        self._hit = 0
        self._moment: Moment | None = None
        self._due = False
        self._times, self._wrap = True, True

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.view
        yield self.status

    def _regions(self, width: int, height: int) -> dict[str, Region]:
        return {
            "rule": Region(0, 0, width, 1),
            "log": Region(0, 1, width, max(0, height - 2)),
            "status": Region(0, height - 1, width, 1),
        }

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """Another log begins anew; the same one goes on."""
        other = place.scope != self.place.scope or self._feed is None
        self.place, self._moment = place, moment
        if other:
            self._begin()
        self.set_filter(place.filter)

    def close(self) -> None:
        """The stream ends with the page."""
        if self._feed is not None:
            self._feed.stop()
            self._feed = None

    def on_unmount(self) -> None:
        self.close()

    def frame(self, frame: Frame) -> None:
        """Names and nodes of tasks may be known now."""
        self._moment = frame.moment
        if frame.changes is None or frame.changes.kinds & {Kind.TASK, Kind.SERVICE, Kind.NODE}:
            self._paint_soon()

    def tick(self, now: float) -> bool:
        """The rate of a second ago is old."""
        self._show_status()
        return False

    # The stream

    @property
    def _key(self) -> Key | None:
        return self.place.scope[-1] if self.place.scope else None

    def _begin(self) -> None:
        self.close()
        self.buffer = self.view.buffer = LogBuffer()
        self.view.follow, self.view.current = True, None
        self._hit, self._only = 0, ""
        key = self._key
        if key is None:
            return
        _, back, lines = self._since
        since = None if back is None else self.frame_screen.session.clock() - back
        options = LogOptions(follow=True, tail=lines, since=since)
        self._feed = LogFeed(self.frame_screen.cluster, key, options, self.buffer, self._paint_soon)
        self._feed.start()
        self._paint()

    def _paint_soon(self) -> None:
        if not self._due and self.is_mounted:
            self._due = True
            self.set_timer(PAINT, self._paint)

    def _paint(self) -> None:
        self._due = False
        moment, key = self._moment, self._key
        if moment is None or key is None or not self.is_mounted:
            return
        narrow = self.size.width < 120
        self.buffer.arrange()
        found = labels(moment.snapshot, key, self.buffer.sources, narrow)
        self.view.look = LogLook(
            times=self._times,
            wrap=self._wrap,
            sources=found,
            source_width=column(found),
            narrow=narrow,
            ascii=moment.ascii,
        )
        self.view.update()
        self._show_rule()
        self._show_status()

    # What the frame asks

    @property
    def pane(self) -> str:
        """``log``."""
        return "log"

    @property
    def targets(self) -> tuple[Key, ...]:
        """What the log is of."""
        key = self._key
        return () if key is None else (key,)

    @property
    def interest(self) -> Interest:
        """The tasks of the service, for their names."""
        services = frozenset(key.id for key in self.place.scope if key.kind is Kind.SERVICE)
        return Interest(services=services)

    @property
    def filterable(self) -> bool:
        """``/`` searches."""
        return True

    @property
    def searches(self) -> bool:
        """It does."""
        return True

    def set_filter(self, text: str, edit: LineEdit | None = None) -> None:
        """Searches while it is typed, and goes to a hit once it was."""
        self.place = replace(self.place, filter=text)
        entered = self._edit is not None and edit is None
        self._edit = edit
        if text != self.buffer.search.text:
            self.buffer.look_for(text)
            self._hit, self.view.current = 0, None
            if not text and self.buffer.only_hits:
                self.buffer.show(only_hits=False)
        if entered and text and self.view.current is None:
            self._hit = self.view.step(1)
        self._paint()

    def focus_pane(self) -> None:
        """The log has the keys."""
        self.view.focus()

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Scrolling, searching, and what a log has of its own."""
        if name in _MOVES:
            self.view.move(_MOVES[name])
            self._show_status()
            return True
        match name:
            case "next-match" | "previous-match":
                self._hit = self.view.step(1 if name == "next-match" else -1)
                if not self._hit:
                    self.frame_screen.hint("Nothing is found." if self.place.filter else "/ begins a search.")
            case "logs-follow":
                self.view.toggle_follow()
            case "logs-wrap":
                self._wrap = not self._wrap
            case "logs-time":
                self._times = not self._times
            case "logs-matching":
                self._toggle_matching()
            case "logs-since":
                self._set_since(arguments)
            case "logs-source":
                self._next_source()
            case "logs-mark":
                self.buffer.mark(f"mark {stamp(time.time(), self.view.look).strip()}", "accent")
            case "logs-clear":
                self.buffer.clear()
            case "copy-page":
                self._copy()
            case "save":
                self._save(arguments)
            case _:
                return False
        self._paint()
        return True

    # Acts

    def _toggle_matching(self) -> None:
        if self.buffer.search.pattern is None:
            self.frame_screen.hint("/ begins a search; then F shows only its hits.")
            return
        self.buffer.show(only_hits=not self.buffer.only_hits)

    def _set_since(self, arguments: Sequence[str]) -> None:
        if not arguments:
            at = SINCE.index(self._since) if self._since in SINCE else -1
            self._since = SINCE[(at + 1) % len(SINCE)]
        elif arguments[0] == "all":
            self._since = SINCE[-1]
        else:
            word = arguments[0].lower()
            value, unit = word[:-1], word[-1:]
            if unit not in _UNITS or not value.isdigit() or not int(value):
                self.frame_screen.say(f"{arguments[0]} is no length of time. 90s, 5m, 2h, 1d or all.", bad=True)
                return
            self._since = (f"since {value} {unit if unit != 'm' else 'min'}", float(int(value) * _UNITS[unit]), None)
        only_hits = self.buffer.only_hits
        self._begin()
        if self.place.filter:
            self.buffer.look_for(self.place.filter)
            self.buffer.show(only_hits=only_hits)

    def _next_source(self) -> None:
        """All replicas, then each alone."""
        known = [source for source in self.buffer.sources if source]
        if len(known) < 2:
            self.frame_screen.hint("There is one source only.")
            return
        order = ["", *known]
        self._only = order[(order.index(self._only) + 1) % len(order)] if self._only in order else ""
        hidden = frozenset(known) - {self._only} if self._only else frozenset()
        self.buffer.show(hidden=hidden)

    def _copy(self) -> None:
        lines = [strip(line.text) for line in self.buffer.lines()[-max(self.view.size.height, 1) :]]
        self.frame_screen.copy("\n".join(lines), f"{len(lines)} lines")

    def _save(self, arguments: Sequence[str]) -> None:
        moment, key = self._moment, self._key
        if moment is None or key is None:
            return
        text = "".join(saved(line, self.view.look) + "\n" for line in self.buffer.lines())
        name = f"{name_of(moment.snapshot, key)}.log"
        said, bad = save_text(text, name, arguments, moment.now)
        self.frame_screen.say(said, bad=bad)

    # Words

    def _show_rule(self) -> None:
        moment = self._moment
        if moment is None:
            return
        left: Line = (*titles.path(moment.snapshot, self.place, "Logs"),)
        left = (*left, *titles.filter_part(self.place.filter, self._edit))
        right: list[str] = []
        search = self.buffer.search
        if search.pattern is not None:
            hits = len(self.buffer.hits)
            right.append(f"hit {self._hit} of {number(hits)}" if self._hit else plural(hits, "hit"))
            if self.buffer.only_hits:
                right.append("only hits")
        if search.problem:
            right.append(search.problem)
        if self._only:
            right.append(f"only {label(moment.snapshot, self._only)[0]}")
        right.append(self._since[0])
        self.rule.show(left, (("   ".join(right), ""),), active=True)

    def _show_status(self) -> None:
        feed, moment = self._feed, self._moment
        if feed is None or moment is None:
            return
        if feed.waiting:
            state: Line = ((f"{sym('changing')} asking for the log", "chg"),)
        elif feed.ended:
            state = ((f"{sym('ended')} {feed.ended}", "muted"),)
        elif self.view.follow:
            state = ((sym("ok"), "ok"), (" following", ""))
        else:
            state = ((f"{sym('look')} stopped", "warn"), ("   s or G follows", "muted"))
        rate = f"{plural(round(feed.rate()), 'line')} a second"
        # In 80 columns how to go on and since when the log is kept would not both fit beside it.
        words = [] if not self.view.follow and self.size.width < 100 else [rate]
        words.append(f"{plural(self.buffer.kept, 'line')} kept")
        oldest = next((line.time for line in self._oldest() if line.time is not None), None)
        if oldest is not None:
            words.append(f"the oldest of {stamp(oldest, LogLook(narrow=True))}")
        if self.buffer.skipped:
            words.append(f"{number(self.buffer.skipped)} skipped")
        self.status.show([BarItem((("  ", ""), *state)), BarItem((("   " + "   ".join(words), "muted"),))])

    def _oldest(self) -> list[LogLine]:
        first = self.buffer[0] if len(self.buffer) else None
        return [first] if isinstance(first, LogLine) else []

    def on_log_view_followed(self, message: LogView.Followed) -> None:
        """Following began or ended by scrolling."""
        message.stop()
        self._show_status()
