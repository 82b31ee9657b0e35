"""What the command palette finds: every action that has a place here, as plain data for its provider."""

from __future__ import annotations

from dataclasses import dataclass

from backends.model import Kind
from tui.actions.keymap import Keymap, verdict
from tui.actions.keys import display
from tui.actions.objects import name_of
from tui.actions.spec import ActionContext, ActionSpec, Verdict

#: Moving the cursor is not looked for by name.
_LEFT_OUT = ("move.", "page.next", "page.previous", "palette", "command")


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One hit: what it is called, one sentence, and what is run."""

    title: str
    """``logs: webapp1`` for an action on a row, else its title."""
    help: str
    """Its sentence with its key; where it does not apply now, why."""
    action: ActionSpec
    applies: Verdict


def entries(
    keymap: Keymap, context: ActionContext, *, kind: Kind | None = None, pane: str = "list"
) -> tuple[PaletteEntry, ...]:
    """All entries for a place, those of the row under the cursor first. An entry that does not apply is there all
    the same, so that who looks for it learns why; running it is the caller's to refuse."""
    found = []
    for action in keymap.here(view=context.place.view, kind=kind, pane=pane):
        if action.id.startswith(_LEFT_OUT) or _needs_words(action):
            continue
        applies = verdict(action, context)
        found.append(PaletteEntry(_title(action, context), _help(action, applies), action, applies))
    return tuple(sorted(found, key=lambda entry: (not entry.action.kinds, entry.applies is not True)))


def _needs_words(action: ActionSpec) -> bool:
    """Whether it means nothing without an argument: it has no key and asks for one."""
    return bool(action.arguments) and not action.keys and not action.arguments.startswith("[")


def _title(action: ActionSpec, context: ActionContext) -> str:
    if action.id.startswith("view."):
        return f"go to {action.title}"
    if not action.kinds or context.target is None:
        return action.title
    more = f" and {len(context.targets) - 1} more" if len(context.targets) > 1 else ""
    return f"{action.title}: {name_of(context.snapshot, context.target)}{more}"


def _help(action: ActionSpec, applies: Verdict) -> str:
    key = f"  {display(action.keys[0])}" if action.keys else f"  :{action.verb}" if action.verb else ""
    why = f"  Not now: {applies}." if isinstance(applies, str) else ""
    return f"{action.help}{why}{key}"
