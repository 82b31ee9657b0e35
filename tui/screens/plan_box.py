"""The plan before something may be lost, and the dry run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backends.change.changer import Prepared
from backends.change.plan import Verdict
from backends.change.requests import NodeUpdate
from tui.details.plan import plan_rows, request_rows
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class PlanContent(Content):
    """Cancel has the focus. Where quorum would go, and where something may be lost in production, the name is typed
    before the button opens."""

    docked = False

    def __init__(
        self,
        screen: MainScreen,
        prepared: Prepared,
        production: bool,
        go: Callable[[], None],
        no: Callable[[], None],
        title: str = "",
    ) -> None:
        super().__init__()
        self._screen, self._prepared, self._go, self._no = screen, prepared, go, no
        self._plan = prepared.plan
        self._title = title or self._plan.title
        self._production = production
        self._typing = self._plan.fatal or (production and self._plan.verdict >= Verdict.CONFIRM)
        self._edit = LineEdit()
        self.tone = "err" if self._plan.fatal else "warn"
        # The name is what is typed first; without it, Cancel.
        self.fields = 1 if self._typing else 0

    def title(self) -> str:
        return self._title

    def note(self) -> str:
        return "refused as it stands" if self._plan.fatal else "nothing has been done yet"

    @property
    def _open(self) -> bool:
        return not self._typing or self._edit.text == self._plan.typed

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        return plan_rows(self._plan, cells)

    def foot(self, moment: Moment, cells: int) -> Sequence[Line]:
        """What is typed: it stays in sight however long the plan is."""
        if not self._typing:
            return ()
        before, at, after = self._edit.parts
        why = " NO QUORUM " if self._plan.fatal else " PRODUCTION "
        mark = f"  {sym('check')}" if self._open else ""
        return (
            BLANK,
            line(
                (why, "onaccent on_err bold"),
                f"  Type {self._plan.typed} to go on:  ",
                (before, "strong bold"),
                (at or " ", "reverse" if self.at == 0 else ""),
                after,
                (mark, "ok"),
            ),
        )

    def buttons(self) -> Sequence[Button]:
        do = Button(self._plan.title, "go") if self._open else Button(f"({self._plan.title})", "closed")
        return (Button("Cancel", "cancel"), do)

    @property
    def _drains(self) -> bool:
        request = self._plan.request
        return isinstance(request, NodeUpdate) and request.options.text("availability").lower() == "drain"

    def keys(self) -> Sequence[tuple[str, str]]:
        copies = "^y" if self._typing and self.at == 0 else "c"
        pause = (("p", "pause instead"),) if self._drains and copies == "c" else ()
        return (("esc", "cancels"), ("tab", "moves"), (copies, "copies the command"), *pause, ("↑↓", "scroll"))

    def press(self, key: str, character: str | None) -> bool:
        if key == "ctrl+y":
            self._copy()
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
        if key == "c":
            self._copy()
            return True
        if key == "p" and self._drains and isinstance(self._plan.request, NodeUpdate):
            self._screen.box.close()
            self._no()
            self._screen.change(f"docker node update --availability pause {self._plan.request.name}")
            return True
        return False

    def _copy(self) -> None:
        self._screen.copy(self._plan.command, "the command")

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

    def __init__(self, screen: MainScreen, prepared: Prepared, go: Callable[[], None]) -> None:
        super().__init__()
        self._screen, self._prepared, self._go = screen, prepared, go

    def title(self) -> str:
        return f"Dry run: {self._prepared.plan.title}"

    def note(self) -> str:
        return "nothing was sent"

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        rows = plan_rows(self._prepared.plan, cells)
        return [*rows, *request_rows(self._prepared.plan.steps, cells)]

    def buttons(self) -> Sequence[Button]:
        return (Button("Close", "cancel"), *((Button(self._prepared.plan.title, "go"),) if self._may else ()))

    @property
    def _may(self) -> bool:
        """Whether it can be gone on to: it is asked about as ever."""
        return self._prepared.changes and not self._screen.session.readonly

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("esc", "closes"), ("↑↓", "scroll"), ("c", "copies the line"), ("y", "copies the requests"))

    def press(self, key: str, character: str | None) -> bool:
        if key == "c":
            self._screen.copy(self._prepared.plan.command, "the line")
        elif key == "y":
            self._screen.copy(json.dumps(self._prepared.plan.requests, indent=2), "the requests")
        else:
            return False
        return True

    def chosen(self, act: str) -> None:
        self._screen.box.close()
        if act == "go":
            self._go()
