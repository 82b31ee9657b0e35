"""What actions may ask of the user interface: going about, saying, copying, running. Mixed into the main screen."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from backends.api import Cluster, ExecRequest
from backends.errors import BackendError
from backends.model import Key, Kind
from backends.state.wording import listing
from tui.actions.calls import CALLS
from tui.actions.keymap import Keymap, verdict
from tui.actions.objects import name_of
from tui.actions.spec import ActionContext, ActionSpec
from tui.frame import views
from tui.frame.change_acts import ChangeActs
from tui.frame.history import History
from tui.frame.session import Session
from tui.places import Place

if TYPE_CHECKING:
    from tui.actions.entering import Entrance
    from tui.app import DnetApp
    from tui.forms.errand import Errand
    from tui.frame.chrome import Chrome
    from tui.screens.asking import Asking
    from tui.screens.box import Box
    from tui.screens.command_pane import CommandPane
    from tui.screens.filtering import Filtering
    from tui.screens.main import MainScreen
    from tui.screens.page import Page
    from tui.screens.prompt import Prompt
    from tui.screens.toast import Toast

_log = logging.getLogger(__name__)

#: The work of actions under way; kept here so that it is neither collected nor cancelled with a widget.
_running: set[asyncio.Task[None]] = set()


class Navigator(ChangeActs, Screen[None]):
    """Implements ``tui.actions.spec.Ui``; the main screen has the parts that are named here."""

    session: Session
    keymap: Keymap
    past: History
    pages: dict[str, Page]
    chrome: Chrome
    command: CommandPane
    filtering: Filtering
    toast: Toast
    box: Box
    prompt_pane: Prompt
    asking: Asking
    errand: Errand | None = None
    """A form that was opened from where its name was wanted."""
    _entering: asyncio.Task[None] | None = None
    """A shell that is being opened, or has the terminal."""

    @property
    def dnet(self) -> DnetApp:
        """The app, with its session and composer."""
        return cast("DnetApp", self.app)

    @property
    def page(self) -> Page:
        """What is shown."""
        raise NotImplementedError

    def show_place(self) -> None:
        """Shows where ``past`` stands."""
        raise NotImplementedError

    def cycle_detail(self) -> None:
        """Detail normal, bigger, off."""
        raise NotImplementedError

    # The session

    @property
    def cluster(self) -> Cluster:
        """The Swarm as it is known."""
        return self.session.cluster

    @property
    def readonly(self) -> bool:
        """Whether every change is refused."""
        return self.session.readonly

    # Places

    @property
    def place(self) -> Place:
        """Where the user is, with the cursor and the order of now."""
        page = self.page
        return page.left if page.ready and page.left.view == self.past.place.view else self.past.place

    def go(self, place: Place, *, replace: bool = False) -> None:
        """Shows a place. A view without anything said about it is shown as it was left."""
        self.filtering.end()
        here = self.place
        if replace:
            self.past.amend(place)
        else:
            self.past.amend(here)
            if place == Place(place.view):
                if place.view == here.view and not here.scope:
                    return
                place = self.past.of_view(place.view)
            self.past.go(place)
        self.show_place()

    def back(self) -> None:
        """Out of a filter, then of faults only, then of a page or one level up."""
        if self.give_up_entering():
            return
        here = self.place
        if here.filter:
            self.page.set_filter("")
            self.past.amend(self.page.left)
            self.chrome.footer()
            return
        if here.faults:
            self.go(_replace(here, faults=False), replace=True)
            return
        self.past.amend(here)
        parent = self.past.parent()
        if parent is not None:
            self.past.go_up(parent)
            self.show_place()
        else:
            self.hint("this is the top; " + self.keymap.key("quit") + " quits")

    def history(self, step: int) -> None:
        """Walks the places seen."""
        self.filtering.end()
        self.past.amend(self.place)
        if self.past.walk(step) is None:
            self.hint("nothing before this" if step < 0 else "nothing after this")
            return
        self.show_place()

    # Words

    def say(self, text: str, *, bad: bool = False) -> None:
        """An outcome at the end of the tabs' row, or, ``bad``, a toast that stays until a key."""
        if bad:
            self.toast.say(text)
        else:
            self.chrome.say(text)

    def hint(self, text: str) -> None:
        """Why nothing happened, or what is under way: where outcomes stand, but it is none."""
        self.chrome.say(text, done=False)

    def copy(self, text: str, what: str) -> None:
        """To the clipboard by OSC 52, which passes through SSH."""
        self.app.copy_to_clipboard(text)
        self.say(f"copied {what}" if what else "copied")

    def edit_command(self, text: str) -> None:
        """Opens the command line."""
        self.filtering.end()
        self.command.open(text)

    def edit_filter(self) -> None:
        """The cursor goes into the title rule."""
        if self.page.filterable:
            self.filtering.begin(self.place.filter)
        else:
            self.hint("nothing to filter here")

    # Acts

    def run_shell(self, key: Key, request: ExecRequest) -> None:
        """Lends the terminal to a command in a container."""
        from tui.screens.shell import run_shell

        if self._entering is not None and not self._entering.done():
            self.hint("a shell is being opened; esc gives it up")
            return
        self._entering = self.begin(run_shell(self.dnet, key, request), "shell")

    def give_up_entering(self) -> bool:
        """Does not wait any more for the connection that a shell needs; ``False`` where none is waited for."""
        if self._entering is None or self._entering.done():
            return False
        self._entering.cancel()
        self._entering = None
        self.hint("given up")
        return True

    def choose_replica(self, key: Key, choice: Sequence[Entrance]) -> None:
        """Asks in a box."""
        from tui.screens.picker import ReplicaPicker

        self.box.open(ReplicaPicker(cast("MainScreen", self), key, choice))

    def call(self, name: str, *arguments: str) -> None:
        """An act by name; see ``tui.actions.calls``."""
        own = self._own_acts().get(name)
        if own is not None:
            own(arguments)
            return
        if name not in CALLS and name not in self.keymap.own:
            raise LookupError(f"no act {name}")
        over = self.box.content
        if not ((over is not None and over.act(name)) or self.page.act(name, arguments)):
            self.hint("that does nothing here")

    def _own_acts(self) -> dict[str, Callable[[Sequence[str]], None]]:
        return {
            "detail-size": lambda _: self.cycle_detail(),
            "palette": lambda _: self._palette(),
            "last-view": lambda _: self._last(),
            "quit": lambda _: self.leave(),
            "refresh": lambda _: self._refresh(),
            "theme": lambda words: self.dnet.use_theme(words[0] if words else ""),
            "context": lambda words: self.dnet.use_context(words[0] if words else ""),
            "demo": lambda _: self.dnet.use_demo(),
            "node-try": self._try_nodes,
            "node-keys": self._host_keys,
            "question": lambda _: self.asking.next(),
        }

    def _try_nodes(self, node_ids: Sequence[str]) -> None:
        nodes = self.cluster.nodes
        if nodes is None:
            return
        for node_id in node_ids:
            self.asking.cause(node_id)
            self.begin(nodes.try_again(node_id), "try")
        names = [name_of(self.cluster.snapshot, Key(Kind.NODE, node_id)) for node_id in node_ids]
        self.hint(f"trying {listing(names, most=3)}")

    def _host_keys(self, node_ids: Sequence[str]) -> None:
        from tui.screens.questions import KeysContent

        node = self.cluster.snapshot.nodes.get(node_ids[0]) if node_ids else None
        if node is not None:
            self.box.open(KeysContent(cast("MainScreen", self), node))

    def _palette(self) -> None:
        from textual.command import CommandPalette

        if not CommandPalette.is_open(self.app):
            self.app.push_screen(CommandPalette(placeholder="Find an action or a name", id="--command-palette"))

    def _last(self) -> None:
        last = self.past.last
        if last is None:
            self.hint("nothing before this")
            return
        self.go(last)

    def _refresh(self) -> None:
        self.cluster.retry()
        self.cluster.refresh()
        self.hint("reading again")

    # Running actions

    def context(self, arguments: Sequence[str] = ()) -> ActionContext:
        """What an action is run on now."""
        return ActionContext(
            ui=self,
            snapshot=self.cluster.snapshot,
            place=self.place,
            targets=self.page.targets,
            arguments=arguments,
        )

    def run_action_spec(self, action: ActionSpec, context: ActionContext | None = None) -> None:
        """Runs an action where it applies; else says why not. Its errors are said, never raised."""
        context = context or self.context()
        answer = True if action.id == "back" else verdict(action, context)
        if answer is not True:
            if action.changes:
                self.say(f"{action.title}: {answer}", bad=True)
            else:
                self.hint(f"{action.title}: {answer}")
            return
        try:
            result = action.run(context)
        except Exception as error:
            self.failed(action.title, error)
            return
        if inspect.isawaitable(result):
            self.begin(self._awaited(action, result))

    async def _awaited(self, action: ActionSpec, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            self.failed(action.title, error)

    def begin(self, work: Coroutine[Any, Any, None], what: str = "it") -> asyncio.Task[None]:
        """Work that goes on by itself; what goes wrong in it is said."""
        task = asyncio.create_task(work, name=what)
        _running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        _running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed(task.get_name(), error)

    def failed(self, what: str, error: BaseException) -> None:
        """Says that something went wrong, and keeps the whole story in the log."""
        if isinstance(error, BackendError):
            self.say(f"{what}: {error}" + (f" {error.hint}" if error.hint else ""), bad=True)
            return
        _log.error("%s failed", what, exc_info=error)
        self.say(f"{what} failed: {error or type(error).__name__}. The log has the details.", bad=True)

    def open_tab(self, view: str) -> None:
        """A click on a tab."""
        if view == "more":
            names = [name for name, _ in views.MORE]
            here = self.past.place.view
            view = names[(names.index(here) + 1) % len(names)] if here in names else names[0]
        self.go(Place(view))


def _replace(place: Place, **fields: object) -> Place:
    return replace(place, **fields)  # type: ignore[arg-type]
