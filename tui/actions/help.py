"""The page of keys, made from the live keymap: what works here comes first, what does not says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends.model import Kind
from tui.actions.filter import EXAMPLES
from tui.actions.keymap import Keymap, verdict
from tui.actions.keys import display
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import LISTS, title
from tui.look.symbols import SYMBOLS
from tui.text.fit import cut_line, wrap_line
from tui.text.fit import width as cells
from tui.text.span import BLANK, Line, plain

#: Narrowest column; as many stand side by side as fit, four at the most.
_COLUMN = 34
_GAP = 2
_KEY = 10

#: Signs of the design's table, with what they mean.
SIGNS: tuple[tuple[str, str], ...] = (
    ("ok", "running, healthy, ready"),
    ("changing", "changing: starting, updating"),
    ("look", "look: pending, filling, stale"),
    ("fail", "failed, down, refused"),
    ("ended", "ended as meant, or not there"),
    ("drained", "drained"),
    ("paused", "paused"),
    ("unknown", "not known"),
    ("leader", "leader"),
    ("marked", "marked"),
)

#: In a shell every key goes in; this is how to leave. Not bindings of ours, so they are told here.
SHELL_KEYS: tuple[tuple[str, str], ...] = (("exit, ^d", "ends the shell and comes back"),)


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One row: what to press or write, what it does, and whether it applies."""

    key: str
    text: str
    applies: Verdict = True
    sentence: str = ""
    """The whole sentence, shown while searching."""
    extra: str = ""
    """What is searched beside: the word at ``:``."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading."""

    title: str
    rows: tuple[HelpRow, ...]


def help_groups(
    keymap: Keymap, context: ActionContext, *, kind: Kind | None = None, pane: str = "list", ascii: bool = False
) -> tuple[Group, ...]:
    """All groups for the place in ``context`` (the one that help was asked in), the focused list's own first."""
    view = "events" if pane == "events" else context.place.view
    here = keymap.here(view=view, kind=kind, pane=pane)
    own = [action for action in here if action.kinds or action.group == "Page" or view in action.views]
    own = [action for action in own if action.group in ("Object", "Page")]
    groups = [_group(title(view), own, context)]
    for name in ("Everywhere", "Views", "Panes", "List", "Program"):
        found = [action for action in here if action.group == name]
        groups.append(_group(name, _folded(found) if name == "Views" else found, context))
    groups.append(Group("Filter", tuple(HelpRow(example, meaning) for example, meaning in EXAMPLES)))
    groups.append(Group("Shell", tuple(HelpRow(key, text) for key, text in SHELL_KEYS)))
    groups.append(Group("Signs", tuple(HelpRow(SYMBOLS[name][ascii], text) for name, text in SIGNS)))
    return tuple(group for group in groups if group.rows)


def help_page(
    keymap: Keymap,
    context: ActionContext,
    width: int,
    *,
    kind: Kind | None = None,
    pane: str = "list",
    search: str = "",
    ascii: bool = False,
) -> tuple[Line, ...]:
    """The page as rows of at most ``width`` cells. ``search`` narrows it to the rows that have all its words, each
    then with its whole sentence."""
    groups = help_groups(keymap, context, kind=kind, pane=pane, ascii=ascii)
    if search.split():
        return _found(groups, search.split(), width)
    view = "events" if pane == "events" else context.place.view
    head = cut_line(
        (
            (title(view), "bold"),
            (" is focused, so its keys come first. A dimmed one does not apply now; it says why.", "muted"),
        ),
        width,
    )
    count = max(1, min(4, (width + _GAP) // (_COLUMN + _GAP)))
    column = (width - _GAP * (count - 1)) // count
    blocks = [_block(group, column) for group in groups]
    stacks = _spread(blocks, count)
    rows: list[Line] = [head, BLANK]
    for at in range(max(len(stack) for stack in stacks)):
        row: list[tuple[str, str]] = []
        used = 0
        for number, stack in enumerate(stacks):
            cell = stack[at] if at < len(stack) else BLANK
            if not cell:
                continue
            start = number * (column + _GAP)
            row += [(" " * (start - used), ""), *cell] if start > used else list(cell)
            used = start + cells(plain(cell))
        rows.append(tuple(row))
    return tuple(rows)


def _group(name: str, actions: Sequence[ActionSpec], context: ActionContext) -> Group:
    return Group(name, tuple(_row(action, context) for action in actions if action.keys or action.verb))


def _row(action: ActionSpec, context: ActionContext) -> HelpRow:
    keys = " ".join(dict.fromkeys(display(key) for key in action.keys)) or f":{action.verb}"
    words = " ".join(f":{word}" for word in (action.verb, *action.aliases) if word)
    return HelpRow(keys, action.title, verdict(action, context), action.help, f"{words} {action.arguments}".strip())


def _folded(actions: Sequence[ActionSpec]) -> list[ActionSpec]:
    """Without the views that only have a word: `0` and the completion of `:` show them."""
    worded = {f"view.{view.id}" for view in LISTS if not view.key}
    return [action for action in actions if action.id not in worded]


def _block(group: Group, width: int) -> list[Line]:
    rows: list[Line] = [((group.title, "strong bold"),)]
    for row in group.rows:
        rows += _lines(row, row.text, width)
    return rows


def _lines(row: HelpRow, text: str, width: int) -> list[Line]:
    key_style, text_style = ("accent", "") if row.applies is True else ("faint", "faint")
    if isinstance(row.applies, str):
        text = f"{text}  ({row.applies})"
    indent = max(_KEY, cells(row.key)) + 1
    key = row.key + " " * (indent - cells(row.key))
    return wrap_line(((key, key_style), (text, text_style)), width, indent=_KEY + 1)


def _spread(blocks: Sequence[list[Line]], count: int) -> list[list[Line]]:
    """Blocks one below the other in ``count`` columns, in order, as even in height as their order allows."""
    lowest = max(len(block) for block in blocks)
    highest = sum(len(block) + 1 for block in blocks)
    while lowest < highest:
        middle = (lowest + highest) // 2
        if len(_fill(blocks, middle)) <= count:
            highest = middle
        else:
            lowest = middle + 1
    return _fill(blocks, lowest)


def _fill(blocks: Sequence[list[Line]], height: int) -> list[list[Line]]:
    stacks: list[list[Line]] = [[]]
    for block in blocks:
        stack = stacks[-1]
        if stack and len(stack) + 1 + len(block) > height:
            stack = []
            stacks.append(stack)
        stack += [BLANK, *block] if stack else block
    return stacks


def _found(groups: Sequence[Group], words: Sequence[str], width: int) -> tuple[Line, ...]:
    wanted = [word.lower() for word in words]
    rows: list[Line] = []
    for group in groups:
        hits = [row for row in group.rows if _has(group, row, wanted)]
        if not hits:
            continue
        rows += [BLANK] if rows else []
        rows.append(((group.title, "strong bold"),))
        for row in hits:
            said = row.sentence or row.text
            rows += _lines(row, f"{said}  {row.extra}" if row.extra and row.sentence else said, width)
    if rows:
        return tuple(rows)
    return ((("No key or word here has that.", "bold"),), (("esc", "accent"), (" shows all again", "muted")))


def _has(group: Group, row: HelpRow, wanted: Sequence[str]) -> bool:
    text = f"{group.title} {row.key} {row.text} {row.sentence} {row.extra}".lower()
    return all(word in text for word in wanted)
