"""An action, declared once: it becomes key binding, palette entry, ``:`` verb, help row and documentation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from backends.api import Cluster, ExecRequest
from backends.model import Key, Kind, Snapshot
from tui.places import Place

if TYPE_CHECKING:
    from tui.actions.entering import Entrance


class Danger(Enum):
    """How much is asked before an action runs (``design/README.md`` section 13)."""

    NONE = "none"
    """It only looks, only adds, or is undone by the same key."""
    STOPS = "stops"
    """Something stops or restarts and comes back: one line, Cancel first."""
    LOSES = "loses"
    """Data, reach or quorum may be lost: a plan, Cancel first."""


class Ui(Protocol):
    """What actions may ask of the user interface."""

    @property
    def cluster(self) -> Cluster: ...

    @property
    def readonly(self) -> bool: ...

    @property
    def place(self) -> Place: ...

    def go(self, place: Place, *, replace: bool = False) -> None:
        """Shows a place; ``replace`` leaves no step in the history."""

    def back(self) -> None:
        """One level up: out of a filter, a drill-down, a page."""

    def history(self, step: int) -> None:
        """Walks the places seen, -1 or +1."""

    def say(self, text: str, *, bad: bool = False) -> None:
        """An outcome at the right end of row 1 for 4 s; ``bad`` stays until a key."""

    def copy(self, text: str, what: str) -> None:
        """To the clipboard (OSC 52); says ``what`` was copied."""

    def run_shell(self, key: Key, request: ExecRequest) -> None:
        """Hands the terminal to a command in a container (or a task's, or on a node) and comes back after it."""

    def choose_replica(self, key: Key, choice: Sequence[Entrance]) -> None:
        """Asks in which of several containers of ``key`` a shell is to open, the best first."""

    def edit_command(self, text: str) -> None:
        """Opens the ``:`` line with ``text`` in it."""

    def change(self, line: str, *, typed: str = "", dry: bool = False) -> None:
        """Plans what a docker line changes, asks as much as that wants, does it and says what came of it. Where it
        cannot be, ``typed`` is back at ``:`` with the reason. ``dry`` only shows it."""

    def prompt(self, what: str, key: Key) -> None:
        """Asks for the one value of a change to ``key``: ``scale``, ``image``, or ``node`` (its part in the Swarm)."""

    def edit_filter(self) -> None:
        """Puts the cursor into the filter of the focused list."""

    def call(self, name: str, *arguments: str) -> None:
        """A named act of the focused pane or the frame that is no place (``toggle-wide``, ``next-pane``,
        ``page-down``, ``mark``, ``quit``, …); unknown names raise ``LookupError`` (a test asks for all)."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What an action is run on."""

    ui: Ui
    snapshot: Snapshot
    place: Place
    targets: tuple[Key, ...] = ()
    """The marked rows, else the one under the cursor."""
    arguments: Sequence[str] = ()
    """Words behind the verb when it was typed at ``:``."""

    @property
    def target(self) -> Key | None:
        """The first target."""
        return self.targets[0] if self.targets else None


#: ``True``, or the sentence that says why not now (help shows it beside the dimmed action).
Verdict = bool | str


def always(_: ActionContext) -> Verdict:
    """Applies whenever its kind and view do."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action. ``run`` gets the context and may be a coroutine function."""

    id: str
    """``service.scale``: name in the keymap file, anchor in the docs."""
    title: str
    """Footer and palette: one or two words (``scale``)."""
    help: str
    """One sentence for help, palette and docs."""
    keys: tuple[str, ...] = ()
    """Textual key names (``s``, ``ctrl+l``, ``f2``, ``left_square_bracket``); the first is shown."""
    kinds: frozenset[Kind] = frozenset()
    """Rows it acts on; empty acts on no row."""
    views: frozenset[str] = frozenset()
    """Views it belongs to; empty is everywhere (or wherever a row of ``kinds`` is)."""
    panes: frozenset[str] = frozenset()
    """Panes it belongs to (``list``, ``detail``); empty is any."""
    group: str = "Everywhere"
    """Heading in help."""
    verb: str = ""
    """Word at ``:``, e.g. ``scale``; empty has none."""
    aliases: tuple[str, ...] = ()
    """Further words at ``:``."""
    arguments: str = ""
    """How its arguments are written, for completion and help: ``SERVICE=N``."""
    footer: int = 0
    """Rank in the footer, 1 first; 0 is not shown there."""
    short: str = ""
    """Its title in the footer of a narrow screen, where that is another."""
    mode: str = ""
    """Where a page takes it before all others: one of ``tui.actions.own.MODES``. Empty: a key like any other."""
    shared: str = ""
    """Those of a mode with the same words here are one entry of the footer: ``w m show for 30 s``."""
    danger: Danger = Danger.NONE
    changes: bool = False
    """Whether it changes the Swarm or an engine: ``--readonly`` refuses it."""
    when: Callable[[ActionContext], Verdict] = always
    run: Callable[[ActionContext], Awaitable[None] | None]
