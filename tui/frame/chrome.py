"""The rows that are always there: row 0, the tabs with the last outcome, the keys. Draws them when they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backends.model import Kind
from tui.actions.footer import footer
from tui.actions.views import VIEWS
from tui.bridge import Frame
from tui.frame import states, titles, views
from tui.frame.header import folded_events, header
from tui.frame.states import State
from tui.frame.tally import Tally
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.span import Line, line
from tui.widgets.bar import BarItem

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui.screens.main import MainScreen

#: Seconds that an outcome stands.
OUTCOME = 4.0


class Chrome:
    """Belongs to one main screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._tally = Tally()
        self._outcome: Line = ()
        self._timer: Timer | None = None
        self._seen_events = 0

    def update(self, moment: Moment) -> None:
        """All rows anew."""
        self._header(moment)
        self._tabs()
        self.footer()

    def frame(self, frame: Frame) -> None:
        """Row 0 where a frame may concern it; the keys, since what applies may have changed."""
        changes = frame.changes
        if changes is None or changes.links or changes.kinds or changes.events:
            self._header(frame.moment)
        if changes is None or changes.links or changes.keys:
            self.footer()

    def tick(self, moment: Moment) -> bool:
        """What counts seconds in row 0."""
        state = states.state_of(moment.snapshot)
        self._header(moment)
        return state in (State.CONNECTING, State.STALE, State.UNREACHABLE, State.DENIED)

    def clear(self) -> None:
        """Another session: nothing of the last one stays."""
        self._tally = Tally()
        self._outcome = ()
        self._seen_events = 0

    # Row 0

    def _header(self, moment: Moment) -> None:
        screen = self._screen
        counts = self._tally.count(moment.snapshot, moment.now)
        shape = screen.shape
        total = screen.cluster.events.total
        if shape.events or screen.place.view == "events":
            self._seen_events = total
        found = header(
            moment, screen.session, counts, screen.size.width, events=folded_events(total - self._seen_events)
        )
        screen.context_bar.show(
            [BarItem(piece.row, piece.act, piece.drop) for piece in found.left],
            [BarItem(piece.row, piece.act, piece.drop) for piece in found.right],
            base=found.base,
        )

    # Row 1

    def say(self, text: str, *, done: bool = True) -> None:
        """Words at the right end of the tabs for a few seconds; what was ``done`` has a check before it."""
        self._outcome = line((f" {sym('check')} " if done else " ", "ok"), (text, "strong bold" if done else ""), " ")
        self._tabs()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._screen.set_timer(OUTCOME, self._silent)

    def _silent(self) -> None:
        self._timer = None
        self._outcome = ()
        self._tabs()

    def _tabs(self) -> None:
        screen = self._screen
        place = screen.past.place
        active = _tab_of(place.view, place.scope[0].kind if place.scope else None)
        if place.view == "form" and not place.scope:
            active = _list_of(place.argument)
        width = screen.size.width
        gap = "  " if width >= 120 else " "
        items: list[BarItem] = [BarItem(((" ", ""),))]
        for view, key, word, on in views.tab_labels(active, width):
            short = word == "…"
            if on:
                text: Line = ((f" {key} {word} " if not short else f" {key}{word} ", "onaccent on_accent bold"),)
            else:
                text = ((f" {key}", "faint"), (f"{word} " if short else f" {word} ", "muted"))
            if gap == "  ":
                text = (*text, (" ", "muted"))
            items.append(BarItem(text, f"tab:{view}", drop=2 if view == "more" else 0))
        right = [BarItem(self._outcome)] if self._outcome else []
        screen.tab_bar.show(items, right)

    # The last row

    def footer(self) -> None:
        """The keys of the focused pane; or the line being typed."""
        screen = self._screen
        if screen.command.is_open:
            screen.command.show_line(screen.footer_bar)
            return
        if screen.prompt_pane.is_open:
            screen.prompt_pane.show_keys(screen.footer_bar)
            return
        if screen.box.has_keys:
            screen.box.show_keys(screen.footer_bar)
            return
        page = screen.page
        own = screen.filtering.footer() if screen.filtering.on else page.footer(screen.size.width)
        if own is not None:
            screen.footer_bar.show([BarItem(own)], base="on_surf")
            return
        context = screen.context()
        kind = context.target.kind if context.target else _only_kind(context.place.view)
        width = screen.size.width
        first: Line = ()
        if states.state_of(screen.moment.snapshot) is State.STALE:
            # What helps comes first; the rest goes on working on what is known.
            first = line(" ", titles.keys((screen.keymap.key("refresh"), "try now")), "  ")
            width -= sum(len(text) for text, _ in first)
        row = footer(screen.keymap, context, width, kind=kind, pane=page.pane)
        screen.footer_bar.show(_clickable((*first, *row)), base="on_surf")

    def clicked(self, act: str) -> None:
        """A click on one of the rows."""
        name, _, rest = act.partition(":")
        if name == "tab":
            self._screen.open_tab(rest)
        elif name == "key":
            self._screen.press_shown(rest)
        elif act in VIEWS:
            self._screen.open_tab(act)


def _tab_of(view: str, outer: Kind | None) -> str:
    """The tab that is lit: of a drill-down and of a page the one it began in."""
    if outer is not None and f"{outer.value}s" in VIEWS:
        return f"{outer.value}s"
    return view


def _list_of(form: str) -> str:
    """The tab of a form that makes something: ``network-create`` is of the networks, what is of the Swarm of nodes."""
    noun = form.partition("-")[0]
    return f"{noun}s" if f"{noun}s" in VIEWS else "nodes"


def _only_kind(view: str) -> Kind | None:
    kinds = VIEWS[view].kinds if view in VIEWS else frozenset()
    return next(iter(kinds)) if len(kinds) == 1 else None


def _clickable(row: Line) -> list[BarItem]:
    """The keys of a footer line as items: a key (bold) and the word behind it are clicked as one."""
    items: list[BarItem] = []
    key = ""
    for text, style in row:
        if style in ("strong bold", "faint") and text.strip() and not text.startswith(" "):
            key = text
        items.append(BarItem(((text, style),), f"key:{key}" if text.strip() and key else ""))
    return items
