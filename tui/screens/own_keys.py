"""A page that takes keys before all others: declared in ``tui.actions`` with a mode, done here by their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import events

from tui.actions.footer import own_footer
from tui.actions.own import is_typed
from tui.actions.spec import ActionSpec
from tui.screens.page import Page
from tui.text.span import Line


class OwnKeysPage(Page):
    """What a subclass says: the modes it is in, what each action does, and what typing does."""

    @property
    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What it does, by the ids of the actions."""
        return {}

    @property
    def typing(self) -> bool:
        """Whether characters go into what is typed: then no key is an action of elsewhere."""
        return False

    def wants(self, action: ActionSpec) -> bool:
        """Whether an action of its modes means something just now; else its key is what it is everywhere."""
        return True

    def type_key(self, key: str, character: str | None) -> bool:
        """A key that is no action of its modes; ``False`` leaves it to those that hold everywhere."""
        return False

    def pressed(self) -> None:
        """A key was taken: draws what may differ."""

    def takes(self, event: events.Key) -> bool:
        """The keys of its modes, then typing."""
        screen = self.frame_screen
        keymap = screen.keymap
        if keymap.goes_through(event.key):
            return False
        action = keymap.own.find(event.key, self.modes)
        if action is not None and self.wants(action):
            screen.run_action_spec(action)
        elif self.typing and event.key == "escape" and not keymap.does("escape", "back"):
            screen.back()  # the way back may be on a character now, and nobody is to be kept in here
        else:
            leaves = self.typing and not is_typed(event.key) and keymap.does(event.key, "back")
            if leaves or not self.type_key(event.key, event.character):
                return False
        self.pressed()
        return True

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Its own actions, by key, from the palette or by a click."""
        own = self.acts.get(name)
        if own is None:
            return super().act(name, arguments)
        own()
        return True

    def own_row(
        self,
        width: int,
        *,
        words: Mapping[str, str] | None = None,
        without: frozenset[str] = frozenset(),
        leave: str = "back",
    ) -> Line:
        """The last row: the keys of its modes; see :func:`tui.actions.footer.own_footer`."""
        screen = self.frame_screen
        unwanted = {action.id for action in screen.keymap.own.of(self.modes) if not self.wants(action)}
        return own_footer(
            screen.keymap,
            screen.context(),
            width,
            self.modes,
            typed=self.typing,
            words=words,
            without=without | unwanted,
            leave=leave,
        )
