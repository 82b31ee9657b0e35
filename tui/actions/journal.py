"""The journal of changes: opened, and what can be done with one of its lines."""

from __future__ import annotations

from tui.actions.calls import Calls
from tui.actions.spec import ActionContext, ActionSpec, Danger
from tui.places import Place

_VIEW = frozenset({"journal"})


def _journal(context: ActionContext) -> None:
    context.ui.go(Place("journal"))


JOURNAL: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="change.journal",
        title="journal",
        help="Shows what was changed from here: when, the docker line it equals, what came of it.",
        group="Program",
        verb="journal",
        run=_journal,
    ),
    ActionSpec(
        id="journal.again",
        title="do again",
        help="Plans the change of this line anew, and asks as ever.",
        keys=("R", "enter"),
        views=_VIEW,
        group="Page",
        footer=1,
        danger=Danger.STOPS,
        changes=True,
        run=Calls("journal-again"),
    ),
    ActionSpec(
        id="journal.undo",
        title="take back",
        help="Plans the change that puts back the values of before it; says where there is none.",
        keys=("u",),
        views=_VIEW,
        group="Page",
        footer=2,
        danger=Danger.STOPS,
        changes=True,
        run=Calls("journal-undo"),
    ),
    ActionSpec(
        id="journal.copy",
        title="copy line",
        help="Copies the docker line, without the secrets that are not kept. Works over SSH.",
        keys=("c",),
        views=_VIEW,
        panes=frozenset({"list"}),
        group="Page",
        footer=3,
        run=Calls("copy-command"),
    ),
)
