"""What can be done with a node's part in the Swarm: each choice says what it does before it is chosen."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backends.model import Key, Node
from tui.actions.changing import Meaning, meaning
from tui.actions.objects import name_of
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.fit import wrap
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class NodeMenu(Content):
    """``a``: drain, pause, activate, promote or demote."""

    docked = False

    def __init__(self, screen: MainScreen, key: Key) -> None:
        super().__init__()
        self._screen, self._key, self._row = screen, key, 0

    def title(self) -> str:
        return f"Part of {name_of(self._screen.moment.snapshot, self._key)} in the Swarm"

    def _choices(self, moment: Moment) -> list[tuple[str, str]]:
        node: Node | None = moment.snapshot.nodes.get(self._key.id)
        if node is None:
            return []
        name = name_of(moment.snapshot, self._key)
        words = [
            (label, ["docker", "node", "update", "--availability", value, name])
            for label, value in (("Drain", "drain"), ("Pause", "pause"), ("Activate", "active"))
            if value != node.availability
        ]
        words.append(
            ("Demote to worker", ["docker", "node", "demote", name])
            if node.role == "manager"
            else ("Promote to manager", ["docker", "node", "promote", name])
        )
        return [(label, shlex.join(line)) for label, line in words]

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        choices = self._choices(moment)
        self._row = max(0, min(self._row, len(choices) - 1))
        out: list[Line] = [BLANK]
        for number, (label, _) in enumerate(choices):
            here = number == self._row
            out.append(line(("▌ " if here else "  ", "accent"), (label, "strong bold" if here else "")))
        if choices:
            found = meaning(choices[self._row][1], moment.snapshot)
            out += [BLANK, *_told(found, cells), line(("equals    ", "muted"), choices[self._row][1])]
        return out

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("↑↓", "choose"), ("enter", "does it, after its plan"), ("esc", "closes"))

    def press(self, key: str, character: str | None) -> bool:
        choices = self._choices(self._screen.moment)
        if key in ("down", "j", "up", "k") and choices:
            self._row = (self._row + (1 if key in ("down", "j") else -1)) % len(choices)
            return True
        return False

    def buttons(self) -> Sequence[Button]:
        """Nothing is done yet by the first: the plan comes first."""
        return (Button("Choose", "choose"), Button("Cancel", "cancel"))

    def chosen(self, act: str) -> None:
        choices = self._choices(self._screen.moment)
        self._screen.box.close()
        if act == "choose" and choices:
            self._screen.change(choices[self._row][1])

    def stands(self, moment: Moment) -> bool:
        """A node that is gone has no part."""
        return self._key.id in moment.snapshot.nodes


def _told(found: Meaning, cells: int) -> list[Line]:
    return [((text, "err" if found.wrong else ""),) for text in wrap(found.text, cells, limit=4)]
