"""What is under way when somebody wants to leave: asked about once, since nobody here would see how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.look.symbols import sym
from tui.screens.prompt import Asked
from tui.text.fit import wrap
from tui.text.span import Line, line

if TYPE_CHECKING:
    from tui.screens.change_asker import Underway
    from tui.screens.change_waiting import Looking
    from tui.screens.main import MainScreen

#: Rows of what is under way; what is more is counted.
_MOST = 5


@dataclass(slots=True)
class Flights:
    """Changes of one screen that have not come to an end, whichever session they were made in."""

    sent: list[Underway] = field(default_factory=list)
    looking: list[Looking] = field(default_factory=list)
    """Of which the engine is only asked what they would do."""

    def sentences(self, joining: Sequence[str]) -> tuple[list[str], list[str]]:
        """(what is under way in the engine, what was not sent and is dropped), a sentence each. ``joining`` are the
        names of machines whose join has no result yet."""
        sent = []
        for change in self.sent:
            if change.taken:
                said = f" ({change.said.rstrip('.')})" if change.said else ""
                sent.append(
                    f"{change.title}: the engine has it{said}, and goes on with it; the journal will show it as taken."
                )
            else:
                sent.append(
                    f"{change.title}: sent, and not answered; the engine may still do it, and the journal will show"
                    " it as unknown."
                )
        sent += [
            f"Join of {name}: without a result so far; it may still happen, and the journal will show it as unknown."
            for name in joining
        ]
        return sent, [f"{one.line}: not sent, and dropped." for one in self.looking]


def ask_to_leave(screen: MainScreen, flights: Flights) -> bool:
    """Asks whether to leave, where something is under way; what was not sent is dropped then, whatever the answer.
    ``False`` where there is nothing to ask, or it is being asked."""
    if isinstance(screen.prompt_pane.asked, Leaving):
        return False
    sent, dropped = flights.sentences(screen.joining())
    if not sent and not dropped:
        return False
    # An answer that came while one is asked about leaving would put another question under the keys.
    for one in tuple(flights.looking):
        one.left()
    screen.command.close()
    screen.prompt_pane.open(Leaving(screen, sent, dropped))
    return True


class Leaving(Asked):
    """One question, with Stay as the default; the key that asked it leaves at once."""

    def __init__(self, screen: MainScreen, sent: Sequence[str], dropped: Sequence[str]) -> None:
        self._screen, self._sent, self._dropped = screen, sent, dropped
        self._quit = False

    def title(self) -> str:
        if not self._sent:
            return "Quit? Nothing was sent"
        return (
            "Quit? A change is under way" if len(self._sent) == 1 else f"Quit? {len(self._sent)} changes are under way"
        )

    def rows(self, cells: int) -> Sequence[Line]:
        out: list[Line] = []
        for text in self._sent:
            out += [((row, ""),) for row in wrap(f"{sym('changing')} {text}", cells, limit=2)]
        for text in self._dropped:
            out += [((row, "muted"),) for row in wrap(text, cells, limit=2)]
        if len(out) > _MOST:
            out = [*out[: _MOST - 1], (("… and more; :journal has those that were sent", "muted"),)]
        on, off = "onaccent on_accent bold", "strong on_field"
        return [*out, line(("  Stay  ", off if self._quit else on), "  ", ("  Quit  ", on if self._quit else off))]

    def keys(self) -> Sequence[tuple[str, str]]:
        quit_key = self._screen.keymap.key("quit")
        return (("enter", "quits" if self._quit else "stays"), ("tab", "moves"), (quit_key, "quits at once"))

    def escapes(self) -> str:
        return "stays"

    def press(self, key: str, character: str | None) -> None:
        if key in ("tab", "shift+tab", "left", "right"):
            self._quit = not self._quit
        elif key == "enter":
            self._screen.prompt_pane.close()
            if self._quit:
                self._screen.app.exit()
        elif self._screen.keymap.does(key, "quit"):
            self._screen.app.exit()
