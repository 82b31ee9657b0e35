"""The plan before something may be lost, and the dry run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backends.changing.changer import Prepared
from tui.details.plan import plan_rows, request_rows
from tui.frame.line_edit import LineEdit
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class PlanContent(Content):
    """Cancel has the focus. In production, and where quorum would go, the name is typed before the button opens."""

    docked = False

    def __init__(
        self, screen: MainScreen, prepared: Prepared, production: bool, go: Callable[[], None], no: Callable[[], None]
    ) -> None:
        super().__init__()
        self._screen, self._prepared, self._go, self._no = screen, prepared, go, no
        self._plan = prepared.plan
        self._typing = production or self._plan.fatal
        self._production = production
        self._edit = LineEdit()
        self.tone = "err" if self._plan.fatal else "warn"
        # The name is what is typed first; without it, Cancel.
        self.fields = 1 if self._typing else 0

    def title(self) -> str:
        return self._plan.title

    def note(self) -> str:
        return "nothing has been done yet"

    @property
    def _open(self) -> bool:
        return not self._typing or self._edit.text == self._plan.typed

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        out = plan_rows(self._plan, self._prepared.compiled.warnings, cells)
        if self._typing:
            before, at, after = self._edit.parts
            why = " PRODUCTION " if self._production else " NO QUORUM "
            mark = "✓" if self._open else ""
            out += [
                BLANK,
                line((why, "onaccent on_err bold"), f"  Type {self._plan.typed}: "),
                line(
                    (before, "strong bold"), (at or " ", "reverse" if self.at == 0 else ""), after, ("  " + mark, "ok")
                ),
            ]
        return out

    def buttons(self) -> Sequence[Button]:
        do = Button(self._plan.title, "go") if self._open else Button(f"({self._plan.title})", "closed")
        return (Button("Cancel", "cancel"), do)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("esc", "cancels"), ("tab", "moves"), ("^y", "copies the command"))

    def press(self, key: str, character: str | None) -> bool:
        if key == "ctrl+y":
            self._screen.copy(self._plan.command, "the command")
            return True
        if self._typing and self.at == 0:
            if key == "enter":
                self.at = 1
                return True
            if key in ("up", "down", "pageup", "pagedown"):
                return False
            changed = self._edit.key(key, character)
            if changed is not None:
                self._edit = changed
            return True
        return False

    def paste(self, text: str) -> None:
        """A name that is pasted was not thought of: it has to be typed."""

    def chosen(self, act: str) -> None:
        if act == "closed":
            self._screen.hint(f"type {self._plan.typed} first")
            self.at = 0
            return
        self._screen.box.close()
        (self._go if act == "go" else self._no)()


class DryRun(Content):
    """``:plan``: what would happen and what would be sent. Nothing is."""

    docked = False

    def __init__(self, screen: MainScreen, prepared: Prepared) -> None:
        super().__init__()
        self._screen, self._prepared = screen, prepared

    def title(self) -> str:
        return f"Dry run: {self._prepared.plan.title}"

    def note(self) -> str:
        return "nothing was sent"

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        compiled = self._prepared.compiled
        rows = plan_rows(self._prepared.plan, compiled.warnings, cells)
        return [*rows, *request_rows(compiled.steps, cells)]

    def buttons(self) -> Sequence[Button]:
        return (Button("Close", "cancel"),)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("esc", "closes"), ("↑↓", "scroll"), ("c", "copies the line"), ("y", "copies the requests"))

    def press(self, key: str, character: str | None) -> bool:
        if key == "c":
            self._screen.copy(self._prepared.plan.command, "the line")
        elif key == "y":
            steps = [step.as_json() for step in self._prepared.compiled.steps]
            self._screen.copy(json.dumps(steps, indent=2), "the requests")
        else:
            return False
        return True

    def chosen(self, act: str) -> None:
        self._screen.box.close()
