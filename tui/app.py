"""The application: themes, the connection and the bridge to the one screen. No Docker words."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from rich.console import RenderableType
from textual.app import App, SystemCommand
from textual.command import Provider
from textual.driver import Driver
from textual.screen import Screen

from backends.errors import BackendError
from backends.model import LinkState
from tui.actions.keymap import Keymap
from tui.actions.views import PAGE_IDS
from tui.bridge import INTERVAL, Bridge, Frame
from tui.frame.session import Composer, Session
from tui.frame.states import demo_reason, no_engine
from tui.look.themes import install
from tui.look.tokens import Choice, palette
from tui.places import Place
from tui.screens.main import MainScreen
from tui.tables.spec import Moment
from tui.widgets.paint import Painter

_log = logging.getLogger(__name__)
#: Errors of ours that are survived one after the other; a screen that fails at each painting would never end.
_PATIENCE = 20
#: Seconds after the start at which memory is tidied once; before that the first list is made.
SETTLE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How it is drawn and how often."""

    choice: Choice = field(default_factory=Choice)
    ascii: bool = False
    interval: float = INTERVAL
    """Seconds between two frames at least."""


def _palette_provider() -> type[Provider]:
    from tui.screens.palette import Everything

    return Everything


class DnetApp(App[object], inherit_bindings=False):
    """Runs one session at a time on one screen."""

    TITLE = "dnet-tui"
    # ``ctrl+p`` is an action of ours, so that it can be remapped: Textual's own binding is put out of the way.
    COMMAND_PALETTE_BINDING = "f24"
    COMMANDS = {_palette_provider}  # noqa: RUF012
    CSS_PATH = "styles/app.tcss"

    def __init__(
        self,
        session: Session,
        composer: Composer,
        keymap: Keymap,
        *,
        start: Place,
        look: Look | None = None,
        demo_if_none: bool = False,
        problems: Sequence[str] = (),
        driver_class: type[Driver] | None = None,
    ) -> None:
        """``problems`` are sentences about the configuration, said at the start."""
        self.look = look or Look()
        super().__init__(driver_class=driver_class, ansi_color=self.look.choice.ansi)
        self.session = session
        self.composer = composer
        install(self, self.look.choice)
        self.painter = Painter(palette(self.look.choice), ascii=self.look.ascii)
        self.animation_level = "none"
        self.crash: Exception | None = None
        """An error of ours that could not be survived."""
        self.leaving: Callable[[int], None] | None = None
        """Is told the exit code as soon as it is known that the program will end."""
        self._start = start
        self._demo_if_none = demo_if_none
        self._problems = problems
        self._bridge: Bridge | None = None
        self._errors = 0
        self._told_shown = False
        self._missed = False
        """Whether a frame came while there was no screen yet."""
        self.main = MainScreen(session, keymap, start)

    def get_default_screen(self) -> Screen[None]:
        """The main screen takes the place of Textual's empty one."""
        return self.main

    async def on_mount(self) -> None:
        """Begins to connect; the first frame shows that it does."""
        if self._problems:
            self.main.toast.say("  ".join(self._problems), "warn")
        await self._begin()
        self.set_timer(SETTLE, _settle)

    async def _begin(self) -> None:
        cluster = self.session.cluster
        if self.session.desk is not None:
            self.session.desk.told = self.main.asking.told
        self._bridge = Bridge(cluster, self._frame, self._tick, moment=self.now, interval=self.look.interval)
        await cluster.start()
        self._bridge.start()
        reason = demo_reason(self.session)
        if reason:
            self.main.toast.say(reason, "warn")

    def now(self) -> Moment:
        """The cluster as it is known now, with all that drawing depends on."""
        session = self.session
        snapshot, nodes = session.cluster.snapshot, session.cluster.nodes
        reach = {}
        if nodes is not None:
            reach = {node_id: found for node_id in snapshot.links if (found := nodes.reach(node_id)) is not None}
        return Moment(
            snapshot,
            session.clock(),
            ascii=self.look.ascii,
            keys=self.main.remapped,
            reaching=nodes is not None,
            reach=reach,
            waiting=nodes.waiting if nodes is not None else (),
            joining=self.main.joining(),
        )

    def _frame(self, frame: Frame) -> None:
        link = frame.moment.snapshot.link
        if self._demo_if_none and (link.problem or link.state is not LinkState.CONNECTING):
            self._demo_if_none = False
            if link.state is not LinkState.LIVE:
                self.use_demo(no_engine(link.endpoint or self.session.endpoint, link.problem))
                return
        if self.main.is_mounted:
            self.main.frame(frame)
            self._shown(frame.moment)
        else:
            self._missed = True

    def screen_mounted(self) -> None:
        """The screen can be told of frames now: of what came before it could, too."""
        if self._missed and self._bridge is not None:
            self._missed = False
            self._bridge.flush(whole=True)

    def _shown(self, moment: Moment) -> None:
        """Says once that the first list stands on the screen, or that there is none to come."""
        snapshot = moment.snapshot
        waiting = snapshot.link.state is LinkState.CONNECTING or (
            snapshot.is_manager and not self.main.page.interest.kinds <= snapshot.listed.keys()
        )
        if self._told_shown or waiting:
            return
        self._told_shown = True
        if self.session.shown is not None:
            self.call_after_refresh(self.session.shown)

    def _tick(self, now: float) -> bool:
        return self.main.tick(now) if self.main.is_mounted else False

    # Another session

    def use(self, session: Session) -> None:
        """Leaves the connection for another one."""
        old = self.session
        if self._bridge is not None:
            self._bridge.stop()
        self.session = session
        here = self.main.past.place.view
        self.main.use(session, self._start if here in PAGE_IDS else Place(here))

        async def change() -> None:
            await self._begin()
            await old.cluster.aclose()

        self.run_worker(change(), name="session", group="session", exit_on_error=False)

    def use_demo(self, reason: str = "") -> None:
        """The built-in demo cluster."""
        if self.session.demo:
            self.main.hint("this is the demo already")
            return
        self.use(self.composer.demo(reason))

    def use_context(self, name: str) -> None:
        """A docker context by name; where it makes no sense, says why and stays."""
        try:
            session = self.composer.context(name)
        except BackendError as error:
            self.main.failed(f"Context {name}", error)
            return
        self.use(session)
        self.main.say(f"context {name}")

    def use_theme(self, name: str) -> None:
        """Another theme at once."""
        choice = self.composer.theme(name)
        self.look = replace(self.look, choice=choice)
        self.ansi_color = choice.ansi
        self.painter = Painter(palette(choice), ascii=self.look.ascii)
        install(self, choice)
        for widget in (self.main, *self.main.walk_children()):
            widget.notify_style_update()
            widget.refresh()
        self.main.say(f"theme {name}")

    # Lending the terminal

    def pause(self) -> None:
        """Nobody sees the screen: nothing is drawn."""
        if self._bridge is not None:
            self._bridge.pause()

    def resume(self) -> None:
        """Somebody sees it again."""
        if self._bridge is not None:
            self._bridge.resume()

    # Ends and errors

    def exit(self, result: object = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Ends the program; see ``App.exit``."""
        if self.leaving is not None:
            self.leaving(return_code)
        super().exit(result, return_code, message)

    async def on_unmount(self) -> None:
        """Ends the connection; the cluster promises not to hang."""
        if self._bridge is not None:
            self._bridge.stop()
        await self.session.cluster.aclose()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: the palette lists our actions."""
        return ()

    def _handle_exception(self, error: Exception) -> None:
        """An error of ours in a handler: written to the log and said, and the work goes on. Under a test driver it
        is raised; where it comes again and again, or before there is a screen, the program ends with it."""
        self._errors += 1
        if self.is_headless:
            super()._handle_exception(error)
            return
        _log.error("unhandled", exc_info=error)
        if self._errors > _PATIENCE or not self.main.is_mounted:
            self.crash = error
            self.exit(return_code=1)
            return
        self.main.failed("Something in dnet-tui", error)


def _settle() -> None:
    """The modules and the first screen stay for good: the collector need not look at them again."""
    gc.collect()
    gc.freeze()
    gc.enable()
