"""The page of keys as rows of text: columns side by side, or what a search finds."""

from __future__ import annotations

from collections.abc import Sequence

from backends.model import Kind
from tui.actions.help_rows import Group, HelpRow, help_groups
from tui.actions.keymap import Keymap
from tui.actions.spec import ActionContext
from tui.actions.views import title
from tui.text.fit import line_width, wrap_line
from tui.text.span import BLANK, Line

#: Narrowest column; as many stand side by side as fit, four at the most.
_COLUMN = 34
_GAP = 2
#: Cells that the keys of a group take at least, and at most before they push their text.
_KEY, _WIDEST_KEY = 9, 14
#: Signs need no more than this.
_SIGN = 2
_HEADING = "accent bold"


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
    """The page as rows of at most ``width`` cells, for the place that help was asked in. ``search`` narrows it to
    the rows that have all its words, each then with its whole sentence."""
    words = search.lower().split()
    groups = help_groups(keymap, context, kind=kind, pane=pane, ascii=ascii, fold=not words)
    if words:
        return _found(groups, words, width)
    view = "events" if pane == "events" else context.place.view
    note = " is focused, so its keys come first. A dimmed one does not apply now; it says why."
    head = wrap_line(((title(view), "bold"), (note, "muted")), width)
    count = max(1, min(4, (width + _GAP) // (_COLUMN + _GAP)))
    column = (width - _GAP * (count - 1)) // count
    stacks = _spread([_block(group, column) for group in groups], count)
    return (*head, BLANK, *_beside(stacks, column))


def _beside(stacks: Sequence[list[Line]], column: int) -> list[Line]:
    rows: list[Line] = []
    for at in range(max(len(stack) for stack in stacks)):
        row: list[tuple[str, str]] = []
        used = 0
        for number, stack in enumerate(stacks):
            cell = stack[at] if at < len(stack) else BLANK
            if not cell:
                continue
            start = number * (column + _GAP)
            row += [(" " * (start - used), ""), *cell] if start > used else list(cell)
            used = start + line_width(cell)
        rows.append(tuple(row))
    return rows


def _block(group: Group, width: int) -> list[Line]:
    rows: list[Line] = [((group.title, _HEADING),)]
    for row in group.rows:
        rows += _lines(row, row.text, width, _key_width(group))
    return rows


def _key_width(group: Group) -> int:
    longest = max(len(row.key) for row in group.rows)
    return _SIGN if longest == 1 and group.rows[0].style != "strong bold" else max(_KEY, min(_WIDEST_KEY, longest))


def _lines(row: HelpRow, text: str, width: int, key_width: int) -> list[Line]:
    applies = row.applies is True
    if isinstance(row.applies, str):
        text = f"{text}  ({row.applies})"
    key = (row.key.ljust(key_width) + " ", row.style if applies else "faint")
    return wrap_line((key, (text, "muted" if applies else "faint")), width, indent=min(key_width + 1, width // 2))


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
    rows: list[Line] = []
    for group in groups:
        hits = [row for row in group.rows if _has(group, row, words)]
        if not hits:
            continue
        rows += [BLANK] if rows else []
        rows.append(((group.title, _HEADING),))
        for row in hits:
            said = row.sentence or row.text
            text = f"{said}  {row.extra}" if row.extra and row.sentence else said
            rows += _lines(row, text, width, _key_width(group))
    if rows:
        return tuple(rows)
    none: Line = (("No key or word here has that.", "bold"),)
    return (none, (("esc", "strong bold"), (" shows all again", "muted")))


def _has(group: Group, row: HelpRow, words: Sequence[str]) -> bool:
    text = f"{group.title} {row.key} {row.text} {row.sentence} {row.extra}".lower()
    return all(word in text for word in words)
