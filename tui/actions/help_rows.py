"""What stands on the page of keys: groups of rows, made from the live keymap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backends.model import Kind
from tui.actions.filter import EXAMPLES
from tui.actions.keymap import Keymap, verdict
from tui.actions.keys import display, normal
from tui.actions.own import MODES, ONLY_TYPED, THROUGH, is_typed
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import title
from tui.look.symbols import SYMBOLS

#: Signs of the design's table, with their colour and what they mean.
SIGNS: tuple[tuple[str, str, str], ...] = (
    ("ok", "ok", "running, healthy, ready"),
    ("changing", "chg", "changing: starting, updating"),
    ("look", "warn", "look: pending, filling, stale"),
    ("fail", "err", "failed, down, refused"),
    ("ended", "off", "ended as meant, or not there"),
    ("drained", "off", "drained"),
    ("paused", "warn", "paused"),
    ("unknown", "off", "not known"),
    ("leader", "accent", "leader"),
    ("marked", "accent", "marked"),
)

#: In a shell every key goes in; this is how to leave. Not bindings of ours, so they are told here.
SHELL_KEYS: tuple[tuple[str, str], ...] = (("^]", "leaves it; exit and ^d end it"),)

#: Where one types: what changes the text is the shells' and no binding of ours either.
TYPING_KEYS: tuple[tuple[str, str], ...] = (
    ("← → home end", "move; with ctrl by word"),
    ("^u ^k ^w", "cut to the begin, the end, a word"),
    ("← → space", "another choice, where there are few"),
)

#: Actions that stand in one row: their ids and what they do together. Keys come in the order of the ids.
FOLDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("move.down", "move.up"), "move"),
    (("move.first", "move.last"), "first, last"),
    (("move.page-down", "move.page-up"), "a screen down, up"),
    (("move.left", "move.right"), "columns left, right"),
    (("history.back", "history.forward"), "view history"),
    (("page.next", "page.previous"), "next, previous hit"),
    (("pane.next", "pane.previous"), "next, previous pane"),
    (("form.next", "form.previous"), "next, previous field"),
    (("form.down", "form.up"), "down, up"),
    (("form.section", "form.section-before"), "next, previous section"),
    (("form.side-down", "form.side-up"), "scroll down, up"),
    (("form.list-down", "form.list-up"), "choose"),
    (("form.find-down", "form.find-up"), "choose"),
    (("conflict.down", "conflict.up"), "next, previous"),
    (("reach.story-down", "reach.story-up"), "scroll down, up"),
)
#: Keys shown of a row of two actions or more.
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One row: what to press or write, what it does, and whether it applies."""

    key: str
    text: str
    applies: Verdict = True
    sentence: str = ""
    """The whole sentence, shown while searching."""
    extra: str = ""
    """The words at ``:`` that do the same, with what they take."""
    style: str = "strong bold"
    """Of the key."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading."""

    title: str
    rows: tuple[HelpRow, ...]


def help_groups(
    keymap: Keymap,
    context: ActionContext,
    *,
    kind: Kind | None = None,
    pane: str = "list",
    ascii: bool = False,
    fold: bool = True,
) -> tuple[Group, ...]:
    """All groups for the place in ``context`` (the one that help was asked in), the focused list's own first.
    ``fold`` lets actions that belong together share a row."""
    view = "events" if pane == "events" else context.place.view
    here = _not_hidden(keymap, view, keymap.here(view=view, kind=kind, pane=pane))
    # On a page its own keys come first; on a list all that is done to its rows.
    own = [action for action in here if action.group == "Page"] + [a for a in here if a.group == "Object"]
    groups = [*_modes(keymap, context, fold), Group(title(view), _rows(own, context, fold))]
    for name in ("Everywhere", "Views", "Panes", "List", "Program"):
        groups.append(Group(name, _rows([action for action in here if action.group == name], context, fold)))
    if view not in ONLY_TYPED:
        groups.append(Group("Filter", tuple(HelpRow(example, meaning) for example, meaning in EXAMPLES)))
        groups.append(Group("Shell", tuple(HelpRow(key, text) for key, text in SHELL_KEYS)))
    signs = tuple(HelpRow(SYMBOLS[name][ascii], text, style=style) for name, style, text in SIGNS)
    groups.append(Group("Signs", signs))
    return tuple(group for group in groups if group.rows)


def _modes(keymap: Keymap, context: ActionContext, fold: bool) -> list[Group]:
    """What the page takes before all others, by what it is doing: a group for each heading."""
    found: dict[str, list[ActionSpec]] = {}
    actions = keymap.own.of_view(context.place.view)
    for action in actions:
        found.setdefault(MODES[action.mode].title, []).append(action)
    groups = [Group(heading, _rows(members, context, fold)) for heading, members in found.items()]
    if any(MODES[action.mode].typed for action in actions):
        groups.append(Group("Typing", tuple(HelpRow(key, text) for key, text in TYPING_KEYS)))
    return groups


def _not_hidden(keymap: Keymap, view: str, actions: Sequence[ActionSpec]) -> list[ActionSpec]:
    """Actions with those of their keys that the page of a view leaves to them."""
    if view in ONLY_TYPED:
        kept = [action for action in actions if action.id in THROUGH or action.id == "back"]
        return [replace(action, keys=tuple(key for key in action.keys if not is_typed(key))) for action in kept]
    taken = {normal(key) for own in keymap.own.of_view(view) if MODES[own.mode].hides for key in own.keys}
    found = []
    for action in actions:
        keys = tuple(key for key in action.keys if normal(key) not in taken)
        if keys or not action.keys:
            found.append(action if keys == action.keys else replace(action, keys=keys))
        elif action.verb:
            found.append(replace(action, keys=()))
    return found


def _rows(actions: Sequence[ActionSpec], context: ActionContext, fold: bool) -> tuple[HelpRow, ...]:
    rest = [action for action in actions if action.keys or action.verb]
    if not fold:
        return tuple(_row(action, context) for action in rest)
    rows: list[HelpRow] = []
    done: set[str] = set()
    for action in rest:
        if action.id in done:
            continue
        members, text = _fold_of(action, rest)
        done |= {member.id for member in members}
        if len(members) > 1:
            rows.append(HelpRow(_keys(members), text))
        elif not _only_a_word(action):
            rows.append(_row(action, context))
    return tuple(rows)


def _fold_of(action: ActionSpec, actions: Sequence[ActionSpec]) -> tuple[list[ActionSpec], str]:
    """The actions that share a row with one, itself first, and what they do."""
    if action.id.startswith("view.") and action.keys and action.keys[0] in "123456789":
        views = [one for one in actions if one.id.startswith("view.") and one.keys and one.keys[0] in "123456789"]
        return views, f"{views[0].title} … {views[-1].title}"
    if action.id.startswith("sort.") and action.id.count(".") == 2:
        sorts = [one for one in actions if one.id.startswith("sort.") and one.id.count(".") == 2]
        columns = ", ".join(one.title.removeprefix("sort by ") for one in sorts)
        return sorts, f"sort by {columns}"
    together = [one for one in actions if one.shared and one.shared == action.shared and one.mode == action.mode]
    if len(together) > _SHOWN:
        return together, action.shared
    for ids, text in FOLDS:
        if action.id in ids:
            return [one for one in actions if one.id in ids], text
    return [action], action.title


def _keys(members: Sequence[ActionSpec]) -> str:
    """``j k ↓ ↑``: the first keys of all, then the second ones; ``1 … 9`` of a row of keys."""
    if len(members) > _SHOWN:
        if members[0].id.startswith("sort."):
            return "shift+…"
        return f"{display(members[0].keys[0])} … {display(members[-1].keys[0])}"
    ranks = max(len(member.keys) for member in members)
    keys = [display(member.keys[at]) for at in range(ranks) for member in members if at < len(member.keys)]
    return " ".join(keys[: max(_SHOWN, len(members))])


def _only_a_word(action: ActionSpec) -> bool:
    """Views behind ``0`` and ``:sort``, which the keys beside them do as well."""
    return not action.keys and (action.id.startswith("view.") or action.id == "sort.by")


def _row(action: ActionSpec, context: ActionContext) -> HelpRow:
    keys = " ".join(dict.fromkeys(display(key) for key in action.keys)) or f":{action.verb}"
    words = " ".join(f":{word}" for word in (action.verb, *action.aliases) if word)
    return HelpRow(keys, action.title, verdict(action, context), action.help, f"{words} {action.arguments}".strip())
