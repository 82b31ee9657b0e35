"""``:tokens``: join tokens and the unlock key, one at a time and for half a minute; rotated, copied."""

from __future__ import annotations

from textual import events

from backends.api import Interest
from backends.errors import BackendError
from backends.model import Key, Kind
from tui.actions.swarm import leave_line
from tui.details.tokens import MANAGER, SHOWN_FOR, UNLOCK, WORKER, Secrets, copied, secret_of, tokens_rows
from tui.frame import titles
from tui.frame.interest import ALWAYS
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import Line, line

_SHOW = {"w": WORKER, "m": MANAGER, "u": UNLOCK}
_COPY = {"c": WORKER, "C": MANAGER, "k": UNLOCK}
_LINES = {
    "r": "docker swarm join-token --rotate worker",
    "R": "docker swarm join-token --rotate manager",
    "U": "docker swarm unlock-key --rotate",
}
_FORMS = {"E": "swarm-update", "A": "swarm-ca"}


class TokensPage(TextPage):
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
        return (("esc hides", "muted"),) if self.secrets.which else ()

    def footer(self, width: int) -> Line | None:
        """Its keys."""
        pairs = [("w m", "show one for 30 s"), ("c C", "copy"), ("r R", "rotate"), ("E", "settings"), ("j", "join")]
        return line(" ", titles.keys(*pairs, ("esc", "back")))

    def takes(self, event: events.Key) -> bool:
        """Its letters; everything else is what it is everywhere."""
        moment, screen, key = self._moment, self.frame_screen, event.key
        letter = event.character or key
        if moment is None or not moment.snapshot.is_manager:
            return False
        if letter in ("u", "U", "k") and not (moment.snapshot.swarm is not None and moment.snapshot.swarm.autolock):
            return False
        if letter in _SHOW:
            which = _SHOW[letter]
            if self.secrets.which == which:
                self._hide()
            else:
                screen.begin(self._ask(which, copy=False), "tokens")
        elif letter in _COPY:
            screen.begin(self._ask(_COPY[letter], copy=True), "tokens")
        elif letter in _LINES:
            self._hide()
            screen.change(_LINES[letter])
        elif letter in _FORMS:
            screen.go(Place("form", argument=_FORMS[letter]))
        elif letter == "L":
            on = moment.snapshot.swarm is not None and moment.snapshot.swarm.autolock
            screen.change(f"docker swarm update --autolock{'=false' if on else ''}")
        elif letter == "X":
            screen.change(leave_line(screen.context()))
        elif letter == "j":
            screen.go(Place("join"))
        elif key == "escape" and self.secrets.which:
            self._hide()
        else:
            return False
        return True

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
