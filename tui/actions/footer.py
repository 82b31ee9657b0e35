"""The last row: at most eight keys of the focused pane, and where the rest is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backends.model import Kind
from tui.actions.keymap import Keymap, verdict
from tui.actions.keys import display
from tui.actions.own import is_typed
from tui.actions.spec import ActionContext, ActionSpec
from tui.text.fit import width as cells
from tui.text.span import Line, Span

#: More keys than this nobody reads.
MOST = 8
#: From this width on keys stand three columns apart, below it two.
_ROOMY = 100


def footer_actions(
    keymap: Keymap, context: ActionContext, *, kind: Kind | None, pane: str = "list"
) -> tuple[ActionSpec, ...]:
    """The actions that the footer may show, most important first; each title once."""
    found: dict[str, ActionSpec] = {}
    ranked = [action for action in keymap.here(view=context.place.view, kind=kind, pane=pane) if action.footer]
    # A page's own keys come before what can be done to the object it is about.
    for action in sorted(ranked, key=lambda action: (action.group != "Page", action.footer)):
        if action.keys and action.keys[0] not in found:
            found[action.keys[0]] = action
    return tuple(found.values())


def footer(
    keymap: Keymap,
    context: ActionContext,
    width: int,
    *,
    kind: Kind | None = None,
    pane: str = "list",
) -> Line:
    """One row of ``width`` cells: keys of the pane on the left, dimmed where they do not apply now, and
    ``: command  ? help`` at the right end. ``kind`` is that of the row under the cursor, else of the list."""
    gap = "   " if width >= _ROOMY else "  "
    right = _ends(keymap)
    room = width - 1 - _width(right) - 2
    shown = [
        (action, verdict(action, context) is True) for action in footer_actions(keymap, context, kind=kind, pane=pane)
    ]
    # The way back has its place kept; at the top, where there is none, it is not shown.
    back = [_words(action, True) for action, applies in shown if action.id == "back" and applies]
    room -= sum(_width(words) + len(gap) for words in back)
    parts: list[list[Span]] = []
    used = 0
    for action, applies in shown:
        words = _words(action, applies)
        needed = _width(words) + len(gap)
        if action.id != "back" and used + needed <= room and len(parts) + len(back) < MOST:
            parts.append(words)
            used += needed
    left: list[Span] = [(" ", "")]
    for number, words in enumerate((*parts, *back)):
        left += [*([(gap, "")] if number else []), *words]
    pad = width - _width(left) - _width(right)
    return (*left, (" " * pad, ""), *right) if pad > 0 else tuple(left)


def own_footer(
    keymap: Keymap,
    context: ActionContext,
    width: int,
    modes: Sequence[str],
    *,
    typed: bool = True,
    words: Mapping[str, str] | None = None,
    without: frozenset[str] = frozenset(),
    leave: str = "back",
) -> Line:
    """The last row of a page that takes its own keys: those of the modes it is in, then help and the way back. Never
    more than eight, nor more than fit; short words where there is little room. ``words`` says what an action is
    called just now, ``without`` leaves some out, ``leave`` is what the way back does (empty: a mode has its key)."""
    groups: dict[str, list[ActionSpec]] = {}
    for action in sorted(keymap.own.of(modes), key=lambda action: action.footer):
        if action.footer and action.id not in without and verdict(action, context) is True:
            groups.setdefault(action.shared or action.id, []).append(action)
    ends = [(_reachable(keymap, "help", typed), "keys" if typed else "help")]
    ends += [(_reachable(keymap, "back", typed) or "esc", leave)] if leave else []
    ends = [(key, word) for key, word in ends if key]
    for short in (False, True) if width >= _ROOMY else (True,):
        gap = "  " if short else "   "
        room = width - 2 + len(gap) - sum(cells(f"{key} {word}{gap}") for key, word in ends)
        pairs = [_pair(members, words or {}, short) for members in list(groups.values())[: MOST - len(ends)]]
        lengths = [cells(f"{key} {word}{gap}") for key, word in pairs]
        fitting = sum(sum(lengths[: at + 1]) <= room for at in range(len(pairs)))
        if fitting == len(pairs):
            break
    row: list[Span] = [(" ", "")]
    for number, (key, word) in enumerate((*pairs[:fitting], *ends)):
        row += [*([(gap, "muted")] if number else []), (key, "strong bold"), (f" {word}", "muted")]
    return tuple(row)


def _pair(members: Sequence[ActionSpec], words: Mapping[str, str], short: bool) -> tuple[str, str]:
    first = members[0]
    title = words.get(first.id) or first.shared or (first.short if short else "") or first.title
    return " ".join(display(member.keys[0]) for member in members), title


def _reachable(keymap: Keymap, action_id: str, typed: bool) -> str:
    """The first key of an action that does it here: where one types, characters do not."""
    action = keymap.by_id(action_id)
    keys = [key for key in action.keys if not (typed and is_typed(key))] if action is not None else []
    return display(keys[0]) if keys else ""


def _words(action: ActionSpec, applies: bool) -> list[Span]:
    key = display(action.keys[0])
    if not applies:
        return [(key, "faint"), (f" {action.title}", "faint")]
    return [(key, "strong bold"), (f" {action.title}", "muted")]


def _ends(keymap: Keymap) -> list[Span]:
    spans: list[Span] = []
    for ident, word in (("command", "command"), ("help", "help")):
        key = keymap.key(ident)
        if key:
            spans += [*([("  ", "")] if spans else []), (key, "strong bold"), (f" {word}", "muted")]
    return [*spans, (" ", "")]


def _width(spans: Sequence[Span]) -> int:
    return sum(cells(text) for text, _ in spans)
