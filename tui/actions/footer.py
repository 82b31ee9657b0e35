"""The last row: at most eight keys of the focused pane, and where the rest is."""

from __future__ import annotations

from collections.abc import Sequence

from backends.model import Kind
from tui.actions.keymap import Keymap, verdict
from tui.actions.keys import display
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
