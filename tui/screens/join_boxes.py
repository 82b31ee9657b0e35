"""The box that asks before a machine joins of which it is known that something will not work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backends.joining.board import Row
from backends.joining.checks import Mark
from tui.look.symbols import sym
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.fit import wrap
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class AllTheSame(Content):
    """Cancel has the focus."""

    docked = False
    tone = "warn"

    def __init__(self, screen: MainScreen, row: Row, go: Callable[[], None]) -> None:
        super().__init__()
        self._screen, self._row, self._go = screen, row, go

    def title(self) -> str:
        """Which machine."""
        return f"Join {self._row.name} although not all is well"

    def note(self) -> str:
        """Nothing is done by looking."""
        return "nothing has been done yet"

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        """What will not work."""
        out: list[Line] = [BLANK]
        for check in self._row.checks:
            if check.mark is Mark.FAIL:
                for index, text in enumerate(wrap(f"{check.id}: {check.sentence}", max(20, cells - 4))):
                    out.append(line((f"{sym('fail')} " if index == 0 else "  ", "err"), text))
        told = "It would be in the list of nodes; tasks there may not reach those of others, or it may be seen as down."
        return [*out, BLANK, *(((text, "muted"),) for text in wrap(told, cells))]

    def buttons(self) -> Sequence[Button]:
        """Cancel first."""
        return (Button("Cancel", "cancel"), Button("Join all the same", "go"))

    def keys(self) -> Sequence[tuple[str, str]]:
        """Of every box."""
        return (("esc", "cancels"), ("tab", "moves"))

    def chosen(self, act: str) -> None:
        """Joins where that was chosen."""
        self._screen.box.close()
        if act == "go":
            self._go()
