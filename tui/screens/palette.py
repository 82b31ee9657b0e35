"""The command palette: our actions and the objects of the Swarm by name. Textual's palette, our words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from backends.model import Key
from tui.actions.command import NAMED, Command, Known, parse
from tui.actions.keymap import verdict
from tui.actions.keys import display
from tui.actions.objects import names
from tui.actions.spec import ActionSpec
from tui.text.clean import clean

if TYPE_CHECKING:
    from tui.app import DnetApp
    from tui.screens.main import MainScreen

#: Objects looked through for one search; a Swarm of 10,000 must not stall a key.
_MOST = 5000


class Everything(Provider):
    """Actions that apply where one is, and everything that has a name."""

    @property
    def _main(self) -> MainScreen:
        return cast("DnetApp", self.app).main

    def _actions(self) -> Iterator[ActionSpec]:
        main = self._main
        context = main.context()
        kind = context.target.kind if context.target else None
        own = main.keymap.own.of(main.page.modes)
        yield from (action for action in own if verdict(action, context) is True)
        for action in main.keymap.here(view=context.place.view, kind=kind, pane="list"):
            if action.group in ("List", "Panes") or action.id == "palette":
                continue
            if verdict(action, context) is True:
                yield action

    async def discover(self) -> Hits:
        """All actions, before anything is typed."""
        for action in self._actions():
            yield DiscoveryHit(
                Content(_shown(action)),
                partial(self._main.run_action_spec, action),
                text=action.title,
                help=clean(action.help),
            )

    async def search(self, query: str) -> Hits:
        """What matches by the letters typed."""
        matcher = self.matcher(query)
        for action in self._actions():
            text = f"{action.title} {action.verb}".strip()
            if (score := matcher.match(text)) > 0:
                yield Hit(
                    score, Content(_shown(action)), partial(self._main.run_action_spec, action), help=clean(action.help)
                )
        for number, (name, key) in enumerate(names(self._main.cluster.snapshot, NAMED)):
            if number >= _MOST:
                break
            shown = f"{clean(name)}  {key.kind.value}"
            if (score := matcher.match(name)) > 0:
                yield Hit(score * 0.9, Content(shown), partial(self._open, key, name), help="Goes to it.")

    def _open(self, key: Key, name: str) -> None:
        main = self._main
        known = Known(main.keymap, main, main.cluster.snapshot, main.place, (key,), main.tables)
        command = parse("open", known)
        if isinstance(command, Command):
            main.run_action_spec(command.action, command.context)
        else:
            main.say(command, bad=True)


def _shown(action: ActionSpec) -> str:
    key = display(action.keys[0]) if action.keys else f":{action.verb}" if action.verb else ""
    return f"{action.title}  {key}"
