"""In which replica of a service a shell is to open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backends.api import ExecRequest
from backends.model import Key, Kind, Snapshot
from tui.actions.entering import Entrance, entrances, left_out, unread
from tui.actions.objects import name_of
from tui.details.picker import equal_line, picker_rows
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.ago import plural
from tui.text.fit import wrap
from tui.text.span import BLANK, Line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: Replicas that cannot be entered of which the reason is said.
_LEFT = 3


class ReplicaPicker(Content):
    """Slot, state, node, address and how the node is reached; the best is under the cursor."""

    docked = False

    def __init__(self, screen: MainScreen, key: Key, choice: Sequence[Entrance]) -> None:
        super().__init__()
        self._screen, self._key, self._choice = screen, key, tuple(choice)
        self._row = 0
        self._seen: Snapshot | None = None
        self._why = ""
        """Why there is no replica to choose."""

    def title(self) -> str:
        """Of what."""
        return f"Shell into {name_of(self._screen.moment.snapshot, self._key)}"

    def note(self) -> str:
        """How many there are to choose from."""
        count = len(self._choice)
        return f"{plural(count, 'replica')} run{'s' if count == 1 else ''}" if count else ""

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        """The replicas, and the line that does the same."""
        self._look(moment)
        if not self._choice:
            return [
                BLANK,
                (("reading where it runs" if unread(moment.snapshot, self._key) else f"{self._why}.", "muted"),),
            ]
        rows = picker_rows(self._choice, self._row, moment, cells)
        left = left_out(moment.snapshot, self._key, self._choice, reaching=moment.reaching)
        more = [((text, "muted"),) for why in left[:_LEFT] for text in wrap(why, cells, limit=2)]
        return [BLANK, *rows, *more, BLANK, *equal_line(self._choice[self._row], moment, cells)]

    def _look(self, moment: Moment) -> None:
        """Looks anew where it runs; the cursor stays on its replica."""
        if moment.snapshot is self._seen:
            return
        self._seen = moment.snapshot
        found = entrances(moment.snapshot, self._key, reaching=moment.reaching)
        before = self._choice[self._row].name if self._choice else ""
        self._choice = () if isinstance(found, str) else found
        self._row = next((i for i, one in enumerate(self._choice) if one.name == before), 0)
        self._why = found if isinstance(found, str) else ""

    def buttons(self) -> Sequence[Button]:
        """Open or not."""
        return (Button("Open shell", "open"), Button("Cancel", "cancel"))

    def keys(self) -> Sequence[tuple[str, str]]:
        """Up and down choose."""
        return (("↑↓", "choose"), ("enter", "opens"), ("X", "a command on all"), ("esc", "cancels"))

    def press(self, key: str, character: str | None) -> bool:
        """Moves the cursor; a digit is a slot."""
        if not self._choice:
            return False
        if key in ("down", "j", "up", "k"):
            self._row = (self._row + (1 if key in ("down", "j") else -1)) % len(self._choice)
        elif key in ("home", "g", "end", "G"):
            self._row = 0 if key in ("home", "g") else len(self._choice) - 1
        elif key == "X":
            self._screen.box.close()
            self._screen.edit_command(f"all {name_of(self._screen.moment.snapshot, self._key)} -- ")
        elif character and character.isdigit():
            self._row = next((i for i, one in enumerate(self._choice) if str(one.slot) == character), self._row)
        else:
            return False
        return True

    def chosen(self, act: str) -> None:
        """Opens the shell in the row under the cursor."""
        if act == "open" and not self._choice:
            return
        self._screen.box.close()
        if act == "open":
            self._screen.run_shell(self._choice[self._row].key, ExecRequest())

    def stands(self, moment: Moment) -> bool:
        """A service that is gone has no replicas."""
        return self._key.kind is not Kind.SERVICE or self._key.id in moment.snapshot.services
