"""Keys that a page takes before all others: where one types, in a list of machines, at secrets.

They are actions like all others, declared once in the ``*_keys`` modules beside this one, and have a *mode*: what the
page is doing. A page names the modes it is in (``Page.modes``), the most exact first, and does what each is (by its
id); the keymap finds the action, and footer, help, palette, ``docs/keys.md`` and ``[keys]`` know it like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tui.actions.keys import SIGNS, display, normal
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict, always


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """What a page may be doing; a part before a dot is a mode that holds with it."""

    id: str
    view: str
    title: str
    """Its heading in help."""
    typed: bool = True
    """Whether characters go into what is typed, so that no action can have one."""
    over: bool = False
    """Whether it stands over the others for a moment, as an open list does: its keys hide theirs."""
    hides: bool = False
    """Whether its keys hide those that hold everywhere, also while nothing is typed on its page."""
    taken: frozenset[str] = frozenset()
    """Keys that what it stands in has for itself."""


_BOX = frozenset({"escape", "ctrl+c", "tab", "shift+tab", "enter", "left", "right"})
MODES = MappingProxyType(
    {
        mode.id: mode
        for mode in (
            Mode(id="form", view="form", title="Form"),
            Mode(id="form.list", view="form", title="An open list", over=True),
            Mode(id="form.chosen", view="form", title="An open list", over=True),
            Mode(id="form.about", view="form", title="About the field", over=True),
            Mode(id="form.find", view="form", title="Finding a field", over=True),
            Mode(id="conflict", view="form", title="Changed meanwhile", typed=False, over=True, taken=_BOX),
            Mode(id="join.typing", view="join", title="A machine being typed"),
            Mode(id="join.back", view="join", title="A machine being typed", over=True),
            Mode(id="join.list", view="join", title="Machines", typed=False, hides=True),
            Mode(id="join.mend", view="join", title="What to mend", typed=False, over=True),
            Mode(id="join.pending", view="join", title="A join without a result", typed=False, over=True),
            Mode(id="tokens", view="tokens", title="Tokens", typed=False, hides=True),
            Mode(id="tokens.autolock", view="tokens", title="With autolock", typed=False, hides=True),
            Mode(id="tokens.shown", view="tokens", title="A secret in sight", typed=False, over=True),
            Mode(id="unlock", view="unlock", title="Unlock"),
            Mode(id="reach", view="reach", title="Mapping", hides=True),
            Mode(id="reach.form", view="reach", title="Fields"),
        )
    }
)
#: Pages on which one does nothing but type.
ONLY_TYPED = frozenset({"form", "unlock"})
#: Ids of the actions that hold in every mode, by those of their keys that are no characters.
THROUGH = frozenset({"quit", "palette", "help"})

#: Keys that change what is typed; no action can have one where one types. ``home`` and the like may be taken.
EDITING = frozenset({"space", "backspace", "delete", "left", "right", "home", "end"})
_NAMES = frozenset(SIGNS.values())


def is_typed(key: str) -> bool:
    """Whether a key (a Textual name) is a character, or moves in what is typed."""
    return len(key) == 1 or key in _NAMES or key in EDITING


@dataclass(frozen=True, slots=True)
class Own:
    """The ``run`` of an action of a mode: the page does what has its id."""

    id: str

    def __call__(self, context: ActionContext) -> None:
        context.ui.call(self.id)


def own(
    mode: str,
    name: str,
    title: str,
    help: str,
    *keys: str,
    short: str = "",
    footer: int = 0,
    shared: str = "",
    danger: Danger = Danger.NONE,
    changes: bool = False,
    when: Callable[[ActionContext], Verdict] = always,
) -> ActionSpec:
    """An action of a mode. ``name`` stands behind the family of the mode in its id: ``send`` is ``form.send``."""
    id = f"{mode.partition('.')[0]}.{name}"
    return ActionSpec(
        id=id,
        title=title,
        help=help,
        keys=keys,
        views=frozenset({MODES[mode].view}),
        group="Page",
        footer=footer,
        short=short,
        mode=mode,
        shared=shared,
        danger=danger,
        changes=changes,
        when=when,
        run=Own(id),
    )


class OwnKeys:
    """The actions of modes, with their keys as they are now."""

    def __init__(self, actions: Iterable[ActionSpec]) -> None:
        self.actions = tuple(action for action in actions if action.mode)
        self._by_id = {action.id: action for action in self.actions}
        self._keys: dict[str, dict[str, ActionSpec]] = {}
        for action in self.actions:
            for key in action.keys:
                self._keys.setdefault(action.mode, {}).setdefault(normal(key), action)

    def find(self, key: str, modes: Sequence[str]) -> ActionSpec | None:
        """The action of a key (a Textual name) in the first of ``modes`` that has one."""
        wanted = normal(key)
        return next((found for mode in modes if (found := self._keys.get(mode, {}).get(wanted)) is not None), None)

    def of(self, modes: Sequence[str]) -> tuple[ActionSpec, ...]:
        """The actions of modes that can be done now by a key, in their order; a hidden one is not there."""
        return tuple(
            action
            for mode in modes
            for action in self.actions
            if action.mode == mode and any(self.find(key, modes) is action for key in action.keys)
        )

    def of_view(self, view: str) -> tuple[ActionSpec, ...]:
        """All actions that a page may take."""
        return tuple(action for action in self.actions if view in action.views)

    def pairs(self, modes: Sequence[str]) -> list[tuple[str, str]]:
        """Keys and what they do, for the lower edge of a box: those with a rank in the footer."""
        found: dict[str, list[str]] = {}
        for action in (one for one in self.of(modes) if one.footer):
            found.setdefault(action.shared or action.title, []).append(display(action.keys[0]))
        return [(" ".join(keys), words) for words, keys in found.items()]

    def shown(self, action_id: str) -> str:
        """The first key of an action as texts show it; empty where it has none."""
        action = self._by_id.get(action_id)
        return display(action.keys[0]) if action is not None and action.keys else ""

    def __contains__(self, action_id: object) -> bool:
        return action_id in self._by_id


def meet(one: str, two: str) -> bool:
    """Whether two modes hold at once and neither hides the keys of the other: then a key is of one of them only."""
    if one == two:
        return True
    inner = max(one, two, key=len)
    return inner.startswith(f"{min(one, two, key=len)}.") and not MODES[inner].over
