"""What concerns the program: engine facts, drivers, contexts, themes, cost, demo."""

from __future__ import annotations

from tui.actions.calls import Calls
from tui.actions.spec import ActionContext, ActionSpec
from tui.places import Place


def _page(view: str, title: str, help: str, *aliases: str) -> ActionSpec:
    def run(context: ActionContext) -> None:
        context.ui.go(Place(view))

    return ActionSpec(id=f"page.{view}", title=title, help=help, verb=view, aliases=aliases, group="Views", run=run)


def _context(context: ActionContext) -> None:
    if context.arguments:
        context.ui.call("context", context.arguments[0])
    else:
        context.ui.go(Place("contexts"))


def size(count: int) -> str:
    """``812 B``, ``3.1 MB``: decimal units, as network meters count."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")


def _debug(context: ActionContext) -> None:
    budget = context.ui.cluster.budget
    often = sorted(budget.by_path.items(), key=lambda item: -item[1])[:3]
    most = "; most to " + ", ".join(f"{path} {count:,}" for path, count in often) if often else ""
    context.ui.say(f"{budget.requests:,} requests and {size(budget.bytes)} asked of the engine{most}", bad=True)


PROGRAM: tuple[ActionSpec, ...] = (
    _page("info", "engine facts", "Shows what docker info tells, what is unusual first.", "engine"),
    _page("drivers", "network drivers", "Shows each network driver: what it is for, and which networks use it."),
    ActionSpec(
        id="context",
        title="other context",
        help="Connects to a docker context; without a name lists them.",
        group="Program",
        verb="ctx",
        aliases=("context", "contexts"),
        arguments="[NAME]",
        run=_context,
    ),
    ActionSpec(
        id="theme",
        title="theme",
        help="Uses another theme.",
        group="Program",
        verb="theme",
        arguments="NAME",
        run=Calls("theme"),
    ),
    ActionSpec(
        id="debug",
        title="cost so far",
        help="Says how many requests and bytes were asked of the engine.",
        group="Program",
        verb="debug",
        run=_debug,
    ),
    ActionSpec(
        id="demo",
        title="demo cluster",
        help="Switches to the built-in demo cluster.",
        group="Program",
        verb="demo",
        run=Calls("demo"),
    ),
)
