"""``:tokens``: join tokens and the unlock key, one at a time and for half a minute; rotated, copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from backends.api import Interest
from backends.errors import BackendError
from backends.model import Key, Kind
from tui.actions.swarm import leave_line
from tui.details.tokens import MANAGER, SHOWN_FOR, UNLOCK, WORKER, Secrets, copied, secret_of, tokens_rows
from tui.frame.interest import ALWAYS
from tui.places import Place
from tui.screens.own_keys import OwnKeysPage
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import Line

_ROTATES = {
    "rotate-worker": "docker swarm join-token --rotate worker",
    "rotate-manager": "docker swarm join-token --rotate manager",
    "rotate-unlock": "docker swarm unlock-key --rotate",
}


class TokensPage(OwnKeysPage, TextPage):
    """A secret is asked for when it is to be seen, and dropped when it hides."""

    def __init__(self, place: Place) -> None:
        self.secrets = Secrets()
        super().__init__(place, "Swarm tokens", self._rows, frozenset({Kind.NODE}))

    def _rows(self, moment: Moment, place: Place, width: int) -> list[Line]:
        return tokens_rows(self.secrets, moment, width)

    @property
    def targets(self) -> tuple[Key, ...]:
        """They are of no row."""
        return ()

    @property
    def interest(self) -> Interest:
        """The nodes and the Swarm."""
        return Interest(ALWAYS | {Kind.NODE})

    @property
    def filterable(self) -> bool:
        """There is nothing to search."""
        return False

    def tick(self, now: float) -> bool:
        """A secret hides by itself."""
        if self.secrets.which and now >= self.secrets.until:
            self._hide()
        return super().tick(now)

    def close(self) -> None:
        """Closing hides."""
        self._hide()
        super().close()

    def _hide(self) -> None:
        if self.secrets != Secrets():
            self.secrets = Secrets()
            self._show()

    def counted(self, moment: Moment) -> Line:
        """That it is about secrets."""
        return ((f"{self.frame_screen.keymap.own.shown('tokens.hide')} hides", "muted"),) if self.secrets.which else ()

    def footer(self, width: int) -> Line | None:
        """Its keys."""
        return self.own_row(width, leave="" if self.secrets.which else "back")

    @property
    def modes(self) -> tuple[str, ...]:
        """Those of a manager; with autolock there is one secret more."""
        snapshot = self._moment.snapshot if self._moment is not None else None
        if snapshot is None or not snapshot.is_manager:
            return ()
        shown = ("tokens.shown",) if self.secrets.which else ()
        locks = ("tokens.autolock",) if snapshot.swarm is not None and snapshot.swarm.autolock else ()
        return (*shown, *locks, "tokens")

    @property
    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What its keys do, by the ids of their actions."""
        screen = self.frame_screen
        found: dict[str, Callable[[], object]] = {
            "tokens.settings": lambda: screen.go(Place("form", argument="swarm-update")),
            "tokens.authority": lambda: screen.go(Place("form", argument="swarm-ca")),
            "tokens.join": lambda: screen.go(Place("join")),
            "tokens.autolock": self._turn_autolock,
            "tokens.leave": lambda: screen.change(leave_line(screen.context())),
            "tokens.hide": self._hide,
        }
        for name, which in (("worker", WORKER), ("manager", MANAGER), ("unlock", UNLOCK)):
            found[f"tokens.show-{name}"] = partial(self._turn, which)
            found[f"tokens.copy-{name}"] = partial(self._begin_asking, which, copy=True)
            found[f"tokens.rotate-{name}"] = partial(self._change, _ROTATES[f"rotate-{name}"])
        return found

    def _turn(self, which: str) -> None:
        if self.secrets.which == which:
            self._hide()
        else:
            self._begin_asking(which)

    def _begin_asking(self, which: str, *, copy: bool = False) -> None:
        self.frame_screen.begin(self._ask(which, copy=copy), "tokens")

    def _change(self, line: str) -> None:
        self._hide()
        self.frame_screen.change(line)

    def _turn_autolock(self) -> None:
        swarm = self._moment.snapshot.swarm if self._moment is not None else None
        on = swarm is not None and swarm.autolock
        self.frame_screen.change(f"docker swarm update --autolock{'=false' if on else ''}")

    async def _ask(self, which: str, *, copy: bool) -> None:
        """Asks for a secret, to be shown or copied."""
        screen, moment = self.frame_screen, self._moment
        path = "/swarm/unlockkey" if which == UNLOCK else "/swarm"
        try:
            secret = secret_of(await screen.cluster.engine.call("GET", path), which)
        except BackendError as error:
            self.secrets = Secrets(problem=f"{error} {error.hint}".strip())
            self._show()
            return
        if moment is None or not secret:
            self.secrets = Secrets(problem="The engine tells none.")
        elif copy:
            what = "the unlock key" if which == UNLOCK else f"the line that joins a {which}"
            screen.copy(copied(which, secret, moment), what)
        elif self.display:
            self.secrets = Secrets(which, secret, screen.session.clock() + SHOWN_FOR)
        self._show()
