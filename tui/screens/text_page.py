"""Pages of text that somebody rendered: facts, descriptions, help. They scroll, and ``/`` searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.app import ComposeResult

from backends.api import Interest
from backends.model import Key, Kind
from tui.bridge import Frame
from tui.frame import states, titles
from tui.frame.interest import ALWAYS
from tui.frame.layout import Layout
from tui.frame.line_edit import LineEdit
from tui.frame.states import State
from tui.places import Place
from tui.screens.page import Page
from tui.tables.spec import Moment
from tui.text.ago import number
from tui.text.span import Line, joined
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule

MOVES = {
    "cursor-down": "down",
    "cursor-up": "up",
    "cursor-first": "home",
    "cursor-last": "end",
    "page-down": "page-down",
    "page-up": "page-up",
    "scroll-left": "left",
    "scroll-right": "right",
}

#: Renders a page at a width in cells.
Render = Callable[[Moment, Place, int], Sequence[Line]]


class TextPage(Page):
    """Renders anew when something it is made of changed."""

    MARGIN = 1
    """Blank cells left of the text."""

    def __init__(self, place: Place, title: str, render: Render, needs: frozenset[Kind] = frozenset()) -> None:
        super().__init__(place.view)
        self.place = place
        self.rule = TitleRule(id=f"{place.view}-rule")
        self.view = LinesView(id=f"{place.view}-text", margin=self.MARGIN)
        self._title = title
        self._render_lines = render
        self._needs = needs
        self._moment: Moment | None = None
        self._edit: LineEdit | None = None
        self._hits = self._hit = 0

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.view

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """Another object, or the same one again."""
        same = place.scope == self.place.scope and place.argument == self.place.argument
        self.place, self._moment = place, moment
        self._show(keep=same)
        self.set_filter(place.filter)

    def frame(self, frame: Frame) -> None:
        """Lines that did not change are not drawn again."""
        self._moment = frame.moment
        changes = frame.changes
        if changes is None or changes.links or changes.kinds or changes.keys:
            self._show()

    def tick(self, now: float) -> bool:
        """Ages in the text."""
        if self._moment is None:
            return False
        self._moment = replace(self._moment, now=now)
        before = self.view.lines
        self._show()
        return self.view.lines != before

    def adapt(self, shape: Layout) -> None:
        """Another width: the view says so itself."""
        super().adapt(shape)

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """Renders for the new width."""
        message.stop()
        self._show()

    # What the frame asks

    @property
    def targets(self) -> tuple[Key, ...]:
        """What the text is about."""
        return self.place.scope[-1:]

    @property
    def interest(self) -> Interest:
        """The kinds it is made of, and the object it is about."""
        services = frozenset(key.id for key in self.targets if key.kind is Kind.SERVICE)
        networks = frozenset(key.id for key in self.targets if key.kind is Kind.NETWORK)
        return Interest(self._needs | ALWAYS, services, networks)

    @property
    def filterable(self) -> bool:
        """``/`` searches."""
        return True

    @property
    def searches(self) -> bool:
        """It does."""
        return True

    def set_filter(self, text: str, edit: LineEdit | None = None) -> None:
        """Searches while it is typed."""
        changed = text != self.place.filter
        self.place = replace(self.place, filter=text)
        self._edit = edit
        self._hits = self.view.search(text)
        if changed:
            self._hit = self.view.current
        self._show_rule()

    def focus_pane(self) -> None:
        """The text has the keys."""
        self.view.focus()

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Scrolling, searching, copying."""
        if name in MOVES:
            self.view.move(MOVES[name])
            return True
        match name:
            case "next-match" | "previous-match":
                self._hit = self.view.step(1 if name == "next-match" else -1)
                if not self._hit:
                    self.frame_screen.hint("Nothing is found." if self.place.filter else "/ begins a search.")
                self._show_rule()
            case "copy-page":
                text = joined(self.view.lines)
                if text.strip():
                    self.frame_screen.copy(text, f"{number(len(self.view.lines))} lines")
            case "save":
                self._save(arguments)
            case "next-pane" | "previous-pane":
                self.view.focus()
            case _:
                return False
        return True

    def _save(self, arguments: Sequence[str]) -> None:
        from tui.frame.saving import save_text

        if self._moment is not None:
            said, bad = save_text(joined(self.view.lines) + "\n", f"{self.page_id}.txt", arguments, self._moment.now)
            self.frame_screen.say(said, bad=bad)

    # Parts

    def rows(self, moment: Moment, width: int) -> Sequence[Line]:
        """The lines of the page."""
        return self._render_lines(moment, self.place, width)

    def title(self, moment: Moment) -> Line:
        """The left of its rule."""
        return titles.path(moment.snapshot, self.place, self._title)

    def counted(self, moment: Moment) -> Line:
        """The right of its rule."""
        if self.place.filter:
            return ((f"hit {self._hit} of {self._hits}" if self._hits else "no hit", ""),)
        return ()

    def _show(self, *, keep: bool = True) -> None:
        moment = self._moment
        if moment is None or not self.ready:
            return
        width = max(10, self.view.text_width)
        state = states.state_of(moment.snapshot)
        if state is State.CONNECTING and moment.snapshot.engine is None and self.page_id != "help":
            lines: Sequence[Line] = ((), states.connecting(moment, self.frame_screen.session))
        else:
            lines = states.notice(moment, self.place.view, width) or self.rows(moment, width)
        self.view.show(lines, keep=keep, stale=self._is_stale(moment))
        if self.place.filter:
            self._hits = self.view.search(self.place.filter)
        self._show_rule()

    def _is_stale(self, moment: Moment) -> bool:
        gone = states.state_of(moment.snapshot) is State.STALE
        return gone or states.leaderless(moment.snapshot, self.place.view)

    def _show_rule(self) -> None:
        moment = self._moment
        if moment is None:
            return
        stale = self._is_stale(moment)
        left = (*self.title(moment), *titles.filter_part(self.place.filter, self._edit))
        old = titles.as_of(states.read_at(moment.snapshot, self.place.view), moment.now)
        right = old if stale else self.counted(moment)
        self.rule.show(left, right, active=True, warn=stale)
