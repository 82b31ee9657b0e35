"""From a pressed key to an action: presets, the user's own keys, and what would clash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from backends.model import Kind
from tui.actions.keys import display, normal, parse_key
from tui.actions.near import nearest
from tui.actions.own import MODES, THROUGH, OwnKeys, is_typed, meet
from tui.actions.presets import PRESETS
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import VIEWS, title


@dataclass(frozen=True, slots=True)
class Clash:
    """Two actions that want one key in one view, or a key that cannot be used."""

    where: str
    """What to look at in the configuration: an action's id, or the id of the one that came second."""
    text: str
    """One sentence."""


def verdict(action: ActionSpec, context: ActionContext) -> Verdict:
    """Whether an action applies now: ``True``, or the sentence part that says why not. The one place that
    refuses changes in a read-only session."""
    if action.kinds and not any(target.kind in action.kinds for target in context.targets):
        return "no row is under the cursor" if not context.targets else f"not for a {context.targets[0].kind.value}"
    if action.changes and context.ui.readonly:
        return "this session is read-only"
    return action.when(context)


def shown_in(action: ActionSpec, view: str) -> bool:
    """Whether an action has a place in a view: it names the view or none, and its kinds may stand there."""
    if action.views and view not in action.views:
        return False
    known = VIEWS.get(view)
    return not action.kinds or known is None or bool(action.kinds & known.kinds)


class Keymap:
    """Keys of all actions, resolved for a view. Immutable once built."""

    def __init__(
        self,
        actions: Iterable[ActionSpec],
        overrides: Mapping[str, Sequence[str]] | None = None,
        preset: str = "k9s",
    ) -> None:
        """``overrides`` gives keys, as people write them, by action id (``logs``, ``open.service``) or by
        family (``open``: all ids that begin with ``open.``). What clashes or is no key is left out, with a
        sentence in ``clashes``; the action keeps its default then."""
        self.preset = preset if preset in PRESETS else "k9s"
        self.clashes: list[Clash] = []
        defaults = tuple(actions)
        given = {**PRESETS[self.preset], **(overrides or {})}
        if preset not in PRESETS:
            self.clashes.append(Clash("preset", f"There is no keymap {preset}; there are {', '.join(PRESETS)}."))
        self.actions, found = _without_clashes(defaults, given)
        self.clashes += found
        self._views: dict[str, dict[str, tuple[ActionSpec, ...]]] = {}
        self.own = OwnKeys(self.actions)
        """The keys that pages take before all others."""
        self._through = {normal(key) for a in self.actions if a.id in THROUGH for key in a.keys if not is_typed(key)}

    def goes_through(self, key: str) -> bool:
        """Whether a key is no page's to take: it quits, opens the palette or help, also where one types."""
        return normal(key) in self._through

    def does(self, key: str, action_id: str) -> bool:
        """Whether a key (a Textual name) is one of an action's."""
        action = self.by_id(action_id)
        return action is not None and normal(key) in map(normal, action.keys)

    def resolve(self, key: str, *, view: str, kind: Kind | None = None, pane: str = "list") -> ActionSpec | None:
        """The action of a key (a Textual name) with ``view`` shown, ``pane`` focused and a row of ``kind``
        under its cursor. The events strip is the view ``events``, wherever it stands."""
        if pane == "events":
            view = "events"
        found = [action for action in self._of(view).get(normal(key), ()) if not action.panes or pane in action.panes]
        for action in found:
            if not action.kinds or kind in action.kinds:
                return action
        # Without a row the key still means something here: its verdict says that there is no row.
        return found[0] if found and kind is None else None

    def here(self, *, view: str, kind: Kind | None = None, pane: str = "list") -> tuple[ActionSpec, ...]:
        """All actions with a place there, in the order of the registry; without a row (``kind`` ``None``)
        those of any kind that may stand in the view."""
        if pane == "events":
            view = "events"
        return tuple(
            action
            for action in self.actions
            if not action.mode
            and shown_in(action, view)
            and (not action.panes or pane in action.panes)
            and (not action.kinds or kind is None or kind in action.kinds)
        )

    def key(self, action_id: str) -> str:
        """The first key of an action as the footer shows it; empty where it has none."""
        for action in self.actions:
            if action.id == action_id and action.keys:
                return display(action.keys[0])
        return ""

    def by_id(self, action_id: str) -> ActionSpec | None:
        """The action of that id, with its keys as they are now."""
        return next((action for action in self.actions if action.id == action_id), None)

    def _of(self, view: str) -> dict[str, tuple[ActionSpec, ...]]:
        known = self._views.get(view)
        if known is None:
            table: dict[str, list[ActionSpec]] = {}
            for action in self.actions:
                if not action.mode and shown_in(action, view):
                    for key in action.keys:
                        table.setdefault(normal(key), []).append(action)
            # An action that asks for a kind or a pane is the more exact answer.
            known = {
                key: tuple(sorted(found, key=lambda action: (not action.kinds, not action.panes)))
                for key, found in table.items()
            }
            self._views[view] = known
        return known


def _without_clashes(
    defaults: tuple[ActionSpec, ...], given: Mapping[str, Sequence[str]]
) -> tuple[tuple[ActionSpec, ...], list[Clash]]:
    """The actions with their new keys; what is no key, names no action or clashes is left out and said."""
    problems: list[Clash] = []
    wanted: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {}
    for name, written in given.items():
        exact = frozenset(action.id for action in defaults if action.id == name)
        members = exact or frozenset(action.id for action in defaults if action.id.startswith(f"{name}."))
        if not members:
            near = nearest(name, (action.id for action in defaults))
            problems.append(Clash(name, f"There is no action {name}.{near}"))
            continue
        try:
            wanted[name] = (tuple(dict.fromkeys(parse_key(key) for key in written)), members)
        except ValueError as error:
            problems.append(Clash(name, f"{error}."))
            continue
        refused = _not_there(wanted[name][0], [action for action in defaults if action.id in members])
        if refused:
            del wanted[name]
            problems.append(Clash(name, refused))
    while True:
        keys = {ident: new for new, members in wanted.values() for ident in members}
        actions = tuple(replace(a, keys=keys[a.id]) if a.id in keys else a for a in defaults)
        # A key that moved to another action frees its old one, so all are tried at once and the last that
        # does not fit is given up, until the rest fits.
        found = [_blame(one, two, key, view, wanted) for one, two, key, view in _pairs(actions)]
        blamed = {clash.where: clash for clash in reversed(found) if clash.where in wanted}
        if not blamed:
            return actions, problems
        last = [name for name in wanted if name in blamed][-1]
        problems.append(blamed[last])
        del wanted[last]


def _not_there(keys: Sequence[str], actions: Sequence[ActionSpec]) -> str:
    """Why one of the actions cannot have one of the keys where its page takes it; empty where all can."""
    for action in actions:
        mode = MODES.get(action.mode)
        if mode is None:
            continue
        for key in keys:
            if mode.typed and is_typed(key):
                return f"{display(key)} is typed in {title(mode.view)}: {action.title} needs a key like ^x, F8 or tab."
            if key in mode.taken:
                return f"{display(key)} moves between the buttons there, or leaves: {action.title} needs another key."
    return ""


def _blame(
    one: ActionSpec,
    two: ActionSpec,
    key: str,
    view: str,
    wanted: Mapping[str, tuple[tuple[str, ...], frozenset[str]]],
) -> Clash:
    """The clash, laid to the newer of two settings; to none where both keys are defaults."""
    for name in reversed(tuple(wanted)):
        members = wanted[name][1]
        for mine, other in ((one, two), (two, one)):
            if mine.id in members:
                return Clash(name, f"{display(key)} is taken by {other.title} in {title(view)}.")
    return Clash(two.id, f"{display(key)} is {one.title} and {two.title} in {title(view)}.")


def clashes(actions: Iterable[ActionSpec]) -> list[Clash]:
    """Every pair of actions that want the same key in one view and are not the same thing done to another
    kind of row."""
    return [_blame(one, two, key, view, {}) for one, two, key, view in _pairs(tuple(actions))]


def _pairs(actions: Sequence[ActionSpec]) -> Iterable[tuple[ActionSpec, ActionSpec, str, str]]:
    by_key: dict[str, list[ActionSpec]] = {}
    for action in actions:
        for key in dict.fromkeys(normal(key) for key in action.keys):
            by_key.setdefault(key, []).append(action)
    for key, users in by_key.items():
        for one, two in combinations(users, 2):
            view = _shared_view(one, two)
            if view:
                yield one, two, key, view


def _shared_view(one: ActionSpec, two: ActionSpec) -> str:
    """A view in which two actions would mean different things by one key, or empty."""
    if one.mode or two.mode:
        return _shared_mode(one, two)
    if one.panes and two.panes and not one.panes & two.panes:
        return ""
    if one.kinds and two.kinds and not one.kinds & two.kinds and _same_thing(one.id, two.id):
        return ""
    return next((view for view in VIEWS if shown_in(one, view) and shown_in(two, view)), "")


def _shared_mode(one: ActionSpec, two: ActionSpec) -> str:
    """The view of a page that would take one key for two things; a page's keys hide those that hold everywhere but
    the few that go through, and the way back as long as nothing stands over it."""
    if one.mode and two.mode:
        return MODES[one.mode].view if meet(one.mode, two.mode) else ""
    mode, other = (MODES[one.mode], two) if one.mode else (MODES[two.mode], one)
    through = other.id in THROUGH or (other.id == "back" and not mode.over)
    return mode.view if through else ""


def _same_thing(one: str, two: str) -> bool:
    """``open.node`` and ``open.service``, ``service.restart`` and ``container.restart``: one thing to people."""
    first, second = one.split("."), two.split(".")
    return first[0] == second[0] or (len(first) > 1 and len(second) > 1 and first[-1] == second[-1])
