"""``docs/keys.md``, made from the actions; ``python -m tui.actions.docs`` writes it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tui.actions.arrange import Tables
from tui.actions.filter import EXAMPLES
from tui.actions.keys import display, parse_key
from tui.actions.own import MODES
from tui.actions.presets import PRESETS
from tui.actions.registry import actions_for
from tui.actions.spec import ActionSpec
from tui.actions.views import LISTS, VIEWS, title

_HEAD = """# Keys and commands

Made from the live actions by `python -m tui.actions.docs`; a test holds it current. Inside dnet-tui `?` shows the
same for what is focused, and says why a key does not apply. `id` is the name for `[keys]` in `config.toml`;
a part before a dot stands for all that begin with it.
"""

_OWN = """## Where one types, and at secrets

These pages take keys before all others. No character can be bound where one types; a key that is taken in the same
place is refused like any other. `^q`, `^p` and `F9` hold everywhere, and so do these keys in what is typed: `←` `→`
`home` `end` `^a` `^u` `^k` `^w`, unless the page has another use for one.
"""

_GROUPS: tuple[tuple[str, str], ...] = (
    ("Object", "On a row"),
    ("Page", "On a page"),
    ("Everywhere", "Everywhere"),
    ("Views", "Views"),
    ("Panes", "Panes"),
    ("List", "Lists"),
    ("Program", "Program"),
)


def docs(tables: Tables) -> str:
    """The whole page as Markdown."""
    actions = [
        action for action in actions_for(tables) if not action.id.startswith("sort.") or "." not in action.id[5:]
    ]
    parts = [_HEAD]
    for group, heading in _GROUPS:
        rows = [_row(action) for action in actions if action.group == group and not action.mode]
        if rows:
            parts.append(
                f"## {heading}\n\n| Key | `:` | Where | Does | id |\n|--|--|--|--|--|\n" + "\n".join(rows) + "\n"
            )
    parts.append(_own([action for action in actions if action.mode]))
    parts.append(_sorting(tables))
    parts.append("## Filter\n\n| Write | Shows rows where |\n|--|--|\n" + "\n".join(_filter_rows()) + "\n")
    parts.append("## Presets\n\n" + "\n".join(_presets()) + "\n")
    return "\n".join(part for part in parts if part)


def _row(action: ActionSpec) -> str:
    keys = " ".join(f"`{_cell(display(key))}`" for key in dict.fromkeys(action.keys))
    line = f":{action.verb} {action.arguments}".rstrip() if action.verb else ""
    also = f" (also {', '.join(action.aliases)})" if action.aliases else ""
    verb = f"`{_cell(line)}`{_cell(also)}" if line else ""
    return f"| {keys} | {verb} | {_where(action)} | {_cell(action.help)} | `{action.id}` |"


def _own(actions: Sequence[ActionSpec]) -> str:
    rows = [_OWN, "| Key | Where | Does | id |", "|--|--|--|--|"]
    for action in actions:
        mode = MODES[action.mode]
        heading = mode.title if mode.title == title(mode.view) else f"{title(mode.view)}: {mode.title.lower()}"
        keys = " ".join(f"`{_cell(display(key))}`" for key in dict.fromkeys(action.keys))
        rows.append(f"| {keys} | {heading} | {_cell(action.help)} | `{action.id}` |")
    return "\n".join(rows) + "\n"


def _where(action: ActionSpec) -> str:
    if action.kinds:
        kinds = sorted(kind.value for kind in action.kinds)
        return "any row" if len(kinds) > 9 else ", ".join(kinds)
    if not action.views:
        return ""
    lists = frozenset(view.id for view in LISTS)
    if len(action.views & lists) > 9:
        return "lists" if not action.views & {"yaml", "logs"} else "lists, pages"
    return ", ".join(title(view) for view in VIEWS if view in action.views)


def _sorting(tables: Tables) -> str:
    rows = []
    for table in tables.values():
        letters = [f"`{column.sort_key.upper()}` {column.title.lower()}" for column in table.columns if column.sort_key]
        if letters:
            rows.append(f"| {table.title} | {', '.join(letters)} |")
    if not rows:
        return ""
    return "## Sort orders\n\nOnce more turns the order round.\n\n| List | Keys |\n|--|--|\n" + "\n".join(rows) + "\n"


def _filter_rows() -> Iterable[str]:
    for example, meaning in EXAMPLES:
        yield f"| `{_cell(example)}` | {meaning} |"


def _presets() -> Iterable[str]:
    yield '`keymap = "k9s"` is the default. What the others change:'
    yield ""
    yield "| Preset | id | Keys |"
    yield "|--|--|--|"
    for name, keys in PRESETS.items():
        for ident, written in keys.items():
            shown = " ".join(f"`{_cell(display(parse_key(key)))}`" for key in written)
            yield f"| {name} | `{ident}` | {shown} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")


def main() -> None:
    """Writes the page; the path may be given."""
    from tui.tables.registry import TABLES

    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "docs" / "keys.md"
    path.write_text(docs(TABLES), encoding="utf-8")


if __name__ == "__main__":
    main()
