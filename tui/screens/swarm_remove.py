"""How a node that is up comes out of the Swarm: it leaves by itself and is then forgotten, or is forgotten by force."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backends.change.options import Options
from backends.change.outcome import Outcome
from backends.change.quorum import is_manager
from backends.change.requests import SwarmLeave
from backends.model import Changes, Key, Node
from tui.actions.changing import meaning, removal_line
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.fit import wrap
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: Seconds in which the managers notice that a node has left.
GONE = 60.0


class RemoveNode(Content):
    """Each way says what it does before it is chosen; all of them show their plan first."""

    docked = False

    def __init__(self, screen: MainScreen, key: Key) -> None:
        super().__init__()
        self._screen, self._key, self._row = screen, key, 0

    @property
    def _node(self) -> Node | None:
        return self._screen.moment.snapshot.nodes.get(self._key.id)

    def title(self) -> str:
        """Which node."""
        node = self._node
        return f"{node.name} is up: how is it to go?" if node is not None else ""

    def note(self) -> str:
        """Nothing is done by looking."""
        return "nothing has been done yet"

    def _choices(self) -> list[tuple[str, str, str]]:
        """(label, act or docker line, what it does)."""
        node = self._node
        if node is None:
            return []
        name = shlex.quote(node.name)
        if is_manager(node):
            told = "A manager is made a worker first, so that it leaves the count; then it can be removed as one."
            return [("Demote it first", f"docker node demote {name}", told)]
        found = []
        if self._screen.cluster.nodes is not None and node.id != self._screen.moment.snapshot.node_id:
            told = (
                f"docker swarm leave on {node.name}, over SSH; its engine is a plain one then. Once the managers see "
                "it gone, it is taken off the list."
            )
            found.append(("Let it leave, then remove it", "leave", told))
        if node.availability != "drain":
            line_ = f"docker node update --availability drain {name}"
            found.append(("Drain it first", line_, meaning(line_, self._screen.moment.snapshot).text))
        told = (
            "Takes it off the list although it is up: its tasks are started elsewhere, its own go on until its engine "
            "is told to leave. For machines that cannot be reached any more."
        )
        return [*found, ("Remove it by force", f"docker node rm --force {name}", told)]

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        """The ways, and what the one under the cursor does."""
        choices = self._choices()
        self._row = max(0, min(self._row, len(choices) - 1))
        out: list[Line] = [BLANK]
        for number, (label, _, _) in enumerate(choices):
            here = number == self._row
            out.append(line(("▌ " if here else "  ", "accent"), (label, "strong bold" if here else "")))
        if choices:
            _, act, told = choices[self._row]
            out += [BLANK, *(((text, ""),) for text in wrap(told, cells))]
            equal = "docker swarm leave, there; then docker node rm" if act == "leave" else act
            out += [BLANK, line(("equals    ", "muted"), equal)]
        return out

    def buttons(self) -> Sequence[Button]:
        """The plan comes first in each case."""
        return (Button("Choose", "choose"), Button("Cancel", "cancel"))

    def keys(self) -> Sequence[tuple[str, str]]:
        """Keys of the choice."""
        return (("↑↓", "choose"), ("enter", "shows its plan"), ("esc", "closes"))

    def press(self, key: str, character: str | None) -> bool:
        """Goes through the ways."""
        choices = self._choices()
        if key in ("down", "j", "up", "k") and choices:
            self._row = (self._row + (1 if key in ("down", "j") else -1)) % len(choices)
            return True
        return False

    def stands(self, moment: Moment) -> bool:
        """A node that is gone goes no more."""
        return self._key.id in moment.snapshot.nodes

    def chosen(self, act: str) -> None:
        """Plans the way under the cursor."""
        choices, node, screen = self._choices(), self._node, self._screen
        screen.box.close()
        if act != "choose" or not choices or node is None:
            return
        what = choices[self._row][1]
        if what != "leave":
            screen.change(what)
            return
        options = Options((("force", ("true",)),)) if is_manager(node) else Options()

        def left(_: Outcome) -> None:
            screen.begin(forget(screen, node), f"remove {node.name}")

        screen.changing.request(
            SwarmLeave(options=options), title=f"Let {node.name} leave the swarm", node=node.id, on_done=left
        )


async def forget(screen: MainScreen, node: Node) -> None:
    """Takes a node that has left off the list, once the managers see it gone."""
    screen.hint(f"{node.name} has left; waiting until the managers see it gone")
    heard = asyncio.Event()

    def listen(_: Changes) -> None:
        heard.set()

    cluster = screen.cluster
    end = cluster.subscribe(listen)
    try:
        async with asyncio.timeout(GONE):
            while True:
                heard.clear()
                now = cluster.snapshot.nodes.get(node.id)
                if now is None:
                    screen.say(f"{node.name} has left the swarm")
                    return
                if now.state == "down":
                    break
                await heard.wait()
    except TimeoutError:
        screen.say(f"{node.name} has left, and the managers still see it up: ^d removes it later.", bad=True)
        return
    finally:
        end()
    screen.change(removal_line([node.key], cluster.snapshot))
