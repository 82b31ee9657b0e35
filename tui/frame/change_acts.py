"""What actions may ask of the user interface about changes. Mixed into the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from backends.api import Interest
from backends.model import Key

if TYPE_CHECKING:
    from tui.screens.change_leaving import Flights
    from tui.screens.changing import Changing
    from tui.screens.main import MainScreen


class ChangeActs:
    """Changes of the session that is shown; what makes them is read when the first is asked for."""

    _changing: Changing | None = None
    _flights: Flights | None = None
    """Changes under way, of the session that is shown and of those before; ``None`` where none was ever made."""

    @property
    def changing(self) -> Changing:
        """Plans, asks, does, and says what came of it."""
        if self._changing is None:
            from tui.screens.change_leaving import Flights
            from tui.screens.changing import Changing

            self._flights = self._flights or Flights()
            self._changing = Changing(cast("MainScreen", self), self._flights)
        return self._changing

    def with_changes(self, interest: Interest) -> Interest:
        """What a page wants to be kept fresh, and what changes under way are judged by."""
        return self._changing.with_goals(interest) if self._changing is not None else interest

    def forget_changes(self) -> None:
        """Another session: what is under way goes on and is said, what comes is made on the new one."""
        self._changing = None

    def leave(self) -> None:
        """Ends the program; where a change is under way, asks first, and only once."""
        screen = cast("MainScreen", self)
        if self._flights is not None:
            from tui.screens.change_leaving import ask_to_leave

            if ask_to_leave(screen, self._flights):
                return
        screen.app.exit()

    def change(self, line: str, *, typed: str = "", dry: bool = False) -> None:
        """Plans a docker line, asks, does it, says what came of it."""
        cast("MainScreen", self).begin(self.changing.run(line, typed, dry), "change")

    def prompt(self, what: str, key: Key) -> None:
        """Asks for the one value of a change, or opens the box of networks."""
        if what in ("connect", "detach", "network-remove", "prune"):
            from tui.screens.network_boxes import open_box

            open_box(cast("MainScreen", self), what, key)
        elif what == "node-remove":
            from tui.screens.swarm_remove import RemoveNode

            screen = cast("MainScreen", self)
            screen.box.open(RemoveNode(screen, key))
        else:
            self.changing.prompt(what, key)
