"""Moving about: views, back, history, panes, the cursor and marks."""

from __future__ import annotations

from tui.actions.calls import Calls
from tui.actions.spec import ActionContext, ActionSpec, Verdict
from tui.actions.views import LIST_IDS, LISTS, MORE_IDS, PAGE_IDS, TABLE_IDS, TEXT_IDS, View
from tui.places import Place


def _view(view: View) -> ActionSpec:
    def run(context: ActionContext) -> None:
        context.ui.go(Place(view.id, filter=" ".join(context.arguments)))

    return ActionSpec(
        id=f"view.{view.id}",
        title=view.title,
        help=f"{view.title}: {view.what}.",
        keys=(view.key,) if view.key else (),
        group="Views",
        verb=view.id,
        aliases=view.aliases,
        arguments="[FILTER]" if view.id in TABLE_IDS else "",
        run=run,
    )


def _more(context: ActionContext) -> None:
    here = context.place.view
    at = MORE_IDS.index(here) + 1 if here in MORE_IDS else 0
    context.ui.go(Place(MORE_IDS[at % len(MORE_IDS)]))


def _can_go_back(context: ActionContext) -> Verdict:
    place = context.place
    if place.scope or place.filter or place.faults or place.view in PAGE_IDS:
        return True
    return "this is the top"


def _back(context: ActionContext) -> None:
    context.ui.back()


def _earlier(context: ActionContext) -> None:
    context.ui.history(-1)


def _later(context: ActionContext) -> None:
    context.ui.history(1)


def _help(context: ActionContext) -> None:
    here = context.place
    if here.view == "help":
        context.ui.back()
        return
    context.ui.go(Place("help", scope=here.scope, cursor=here.cursor or context.target, argument=here.view))


def _command(context: ActionContext) -> None:
    context.ui.edit_command("")


def _filter(context: ActionContext) -> None:
    context.ui.edit_filter()


EVERYWHERE: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="command",
        title="command line",
        help="Opens the command line: a view, a verb, or a docker line.",
        keys=("colon",),
        run=_command,
    ),
    ActionSpec(
        id="palette",
        title="palette",
        help="Finds any action or view by its name.",
        keys=("ctrl+p",),
        run=Calls("palette"),
    ),
    ActionSpec(
        id="filter",
        title="filter",
        help="Filters the list while you type; esc shows all again.",
        keys=("slash",),
        views=TABLE_IDS,
        footer=13,
        run=_filter,
    ),
    ActionSpec(
        id="search",
        title="find",
        help="Finds text on the page; n and N go from hit to hit.",
        keys=("slash",),
        views=TEXT_IDS | {"help"},
        group="Page",
        footer=5,
        run=_filter,
    ),
    ActionSpec(
        id="help",
        title="this help",
        help="Shows the keys that work here, those of the focused list first; F9 also where one types.",
        keys=("question_mark", "f9"),
        verb="help",
        aliases=("keys",),
        run=_help,
    ),
    ActionSpec(
        id="back",
        title="back",
        help="Clears the filter, else closes the page, else goes one level up.",
        keys=("escape",),
        footer=8,
        when=_can_go_back,
        run=_back,
    ),
    ActionSpec(
        id="quit",
        title="quit",
        help="Ends dnet-tui; what runs in the Swarm runs on. Asks once where a change is under way.",
        keys=("ctrl+q",),
        verb="quit",
        aliases=("q", "q!", "exit"),
        run=Calls("quit"),
    ),
    ActionSpec(
        id="refresh",
        title="read again now",
        help="Lists anew what is on screen; a lost connection is tried at once.",
        keys=("ctrl+r", "f5"),
        verb="refresh",
        run=Calls("refresh"),
    ),
    ActionSpec(
        id="save",
        title="save what it shows",
        help="Writes the list (tab-separated) or page to a file and says which. Forms are sent by the same key.",
        keys=("ctrl+s",),
        views=TABLE_IDS | TEXT_IDS,
        verb="save",
        arguments="[FILE]",
        footer=14,
        run=Calls("save"),
    ),
)

VIEW_ACTIONS: tuple[ActionSpec, ...] = (
    *(_view(view) for view in LISTS),
    ActionSpec(
        id="view.more",
        title="Volumes, Images, …",
        help="Goes to Volumes; again to Images, Configs, Secrets and Ports.",
        keys=("0",),
        group="Views",
        run=_more,
    ),
    ActionSpec(
        id="history.back",
        title="view before",
        help="Walks back through the places seen.",
        keys=("left_square_bracket",),
        group="Views",
        run=_earlier,
    ),
    ActionSpec(
        id="history.forward",
        title="view after",
        help="Walks forward again through the places seen.",
        keys=("right_square_bracket",),
        group="Views",
        run=_later,
    ),
    ActionSpec(
        id="history.last",
        title="last view",
        help="Goes to and fro between this place and the one seen before.",
        keys=("minus",),
        group="Views",
        run=Calls("last-view"),
    ),
)


def _pane(
    id: str, title: str, help: str, keys: tuple[str, ...], call: str, views: frozenset[str] = frozenset()
) -> ActionSpec:
    return ActionSpec(id=id, title=title, help=help, keys=keys, group="Panes", views=views, run=Calls(call))


PANES: tuple[ActionSpec, ...] = (
    _pane("pane.next", "next pane", "Moves the focus to the next pane.", ("tab",), "next-pane"),
    _pane("pane.previous", "previous pane", "Moves the focus to the pane before.", ("shift+tab",), "previous-pane"),
    _pane(
        "pane.detail",
        "detail bigger, off",
        "Makes the detail bigger, then hides it, then shows it as before.",
        ("v",),
        "detail-size",
        views=LIST_IDS,
    ),
)


def _move(
    id: str, title: str, help: str, keys: tuple[str, ...], call: str, views: frozenset[str] = frozenset()
) -> ActionSpec:
    return ActionSpec(id=id, title=title, help=help, keys=keys, group="List", views=views, run=Calls(call))


MOVES: tuple[ActionSpec, ...] = (
    _move("move.down", "down", "Moves one row down.", ("j", "down"), "cursor-down"),
    _move("move.up", "up", "Moves one row up.", ("k", "up"), "cursor-up"),
    _move("move.first", "first", "Goes to the first row.", ("g", "home"), "cursor-first"),
    _move("move.last", "last", "Goes to the last row.", ("G", "end"), "cursor-last"),
    _move("move.page-down", "page down", "Moves one screen down.", ("pagedown",), "page-down"),
    _move("move.page-up", "page up", "Moves one screen up.", ("pageup",), "page-up"),
    _move("move.left", "columns left", "Scrolls to the columns on the left.", ("left",), "scroll-left"),
    _move("move.right", "columns right", "Scrolls to the columns on the right.", ("right",), "scroll-right"),
    _move("mark.row", "mark", "Marks the row, or unmarks it, and goes down.", ("space",), "mark", views=TABLE_IDS),
    _move(
        "mark.range",
        "mark to here",
        "Marks all rows from the last mark to the cursor.",
        ("ctrl+space",),
        "mark-range",
        views=TABLE_IDS,
    ),
    _move("mark.clear", "clear marks", "Unmarks all rows.", ("ctrl+backslash",), "clear-marks", views=TABLE_IDS),
)
