"""The one screen of the program: row 0, the tabs, a page, the keys; everything else is a page or a box over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer

from backends.model import Key
from tui.actions.keymap import Keymap
from tui.actions.keys import display
from tui.actions.registry import ACTIONS
from tui.bridge import Frame
from tui.frame import states
from tui.frame.chrome import Chrome
from tui.frame.history import History
from tui.frame.layout import DETAIL_SIZES, Layout, layout
from tui.frame.navigator import Navigator
from tui.frame.session import Session
from tui.places import Place
from tui.screens.asking import Asking
from tui.screens.box import Box
from tui.screens.command_pane import CommandPane
from tui.screens.contexts import contexts_table
from tui.screens.filtering import Filtering
from tui.screens.page import Page
from tui.screens.prompt import Prompt
from tui.screens.registry import make_page, page_id
from tui.screens.state_page import StatePage
from tui.screens.toast import Toast
from tui.tables.spec import Moment, TableSpec
from tui.widgets.bar import Bar

#: Seconds that the screen rests before the cluster is told what is on it.
WATCH = 0.15
_CLASSES = ("-narrow", "-list-over", "-wide", "-huge", "-short", "-low")


class MainScreen(Navigator):
    """Composition, size, frames and keys. What actions may ask is in :class:`Navigator`."""

    DEFAULT_CSS = """
    MainScreen { layout: vertical; layers: base over toast; overflow: hidden; }
    MainScreen > Bar { height: 1; }
    MainScreen > #host { height: 1fr; width: 1fr; layout: vertical; overflow: hidden; }
    MainScreen.-low > #tabs { display: none; }
    """

    def __init__(self, session: Session, keymap: Keymap, start: Place) -> None:
        super().__init__()
        self.session = session
        self.keymap = keymap
        self.past = History(start)
        self.detail_size = DETAIL_SIZES[0]
        self.moment: Moment = Moment(session.cluster.snapshot, session.clock())
        self.context_bar = Bar(id="context")
        self.tab_bar = Bar(id="tabs")
        self.footer_bar = Bar(id="footer")
        self.host = Container(id="host")
        self.command = CommandPane(id="command")
        self.box = Box(id="box")
        self.prompt_pane = Prompt(id="prompt")
        self.asking = Asking(self)
        self.toast = Toast(id="toast")
        self.filtering = Filtering(self)
        self.chrome = Chrome(self)
        self.pages: dict[str, Page] = {}
        self._state_page: StatePage | None = None
        self._watch_timer: Timer | None = None
        self._shape = layout(80, 24)
        self._reshaped = (0, 0, "")
        self.remapped = _remapped(keymap)
        """Keys that texts name, as they are shown where they were remapped."""
        self._tables: dict[str, TableSpec[Any]] = {}
        self.joining: Callable[[], tuple[str, ...]] = tuple
        """Names of the machines whose join has no result yet."""

    def compose(self) -> ComposeResult:
        yield self.context_bar
        yield self.tab_bar
        with self.host:
            yield self._page_of(self.past.place)
        yield self.footer_bar
        yield self.command
        yield self.prompt_pane
        yield self.box
        yield self.toast

    # The session

    @property
    def tables(self) -> Mapping[str, TableSpec[Any]]:
        """All lists by view, as far as completion needs them."""
        from tui.tables.registry import TABLES

        return TABLES

    def table_of(self, place: Place) -> TableSpec[Any]:
        """The list of a place, one object as long as the session lasts; raises ``LookupError`` where it is none."""
        from tui.tables.registry import table_of

        if place.view not in self._tables:
            if place.view == "contexts":
                self._tables["contexts"] = contexts_table(self.dnet.composer)
            elif place.view == "events":
                self._tables["events"] = table_of(place, self.cluster.events)
        return self._tables.get(place.view) or table_of(place)

    def use(self, session: Session, start: Place) -> None:
        """Another connection: the way back ends here."""
        self.session = session
        self._tables.clear()
        self.past = History(start)
        self.moment = replace(self.moment, snapshot=session.cluster.snapshot, now=session.clock())
        self.toast.hide()
        self.box.close()
        self.prompt_pane.close()
        self.forget_changes()
        self.asking = Asking(self)
        self.chrome.clear()
        self.show_place()

    # Pages

    @property
    def page(self) -> Page:
        """What is shown."""
        if self._state_page is not None and self._state_page.display:
            return self._state_page
        return self.pages[page_id(self.past.place)]

    def _page_of(self, place: Place) -> Page:
        """The page of a place, new where it was never shown."""
        name = page_id(place)
        page = self.pages.get(name)
        if page is None:
            page = self.pages[name] = make_page(place, self.table_of)
            page.shape = self._shape
        return page

    def show_place(self) -> None:
        """Shows where ``past`` stands."""
        place = self.past.place
        page = self._page_of(place)
        with self.app.batch_update():
            for other in self.pages.values():
                if other is not page and other.display:
                    other.close()
                    other.display = False
            if page.ready:
                self._opened(page, place)
            elif not page.is_attached:
                self.host.mount(page)

    def page_mounted(self, page: Page) -> None:
        """A new page can be shown now."""
        if self.pages.get(page_id(self.past.place)) is page:
            self._opened(page, self.past.place)

    def _opened(self, page: Page, place: Place) -> None:
        if self.past.place.view != place.view or not page.ready:
            return
        # What has come while the page was being made is not worth a frame of its own.
        self.moment = self.dnet.now()
        self._show_state()
        if self.page is page:
            page.display = True
            page.adapt(self._shape)
            page.open(self.past.place, self.moment)
            if self.focused is None or page not in self.focused.ancestors:
                page.focus_pane()
        self.chrome.update(self.moment)
        self.watch_soon()

    def _show_state(self) -> None:
        """A state without anything to show takes the place of the page, and gives it back."""
        found = states.whole_screen(self.moment, self.session, self.size.width)
        page = self._state_page
        if found is None:
            if page is not None and page.display:
                page.display = False
                self.show_place()
            return
        if page is None:
            page = self._state_page = StatePage()
            self.host.mount(page)
        for other in self.pages.values():
            other.display = False
        page.display = True
        page.say(found)
        page.focus_pane()

    # Frames

    def frame(self, frame: Frame) -> None:
        """A new state of the cluster."""
        self.moment = frame.moment
        changes = frame.changes
        if changes is None or changes.links:
            self._show_state()
        page = self.page
        if page.ready:
            page.frame(frame)
        self.chrome.frame(frame)
        self.asking.looked()
        self.box.again()
        self.prompt_pane.again()

    def tick(self, now: float) -> bool:
        """Time has passed; answers whether anything was drawn again."""
        self.moment = replace(self.moment, now=now)
        moved = self.chrome.tick(self.moment)
        self.box.again()
        page = self.page
        if page is self._state_page:
            self._show_state()
        return page.tick(now) or moved if page.ready else moved

    def watch_soon(self) -> None:
        """Tells the cluster what is on screen, once that rests."""
        if self._watch_timer is not None:
            self._watch_timer.stop()
        self._watch_timer = self.set_timer(WATCH, self._watch_now)

    def _watch_now(self) -> None:
        self._watch_timer = None
        self.cluster.watch(self.with_changes(self.page.interest))

    def cursor_moved(self) -> None:
        """The page's cursor came to another object."""
        self.past.amend(self.page.left)
        self.chrome.footer()
        self.watch_soon()

    def focus_moved(self) -> None:
        """Another pane has the keys."""
        self.chrome.footer()

    # Size

    def on_mount(self) -> None:
        """The first size, and the start view."""
        self._reshape()
        self.call_later(self.dnet.screen_mounted)

    def on_resize(self) -> None:
        """Another size of the terminal."""
        self._reshape()

    def cycle_detail(self) -> None:
        """Detail normal, bigger, off."""
        at = DETAIL_SIZES.index(self.detail_size)
        self.detail_size = DETAIL_SIZES[(at + 1) % len(DETAIL_SIZES)]
        self._reshape()

    def _reshape(self) -> None:
        width, height = self.size
        if self._reshaped == (width, height, self.detail_size):
            return
        self._reshaped = (width, height, self.detail_size)
        self._shape = layout(width, height, self.detail_size)
        for name in _CLASSES:
            self.set_class(name in self._shape.classes, name)
        for page in self.pages.values():
            page.shape = self._shape
        current = self.pages.get(page_id(self.past.place))
        if current is not None and current.ready and current.display:
            current.adapt(self._shape)
            self.chrome.update(self.moment)
        self.command.fit()
        self.box.fit()
        self.prompt_pane.fit()
        if self._state_page is not None and self._state_page.display:
            self._show_state()

    @property
    def shape(self) -> Layout:
        """How the screen is divided."""
        return self._shape

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Every key that no dialog has taken comes here first."""
        event.stop()
        event.prevent_default()
        self.toast.seen()
        if event.key == "ctrl+c" and not self._asked:
            self.hint(f"{self.keymap.key('quit')} quits")
            return
        takers = (self.command.key, self.prompt_pane.key, self.box.key, self.filtering.key, self.page.takes)
        if any(taker(event) for taker in takers):
            return
        if self.page is self._state_page and self._state_page.key(event.key):
            return
        self.press(event.key)

    @property
    def _asked(self) -> bool:
        """Whether something over the page has the keys."""
        return self.command.is_open or self.prompt_pane.is_open or self.box.has_keys

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text goes to the line being typed; a docker line anywhere else opens the command line."""
        event.stop()
        takers = (self.command.paste, self.prompt_pane.paste, self.box.paste, self.filtering.paste, self.page.paste)
        if any(taker(event.text) for taker in takers):
            return
        text = event.text.strip()
        if text.partition(" ")[0].lstrip("$# ") in ("docker", "sudo") or text.startswith(":"):
            self.edit_command(text.lstrip(":$# "))

    def press(self, key: str) -> None:
        """Runs the action of a key, as if it was pressed."""
        page = self.page
        targets = page.targets
        kind = targets[0].kind if targets else None
        action = self.keymap.resolve(key, view=self.place.view, kind=kind, pane=page.pane)
        if action is not None:
            self.run_action_spec(action)

    def targets(self) -> tuple[Key, ...]:
        """What actions act on."""
        return self.page.targets

    def on_bar_clicked(self, message: Bar.Clicked) -> None:
        """A tab, a count or a key in the footer was clicked."""
        message.stop()
        self.chrome.clicked(message.act)

    def press_shown(self, shown: str) -> None:
        """A key in the footer was clicked, as it is written there."""
        for action in self.keymap.here(view=self.place.view, pane=self.page.pane):
            if action.keys and display(action.keys[0]) == shown:
                self.press(action.keys[0])
                return


def _remapped(keymap: Keymap) -> dict[str, str]:
    """By the key that a text names; keys that pages take before all others by their action's id."""
    defaults = {action.id: display(action.keys[0]) for action in ACTIONS if action.keys and not action.mode}
    now = {action.id: display(action.keys[0]) for action in keymap.actions if action.keys}
    moved = {key: now[name] for name, key in defaults.items() if name in now and now[name] != key}
    return {**moved, **{action.id: now.get(action.id, "") for action in keymap.own.actions}}
